"""Float products in the order of the optimized kernels (profile litert-opt): every way in which Eigen adds."""
from onop import Case, out, w, x


def optimized(op, name, inputs, output, options):
    return Case(op, f"opt_{name}", inputs, [output], options, 1, numerics="litert-opt")


def product(outputs, terms, columns):
    """outputs x terms x columns, as FULLY_CONNECTED."""
    inputs = [x([columns, terms], low=-2, high=2), w([outputs, terms], low=-1, high=1), w([outputs], low=-1, high=1)]
    return optimized("FULLY_CONNECTED", f"{outputs}x{terms}x{columns}", inputs, out([columns, outputs]), {})


def convolution(op, name, shape, weights, output, **options):
    base = dict(padding=0, strideW=1, strideH=1, dilationWFactor=1, dilationHFactor=1, fusedActivationFunction=0)
    outputs = weights[3] if op == "DEPTHWISE_CONV_2D" else weights[0]
    inputs = [x(shape, low=-2, high=2), w(weights, low=-1, high=1), w([outputs], low=-1, high=1)]
    more = dict(depthMultiplier=weights[3] // shape[3]) if op == "DEPTHWISE_CONV_2D" else {}
    return optimized(op, name, inputs, out(output), base | more | options)


CASES = [
    product(1, 75, 1), product(1, 29, 4), product(1, 29, 5), product(9, 37, 1), product(12, 21, 1),  # vectors
    product(3, 9, 4), product(2, 6, 7),  # small
    product(32, 30, 9), product(12, 31, 9), product(31, 29, 11), product(3, 45, 6), product(17, 8, 8),  # blocks
    product(23, 401, 5), product(4, 830, 4),  # more terms than one piece
    convolution("CONV_2D", "same", [2, 5, 6, 3], [13, 3, 3, 3], [2, 5, 6, 13]),
    convolution("CONV_2D", "dilated", [1, 7, 7, 2], [8, 3, 3, 2], [1, 7, 7, 8], dilationWFactor=2, dilationHFactor=2),
    convolution("CONV_2D", "one_position", [1, 3, 3, 5], [6, 3, 3, 5], [1, 1, 1, 6], padding=1),
    convolution("CONV_2D", "relu6", [1, 6, 6, 4], [24, 1, 1, 4], [1, 3, 3, 24], strideW=2, strideH=2, fusedActivationFunction=3),
    convolution("DEPTHWISE_CONV_2D", "same", [1, 6, 5, 9], [1, 3, 3, 9], [1, 6, 5, 9]),
    convolution("DEPTHWISE_CONV_2D", "twice", [1, 6, 5, 3], [1, 3, 3, 6], [1, 6, 5, 6]),
]
