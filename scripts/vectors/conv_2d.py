"""CONV_2D, its types, paddings, strides, dilations, groups and activations."""
from onop import Case, out, scales, w, x

SAME = dict(padding="SAME", strideH=1, strideW=1)
VALID = dict(padding="VALID", strideH=1, strideW=1)


def f32(name, inp, weights, outp, options):
    return Case("CONV_2D", "f32_" + name, [x(inp), w(weights), w([weights[0]])], [out(outp)], options)


def i8(name, inp, weights, outp, options, wscale=0.01, zeros=(3, -5), oscale=0.05, kind="int8", version=3):
    si, sw = 0.013, wscale
    bias = [si * s for s in sw] if isinstance(sw, list) else si * sw
    return Case("CONV_2D", f"{kind}_{name}",
                [x(inp, "int8", si, zeros[0]), w(weights, kind, sw, low=-127 if kind == "int8" else -7),
                 w([weights[0]], "int32", bias, low=-2000, high=2000)],
                [out(outp, "int8", oscale, zeros[1])], options, version)


def u8(name, inp, weights, outp, options, zeros=(128, 120, 131), oscale=0.05):
    return Case("CONV_2D", "u8_" + name,
                [x(inp, "uint8", 0.013, zeros[0]), w(weights, "uint8", 0.01, zeros[1]),
                 w([weights[0]], "int32", 0.00013, low=-2000, high=2000)], [out(outp, "uint8", oscale, zeros[2])], options)


def i16(name, inp, weights, outp, options, bias, wscale=0.01, oscale=0.0004):
    si = 0.0001
    bscale = [si * s for s in wscale] if isinstance(wscale, list) else si * wscale
    if bias == "int32":  # the official kernel goes by this option, and reads 64 bits without it
        options = dict(options, quantizedBiasType="INT32")
    return Case("CONV_2D", f"i16x8_{name}_b{bias[3:]}",
                [x(inp, "int16", si), w(weights, "int8", wscale, low=-127),
                 w([weights[0]], bias, bscale, low=-20000, high=20000)], [out(outp, "int16", oscale)], options, 4)


def hybrid(name, inp, weights, outp, options, wscale, kind="int8", version=5, **more):
    return Case("CONV_2D", f"hybrid_{name}", [x(inp, **more), w(weights, kind, wscale, low=-127 if kind == "int8" else -7),
                                             w([weights[0]])], [out(outp)], options, version, ulps=2)


S2 = dict(strideH=2, strideW=2)
D2 = dict(dilationHFactor=2, dilationWFactor=2)
PER5 = scales(5, 0.001, 0.02)
CASES = [
    f32("same", [1, 5, 6, 3], [4, 3, 3, 3], [1, 5, 6, 4], SAME),
    f32("valid_s2", [2, 7, 6, 2], [3, 3, 2, 2], [2, 3, 3, 3], dict(VALID, **S2)),
    f32("relu6_dil", [1, 8, 8, 2], [3, 3, 3, 2], [1, 4, 4, 3], dict(VALID, **D2, fusedActivationFunction="RELU6")),
    f32("relu", [1, 4, 4, 2], [3, 1, 1, 2], [1, 4, 4, 3], dict(SAME, fusedActivationFunction="RELU")),
    f32("relu_n1", [1, 4, 4, 2], [3, 2, 2, 2], [1, 4, 4, 3], dict(SAME, fusedActivationFunction="RELU_N1_TO_1")),
    f32("groups", [1, 4, 4, 6], [4, 3, 3, 3], [1, 4, 4, 4], SAME),
    i8("same", [1, 5, 6, 3], [5, 3, 3, 3], [1, 5, 6, 5], SAME, PER5),
    i8("per_tensor", [1, 5, 5, 4], [3, 3, 3, 4], [1, 3, 3, 3], VALID),
    i8("s2_same", [1, 7, 8, 2], [5, 3, 3, 2], [1, 4, 4, 5], dict(SAME, **S2), PER5, oscale=0.02),
    i8("s2x1", [1, 7, 8, 2], [5, 2, 3, 2], [1, 3, 6, 5], dict(VALID, strideH=2), PER5),
    i8("dil", [2, 8, 8, 2], [5, 3, 3, 2], [2, 4, 4, 5], dict(VALID, **D2), PER5),
    i8("dil_same", [1, 7, 7, 2], [5, 3, 3, 2], [1, 7, 7, 5], dict(SAME, **D2), PER5, (-128, -128)),
    i8("relu", [1, 4, 4, 3], [5, 3, 3, 3], [1, 4, 4, 5], dict(SAME, fusedActivationFunction="RELU"), PER5, (127, -100)),
    i8("relu6", [1, 4, 4, 3], [5, 1, 1, 3], [1, 4, 4, 5], dict(SAME, fusedActivationFunction="RELU6"), PER5, oscale=0.03),
    i8("relu_n1", [1, 4, 4, 3], [5, 1, 1, 3], [1, 4, 4, 5], dict(SAME, fusedActivationFunction="RELU_N1_TO_1"), PER5, oscale=0.01),
    i8("groups", [1, 5, 5, 4], [6, 3, 3, 2], [1, 5, 5, 6], SAME, scales(6, 0.001, 0.02)),
    i8("tiny_out", [1, 4, 4, 3], [5, 3, 3, 3], [1, 4, 4, 5], SAME, PER5, oscale=1e-6),
    i8("huge_out", [1, 4, 4, 3], [5, 3, 3, 3], [1, 4, 4, 5], SAME, PER5, oscale=1e3),
    i8("same", [1, 4, 4, 4], [5, 3, 3, 4], [1, 4, 4, 5], SAME, PER5, kind="int4", version=3),
    u8("same", [1, 5, 6, 3], [4, 3, 3, 3], [1, 5, 6, 4], SAME),
    u8("valid_s2_relu6", [1, 7, 7, 2], [3, 3, 3, 2], [1, 3, 3, 3], dict(VALID, **S2, fusedActivationFunction="RELU6"), (0, 255, 0), 0.02),
    u8("dil", [1, 8, 8, 2], [3, 3, 3, 2], [1, 4, 4, 3], dict(VALID, **D2), (100, 7, 200)),
    i16("same", [1, 5, 6, 3], [5, 3, 3, 3], [1, 5, 6, 5], SAME, "int64", PER5),
    i16("same", [1, 5, 6, 3], [5, 3, 3, 3], [1, 5, 6, 5], SAME, "int32", PER5),
    i16("relu_s2", [1, 6, 6, 2], [3, 2, 2, 2], [1, 3, 3, 3], dict(VALID, **S2, fusedActivationFunction="RELU"), "int64"),
    i16("tiny_out", [1, 4, 4, 3], [5, 3, 3, 3], [1, 4, 4, 5], SAME, "int64", PER5, 1e-7),
    hybrid("per_axis", [2, 5, 6, 3], [5, 3, 3, 3], [2, 5, 6, 5], SAME, PER5),
    hybrid("per_axis_s2", [1, 7, 6, 2], [5, 3, 3, 2], [1, 3, 2, 5], dict(VALID, **S2, fusedActivationFunction="RELU6"), PER5, low=-4.0, high=9.0),
    hybrid("per_tensor", [2, 5, 6, 3], [4, 3, 3, 3], [2, 5, 6, 4], SAME, 0.01, version=2),
]
