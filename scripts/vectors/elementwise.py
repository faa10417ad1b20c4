"""ADD and other operators that work element by element."""
from onop import Case, k, out, x

ACTS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")
Q = {"int8": ((0.1, 3), (0.07, -20), (0.15, -4)), "uint8": ((0.1, 128), (0.07, 90), (0.15, 120)),
     "int16": ((0.0005, 0), (0.0003, 0), (0.0007, 0))}


def add(kind, name, a, b, c, act="NONE", scales=None, version=2):
    quants = Q.get(kind, ((None, 0),) * 3) if scales is None else scales
    (sa, za), (sb, zb), (sc, zc) = quants
    return Case("ADD", f"{kind}_{name}", [x(a, kind, sa, za), x(b, kind, sb, zb)], [out(c, kind, sc, zc)],
                dict(fusedActivationFunction=act, potScaleInt16=False), version)


SHAPE = [1, 4, 3, 5]
CASES = [add(kind, act.lower(), SHAPE, SHAPE, SHAPE, act) for kind in ("float32", "int8", "uint8", "int16") for act in ACTS]
CASES += [
    add("float32", "broadcast", [2, 1, 4], [3, 1], [2, 3, 4]),
    add("int8", "broadcast", [2, 1, 4], [3, 1], [2, 3, 4]),
    add("uint8", "broadcast_scalar", [2, 3, 4], [], [2, 3, 4]),
    add("int16", "broadcast", [1, 2, 3, 4], [4], [1, 2, 3, 4]),
    add("int8", "broadcast_5d", [2, 1, 1, 3, 4], [1, 3, 2, 1, 4], [2, 3, 2, 3, 4]),
    add("int8", "far_scales", SHAPE, SHAPE, SHAPE, scales=((1.0, 5), (1e-5, -128), (0.9, 0))),
    add("int8", "tiny_out", SHAPE, SHAPE, SHAPE, scales=((0.02, 5), (0.03, 0), (1e-4, 100))),
    add("int32", "plain", SHAPE, SHAPE, SHAPE),
    add("int32", "broadcast", [3, 1], [1, 4], [3, 4], "RELU6"),
    add("int64", "plain", SHAPE, SHAPE, SHAPE),
    add("int16", "pot", SHAPE, SHAPE, SHAPE, scales=((2.0**-12, 0), (2.0**-13, 0), (2.0**-11, 0))),
]
CASES += [
    Case("LOGISTIC", "f32", [x([1, 60], low=-12.0, high=12.0)], [out([1, 60])], ulps=2),
    Case("LOGISTIC", "i8", [x([2, 128], "int8", 0.05, 7)], [out([2, 128], "int8", 1 / 256, -128)], version=2),
    Case("LOGISTIC", "u8", [x([2, 128], "uint8", 0.05, 99)], [out([2, 128], "uint8", 1 / 256, 0)]),
    Case("LOGISTIC", "i16x8", [x([2, 128], "int16", 8 / 32768)], [out([2, 128], "int16", 1 / 32768, 0)], version=3),
    Case("LOGISTIC", "i16x8_wide", [x([2, 128], "int16", 0.001)], [out([2, 128], "int16", 1 / 32768, 0)], version=3),
]
CASES += [Case("RESHAPE", f"{kind}", [x([2, 6], kind), k([3, -1])], [out([3, 4], kind)])
          for kind in ("float32", "int32", "bool", "int64")]
CASES += [Case("RESHAPE", f"{kind}_quantized", [x([2, 6], kind, 0.1, 0), k([4, 3])], [out([4, 3], kind, 0.1, 0)])
          for kind in ("int8", "uint8", "int16")]
CASES += [Case("RESHAPE", "by_option", [x([2, 6])], [out([12])], dict(newShape=[12]))]
