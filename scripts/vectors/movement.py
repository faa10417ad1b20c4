"""Operators that quantize, cast, move, pick or make elements without arithmetic between them."""
from onop import Case, Graph, Node, k, out, scales, w, x

ALL = ("float32", "int8", "uint8", "int16", "int32", "int64")
Q = {"int8": (0.05, -9), "uint8": (0.05, 140), "int16": (0.0005, 0)}


def each(op, kinds, inputs, outputs, options=None, version=1, name=""):
    """The same case for several types: `inputs` and `outputs` make the tensors for one."""
    return [Case(op, "_".join(filter(None, [kind, name])), inputs(kind), outputs(kind), options or {}, version) for kind in kinds]


def same_q(kind, shape, make=x):
    return make(shape, kind, *Q.get(kind, (None, 0)))


CASES = [Case("QUANTIZE", f"float32_{kind}", [x([4, 40], low=-9.0, high=9.0)], [out([4, 40], kind, scale, zero)])
         for kind, scale, zero in (("int8", 0.0625, -3), ("uint8", 0.05, 128), ("int16", 0.0005, 0))]
CASES += [Case("QUANTIZE", "float32_ties", [k([[-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3e9, -3e9]], "float32")], [out([1, 8], "int8", 1.0, -3)], version=2)]
CASES += [Case("QUANTIZE", f"{a}_{b}", [x([300], a, sa, za)], [out([300], b, sb, zb)], version=2)
          for a, sa, za, b, sb, zb in (("int8", 0.02, 3, "int8", 0.013, -5), ("int8", 0.02, 3, "uint8", 0.02, 131), ("uint8", 0.02, 131, "int8", 0.03, 3),
                                       ("uint8", 0.02, 131, "uint8", 0.011, 7), ("int16", 0.002, 0, "int8", 0.13, 3),
                                       ("int16", 0.002, 0, "int16", 0.0013, 0), ("int16", 0.002, 0, "int32", 1e-6, 0),
                                       ("int32", 0.02, 0, "int8", 0.013, -5), ("int32", 0.02, 0, "int16", 0.0013, 0))]
CASES += [Case("DEQUANTIZE", kind, [x([4, 60], kind, scale, zero)], [out([4, 60])], version=2)
          for kind, scale, zero in (("int8", 0.0173, 7), ("uint8", 0.0173, 120), ("int16", 0.0005, 0))]
CASES += [
    Case("DEQUANTIZE", "int8_axis", [w([3, 4, 5], "int8", scales(4, 0.01, 0.5), 0, axis=1)], [out([3, 4, 5])], version=5),
    Case("DEQUANTIZE", "float16", [x([4, 60], "float16", low=-70.0, high=70.0)], [out([4, 60])], version=3),
    Case("DEQUANTIZE", "int4", [w([5, 7], "int4", 0.1)], [out([5, 7])], version=6),
    Case("DEQUANTIZE", "int4_axis", [w([5, 7], "int4", scales(5, 0.01, 0.5))], [out([5, 7])], version=6),
]

FLOATS, INTEGERS = ("float32", "float64", "float16"), ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "bool")
CASES += [Case("CAST", f"{a}_{b}", [x([3, 90], a, low=0.0, high=120.0) if a in FLOATS else x([3, 90], a)], [out([3, 90], b)],
               dict(inDataType=a.upper(), outDataType=b.upper()), 5) for a in FLOATS + INTEGERS for b in FLOATS + INTEGERS + ("complex64",)]
CASES += [Case("CAST", f"float32_{b}_outside", [k([value], "float32")], [out([1], b)], {}, 5)
          for b, value in (("uint8", 300.0), ("int32", 1e20), ("int16", 7e4))]
CASES += [Case("CAST", f"float32_{b}_below", [k([value], "float32")], [out([1], b)], {}, 5)
          for b, value in (("uint8", -3.0), ("int32", -1e20), ("int64", -1e20))]
CASES += [Case("CAST", f"complex64_{b}", [x([30], "complex64")], [out([30], b)], {}, 5) for b in ("float32", "complex64")]


def there_and_back(name, kind, node=None, shape=(4, 8), middle=None, low=-8.0, high=8.0, version=6):
    """float32 cast to a type that no test data hold, perhaps moved, and cast back."""
    tensors = {"in0": x(shape, low=low, high=high), "a": out(shape, kind)}
    nodes = [Node("CAST", ["in0"], ["a"], {}, version)]
    if node:
        op, inputs, options = node
        tensors |= {"b": out(middle, kind), **{name: tensor for name, tensor in inputs.items()}}
        nodes += [Node(op, ["a", *inputs], ["b"], options)]
    tensors["out0"] = out(middle or shape)
    nodes += [Node("CAST", [nodes[-1].outputs[0]], ["out0"], {}, version)]
    return Case("CAST" if not node else node[0], name, graphs=[Graph(tensors, nodes, ["in0"], ["out0"])])


CASES += [
    there_and_back("bfloat16", "bfloat16", version=5),
    there_and_back("int4", "int4", low=-12.0, high=12.0),
    there_and_back("int4", "int4", ("RESHAPE", {"shape": k([8, 4])}, {}), (4, 8), [8, 4]),
    there_and_back("int4", "int4", ("SQUEEZE", {}, dict(squeezeDims=[1])), (4, 1, 8), [4, 8]),
    there_and_back("int4", "int4", ("EXPAND_DIMS", {"axis": k(1)}, {}), (4, 8), [4, 1, 8]),
]

CASES += [Case("SHAPE", kind, [x([2, 3, 5])], [out([3], kind)], dict(outType=kind.upper())) for kind in ("int32", "int64")]
CASES += [Case("RANK", "float32", [x([2, 3, 5])], [out([], "int32")]), Case("RANK", "int8", [x([4], "int8")], [out([], "int32")])]


def strided(name, shape, begin, end, stride, to, kind="float32", version=2, **options):
    fields = dict(beginMask=0, endMask=0, ellipsisMask=0, newAxisMask=0, shrinkAxisMask=0) | options
    return Case("STRIDED_SLICE", name, [x(shape, kind), k(begin), k(end), k(stride)], [out(to, kind)], fields, version)


CASES += [strided(f"{kind}_basic", [4, 5, 6], [1, 0, 2], [3, 5, 6], [1, 2, 3], [2, 3, 2], kind) for kind in ALL + ("bool", "uint32", "float16")]
CASES += [
    strided("backwards", [4, 5, 6], [-1, 4, 5], [-5, 0, -7], [-1, -2, -1], [4, 2, 6]),
    strided("masks", [4, 5, 6], [1, 1, 1], [3, 3, 3], [1, 1, 2], [3, 4, 2], beginMask=5, endMask=2),
    strided("shrink", [4, 5, 6], [1, -1, 0], [2, 0, 6], [1, 1, 1], [6], shrinkAxisMask=3),
    strided("new_axis", [4, 5], [0, 1, 1], [0, 3, 3], [1, 1, 1], [1, 2, 2], newAxisMask=1),
    strided("ellipsis", [2, 3, 4, 5], [1, 0, 1], [2, 0, 4], [1, 1, 2], [1, 3, 4, 2], ellipsisMask=2),
    strided("ellipsis_new", [2, 3, 4], [0, 0, 0, 1], [1, 0, 0, 3], [1, 1, 1, 1], [1, 3, 1, 2], ellipsisMask=2, newAxisMask=4),
    strided("short", [4, 5, 6], [1], [3], [1], [2, 5, 6]),
    strided("five", [2, 3, 2, 3, 2], [0] * 5, [2, 3, 2, 3, 2], [1, 2, 1, -1, 1], [2, 2, 2, 3, 2], beginMask=8, endMask=8),
    strided("offset", [4, 5, 6], [1, 1, 2], [2, 3, 4], [1, 2, 1], [2, 2, 4], offset=True, version=4),
    Case("STRIDED_SLICE", "begin_fed", [x([4, 5]), x([2], "int32", low=0, high=1), k([3, 4]), k([1, 1])], [out([3, 4])],
         dict(beginMask=0, endMask=0, ellipsisMask=0, newAxisMask=0, shrinkAxisMask=0)),
]

for axis, to in ((0, [3, 2, 4]), (1, [2, 3, 4]), (-1, [2, 4, 3])):
    CASES += each("PACK", ALL, lambda t: [same_q(t, [2, 4]) for _ in range(3)], lambda t, to=to: [same_q(t, to, out)], dict(valuesCount=3, axis=axis), 2,
                  f"{axis % 3}")
CASES += each("CONCATENATION", ALL + ("bool", "float16"), lambda t: [same_q(t, [2, 3, 4]), same_q(t, [2, 5, 4])], lambda t: [same_q(t, [2, 8, 4], out)],
              dict(axis=1), 2)
CASES += [Case("CONCATENATION", "uint8_scales", [x([2, 9], "uint8", 0.07, 140), x([2, 7], "uint8", 0.031, 3), x([2, 5], "uint8", 0.05, 128)],
               [out([2, 21], "uint8", 0.05, 128)], dict(axis=-1))]
CASES += each("SPLIT", ALL, lambda t: [k(2), same_q(t, [2, 3, 4])], lambda t: [same_q(t, [2, 3, 2], out)] * 2, dict(numSplits=2), 2)
CASES += each("SPLIT_V", ALL, lambda t: [same_q(t, [2, 5, 4]), k([2, -1, 1]), k(1)], lambda t: [same_q(t, [2, n, 4], out) for n in (2, 2, 1)],
              dict(numSplits=3), 2)
CASES += each("UNPACK", ALL[:-1], lambda t: [same_q(t, [2, 3, 4])], lambda t: [same_q(t, [2, 4], out)] * 3, dict(num=3, axis=1), 2)
CASES += each("SLICE", ALL + ("bool",), lambda t: [same_q(t, [2, 3, 4]), k([0, 1, 2]), k([-1, 2, 1])], lambda t: [same_q(t, [2, 2, 1], out)], {}, 2)
CASES += each("SLICE", ("float32",), lambda t: [x([2, 3, 4]), k([0, 1, 2], "int64"), k([-1, 2, 1], "int64")], lambda t: [out([2, 2, 1])], {}, 2, "int64")
CASES += each("TRANSPOSE", ALL + ("bool",), lambda t: [same_q(t, [2, 3, 4]), k([2, 0, 1])], lambda t: [same_q(t, [4, 2, 3], out)], {}, 2)
CASES += [Case("TRANSPOSE", f"rank_{len(p)}", [x([i + 2 for i in range(len(p))]), k(p)], [out([i + 2 for i in p])])
          for p in ([1, 0], [3, 1, 0, 2], [0, 3, 1, 4, 2], [5, 1, 3, 0, 2, 4])]
CASES += each("SQUEEZE", ALL, lambda t: [same_q(t, [1, 2, 1, 4])], lambda t: [same_q(t, [1, 2, 4], out)], dict(squeezeDims=[-2]))
CASES += each("SQUEEZE", ("float32",), lambda t: [x([1, 2, 1, 4])], lambda t: [out([2, 4])], {}, 1, "all")
CASES += each("EXPAND_DIMS", ALL, lambda t: [same_q(t, [2, 4]), k(-2)], lambda t: [same_q(t, [2, 1, 4], out)])
CASES += each("REVERSE_V2", ALL + ("bool",), lambda t: [same_q(t, [2, 3, 4]), k([1])], lambda t: [same_q(t, [2, 3, 4], out)])
CASES += each("REVERSE_SEQUENCE", ("float32", "uint8", "int16", "int32", "int64"), lambda t: [x([2, 5, 4], t), k([3, 5])],
              lambda t: [out([2, 5, 4], t)], dict(seqDim=1, batchDim=0))
CASES += each("TILE", ("float32", "int8", "uint8", "int32", "int64", "bool"), lambda t: [same_q(t, [2, 3, 4]), k([2, 1, 3])], lambda t: [same_q(t, [4, 3, 12], out)])
CASES += each("BROADCAST_TO", ALL + ("bool",), lambda t: [same_q(t, [2, 1, 4]), k([3, 2, 5, 4])], lambda t: [same_q(t, [3, 2, 5, 4], out)], {}, 2)
CASES += [Case("BROADCAST_ARGS", kind, [k([2, 1, 7, 1], kind), k([3, 1, 5], kind)], [out([4], kind)]) for kind in ("int32", "int64")]

PADS = [[1, 0], [0, 2], [3, 1]]
CASES += each("PAD", ALL, lambda t: [same_q(t, [2, 3, 4]), k(PADS)], lambda t: [same_q(t, [3, 5, 8], out)], {}, 2)
CASES += each("PAD", ("float32",), lambda t: [x([2, 3, 4]), k(PADS, "int64")], lambda t: [out([3, 5, 8])], {}, 1, "int64")
CASES += each("PADV2", ALL, lambda t: [same_q(t, [2, 3, 4]), k(PADS), same_q(t, [1])], lambda t: [same_q(t, [3, 5, 8], out)], {}, 2)
for mode in ("REFLECT", "SYMMETRIC"):
    CASES += each("MIRROR_PAD", ALL, lambda t: [same_q(t, [2, 3, 4]), k([[1, 1], [0, 2], [3, 1]])], lambda t: [same_q(t, [4, 5, 8], out)],
                  dict(mode=mode), 2, mode.lower())

CASES += each("GATHER", ALL + ("bool",), lambda t: [same_q(t, [2, 3, 4]), k([2, 0, 2, 1])], lambda t: [same_q(t, [2, 4, 4], out)], dict(axis=1), 2)
CASES += [
    Case("GATHER", "batch_1", [x([3, 4, 5]), x([3, 2], "int64", low=0, high=4)], [out([3, 4, 2])], dict(axis=2, batchDims=1), 5),
    Case("GATHER", "batch_2", [x([3, 4, 5]), x([3, 4, 2], "int32", low=0, high=4)], [out([3, 4, 2])], dict(axis=2, batchDims=2), 5),
    Case("GATHER", "int16_indices", [x([3, 4]), x([2], "int16", low=0, high=2)], [out([2, 4])], dict(axis=0), 5),
]
CASES += each("GATHER_ND", ALL + ("bool",), lambda t: [same_q(t, [2, 3, 4]), k([[1, 2], [0, 0]])], lambda t: [same_q(t, [2, 4], out)], {}, 2)
CASES += [Case("GATHER_ND", "elements", [x([2, 3]), k([[[1, 2], [0, 0]], [[1, 0], [0, 1]]], "int64")], [out([2, 2])])]
CASES += each("SCATTER_ND", ("float32", "int8", "uint8", "bool", "int32", "int64"), lambda t: [k([[1], [3], [1]]), x([3, 4], t), k([5, 4])],
              lambda t: [out([5, 4], t)])
CASES += each("DYNAMIC_UPDATE_SLICE", ("float32", "int8", "int32", "int64", "bool"), lambda t: [x([3, 4, 5], t), x([2, 1, 4], t), x([3], "int32", low=-3, high=9)],
              lambda t: [out([3, 4, 5], t)], {}, 2)

for pads, block, height, width in (([[0, 0], [0, 0]], [2, 3], 2, 2), ([[1, 1], [3, 1]], [3, 2], 2, 5)):
    CASES += each("SPACE_TO_BATCH_ND", ALL, lambda t: [same_q(t, [2, 4, 6, 3]), k(block), k(pads)],
                  lambda t: [same_q(t, [12, height, width, 3], out)], {}, 2, f"pad_{pads[0][0]}")
CASES += [Case("SPACE_TO_BATCH_ND", "rank_3", [x([2, 4, 3]), k([3]), k([[4, 1]])], [out([6, 3, 3])])]
for crops, block, to in (([[0, 0], [0, 0]], [2, 3], [2, 4, 9, 2]), ([[1, 2], [0, 3]], [3, 2], [2, 3, 3, 2])):
    CASES += each("BATCH_TO_SPACE_ND", ALL, lambda t: [same_q(t, [12, 2, 3, 2]), k(block), k(crops)], lambda t, to=to: [same_q(t, to, out)], {}, 2,
                  f"crop_{crops[0][0]}")
CASES += each("SPACE_TO_DEPTH", ("float32", "int8", "uint8", "int32", "int64"), lambda t: [same_q(t, [2, 4, 6, 3])], lambda t: [same_q(t, [2, 2, 3, 12], out)],
              dict(blockSize=2))
CASES += each("DEPTH_TO_SPACE", ("float32", "int8", "uint8", "int32", "int64"), lambda t: [same_q(t, [2, 3, 2, 8])], lambda t: [same_q(t, [2, 6, 4, 2], out)],
              dict(blockSize=2))

for name, options in (("plain", {}), ("corners", dict(alignCorners=True)), ("half", dict(halfPixelCenters=True))):
    for height, width in ((7, 11), (2, 3), (13, 1)):
        def sized(kind, height=height, width=width):
            return [same_q(kind, [2, 4, 6, 3]), k([height, width])]

        def result(kind, height=height, width=width):
            return [same_q(kind, [2, height, width, 3], out)]

        CASES += each("RESIZE_BILINEAR", ("float32", "int8", "uint8", "int16"), sized, result, options, 3, f"{name}_{height}")
        CASES += each("RESIZE_NEAREST_NEIGHBOR", ("float32", "int8", "uint8", "int16"), sized, result, options, 3, f"{name}_{height}")

for axis, to in ((-1, [2, 3, 4]), (0, [4, 2, 3]), (1, [2, 4, 3])):
    CASES += each("ONE_HOT", ("float32", "int8", "uint8", "int32", "int64", "bool"), lambda t: [x([2, 3], "int32", low=-1, high=4), k(4), w([], t), w([], t)], lambda t, to=to: [out(to, t)],
                  dict(axis=axis), 1, f"axis_{axis % 3}")
CASES += [Case("ONE_HOT", "int64_indices", [x([2, 3], "int64", low=-1, high=4), k(4), k(5), k(-5)], [out([2, 3, 4], "int32")], dict(axis=-1))]
CASES += each("FILL", ("float32", "int8", "int16", "int32", "int64", "bool"), lambda t: [k([2, 3]), x([], t)], lambda t: [out([2, 3], t)])
CASES += [Case("RANGE", f"{kind}_{name}", [k(start, kind), k(limit, kind), k(delta, kind)], [out([n], kind)])
          for kind, name, start, limit, delta, n in (("int32", "up", 0, 10, 3, 4), ("int32", "down", 10, 0, -3, 4), ("int64", "up", -3, 4, 1, 7),
                                                     ("float32", "up", 0, 1, 0.1, 10), ("float32", "down", 1, -1, -0.3, 7))]
CASES += each("WHERE", ("bool", "float32", "int32", "int64", "int8", "uint8", "uint32"),
              lambda t: [x([3, 4, 5], t) if t in ("bool", "float32") else x([3, 4, 5], t, low=0, high=1)], lambda t: [out([1, 3], "int64")], {}, 2)
CASES += each("SPARSE_TO_DENSE", ("float32", "int8", "uint8", "int32", "int64"), lambda t: [k([[2, 0], [1, 1], [2, 0]]), k([3, 2]), x([3], t), w([], t)],
              lambda t: [out([3, 2], t)], {}, 3)
CASES += [Case("SPARSE_TO_DENSE", "vector", [k([2, 0, 4], "int64"), k([5], "int64"), x([3]), w([])], [out([5])])]
CASES += each("UNIQUE", ALL, lambda t: [x([40], t, low=0, high=6 if t != "float32" else None)], lambda t: [out([1], t), out([40], "int32")],
              dict(idxOutType="INT32"))
CASES += [Case("UNIQUE", "int64_indices", [x([40], "int32", low=0, high=6)], [out([1], "int32"), out([40], "int64")], dict(idxOutType="INT64"))]
CASES += each("MATRIX_DIAG", ALL, lambda t: [x([2, 3], t)], lambda t: [out([2, 3, 3], t)])
CASES += each("MATRIX_SET_DIAG", ALL, lambda t: [x([2, 3, 4], t), x([2, 3], t)], lambda t: [out([2, 3, 4], t)])
CASES += [Case("BITCAST", f"{a}_{b}", [x(shape, a)], [out(to, b)]) for a, b, shape, to in (
    ("float32", "int32", [2, 3], [2, 3]), ("int32", "uint8", [2, 3], [2, 3, 4]), ("int16", "int64", [3, 4], [3]), ("int8", "uint8", [5], [5]))]
CASES += [Case("BUCKETIZE", kind, [x([3, 20], kind, low=low, high=high)], [out([3, 20], "int32")], dict(boundaries=[0.0, 1.0, 2.5, 3.0]))
          for kind, low, high in (("float32", -2.0, 5.0), ("float64", -2.0, 5.0), ("int32", -2, 5), ("int64", -2, 5))]
CASES += [Case(op, "complex64", [x([3, 20], "complex64")], [out([3, 20])], None, ulps=2.0 if op == "COMPLEX_ABS" else 0.0)
          for op in ("REAL", "IMAG", "COMPLEX_ABS")]
BOXES = [[0, 0, 2, 2], [0.1, 0, 2, 2], [3, 3, 1, 1], [0, 0.5, 2, 2.5], [5, 5, 6, 7], [5.1, 5, 6, 7], [1, 1, 1, 3], [4, 4, 8, 8]]
CASES += [Case("NON_MAX_SUPPRESSION_V4", f"float32_{most}", [k(BOXES, "float32"), x([8], low=0.0), k(most), k(0.4, "float32"), k(0.2, "float32")],
               [out([most], "int32"), out([], "int32")]) for most in (3, 10)]
CASES += [Case("NON_MAX_SUPPRESSION_V5", f"float32_{i}", [k(BOXES, "float32"), x([8], low=0.0), k(6), k(0.4, "float32"), k(0.2, "float32"),
                                                          k(sigma, "float32")], [out([6], "int32"), out([6]), out([], "int32")], ulps=2.0)
          for i, sigma in enumerate((0.0, 0.5))]
