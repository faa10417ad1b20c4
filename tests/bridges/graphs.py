"""What the workers tell of a .tflite file: its operators, without the QUANTIZE and DEQUANTIZE between them."""


def names(enum) -> dict:
    return {value: name for name, value in vars(enum).items() if isinstance(value, int)}


def core(schema, content: bytes) -> dict:
    """{"ops": [[type, name, dtype of its first output] ..], "io": dtypes of inputs, then of outputs}"""
    codes, types = names(schema.BuiltinOperator), names(schema.TensorType)
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    graph, ops = model.subgraphs[0], []
    for op in graph.operators:
        code = model.operatorCodes[op.opcodeIndex]
        name = codes[max(code.builtinCode, code.deprecatedBuiltinCode)]
        made = graph.tensors[op.outputs[0]]
        if name not in ("QUANTIZE", "DEQUANTIZE"):
            ops.append([name, made.name.decode("utf-8", "replace"), types[made.type]])
    return {"ops": ops, "io": [types[graph.tensors[t].type] for t in [*graph.inputs, *graph.outputs]]}
