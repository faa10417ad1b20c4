"""Operators of two tensors and more, element by element with broadcasting; RESHAPE and LOGISTIC."""
from flatbuffers import flexbuffers

from onop import Case, Graph, Node, k, out, x

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


def two(op, kind, name, a, b, c, quants=None, options=None, version=1, to=None, ulps=0.0, **more):
    (sa, za), (sb, zb), (sc, zc) = quants or ((None, 0),) * 3
    return Case(op, f"{kind}_{name}", [x(a, kind, sa, za, **more), x(b, kind, sb, zb, **more)], [out(c, to or kind, sc, zc)], options or {},
                version, ulps=ulps)


FORMS = (("same", SHAPE, SHAPE, SHAPE), ("broadcast", [2, 1, 4], [3, 1], [2, 3, 4]), ("scalar", [2, 3, 4], [1], [2, 3, 4]))
POT = ((2.0**-12, 0), (2.0**-12, 0), (2.0**-11, 0))
for act in ACTS:
    for kind in ("float32", "int8", "uint8", "int16", "int32", "int64"):
        acts = dict(fusedActivationFunction=act)
        if kind != "int16":
            CASES += [two("SUB", kind, act.lower(), *FORMS[1][1:], Q.get(kind), acts | dict(potScaleInt16=False), 2)]
        CASES += [two("MUL", kind, act.lower(), *FORMS[1][1:], Q.get(kind), acts, 4)]
    for kind in ("float32", "int32"):
        CASES += [two("DIV", kind, act.lower(), *FORMS[1][1:], None, dict(fusedActivationFunction=act), low=1, high=50)]
    CASES += [two("DIV", "uint8", act.lower(), *FORMS[1][1:], ((0.1, 3), (0.05, 0), (0.2, 100)), dict(fusedActivationFunction=act), low=1)]
NO_ACT = dict(fusedActivationFunction="NONE")
CASES += [
    two("SUB", "int16", "free", SHAPE, SHAPE, SHAPE, Q["int16"], dict(NO_ACT, potScaleInt16=False), 2),
    two("SUB", "int16", "pot_first", SHAPE, SHAPE, SHAPE, ((2.0**-13, 0), (2.0**-11, 0), (2.0**-11, 0)), dict(NO_ACT, potScaleInt16=True), 2),
    two("SUB", "int16", "pot_second", SHAPE, [5], SHAPE, ((2.0**-11, 0), (2.0**-14, 0), (2.0**-11, 0)), dict(NO_ACT, potScaleInt16=True), 2),
    two("ADD", "int16", "pot_first", SHAPE, SHAPE, SHAPE, ((2.0**-13, 0), (2.0**-11, 0), (2.0**-11, 0)), dict(NO_ACT, potScaleInt16=True), 2),
    two("ADD", "int16", "pot_second", SHAPE, SHAPE, SHAPE, ((2.0**-11, 0), (2.0**-14, 0), (2.0**-11, 0)), dict(NO_ACT, potScaleInt16=True), 2),
    two("MUL", "int16", "plain", *FORMS[0][1:], None, NO_ACT, 5), two("MUL", "uint32", "plain", *FORMS[0][1:], None, NO_ACT, 6),
    two("MUL", "complex64", "same", *FORMS[0][1:], None, NO_ACT, 5),
    two("MUL", "int16", "to_int8", SHAPE, SHAPE, SHAPE, ((2.0**-15, 0), (2.0**-15, 0), (2.0**-7, 3)), NO_ACT, 2, to="int8"),
    two("MUL", "int16", "to_uint8", SHAPE, SHAPE, SHAPE, ((2.0**-15, 0), (2.0**-15, 0), (2.0**-7, 120)), NO_ACT, 2, to="uint8"),
    two("MUL", "int8", "tiny_out", SHAPE, SHAPE, SHAPE, ((0.02, 5), (0.03, 0), (1e-5, 100)), NO_ACT, 2),
    two("DIV", "uint8", "far", SHAPE, SHAPE, SHAPE, ((0.01, 128), (0.3, 0), (0.05, 0)), NO_ACT, low=1),
]


def divided(kind, za, zb, zc, act):
    """The official DIV of int8 and int16 is newer than TF 2.21. It sees q - zero only, so small values may go by way of uint8.

    Next to 0 the quotient can saturate (its last shift passes 31), which int16 would show: it starts at 30."""
    steps = ["int8", "uint8"] if kind == "int16" else ["uint8"]
    tensors, nodes = {}, []

    def step_to(before, after):  # QUANTIZE has no way between int8 and int16, and CAST keeps the stored values
        types = tensors[before].type, tensors[after].type
        return Node("CAST" if "int16" in types else "QUANTIZE", [before], [after], version=1 if "int16" in types else 2)

    for name, shape, scale, zero in (("a", [4, 25], 0.1, za), ("b", [25], 0.05, zb), ("c", [4, 25], 2.0, zc)):
        tensors[name] = x(shape, kind, scale, zero, low=(30 if kind == "int16" else -100) if name == "a" else 1, high=100 if name == "a" else 50)
        chain = [name] + [f"{name}_{step}" for step in steps]
        tensors |= {f"{name}_{step}": out(shape, step, scale, zero + 128 * (step == "uint8")) for step in steps}
        nodes += [step_to(before, after) for before, after in zip(chain, chain[1:]) if name != "c"]
    tensors["c"] = out([4, 25], kind, 2.0, zc)
    options = dict(fusedActivationFunction=act)
    nodes += [Node("DIV", ["a_uint8", "b_uint8"], ["c_uint8"], options)]
    back = [f"c_{step}" for step in reversed(steps)] + ["c"]
    nodes += [step_to(before, after) for before, after in zip(back, back[1:])]
    twin = Case("DIV", "twin", graphs=[Graph(tensors, nodes, ["a", "b"], ["c"])])
    return Case("DIV", f"{kind}_{act.lower()}", [tensors["a"], tensors["b"]], [tensors["c"]], options, 3, twin=twin)


CASES += [divided(*quants, act) for quants in (("int8", 3, -90, -4), ("int16", 0, 0, 0)) for act in ("NONE", "RELU6")]
ONE_SCALE = {"int8": ((0.05, 7),) * 3, "uint8": ((0.05, 7),) * 3, "int16": ((0.001, 0),) * 3}
for op in ("MAXIMUM", "MINIMUM"):
    CASES += [two(op, kind, *form, ONE_SCALE.get(kind), version={"int8": 2, "int16": 3}.get(kind, 1))
              for kind in ("float32", "int8", "uint8", "int16", "int32", "int64") for form in FORMS[:2]]
    CASES += [two(op, "float16", *FORMS[1])]
TO_BOOL = {"int8": ((0.05, 3), (0.03, -7), (None, 0)), "uint8": ((0.05, 120), (0.03, 140), (None, 0))}
for op in ("EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL"):
    CASES += [two(op, kind, *form, to="bool", low=-2, high=2, version=2) for kind in ("float32", "float16", "int32", "int64") for form in FORMS[:2]]
    CASES += [two(op, kind, form[0], *form[1:], TO_BOOL[kind], to="bool", version=2) for kind in ("int8", "uint8") for form in FORMS[:2]]
    CASES += [two(op, "int8", "fine", *FORMS[0][1:], ((0.0004, 3), (0.0003, 0), (None, 0)), to="bool", version=2),
              two(op, "int16", "scaled", *FORMS[0][1:], ((0.0004, 0), (0.0003, 0), (None, 0)), to="bool", version=2)]
CASES += [two(op, "bool", *FORMS[1], to="bool") for op in ("EQUAL", "NOT_EQUAL", "LOGICAL_AND", "LOGICAL_OR")]
CASES += [two("EQUAL", "int16", "plain", *FORMS[0][1:], to="bool", low=-2, high=2, version=2)]
CASES += [two("SQUARED_DIFFERENCE", kind, *FORMS[1]) for kind in ("float32", "int32")]
CASES += [two("SQUARED_DIFFERENCE", "int8", name, *FORMS[1][1:], quants, version=2) for name, quants in
          (("free", ((0.05, 3), (0.03, -7), (0.1, -100))), ("tight", ((0.05, 3), (0.05, 3), (0.01, -128))))]
CASES += [two("POW", "float32", *FORMS[1], ulps=2, low=0.1, high=3.0), two("POW", "int32", *FORMS[1], low=0, high=7)]
CASES += [Case("POW", f"{kind}_exponent_{str(e).replace('.', '_')}", [x([3, 7], kind, low=-5, high=5), k([e], kind)], [out([3, 7], kind)], ulps=2)
          for kind, e in (("float32", 2), ("float32", 5), ("float32", -1), ("int32", 3), ("int32", 20))]
for op in ("FLOOR_DIV", "FLOOR_MOD"):
    kinds = (("float32", 1), ("int8", 3), ("int16", 3), ("int32", 1)) + ((("int64", 2),) if op == "FLOOR_MOD" else ())
    for kind, version in kinds:
        version = min(version, 2) if op == "FLOOR_MOD" else version
        CASES += [Case(op, f"{kind}_{name}", [x([3, 8], kind, low=-100, high=100), x([8], kind, low=low, high=high)], [out([3, 8], kind)], version=version)
                  for name, low, high in (("positive", 1, 9), ("negative", -9, -1))]
CASES += [two("ATAN2", kind, *FORMS[0], ulps=2) for kind in ("float32", "float64", "float16")]
for op, top in (("BITWISE_XOR", 100), ("RIGHT_SHIFT", 40)):
    CASES += [two(op, kind, *FORMS[1], low=0 if kind[0] == "u" else -5, high=top) for kind in ("int8", "uint8", "int16", "uint16", "int32", "uint32")]
CASES += [Case("ADD_N", f"{kind}_{n}", [x([4, 5], kind) for _ in range(n)], [out([4, 5], kind)]) for kind in ("float32", "int32") for n in (2, 5)]
TYPES = ("float32", "int8", "uint8", "int16", "int32", "int64", "bool")
CASES += [Case("SELECT", f"{kind}_{name}", [x(c, "bool"), x([4, 5], kind), x([4, 5], kind)], [out([4, 5], kind)]) for kind in TYPES
          for name, c in (("same", [4, 5]), ("rows", [4]), ("scalar", []))]
CASES += [Case("SELECT_V2", f"{kind}_{name}", [x(c, "bool"), x(a, kind), x(b, kind)], [out(y, kind)]) for kind in TYPES
          for name, c, a, b, y in (("same", [4, 5], [4, 5], [4, 5], [4, 5]), ("broadcast", [4, 1], [1, 5], [4, 5], [4, 5]),
                                   ("deep", [2, 1, 3], [2, 4, 1], [1], [2, 4, 3]))]
SLOPES = {"float32": ((None, 0),) * 3, "int8": ((0.05, 3), (0.01, 10), (0.03, -7)), "uint8": ((0.05, 120), (0.01, 99), (0.03, 140))}
CASES += [two("PRELU", kind, name, [2, 3, 4, 5], slopes, [2, 3, 4, 5], quants) for kind, quants in SLOPES.items()
          for name, slopes in (("channels", [1, 1, 5]), ("same", [2, 3, 4, 5]))]
CASES += [Case("PRELU", "int16", [x([2, 3, 4, 5], "int16", 0.0005), x([1, 1, 5], "int8", 0.01, 3)], [out([2, 3, 4, 5], "int16", 0.0004)])]


def verify(kind, name, scale, zero, tolerance, log_if_failed, version=1):
    """The reference is far off where it may be: with both settings on, a difference above the tolerance ends the run."""
    return Case("custom:NumericVerify", f"{kind}_{name}", [x([3, 20], kind, scale, zero, low=0, high=3), x([3, 20], low=-0.1, high=0.1)],
                [out([3, 20])], version=version,
                custom=bytes(flexbuffers.Dumps({"tolerance": tolerance, "log_if_failed": log_if_failed})))


CASES += [verify("int8", "strict", 0.05, 0, 50.0, True), verify("int8", "lenient", 0.5, -100, 5.0, False),
          verify("uint8", "lenient", 0.05, 3, 5.0, False), verify("int16", "lenient", 0.001, 0, 0.05, True),
          verify("float16", "lenient", None, 0, 5.0, False)]
