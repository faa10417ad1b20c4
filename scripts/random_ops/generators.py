"""Random one-operator models: one function an operator, which draws everything it has a choice in. families.py has more.

Each takes the random numbers, the type (float, hybrid, int8, uint8, int16) and a name, and returns a case of
scripts/vectors/onop.py. Shapes are small, scales are sometimes extreme.
"""
import families
import numpy as np
from draw import RANGE, Draw, Generator
from onop import Case, Tensor, k, out, state, w, x


def convolution(rng: np.random.Generator, kind: str, name: str, depthwise: bool) -> Case:
    d = Draw(rng, kind)
    kh, kw, dh, dw = d.int(1, 4), d.int(1, 4), d.of(1, 1, 2, 3), d.of(1, 1, 2)
    sh, sw, padding = d.int(1, 3), d.int(1, 3), d.of("SAME", "VALID")
    height, width = (kh - 1) * dh + d.int(1, 6), (kw - 1) * dw + d.int(1, 6)
    cin, cout = d.int(1, 5), d.int(1, 6)
    options = dict(padding=padding, strideH=sh, strideW=sw, dilationHFactor=dh, dilationWFactor=dw,
                   fusedActivationFunction=d.act())
    if depthwise:
        options["depthMultiplier"] = d.int(1, 3)
        cout, shape, axis = cin * options["depthMultiplier"], None, 3
        shape = [1, kh, kw, cout]
    else:
        groups = d.int(2, 3) if d.flag(0.15) and kind in ("float", "int8") else 1
        cout, shape, axis = cout * groups, None, 0
        shape = [cout, kh, kw, cin]
        cin *= groups
    inp = d.fed([d.int(1, 2), height, width, cin])
    weights = d.weights(shape, axis, depthwise and kind == "hybrid")
    needed = kind == "hybrid" or not depthwise
    bias = [d.bias(cout, inp, weights, options)] if needed or d.flag(0.8) else []
    if depthwise:
        options.pop("quantizedBiasType", None)
        if bias and bias[0].type == "int32" and kind == "int16":
            bias[0].type = "int64"
    terms = kh * kw * (1 if depthwise else shape[3])
    result = [inp.shape[0], d.window(height, kh, sh, dh, padding), d.window(width, kw, sw, dw, padding), cout]
    version = 3 if kind == "int8" else 4 if kind == "int16" else 1 if kind == "float" else 2
    return Case("DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", name, [inp, weights, *bias],
                [d.made(result, d.natural(inp, weights, terms))], options, version)


def conv_2d(rng: np.random.Generator, kind: str, name: str) -> Case:
    return convolution(rng, kind, name, False)


def depthwise_conv_2d(rng: np.random.Generator, kind: str, name: str) -> Case:
    return convolution(rng, kind, name, True)


def fully_connected(rng: np.random.Generator, kind: str, name: str) -> Case:
    d = Draw(rng, kind)
    depth, units, rank = d.int(1, 40), d.int(1, 9), d.int(2, 4)
    keep = d.flag(0.4)
    options = dict(fusedActivationFunction=d.act(), keepNumDims=keep)
    lead = d.shape(rank - 1, 3)
    inp = d.fed([*lead, depth])
    weights = d.weights([units, depth], 0)
    if kind in ("float", "int8") and d.flag(0.1):
        weights.fed, weights.data = True, None
    if kind == "hybrid":
        options["asymmetricQuantizeInputs"] = d.flag()
    bias = d.bias(units, inp, weights, options) if d.flag(0.8) else None
    result = [*lead, units] if keep else [int(np.prod(lead)), units]
    version = {"float": 1, "hybrid": 9, "uint8": 2, "int8": 4, "int16": 7}[kind]
    return Case("FULLY_CONNECTED", name, [inp, weights, bias], [d.made(result, d.natural(inp, weights, depth))], options, version)


def transpose_conv(rng: np.random.Generator, kind: str, name: str) -> Case:
    d = Draw(rng, kind)
    kh, kw, sh, sw, padding = d.int(1, 4), d.int(1, 4), d.int(1, 3), d.int(1, 3), d.of("SAME", "VALID")
    batch, height, width, cin, cout = d.int(1, 2), d.int(1, 5), d.int(1, 5), d.int(1, 4), d.int(1, 5)
    size = [height * sh, width * sw] if padding == "SAME" else [(height - 1) * sh + kh, (width - 1) * sw + kw]
    options = dict(padding=padding, strideH=sh, strideW=sw, fusedActivationFunction=d.act() if kind != "hybrid" else "NONE")
    inp, weights = d.fed([batch, height, width, cin]), d.weights([cout, kh, kw, cin], 0)
    inputs = [k([batch, *size, cout]), weights, inp]
    if d.flag(0.6):
        bias = d.bias(cout, inp, weights, options)
        options.pop("quantizedBiasType", None)
        if kind == "int16":
            bias.type = "int64"
        inputs.append(bias)
    return Case("TRANSPOSE_CONV", name, inputs, [d.made([batch, *size, cout], d.natural(inp, weights, kh * kw * cin))], options, 4)


def binary(rng: np.random.Generator, kind: str, name: str, op: str) -> Case:
    d = Draw(rng, kind)
    a, b, c = d.broadcast()
    left, right = d.fed(a), d.fed(b)
    natural = 0.0
    if not d.real:
        steps = RANGE[kind][1] - RANGE[kind][0]
        natural = max(left.scale, right.scale) if op != "MUL" else left.scale * right.scale * steps / 4
        if op != "MUL" and d.flag(0.7):
            right.scale = float(np.float32(left.scale * d.log(0.1, 10)))
    options = dict(fusedActivationFunction=d.act())
    made = d.made(list(c), natural)
    if op != "MUL":
        options["potScaleInt16"] = kind == "int16" and d.flag(0.3) and (op == "SUB" or tuple(a) == tuple(b))  # ADD dies there
        if options["potScaleInt16"]:
            shift = d.int(8, 16)
            made.scale, left.scale, right.scale = 2.0**-shift, 2.0**-shift, 2.0 ** -(shift + d.int(0, 4))
            if d.flag():
                left.scale, right.scale = right.scale, left.scale
    if op != "MUL" and not d.real:  # below, the official ADD ends the process and SUB shifts by a negative count
        made.scale = max(made.scale, max(left.scale, right.scale) * (2.0**-13 if kind == "int16" else 2.0**-18))
    return Case(op, name, [left, right], [made], options, 2)


def add(rng: np.random.Generator, kind: str, name: str) -> Case:
    return binary(rng, kind, name, "ADD")


def sub(rng: np.random.Generator, kind: str, name: str) -> Case:
    return binary(rng, kind, name, "SUB")


def mul(rng: np.random.Generator, kind: str, name: str) -> Case:
    return binary(rng, kind, name, "MUL")


FIXED = {"int8": (1 / 256, -128), "uint8": (1 / 256, 0), "int16": (1 / 32768, 0)}


def fixed(d: Draw, shape: list[int]) -> Tensor:
    return out(shape) if d.real else out(shape, d.kind, *FIXED[d.kind])


def softmax(rng: np.random.Generator, kind: str, name: str) -> Case:
    d = Draw(rng, kind)
    shape = d.shape(d.int(1, 4), 12)
    made = out(shape, "int16", 1 / 32768) if kind == "int8" and d.flag(0.2) else fixed(d, shape)
    return Case("SOFTMAX", name, [d.fed(shape)], [made], dict(beta=d.of(1.0, 1.0, d.log(0.01, 10))), 2, ulps=2)


def logistic(rng: np.random.Generator, kind: str, name: str) -> Case:
    d = Draw(rng, kind)
    shape = d.shape(2, 40)
    return Case("LOGISTIC", name, [d.fed(shape)], [fixed(d, shape)], {}, 3, ulps=2)


def tanh(rng: np.random.Generator, kind: str, name: str) -> Case:
    d = Draw(rng, kind)
    shape = d.shape(2, 40)
    made = out(shape) if d.real else out(shape, kind, 1 / 32768 if kind == "int16" else 1 / 128, 128 if kind == "uint8" else 0)
    return Case("TANH", name, [d.fed(shape)], [made], {}, 3, ulps=2)


def leaky_relu(rng: np.random.Generator, kind: str, name: str) -> Case:
    d = Draw(rng, kind)
    inp = d.fed(d.shape(2, 40))
    return Case("LEAKY_RELU", name, [inp], [d.made(list(inp.shape), 0 if d.real else inp.scale)], dict(alpha=d.log(1e-3, 2) * d.of(1, 1, -1)), 2)


def quantize(rng: np.random.Generator, kind: str, name: str) -> Case:
    """From floats, and from the type to itself."""
    d = Draw(rng, kind)
    shape = d.shape(2, 40)
    if d.flag() or d.real:
        scale = d.log(1e-3, 1.0)
        to = d.of("int8", "uint8", "int16") if d.real else kind
        inp = x(shape, low=-200 * scale, high=200 * scale)
        return Case("QUANTIZE", name, [inp], [out(shape, to, scale, d.zero(to))], {}, 2)
    inp = d.fed(shape)
    if kind == "int16":
        inp.zero = 0
    return Case("QUANTIZE", name, [inp], [d.made(shape, inp.scale)], {}, 2)


def mean(rng: np.random.Generator, kind: str, name: str) -> Case:
    d = Draw(rng, kind)
    shape = d.shape(d.int(1, 5), 7 if d.flag(0.8) else 4)
    axes = d.axes(len(shape))
    keep = d.flag()
    result = [1 if i in axes else size for i, size in enumerate(shape)] if keep else [s for i, s in enumerate(shape) if i not in axes]
    inp = d.fed(shape)
    made = d.made(result, 0 if d.real else inp.scale)
    if d.flag(0.3) and not d.real:
        made.scale, made.zero = inp.scale, inp.zero
    given = [axis - len(shape) if d.flag(0.3) else axis for axis in axes]
    return Case("MEAN", name, [inp, k(given)], [made], dict(keepDims=keep), 2)


def average_pool_2d(rng: np.random.Generator, kind: str, name: str) -> Case:
    d = Draw(rng, kind)
    kh, kw, sh, sw, padding = d.int(1, 4), d.int(1, 4), d.int(1, 3), d.int(1, 3), d.of("SAME", "VALID")
    height, width = (n + d.int(0, 5) if padding == "VALID" else d.int(1, 8) for n in (kh, kw))
    inp = d.fed([d.int(1, 2), height, width, d.int(1, 6)])
    result = [inp.shape[0], d.window(height, kh, sh, 1, padding), d.window(width, kw, sw, 1, padding), inp.shape[3]]
    made = out(result) if d.real else out(result, kind, inp.scale, inp.zero)
    options = dict(padding=padding, strideH=sh, strideW=sw, filterHeight=kh, filterWidth=kw, fusedActivationFunction=d.act())
    return Case("AVERAGE_POOL_2D", name, [inp], [made], options, 3)


def resize_bilinear(rng: np.random.Generator, kind: str, name: str) -> Case:
    d = Draw(rng, kind)
    inp = d.fed([d.int(1, 2), d.int(1, 7), d.int(1, 7), d.int(1, 4)])
    size = [d.int(1, 12), d.int(1, 12)]
    align = d.flag(0.3)
    shape = [inp.shape[0], *size, inp.shape[3]]
    made = out(shape) if d.real else out(shape, kind, inp.scale, inp.zero)
    return Case("RESIZE_BILINEAR", name, [inp, k(size)], [made], dict(alignCorners=align, halfPixelCenters=not align and d.flag()), 3)


def concatenation(rng: np.random.Generator, kind: str, name: str) -> Case:
    d = Draw(rng, kind)
    shape = d.shape(d.int(1, 5), 4)
    axis, count = d.int(0, len(shape) - 1), d.int(1, 6)
    parts = [d.fed([d.int(1, 4) if i == axis else size for i, size in enumerate(shape)]) for _ in range(count)]
    total = [sum(part.shape[axis] for part in parts) if i == axis else size for i, size in enumerate(shape)]
    made = d.made(total)
    for part in parts:
        if not d.real and (kind != "uint8" or d.flag(0.3)):
            part.scale, part.zero = made.scale, made.zero
    return Case("CONCATENATION", name, parts, [made], dict(axis=axis - len(shape) if d.flag(0.3) else axis, fusedActivationFunction="NONE"), 2)


def batch_matmul(rng: np.random.Generator, kind: str, name: str) -> Case:
    d = Draw(rng, kind)
    rows, depth, columns = d.int(1, 6), d.int(1, 20), d.int(1, 6)
    lead = d.shape(d.int(0, 3), 3)
    left_lead, right_lead = ([size if d.flag(0.8) else 1 for size in lead] for _ in range(2))
    result = [*np.broadcast_shapes(tuple(left_lead), tuple(right_lead)), rows, columns]
    # TensorFlow 2.21 scrambles the batches of a transposed x when w has one batch; later versions do not.
    adj_x, adj_y = d.flag(0.3) and not (right_lead and right_lead[-1] == 1), d.flag(0.4)
    left = d.fed([*left_lead, *([depth, rows] if adj_x else [rows, depth])])
    right_shape = [*right_lead, *([columns, depth] if adj_y else [depth, columns])]
    right = d.weights(right_shape, 0) if kind == "hybrid" else d.fed(right_shape)
    if kind == "hybrid":
        right.scale = right.scale if isinstance(right.scale, float) else right.scale[0]
    natural = 0.0 if d.real else d.natural(left, right, depth) * (1 if kind != "int16" else 200)
    return Case("BATCH_MATMUL", name, [left, right], [d.made(result, natural)],
                dict(adjX=adj_x, adjY=adj_y, asymmetricQuantizeInputs=d.flag() if kind == "hybrid" else False), 3)


def unidirectional_sequence_lstm(rng: np.random.Generator, kind: str, name: str) -> Case:
    """int8 is the 8x8_16 kernel."""
    d = Draw(rng, kind)
    batch, time, depth, cells = d.int(1, 3), d.int(1, 4), d.int(1, 8), d.int(1, 8)
    cifg, peephole, project = d.flag(0.3), d.flag(0.3), d.flag(0.3)
    units = d.int(1, cells) if project else cells
    major = d.flag()
    shape = [time, batch] if major else [batch, time]
    quant = kind == "int8"
    inp = x([*shape, depth], "int8", d.log(0.005, 0.05), d.int(-30, 30)) if quant else x([*shape, depth], low=-2, high=2)
    hidden_scale, hidden_zero, cell_scale = d.log(0.004, 0.02), d.int(-20, 20), 2.0 ** -d.int(9, 14)

    def matrix(rows: int, columns: int) -> Tensor:
        return w([rows, columns]) if kind == "float" else w([rows, columns], "int8", d.log(0.002, 0.02), low=-127)

    def vector(scale: float = 0.0) -> Tensor:
        return w([cells], "int32", scale, low=-3000, high=3000) if quant else w([cells])

    gates = [not cifg, True, True, True]
    to_input = [matrix(cells, depth) if gate else None for gate in gates]
    to_hidden = [matrix(cells, units) if gate else None for gate in gates]
    peep = [None] * 3
    if peephole:
        peep = [(w([cells], "int16", d.log(1e-5, 1e-4)) if quant else w([cells], "int8", 0.01, low=-127) if kind == "hybrid" else w([cells]))
                if gate else None for gate in (not cifg, True, True)]
    bias = [vector(inp.scale * mat.scale if quant else 0.0) if mat else None for mat in to_input]
    projection = matrix(units, cells) if project else None
    projection_bias = (w([units], "int32", 1e-4, low=-1000, high=1000) if quant else w([units])) if project and d.flag() else None
    states = [state([batch, units], "int8", hidden_scale, hidden_zero), state([batch, cells], "int16", cell_scale)] if quant else [
        state([batch, units]), state([batch, cells])]
    made = out([*shape, units], "int8", hidden_scale, hidden_zero) if quant else out([*shape, units])
    inner = [out([], "int16", d.log(1e-4, 1e-3)) for _ in range(4)] + [out([], "int8", hidden_scale if not project else d.log(0.004, 0.02), d.int(-20, 20))] if quant else []
    options = dict(fusedActivationFunction="TANH", cellClip=d.of(0.0, 0.0, d.log(0.2, 8)), projClip=d.of(0.0, d.log(0.2, 2)) if project else 0.0,
                   timeMajor=major, asymmetricQuantizeInputs=kind == "hybrid" and d.flag())
    norms = [None] * 4
    if kind != "hybrid" and d.flag(0.25):
        norms = [(w([cells], "int16", d.log(1e-5, 1e-4), low=0) if quant else w([cells], low=0.5, high=1.5)) if gate else None for gate in gates]
    inputs = [inp, *to_input, *to_hidden, *peep, *bias, projection, projection_bias, *states, *norms]
    return Case("UNIDIRECTIONAL_SEQUENCE_LSTM", name, inputs, [made], options, 3, intermediates=inner)


GENERATORS: dict[str, Generator] = {
    function.__name__.upper(): function for function in (
        conv_2d, depthwise_conv_2d, fully_connected, transpose_conv, add, sub, mul, softmax, logistic, tanh,
        leaky_relu, quantize, mean, average_pool_2d,
        resize_bilinear, concatenation, batch_matmul, unidirectional_sequence_lstm)} | families.GENERATORS
HAS_HYBRID = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "BATCH_MATMUL", "UNIDIRECTIONAL_SEQUENCE_LSTM"}
LACKS = {("BATCH_MATMUL", "uint8"), ("UNIDIRECTIONAL_SEQUENCE_LSTM", "uint8"), ("UNIDIRECTIONAL_SEQUENCE_LSTM", "int16")}


def kinds(op: str) -> list[str]:
    """The types the operator can be drawn in."""
    if op in families.KINDS:
        return families.KINDS[op]
    listed = ["float", "hybrid", "int8", "uint8", "int16"]
    return [kind for kind in listed if (op, kind) not in LACKS and (kind != "hybrid" or op in HAS_HYBRID)]
