"""Operators that XNNPACK's delegate computes in 8 bits, with its answers; ties are plenty where scales are powers of two."""
from onop import Case, Graph, Node, k, out, scales, w, x

TYPES = ("int8", "uint8")


def xnnpack(op, name, inputs, output, options=None, version=1):
    return Case(op, f"xnnpack_{name}", inputs, [output], options or {}, version, numerics="xnnpack")


def middle(kind, zero=0):
    return zero + (128 if kind == "uint8" else 0)


def weights(kind, shape, scale, axis):
    if kind == "uint8":
        return w(shape, kind, 0.02, 120)
    return w(shape, kind, scale, axis=axis, low=-127)


def product(kind, x_scale, scale):
    values = [0.02] if kind == "uint8" else scale if isinstance(scale, list) else [scale]
    return [x_scale * value for value in values]


def convolution(op, kind, name, scale, x_scale=0.05, y_scale=0.5, act="NONE", padding="SAME", stride=1, bias=True, **more):
    depthwise = op == "DEPTHWISE_CONV_2D"
    shape, axis = ([1, 3, 3, 6], 3) if depthwise else ([6, 3, 3, 3], 0)
    side = -(-7 // stride) if padding == "SAME" else -(-5 // stride)
    parameters = product(kind, x_scale, scale)
    inputs = [x([1, 7, 7, 3], kind, x_scale, middle(kind, 3)), weights(kind, shape, scale, axis),
              w([6], "int32", parameters if len(parameters) > 1 else parameters[0], low=-2000, high=2000) if bias else None]
    options = dict(padding=padding, strideH=stride, strideW=stride, dilationHFactor=1, dilationWFactor=1, fusedActivationFunction=act, **more)
    if depthwise:
        options["depthMultiplier"] = 2
    return xnnpack(op, name, inputs, out([1, side, side, 6], kind, y_scale, middle(kind, -5)), options, 3)


def fully_connected(kind, name, scale, x_scale=0.05, y_scale=0.5, act="NONE", bias=True):
    parameters = product(kind, x_scale, scale)
    inputs = [x([20, 24], kind, x_scale, middle(kind, 3)), weights(kind, [7, 24], scale, 0),
              w([7], "int32", parameters if len(parameters) > 1 else parameters[0], low=-2000, high=2000) if bias else None]
    return xnnpack("FULLY_CONNECTED", name, inputs, out([20, 7], kind, y_scale, middle(kind, -5)), dict(fusedActivationFunction=act), 4)


def int4(name, depth, scale):
    bias = [0.05 * s for s in scale] if isinstance(scale, list) else 0.05 * scale
    return xnnpack("FULLY_CONNECTED", name, [x([40, depth], "int8", 0.05, 3), w([32, depth], "int4", scale), w([32], "int32", bias, low=-100, high=100)],
                   out([40, 32], "int8", 0.3, -5), dict(fusedActivationFunction="NONE"), 10)


def transpose_conv(name, padding, stride, kernel, size):
    inputs = [k([1, size, size, 4]), w([4, kernel, kernel, 3], "int8", scales(4, 0.002, 0.02), low=-127), x([1, 5, 5, 3], "int8", 0.05, 3)]
    return xnnpack("TRANSPOSE_CONV", name, inputs, out([1, size, size, 4], "int8", 0.2, 7),
                   dict(padding=padding, strideH=stride, strideW=stride, fusedActivationFunction="NONE"), 3)


def binary(op, kind, name, a, b, y, act="NONE", shapes=((20, 30), (20, 30))):
    inputs = [x(list(shape), kind, scale, middle(kind, zero)) for shape, scale, zero in zip(shapes, (a, b), (9, -4))]
    return xnnpack(op, name, inputs, out([20, 30], kind, y, middle(kind, 5)), dict(fusedActivationFunction=act), 2)


def reduced(op, kind, name, axes, x_scale=0.05, y_scale=0.05, zero=5, keep=False):
    shape = [s for i, s in enumerate((4, 6, 4, 16)) if i not in axes]
    if keep:
        shape = [1 if i in axes else s for i, s in enumerate((4, 6, 4, 16))]
    return xnnpack(op, name, [x([4, 6, 4, 16], kind, x_scale, middle(kind, -9)), k(list(axes))],
                   out(shape, kind, y_scale, middle(kind, zero)), dict(keepDims=keep), 2)


def unary(op, kind, name, x_scale, zero, y_scale, y_zero, options=None):
    return xnnpack(op, name, [x([16, 32], kind, x_scale, zero)], out([16, 32], kind, y_scale, y_zero), options, 2)


def resized(kind, name, size, **options):
    return xnnpack("RESIZE_BILINEAR", name, [x([1, 6, 5, 3], kind, 0.1, middle(kind, 2)), k(size)],
                   out([1, *size, 3], kind, 0.1, middle(kind, 2)), dict(alignCorners=False, halfPixelCenters=False) | options, 3)


def float_ties(kind):
    """Floats on a grid, which DEQUANTIZE of int16, left to other kernels, makes."""
    tensors = {"grid": x([40, 40], "int16", 0.125, low=-600, high=600), "real": out([40, 40]), "y": out([40, 40], kind, 0.5, middle(kind, 4))}
    nodes = [Node("DEQUANTIZE", ["grid"], ["real"], version=3), Node("QUANTIZE", ["real"], ["y"])]
    return Case("QUANTIZE", f"xnnpack_{kind}_float_ties", graphs=[Graph(tensors, nodes, ["grid"], ["y"])], numerics="xnnpack")


PER_AXIS = scales(6, 0.002, 0.05)
CASES = []
for kind in TYPES:
    for op in ("CONV_2D", "DEPTHWISE_CONV_2D"):
        CASES += [
            convolution(op, kind, f"{kind}_per_axis", PER_AXIS),
            convolution(op, kind, f"{kind}_per_tensor", 0.01, act="RELU", padding="VALID", stride=2),
            convolution(op, kind, f"{kind}_relu6", PER_AXIS, y_scale=6 / 255, act="RELU6", stride=2),
            convolution(op, kind, f"{kind}_ties", 0.25, x_scale=0.125, y_scale=4.0),
            convolution(op, kind, f"{kind}_large_sums", 0.25, x_scale=64.0, y_scale=4000.0),
        ]
    CASES += [
        fully_connected(kind, f"{kind}_per_axis", scales(7, 0.002, 0.05)),
        fully_connected(kind, f"{kind}_per_tensor", 0.01, act="RELU"),
        fully_connected(kind, f"{kind}_ties", 0.25, x_scale=0.125, y_scale=4.0),
        fully_connected(kind, f"{kind}_no_bias", 0.02, bias=False),
        binary("ADD", kind, f"{kind}", 0.05, 0.083, 0.11),
        binary("ADD", kind, f"{kind}_ties", 0.25, 0.5, 1.0),
        binary("ADD", kind, f"{kind}_relu", 0.31, 0.0017, 0.2, "RELU"),
        binary("ADD", kind, f"{kind}_row", 0.05, 0.083, 0.11, shapes=((20, 30), (1, 30))),
        binary("SUB", kind, f"{kind}", 0.05, 0.083, 0.11),
        binary("SUB", kind, f"{kind}_ties", 0.25, 0.5, 1.0, "RELU6"),
        binary("MUL", kind, f"{kind}", 0.05, 0.083, 0.3),
        binary("MUL", kind, f"{kind}_ties", 0.25, 0.5, 4.0),
        binary("MUL", kind, f"{kind}_relu6", 0.05, 0.083, 6 / 255, "RELU6", shapes=((20, 30), (20, 1))),
        reduced("MEAN", kind, f"{kind}_ties", [1, 2], y_scale=0.05),
        reduced("MEAN", kind, f"{kind}_last", [3], y_scale=0.013, keep=True),
        reduced("MEAN", kind, f"{kind}_below_zero", [2], y_scale=0.05, zero=-100),
        reduced("SUM", kind, f"{kind}", [1], y_scale=0.2),
        xnnpack("QUANTIZE", f"{kind}_floats", [x([40, 40], low=-3, high=3)], out([40, 40], kind, 0.0237, middle(kind, 4))),
        float_ties(kind),
        unary("QUANTIZE", kind, f"{kind}_requantize", 0.05, middle(kind, 3), 0.0371, middle(kind, -20)),
        unary("QUANTIZE", kind, f"{kind}_requantize_ties", 0.25, middle(kind, 3), 0.5, middle(kind, -20)),
        unary("QUANTIZE", kind, f"{kind}_zero_point_only", 0.05, middle(kind, 3), 0.05, middle(kind, -20)),
        unary("LEAKY_RELU", kind, f"{kind}", 0.05, middle(kind, 3), 0.043, middle(kind, -7), dict(alpha=0.3)),
        unary("LEAKY_RELU", kind, f"{kind}_negative", 0.05, middle(kind, 3), 0.043, middle(kind, -7), dict(alpha=-0.21)),
        unary("LOGISTIC", kind, f"{kind}", 0.00881262, middle(kind, -123), 1 / 256, middle(kind, -128)),
        unary("TANH", kind, f"{kind}", 0.021, middle(kind, -20), 1 / 128, middle(kind)),
        resized(kind, f"{kind}_up", [13, 17], halfPixelCenters=True),
        resized(kind, f"{kind}_corners", [11, 12], alignCorners=True),
        resized(kind, f"{kind}_legacy", [9, 7]),
    ]
CASES += [
    xnnpack("ELU", "int8_ties", [x([16, 32], "int8", 0.1, 0)], out([16, 32], "int8", 0.2, -7)),
    int4("int8_int4_per_axis", 24, scales(32, 0.02, 0.3)),
    transpose_conv("same", "SAME", 2, 3, 10),
    transpose_conv("valid", "VALID", 2, 3, 11),
    # left to other kernels
    binary("ADD", "int8", "int8_not_taken", 0.05, 0.00003, 0.11),
    binary("MUL", "int8", "int8_not_taken", 0.0005, 0.0005, 0.3),
    unary("LEAKY_RELU", "int8", "int8_not_taken", 0.05, 3, 0.043, -7, dict(alpha=0.0005)),
    unary("QUANTIZE", "int8", "int8_not_taken", 0.05, 3, 0.00031, -20),
    xnnpack("QUANTIZE", "int8_to_uint8", [x([16, 32], "int8", 0.05, 3)], out([16, 32], "uint8", 0.043, 120), version=2),
    xnnpack("QUANTIZE", "int16", [x([40, 40], low=-3, high=3)], out([40, 40], "int16", 2.0 ** -13, 0), version=2),
    xnnpack("AVERAGE_POOL_2D", "int8", [x([1, 8, 8, 3], "int8", 0.1, 3)], out([1, 4, 4, 3], "int8", 0.1, 3),
            dict(padding="VALID", strideH=2, strideW=2, filterHeight=2, filterWidth=2, fusedActivationFunction="NONE"), 2),
    xnnpack("SOFTMAX", "int8", [x([4, 20], "int8", 0.1, 3)], out([4, 20], "int8", 1 / 256, -128), dict(beta=1.0), 2),
]
