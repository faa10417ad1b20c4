"""Asked by tests, in an interpreter with ai-edge-quantizer: reads a request (JSON), prints the answer.

{"prepare": {"model", "names": [of the tensors], "to"}}    the model with a signature (the library cannot do without), and
                                                          with other names where there are any
{"quantize": {"model", "calibration", "recipes": [file]}}  what each recipe makes of the model
{"calibrate": {"model", "recipe", "data", "samples", "calibration", "to"}}  a model by its own, or a given, calibration
"""
import json
import sys

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_quantizer import quantizer
from ai_edge_quantizer.utils import calibration_utils

import graphs


def prepare(request: dict) -> dict:
    import flatbuffers

    with open(request["model"], "rb") as file:
        model = schema.ModelT.InitFromPackedBuf(file.read(), 0)
    graph = model.subgraphs[0]
    for tensor, name in zip(graph.tensors, request.get("names", [])):
        tensor.name = name.encode()
    for code in model.operatorCodes:  # files of the older schema have only the one byte, which the library does not read
        code.builtinCode = max(code.builtinCode, code.deprecatedBuiltinCode)
    if not model.signatureDefs:
        signature = schema.SignatureDefT()
        signature.signatureKey, signature.subgraphIndex = b"serving_default", 0
        signature.inputs, signature.outputs = named(graph.inputs, b"in"), named(graph.outputs, b"out")
        model.signatureDefs = [signature]
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    with open(request["to"], "wb") as file:
        file.write(bytes(builder.Output()))
    return {}


def named(tensors, prefix: bytes) -> list:
    maps = []
    for number, tensor in enumerate(tensors):
        maps.append(schema.TensorMapT())
        maps[-1].name, maps[-1].tensorIndex = prefix + str(number).encode(), int(tensor)
    return maps


def quantize(request: dict) -> dict:
    with open(request["model"], "rb") as file:
        answer = {"model": graphs.core(schema, file.read()), "made": []}
    for recipe in request["recipes"]:
        calibration, _ = calibration_utils.load_calibration_results(request["calibration"])  # quantize() changes it
        made = quantizer.Quantizer(request["model"], recipe).quantize(calibration)
        answer["made"].append(graphs.core(schema, bytes(made.quantized_model)))
    return answer


def calibrate(request: dict) -> dict:
    from ai_edge_litert.interpreter import Interpreter

    tool = quantizer.Quantizer(request["model"], request["recipe"])
    if request.get("calibration"):
        calibration, _ = calibration_utils.load_calibration_results(request["calibration"])
    else:
        key, signature = next(iter(Interpreter(model_path=request["model"]).get_signature_list().items()))
        with np.load(request["data"]) as data:
            x = data["x"][: request["samples"]].astype(np.float32)
        calibration = tool.calibrate({key: [{signature["inputs"][0]: x[i : i + 1]} for i in range(len(x))]})
    with open(request["to"], "wb") as file:
        file.write(bytes(tool.quantize(calibration).quantized_model))
    return {}


def main() -> None:
    request = json.load(sys.stdin)
    for name, function in (("prepare", prepare), ("quantize", quantize), ("calibrate", calibrate)):
        if name in request:
            print("\n" + json.dumps(function(request[name])))


if __name__ == "__main__":
    main()
