"""Operators of one tensor: activations, unary maths, tables, normalizations along the last dimension, pooling."""
from onop import Case, k, out, x

FIXED = {("LOGISTIC", "int8"): (1 / 256, -128), ("LOGISTIC", "uint8"): (1 / 256, 0), ("TANH", "int8"): (1 / 128, 0),
         ("TANH", "uint8"): (1 / 128, 128), ("SOFTMAX", "int8"): (1 / 256, -128), ("SOFTMAX", "uint8"): (1 / 256, 0),
         ("LOG_SOFTMAX", "int8"): (1 / 16, 127), ("LOG_SOFTMAX", "uint8"): (1 / 16, 255),
         ("L2_NORMALIZATION", "int8"): (1 / 128, 0), ("L2_NORMALIZATION", "uint8"): (1 / 128, 128)}
# The version that brought the type; where the reference resolver asks for none, any will do.
VERSIONS = {"int16": 2, "int8": 2, "uint8": 1, "float32": 1}


def real(op, low=-8.0, high=8.0, ulps=0.0, name="f32", shape=(3, 40), options=None, optimized=False, kind="float32"):
    return Case(op, name, [x(shape, kind, low=low, high=high)], [out(shape, kind)], options or {}, optimized=optimized, ulps=ulps)


def quantized(op, kind, name, scale, zero, oscale=None, ozero=0, low=None, shape=(2, 150), options=None, version=None,
              optimized=False):
    fixed = FIXED.get((op, kind), (1 / 32768, 0)) if oscale is None else (oscale, ozero)
    return Case(op, f"{kind}_{name}", [x(shape, kind, scale, zero, low)], [out(shape, kind, *fixed)], options or {},
                VERSIONS[kind] if version is None else version, optimized=optimized)


APPROXIMATE = dict(approximate=True)
CASES = [real(op) for op in ("RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "ABS", "NEG", "FLOOR", "SIGN", "SQUARE")]
CASES += [real(op, optimized=True) for op in ("CEIL", "ROUND")]
CASES += [real(op, ulps=2) for op in ("SIN", "COS", "TANH", "EXP", "HARD_SWISH", "GELU")]
CASES += [real("LOG", 0.0, 9.0, 2), real("SQRT", 0.0, 9.0), real("RSQRT", 0.01, 9.0, 2), real("LOG", -2.0, 2.0, 2, "nan"),
          real("ELU", ulps=2, optimized=True), real("GELU", -4.0, 4.0, 2, "f32_approximate", options=APPROXIMATE),
          real("LEAKY_RELU", options=dict(alpha=0.1)), real("LEAKY_RELU", options=dict(alpha=-0.3), name="f32_negative")]
CASES += [Case("ROUND", "f32_halves", [x([30], "float32", low=-2.5, high=2.5), ], [out([30])], optimized=True)]
CASES += [real(op, kind="float16", name="f16") for op in ("TANH", "LOGISTIC", "NEG", "FLOOR")]
CASES += [real("ROUND", kind="float16", name="f16", optimized=True)]
CASES += [Case(op, kind, [x([2, 30], kind)], [out([2, 30], kind)], version=version)
          for op, kind, version in (("NEG", "int32", 1), ("NEG", "int64", 1), ("NEG", "int8", 1), ("NEG", "int16", 1), ("ABS", "int32", 3),
                                    ("ABS", "int16", 3), ("SIGN", "int32", 2), ("SIGN", "float64", 2), ("ZEROS_LIKE", "float32", 1),
                                    ("ZEROS_LIKE", "int32", 1), ("ZEROS_LIKE", "int64", 1), ("LOGICAL_NOT", "bool", 1))]

SIGNED = {"int8": ((0.05, 3), (0.03, -7)), "uint8": ((0.05, 120), (0.03, 140)), "int16": ((0.0003, 0), (0.0002, 0))}
for op, kinds in {"RELU": "int8 uint8 int16", "RELU6": "int8 uint8 int16", "RELU_N1_TO_1": "int8 uint8", "RELU_0_TO_1": "int8 uint8",
                  "ABS": "int8 int16", "GELU": "int8 uint8 int16", "EXP": "int8 int16", "LOG": "int8 int16",
                  "HARD_SWISH": "int8 uint8"}.items():
    for kind in kinds.split():
        (si, zi), (so, zo) = SIGNED[kind]
        one = 1 if op in ("RELU_N1_TO_1", "RELU_0_TO_1", "HARD_SWISH") else None
        CASES += [quantized(op, kind, "free", si, zi, so, zo, version=one), quantized(op, kind, "same", si, zi, si, zi, version=one),
                  quantized(op, kind, "coarse", si, zi, 20 * so, zo, version=one)]
CASES += [quantized("EXP", "int8", "huge", 1.0, -128, 1e-3, 5), quantized("EXP", "int16", "huge", 0.005, 0, 0.002, 0),
          quantized("EXP", "int16", "steep", 0.0021, 0, 0.001, 0), quantized("GELU", "int16", "steep", 0.9, 0, 1e-4, 0)]
CASES += [quantized("ABS", "int8", "low", 0.05, -128, 0.05, -128), quantized("RELU", "int8", "fine", 0.9, 0, 1e-3, 127),
          quantized("HARD_SWISH", "int8", "far", 1e-5, 3, 2.0, 5, version=1), quantized("HARD_SWISH", "int8", "wide", 3.0, 10, 1.5, 4, version=1), quantized("HARD_SWISH", "int8", "narrow", 0.002, 0, 0.001, 0, version=1),
          quantized("GELU", "int8", "approximate", 0.04, 5, 0.03, -110, options=APPROXIMATE),
          quantized("GELU", "int16", "approximate", 0.0004, 0, 0.0003, 0, options=APPROXIMATE),
          quantized("ELU", "int8", "free", 0.05, 3, 0.03, -90, version=1, optimized=True)]
for alpha, name in ((0.1, "small"), (1.5, "steep"), (-0.3, "negative"), (0.0, "zero")):
    for kind, ((si, zi), (so, zo)) in SIGNED.items():
        CASES += [quantized("LEAKY_RELU", kind, name, si, zi, so, zo, options=dict(alpha=alpha))]
for op in ("SQRT", "RSQRT"):
    CASES += [quantized(op, "int8", "free", 0.05, -128, 0.02, -128, low=-128), quantized(op, "int8", "middle", 0.02, -30, 0.01, 5, low=-30),
              quantized(op, "int16", "free", 0.0003, 0, 0.0002, 0, low=0)]
for op in ("LOGISTIC", "TANH"):
    CASES += [quantized(op, kind, name, scale, zero) for kind, name, scale, zero in
              (("int8", "wide", 0.09, -20), ("uint8", "wide", 0.09, 100))]
    CASES += [quantized(op, "int16", name, scale, 0, version=3) for name, scale in
              (("q12", 2.0**-12), ("q11", 2.0**-11), ("q15", 2.0**-15), ("free", 0.0003), ("coarse", 0.01))]


def softmax(kind, name, scale, zero, beta=1.0, shape=(3, 20), to=None, optimized=False):
    fixed = (1 / 65536, -32768) if to else FIXED.get(("SOFTMAX", kind), (1 / 32768, 0))
    return Case("SOFTMAX", f"{kind}_{name}", [x(shape, kind, scale, zero)], [out(shape, to or kind, *fixed)], dict(beta=beta),
                3 if kind == "int16" else 2, optimized=optimized)


CASES += [real("SOFTMAX", ulps=2, options=dict(beta=1.0)), real("SOFTMAX", ulps=2, name="f32_4d", shape=(1, 2, 3, 7), options=dict(beta=0.3)),
          real("LOG_SOFTMAX", ulps=2), real("L2_NORMALIZATION", ulps=2, options=dict(fusedActivationFunction="NONE"))]
for kind, zero in (("int8", -7), ("uint8", 130)):
    CASES += [softmax(kind, "soft", 0.01, zero), softmax(kind, "medium", 0.1, zero), softmax(kind, "hard", 1.0, zero),
              softmax(kind, "beta", 0.1, zero, 0.25), softmax(kind, "long", 0.02, zero, shape=(1, 1001)),
              softmax(kind, "to_int16", 0.1, zero, to="int16"), softmax(kind, "one", 0.1, zero, shape=(4, 1)),
              quantized("LOG_SOFTMAX", kind, "soft", 0.01, zero, shape=(5, 30)), quantized("LOG_SOFTMAX", kind, "hard", 0.5, zero, shape=(5, 30)),
              quantized("LOG_SOFTMAX", kind, "long", 0.03, zero, shape=(1, 1001)),
              quantized("L2_NORMALIZATION", kind, "rows", 0.05, zero, shape=(6, 25), options=dict(fusedActivationFunction="NONE")),
              quantized("L2_NORMALIZATION", kind, "short", 0.05, zero, shape=(30, 2), options=dict(fusedActivationFunction="NONE"))]
CASES += [softmax("int16", "soft", 0.0001, 0), softmax("int16", "hard", 0.002, 0), softmax("int16", "long", 0.0002, 0, shape=(1, 1001)),
          softmax("int16", "beta", 0.0005, 0, 0.5)]
CASES += [real("LOCAL_RESPONSE_NORMALIZATION", ulps=2, name=name, shape=(1, 2, 2, 9), options=dict(radius=r, bias=b, alpha=a, beta=e))
          for name, r, b, a, e in (("radius2", 2, 1.0, 0.5, 0.75), ("radius0", 0, 1.0, 1.0, 1.0), ("radius20", 20, 2.0, 0.1, 0.5))]
CASES += [real("FAKE_QUANT", name=name, options=dict(min=low, max=high, numBits=bits)) for name, low, high, bits in
          (("bits8", -1.0, 1.0, 8), ("bits4", -0.3, 7.0, 4), ("bits16", -5.0, 0.0, 16))]
CASES += [Case("CUMSUM", f"{kind}{'_exclusive' * e}{'_reverse' * r}", [x([2, 3, 5], kind), k(axis)], [out([2, 3, 5], kind)],
               dict(exclusive=bool(e), reverse=bool(r)))
          for kind, axis in (("float32", 2), ("int32", 0), ("int64", -2)) for e in (0, 1) for r in (0, 1)]

POOLS = (("same_3x3", "SAME", (1, 1), (3, 3), "NONE"), ("valid_2x3", "VALID", (2, 1), (2, 3), "NONE"), ("same_s2_relu6", "SAME", (2, 2), (4, 3), "RELU6"),
         ("whole", "VALID", (1, 1), (7, 6), "NONE"), ("relu", "SAME", (3, 3), (2, 2), "RELU"), ("relu_n1", "VALID", (2, 2), (2, 2), "RELU_N1_TO_1"))


def pool(op, kind, name, padding, stride, window, act):
    size = [-(-n // s) if padding == "SAME" else (n - w) // s + 1 for n, s, w in zip((7, 6), stride, window)]
    quant = {"int8": (0.05, 5), "uint8": (0.05, 100), "int16": (0.0003, 0)}.get(kind, (None, 0))
    options = dict(padding=padding, strideH=stride[0], strideW=stride[1], filterHeight=window[0], filterWidth=window[1], fusedActivationFunction=act)
    return Case(op, f"{kind}_{name}", [x([2, 7, 6, 5], kind, *quant)], [out([2, *size, 5], kind, *quant)], options,
                {"float32": 1, "uint8": 1, "int8": 2, "int16": 3}[kind])


CASES += [pool(op, kind, *shape) for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D") for kind in ("float32", "int8", "uint8", "int16") for shape in POOLS]
CASES += [pool("L2_POOL_2D", "float32", *shape) for shape in POOLS]
