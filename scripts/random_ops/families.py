"""Random models of the operators that come in families: a row an operator, a function a family (see generators.py)."""
import functools
from typing import Any, Callable, Sequence

import numpy as np
from draw import RANGE, Draw, Generator
from onop import Case, Tensor, k, out, state, w, x

PLAIN = ("int32", "int64", "bool", "uint32")
FLOAT, QUANTIZED = ("float",), ("int8", "uint8", "int16")
ANY = FLOAT + QUANTIZED + ("int32", "int64")
Make = Callable[[Draw], tuple[list[Tensor | None], list[Tensor], dict[str, Any]]]


def like(d: Draw, shape: Sequence[int], tensor: Tensor) -> Tensor:
    return out(list(shape), tensor.type, tensor.scale, tensor.zero)


def positions(d: Draw, low: int, high: int, count: int) -> list[int]:
    return [d.int(low, high) for _ in range(count)]


# --- One tensor, element by element ---
def unary(d: Draw, fixed: dict[str, tuple[float, int]] | None = None, low: float | None = None, same: float = 0.3, lowest_zero: bool = False,
          options: Callable[[Draw], dict[str, Any]] = lambda d: {}) -> Any:
    inp = d.fed(d.shape(d.int(1, 4), 9))
    if low is not None and d.real:
        inp.low = low
    if lowest_zero and inp.scale:  # no value below 0
        inp.zero = RANGE[d.kind][0] if d.kind != "int16" else 0
        inp.low = inp.zero
    if not inp.scale:
        made = like(d, inp.shape, inp)
    elif fixed:
        made = out(inp.shape, d.kind, *fixed[d.kind])
    else:
        made = like(d, inp.shape, inp) if d.flag(same) else d.made(list(inp.shape), inp.scale)
    return [inp], [made], options(d)


# --- Two tensors with broadcasting ---
def binary(d: Draw, to: str = "", low: int | None = None, high: int | None = None, same: bool = False, fresh: float = 0.5,
           options: Callable[[Draw], dict[str, Any]] = lambda d: {}, rank: int = 5) -> Any:
    a, b, c = d.broadcast(rank)
    left, right = d.fed(a), d.fed(b)
    if same or (left.scale and not d.flag(fresh)):
        right.scale, right.zero = left.scale, left.zero
    if low is not None and not left.scale:
        left.low, right.low, left.high, right.high = low, low, high, high
    if to and left.scale:  # the official build shifts by a negative count for scales from 1 on
        left.scale, right.scale = (min(tensor.scale, 0.99) for tensor in (left, right))
    made = out(list(c), to) if to else like(d, c, left) if same or not left.scale else d.made(list(c), max(left.scale, right.scale))
    return [left, right], [made], options(d)


def divide(d: Draw) -> Any:
    inputs, made, options = binary(d, low=1, high=50, rank=4, options=lambda d: dict(fusedActivationFunction=d.act()))
    if inputs[1].scale:  # TF 2.21 takes a stored 0 for 0
        inputs[1].zero, inputs[1].low = 0, 1
        made[0].scale = float(np.float32(inputs[0].scale / inputs[1].scale / d.log(1, 255)))
    return inputs, made, options


def squared(d: Draw) -> Any:
    inputs, made, options = binary(d)
    if made[0].scale:
        widest = max(inputs[0].scale, inputs[1].scale)
        made[0].scale = float(np.float32(widest**2 * d.log(0.5, 1000)))
        inputs[1].scale = float(np.float32(inputs[0].scale * d.log(0.2, 5)))
    return inputs, made, options


def remainder(d: Draw) -> Any:
    a, b, c = d.broadcast(4)
    kind = d.type
    return [x(a, kind, low=-100, high=100), x(b, kind, low=1, high=9) if d.flag() else x(b, kind, low=-9, high=-1)], [out(list(c), kind)], {}


def select(d: Draw, broadcast: bool) -> Any:
    a, b, c = d.broadcast(4)
    if not broadcast:
        a = b = c = d.shape(d.int(1, 4), 4)
    first = d.fed(list(a))
    given = [] if not broadcast and d.flag(0.2) else c[:1] if not broadcast and d.flag(0.3) else [s if d.flag(0.7) else 1 for s in c] if broadcast else c
    return [x(list(given), "bool"), first, x(list(b), first.type, first.scale, first.zero)], [like(d, c, first)], {}


def prelu(d: Draw) -> Any:
    inp = d.fed(d.shape(4, 5))
    slopes = x([1, 1, inp.shape[3]] if d.flag(0.7) else inp.shape, d.type, *((d.log(1e-3, 0.1), d.zero()) if not d.real else ()))
    return [inp, slopes], [d.made(list(inp.shape), 0 if d.real else inp.scale)], {}


# --- Along axes ---
def reduce(d: Draw, same: bool = False, natural: bool = True) -> Any:
    inp = d.fed(d.shape(d.int(1, 4), 5))
    rank = len(inp.shape)
    axes = d.axes(rank)
    keep = d.flag()
    shape = [1 if i in axes else size for i, size in enumerate(inp.shape) if keep or i not in axes]
    made = like(d, shape, inp) if same or not inp.scale else d.made(shape, inp.scale if natural else 0)
    return [inp, k([axis - rank if d.flag(0.3) else axis for axis in axes])], [made], dict(keepDims=keep)


def product(d: Draw) -> Any:
    inputs, made, options = reduce(d)
    if made[0].scale:
        inputs[0].scale, inputs[0].zero = d.log(0.005, 0.05), 0
    else:
        inputs[0].low, inputs[0].high = (-2.0, 2.0) if d.real else (-3, 3)
    return inputs, made, options


def arg(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(1, 4), 7))
    axis = d.int(0, len(inp.shape) - 1)
    to = d.of("int32", "int64")
    shape = [size for i, size in enumerate(inp.shape) if i != axis]
    return [inp, k(axis - len(inp.shape) if d.flag(0.3) else axis)], [out(shape, to)], dict(outputType=dict(int32=2, int64=4)[to])


def cumsum(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(1, 4)))
    return [inp, k(d.int(-len(inp.shape), len(inp.shape) - 1))], [like(d, inp.shape, inp)], dict(exclusive=d.flag(), reverse=d.flag())


def topk(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(1, 3), 20))
    n = d.int(1, inp.shape[-1])
    shape = [*inp.shape[:-1], n]
    return [inp, k(n)], [like(d, shape, inp), out(shape, "int32")], {}


def segment(d: Draw) -> Any:
    rows, groups = d.int(1, 6), d.int(1, 5)
    inp = x([rows, *d.shape(d.int(0, 2), 3)], d.type, low=-3, high=3)
    return [inp, k(positions(d, -1 if d.flag(0.3) else 0, groups - 1, rows)), k(groups)], [out([groups, *inp.shape[1:]], d.type)], {}


# --- Windows over images ---
def pool(d: Draw, squares: bool = False) -> Any:
    kh, kw, sh, sw, padding = d.int(1, 4), d.int(1, 4), d.int(1, 3), d.int(1, 3), d.of("SAME", "VALID")
    inp = d.fed([d.int(1, 2), kh + d.int(0, 5), kw + d.int(0, 5), d.int(1, 6)])
    shape = [inp.shape[0], d.window(inp.shape[1], kh, sh, 1, padding), d.window(inp.shape[2], kw, sw, 1, padding), inp.shape[3]]
    act = "NONE" if squares else d.act()
    return [inp], [like(d, shape, inp)], dict(padding=padding, strideH=sh, strideW=sw, filterHeight=kh, filterWidth=kw, fusedActivationFunction=act)


def conv_3d(d: Draw, transposed: bool) -> Any:
    kernel, strides, padding = [d.int(1, 3) for _ in range(3)], [d.int(1, 2) for _ in range(3)], d.of("SAME", "VALID")
    dilations = [1] * 3 if transposed or max(strides) > 1 else [d.int(1, 2) for _ in range(3)]
    cin, cout, batch = d.int(1, 3), d.int(1, 4), d.int(1, 2)
    small = [d.int(1, 4) + (0 if transposed else (n - 1) * e) for n, e in zip(kernel, dilations)]
    options = dict(padding=padding, fusedActivationFunction=d.act())
    options |= {f"stride{a}": s for a, s in zip("DHW", strides)} | {f"dilation{a}Factor": e for a, e in zip("DHW", dilations)}
    bias = [w([cout])] if d.flag(0.6) else []
    if transposed:
        big = [n * s if padding == "SAME" else (n - 1) * s + m for n, s, m in zip(small, strides, kernel)]
        return [k([batch, *big, cout]), w([*kernel, cout, cin]), x([batch, *small, cin]), *bias], [out([batch, *big, cout])], options
    made = [d.window(n, m, s, e, padding) for n, m, s, e in zip(small, kernel, strides, dilations)]
    return [x([batch, *small, cin]), w([*kernel, cin, cout]), *bias], [out([batch, *made, cout])], options


def resize_nearest(d: Draw) -> Any:
    inp = d.fed([d.int(1, 2), d.int(1, 7), d.int(1, 7), d.int(1, 4)])
    size, align = [d.int(1, 12), d.int(1, 12)], d.flag(0.3)
    shape = [inp.shape[0], *size, inp.shape[3]]
    return [inp, k(size)], [like(d, shape, inp)], dict(alignCorners=align, halfPixelCenters=not align and d.flag())


# --- Elements moved, picked, repeated ---
def reshape(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(1, 5)))
    shape = [inp.shape[0], -1] if len(inp.shape) > 1 and d.flag() else [-1]
    return [inp, k(shape)], [like(d, [abs(s) if s > 0 else int(np.prod(inp.shape[1:] if len(shape) > 1 else inp.shape)) for s in shape], inp)], {}


def transpose(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(1, 6), 4))
    order = d.rng.permutation(len(inp.shape)).tolist()
    return [inp, k(order)], [like(d, [inp.shape[i] for i in order], inp)], {}


def pad(d: Draw, value: bool = False, mirror: bool = False) -> Any:
    inp = d.fed(d.shape(d.int(1, 4)))
    mode = d.of("REFLECT", "SYMMETRIC")
    most = [size - (mode == "REFLECT") if mirror else 3 for size in inp.shape]
    pads = [[d.int(0, n), d.int(0, n)] for n in most]
    shape = [size + sum(pair) for size, pair in zip(inp.shape, pads)]
    constant = [x([1], inp.type, inp.scale, inp.zero)] if value else []
    return [inp, k(pads, d.of("int32", "int64")), *constant], [like(d, shape, inp)], dict(mode=mode) if mirror else {}


def slice_(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(1, 5)))
    begin = [d.int(0, size - 1) for size in inp.shape]
    shape = [d.int(1, size - at) for size, at in zip(inp.shape, begin)]
    given = [-1 if at + n == size and d.flag() else n for size, at, n in zip(inp.shape, begin, shape)]
    return [inp, k(begin), k(given)], [like(d, shape, inp)], {}


def strided_slice(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(1, 5)))
    rank = len(inp.shape)
    masks = [d.int(0, 2**rank - 1) if d.flag(0.4) else 0 for _ in range(2)]
    shrink = d.int(0, 2**rank - 1) if d.flag(0.3) else 0
    strides = [1 if shrink >> i & 1 else d.of(1, 1, 2, 3, -1, -2) for i in range(rank)]
    ranges = [(d.int(0, n - 1), d.int(0, n)) if s > 0 else (d.int(0, n - 1), d.int(-n - 1, -1)) for n, s in zip(inp.shape, strides)]
    options = dict(beginMask=masks[0] & ~shrink, endMask=masks[1] & ~shrink, ellipsisMask=0, newAxisMask=0, shrinkAxisMask=shrink)
    begin, end = [a for a, _ in ranges], [a + 1 if shrink >> i & 1 else b for i, (a, b) in enumerate(ranges)]
    begin = [a - n if d.flag(0.2) and not shrink >> i & 1 else a for i, (a, n) in enumerate(zip(begin, inp.shape))]
    return [inp, k(begin), k(end), k(strides)], [like(d, [1], inp)], options


def split(d: Draw) -> Any:
    count, axis, inp = d.int(1, 4), 0, d.fed(d.shape(d.int(1, 4)))
    axis = d.int(0, len(inp.shape) - 1)
    inp.shape[axis] *= count
    shape = [size // count if i == axis else size for i, size in enumerate(inp.shape)]
    return [k(axis - len(shape) if d.flag(0.3) else axis), inp], [like(d, shape, inp) for _ in range(count)], dict(numSplits=count)


def split_v(d: Draw) -> Any:
    inp, sizes = d.fed(d.shape(d.int(1, 4))), [d.int(1, 3) for _ in range(d.int(1, 4))]
    axis = d.int(0, len(inp.shape) - 1)
    inp.shape[axis] = sum(sizes)
    shapes = [[n if i == axis else size for i, size in enumerate(inp.shape)] for n in sizes]
    given = list(sizes)
    if d.flag(0.3):
        given[d.int(0, len(sizes) - 1)] = -1
    return [inp, k(given), k(axis)], [like(d, shape, inp) for shape in shapes], dict(numSplits=len(sizes))


def pack(d: Draw) -> Any:
    first, count = d.fed(d.shape(d.int(0, 4))), d.int(1, 4)
    axis = d.int(0, len(first.shape))
    shape = [*first.shape[:axis], count, *first.shape[axis:]]
    inputs = [first, *(x(first.shape, first.type, first.scale, first.zero) for _ in range(count - 1))]
    return inputs, [like(d, shape, first)], dict(axis=axis - len(shape) if d.flag(0.3) else axis, valuesCount=count)


def unpack(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(1, 4)))
    axis = d.int(0, len(inp.shape) - 1)
    shape = [size for i, size in enumerate(inp.shape) if i != axis]
    return [inp], [like(d, shape, inp) for _ in range(inp.shape[axis])], dict(axis=axis - len(inp.shape) if d.flag(0.3) else axis, num=inp.shape[axis])


def gather(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(1, 4)))
    axis = d.int(0, len(inp.shape) - 1)
    batch = d.int(0, axis) if d.flag(0.3) else 0
    given = [*inp.shape[:batch], *d.shape(d.int(0 if batch == 0 else 1, 2), 4)]
    indices = x(given, d.of("int32", "int64"), low=0, high=inp.shape[axis] - 1)
    return [inp, indices], [like(d, [*inp.shape[:axis], *given[batch:], *inp.shape[axis + 1:]], inp)], dict(axis=axis, batchDims=batch)


def gather_nd(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(1, 4)))
    depth, rows = d.int(1, len(inp.shape)), d.shape(d.int(0, 2), 3)
    indices = np.array([positions(d, 0, min(inp.shape[:depth]) - 1, depth) for _ in range(int(np.prod(rows)))]).reshape(*rows, depth)
    return [inp, k(indices, d.of("int32", "int64"))], [like(d, [*rows, *inp.shape[depth:]], inp)], {}


def scatter_nd(d: Draw) -> Any:
    shape = d.shape(d.int(1, 3))
    depth, rows = d.int(1, len(shape)), d.int(1, 4)
    indices = [positions(d, 0, min(shape[:depth]) - 1, depth) for _ in range(rows)]
    return [k(indices), x([rows, *shape[depth:]], d.type, low=-20 if d.type[0] != "u" else 0, high=20), k(shape)], [out(shape, d.type)], {}


def tile(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(1, 4), 4))
    times = [d.int(1, 3) for _ in inp.shape]
    return [inp, k(times, d.of("int32", "int64"))], [like(d, [n * t for n, t in zip(inp.shape, times)], inp)], {}


def reverse(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(1, 4)))
    first = d.int(0, len(inp.shape) - 1)
    return [inp, k(list(range(first, d.int(first, len(inp.shape) - 1) + 1)))], [like(d, inp.shape, inp)], {}


def reverse_sequence(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(2, 4)))
    batch, along = (int(i) for i in d.rng.choice(len(inp.shape), 2, replace=False))
    return [inp, k(positions(d, 1, inp.shape[along], inp.shape[batch]), d.of("int32", "int64"))], [like(d, inp.shape, inp)], dict(seqDim=along, batchDim=batch)


def depth_and_space(d: Draw, to_space: bool) -> Any:
    block, small = d.int(1, 3), d.shape(4, 4)
    deep, wide = [*small[:3], small[3] * block * block], [small[0], small[1] * block, small[2] * block, small[3]]
    inp = d.fed(deep if to_space else wide)
    return [inp], [like(d, wide if to_space else deep, inp)], dict(blockSize=block)


def batch_and_space(d: Draw, to_space: bool) -> Any:
    rank = d.int(1, 2)
    block, cells = [d.int(1, 3) for _ in range(rank)], [d.int(1, 3) for _ in range(rank)]
    pads = [[d.int(0, min(2, n * b - 1)), 0] for n, b in zip(cells, block)]
    images, depth = d.int(1, 2), d.int(1, 4)
    whole, cut = [n * b for n, b in zip(cells, block)], [n * b - p[0] for n, b, p in zip(cells, block, pads)]
    many = [images * int(np.prod(block)), *cells, depth]
    inp = d.fed(many if to_space else [images, *cut, depth])
    assert whole
    return [inp, k(block), k(pads)], [like(d, [images, *cut, depth] if to_space else many, inp)], {}


def broadcast_to(d: Draw) -> Any:
    shape = d.shape(d.int(1, 5), 4)
    inp = d.fed([size if d.flag(0.6) else 1 for size in shape[d.int(0, len(shape) - 1):]])
    return [inp, k(shape, d.of("int32", "int64"))], [like(d, shape, inp)], {}


def expand_dims(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(0, 4)))
    axis = d.int(0, len(inp.shape))
    return [inp, k(axis - len(inp.shape) - 1 if d.flag(0.3) else axis)], [like(d, [*inp.shape[:axis], 1, *inp.shape[axis:]], inp)], {}


def squeeze(d: Draw) -> Any:
    shape = [1 if d.flag() else size for size in d.shape(d.int(1, 5))]
    ones = [i for i, size in enumerate(shape) if size == 1]
    away = [i for i in ones if d.flag()] or ones
    inp = d.fed(shape)
    return [inp], [like(d, [size for i, size in enumerate(shape) if i not in away], inp)], dict(squeezeDims=[i - len(shape) if d.flag(0.3) else i for i in away])


def update_slice(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(1, 4)))
    part = [d.int(1, size) for size in inp.shape]
    return [inp, x(part, inp.type, inp.scale, inp.zero), x([len(part)], "int32", low=-2, high=7)], [like(d, inp.shape, inp)], {}


def one_hot(d: Draw) -> Any:
    shape, depth = d.shape(d.int(0, 3), 4), d.int(1, 6)
    axis = d.int(-1, len(shape))
    at = len(shape) if axis < 0 else axis
    return [x(shape, "int32", low=-1, high=depth), k(depth), w([], d.type), w([], d.type)], [out([*shape[:at], depth, *shape[at:]], d.type)], dict(axis=axis)


def fill(d: Draw) -> Any:
    shape = d.shape(d.int(1, 4))
    value = d.fed([])
    return [k(shape, d.of("int32", "int64")), value], [like(d, shape, value)], {}


def matrix_diag(d: Draw) -> Any:
    inp = x(d.shape(d.int(1, 3), 4), d.type)
    return [inp], [out([*inp.shape, inp.shape[-1]], d.type)], {}


def set_diag(d: Draw) -> Any:
    inp = x(d.shape(d.int(2, 4), 4), d.type)
    return [inp, x([*inp.shape[:-2], min(inp.shape[-2:])], d.type)], [out(inp.shape, d.type)], {}


def dequantize(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(1, 4), 7))
    return [inp], [out(inp.shape)], {}


def cast(d: Draw) -> Any:
    inp = x(d.shape(d.int(1, 4)), d.type, low=-300.0 if d.real else None, high=300.0 if d.real else None)
    if d.real:
        inp.low = 0.0
        inp.high = 120.0
    to = d.of("float32", "int8", "uint8", "int16", "int32", "int64", "bool", "float16")
    return [inp], [out(inp.shape, to)], dict(inDataType=inp.type.upper(), outDataType=to.upper())


def lookup(d: Draw) -> Any:
    rows = d.int(1, 8)
    shape = [rows, *d.shape(d.int(1, 2))]
    table = w(shape) if d.real else w(shape, d.type, d.log(0.001, 0.1), 0)
    if d.kind == "hybrid":
        table = w(shape, "int8", d.log(0.001, 0.1))
    count = d.int(1, 5)
    return [x([count], "int32", low=0, high=rows - 1), table], [like(d, [count, *shape[1:]], table) if d.kind != "hybrid" else out([count, *shape[1:]])], {}


def normalization(d: Draw) -> Any:
    inp = d.fed(d.shape(4, 9))
    return [inp], [out(inp.shape)], dict(radius=d.int(1, 4), bias=d.log(0.1, 3), alpha=d.log(1e-3, 1), beta=d.log(0.2, 1))


# --- With a state that goes on from sample to sample ---
def svdf(d: Draw) -> Any:
    batch, terms, rank, units, span = d.int(1, 3), d.int(1, 20), d.int(1, 3), d.int(1, 6), d.int(1, 8)
    filters, quantized = rank * units, d.kind == "int8"
    inp = d.fed([batch, terms])
    feature = d.weights([filters, terms], 0)
    if feature.scale is not None:
        feature.scale = d.log(1e-3, 0.05)
    time = w([filters, span], "int16", d.log(1e-5, 1e-3)) if quantized else w([filters, span], "int8", 0.01, low=-127) if d.kind == "hybrid" else w([filters, span])
    bias = None if d.flag(0.3) else w([units], "int32", low=-3000, high=3000) if quantized else w([units])
    memory = state([batch, filters * span], "int16", d.log(1e-4, 1e-2)) if quantized else state([batch, filters * span])
    made = out([batch, units], "int8", d.log(0.01, 1), d.zero()) if quantized else out([batch, units])
    options = dict(rank=rank, fusedActivationFunction="RELU" if quantized else "NONE", asymmetricQuantizeInputs=d.kind == "hybrid" and d.flag())
    return [inp, feature, time, bias, memory], [made], options


def rnn(d: Draw, sequence: bool) -> Any:
    batch, time, terms, units = d.int(1, 3), d.int(1, 4), d.int(1, 9), d.int(1, 9)
    major = d.flag()
    lead = ([time, batch] if major else [batch, time]) if sequence else [batch]
    matrices = [w([units, n]) if d.kind == "float" else w([units, n], "int8", d.log(1e-3, 0.02), low=-127) for n in (terms, units)]
    options = dict(fusedActivationFunction=d.of("TANH", "RELU", "RELU6", "NONE"), asymmetricQuantizeInputs=d.kind == "hybrid" and d.flag())
    return [x([*lead, terms], low=-2.0, high=2.0), *matrices, w([units]), state([batch, units])], [out([*lead, units])], options | (dict(timeMajor=major) if sequence else {})


def fake_quant(d: Draw) -> Any:
    inp = d.fed(d.shape(d.int(1, 4)))
    low = -d.log(0.01, 10)
    return [inp], [out(inp.shape)], dict(min=low, max=low + d.log(0.01, 20) - low, numBits=d.int(2, 8), narrowRange=False)


def act(d: Draw) -> dict[str, Any]:
    return dict(fusedActivationFunction=d.act())


TANH_LIKE = {"int8": (1 / 128, 0), "uint8": (1 / 128, 128), "int16": (1 / 32768, 0)}
# Operator, family, types, its settings; version and ulps of its floats.
ROWS: list[tuple[str, Callable[..., Any], tuple[str, ...], dict[str, Any], int, float]] = [
    *((op, unary, types, {}, version, ulps) for op, types, version, ulps in (
        ("ABS", FLOAT + ("int8", "int16", "int32"), 3, 0), ("NEG", FLOAT + ("int32", "int64"), 1, 0), ("FLOOR", FLOAT, 1, 0), ("CEIL", FLOAT, 1, 0),
        ("ROUND", FLOAT, 1, 0), ("SIGN", FLOAT + ("int32",), 2, 0), ("SQUARE", FLOAT, 1, 0), ("SIN", FLOAT, 1, 2), ("COS", FLOAT, 1, 2),
        ("RELU", FLOAT + QUANTIZED, 3, 0), ("RELU6", FLOAT + QUANTIZED, 3, 0), ("RELU_N1_TO_1", FLOAT + ("int8", "uint8"), 1, 0),
        ("RELU_0_TO_1", FLOAT + ("int8", "uint8"), 1, 0), ("ELU", FLOAT + ("int8",), 1, 2), ("EXP", FLOAT + ("int8", "int16"), 2, 2),
        ("HARD_SWISH", FLOAT + ("int8", "uint8"), 1, 2), ("ZEROS_LIKE", FLOAT + ("int32", "int64"), 1, 0), ("LOGICAL_NOT", ("bool",), 1, 0))),
    ("GELU", unary, FLOAT + QUANTIZED, dict(options=lambda d: dict(approximate=d.flag())), 2, 0),
    ("LOG", unary, FLOAT + ("int8", "int16"), dict(low=0.0), 2, 2),
    ("SQRT", unary, FLOAT + ("int8", "int16"), dict(low=0.0, lowest_zero=True), 2, 2),
    ("RSQRT", unary, FLOAT + ("int8", "int16"), dict(low=0.001, lowest_zero=True), 3, 2),
    ("L2_NORMALIZATION", unary, FLOAT + ("int8", "uint8"), dict(fixed=TANH_LIKE), 2, 2),
    ("LOG_SOFTMAX", unary, FLOAT + ("int8", "uint8"), dict(fixed={"int8": (1 / 16, 127), "uint8": (1 / 16, 255)}), 2, 2),
    ("LOCAL_RESPONSE_NORMALIZATION", normalization, FLOAT, {}, 1, 4),
    ("DIV", divide, FLOAT + ("uint8", "int32"), {}, 1, 0),
    ("FLOOR_DIV", remainder, FLOAT + ("int8", "int16", "int32"), {}, 3, 0),
    ("FLOOR_MOD", remainder, FLOAT + ("int8", "int16", "int32", "int64"), {}, 2, 0),
    ("SQUARED_DIFFERENCE", squared, FLOAT + ("int8", "int32"), {}, 2, 0),
    *((op, binary, FLOAT + QUANTIZED + ("int32", "int64"), dict(same=True), 3, 0) for op in ("MAXIMUM", "MINIMUM")),
    *((op, binary, FLOAT + ("int8", "uint8", "int32", "int64") + (("bool",) if "EQUAL" in op[:9] and "_E" not in op[3:] else ()), dict(to="bool", low=-2, high=2, rank=4), 2, 0)
      for op in ("EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL")),
    *((op, binary, ("bool",), dict(to="bool", rank=4), 1, 0) for op in ("LOGICAL_AND", "LOGICAL_OR")),
    ("POW", binary, FLOAT + ("int32",), dict(low=0, high=6, rank=4), 1, 2),
    ("ATAN2", binary, FLOAT, dict(rank=0), 1, 2),
    ("SELECT", select, ANY + ("bool",), dict(broadcast=False), 1, 0), ("SELECT_V2", select, ANY + ("bool",), dict(broadcast=True), 1, 0),
    ("PRELU", prelu, FLOAT + ("int8", "uint8"), {}, 1, 0),
    ("SUM", reduce, ANY, {}, 2, 0), ("REDUCE_MAX", reduce, ANY, dict(same=True), 3, 0), ("REDUCE_MIN", reduce, ANY, dict(same=True), 3, 0),
    ("REDUCE_PROD", product, FLOAT + ("int8", "int16", "int32", "int64"), {}, 2, 0),
    ("REDUCE_ANY", reduce, ("bool",), {}, 1, 0), ("REDUCE_ALL", reduce, ("bool",), {}, 1, 0),
    ("ARG_MAX", arg, FLOAT + ("int8", "uint8", "int32"), {}, 2, 0), ("ARG_MIN", arg, FLOAT + ("int8", "uint8", "int32"), {}, 2, 0),
    ("CUMSUM", cumsum, FLOAT + ("int32", "int64"), {}, 1, 0), ("TOPK_V2", topk, ANY, {}, 2, 0),
    *((f"UNSORTED_SEGMENT_{op}", segment, FLOAT + ("int32",), {}, 1, 0) for op in ("MAX", "MIN", "PROD", "SUM")),
    ("MAX_POOL_2D", pool, FLOAT + QUANTIZED, {}, 3, 0), ("L2_POOL_2D", pool, FLOAT, dict(squares=True), 1, 2),
    ("CONV_3D", conv_3d, FLOAT, dict(transposed=False), 1, 0), ("CONV_3D_TRANSPOSE", conv_3d, FLOAT, dict(transposed=True), 1, 0),
    ("RESIZE_NEAREST_NEIGHBOR", resize_nearest, FLOAT + QUANTIZED, {}, 3, 0),
    ("RESHAPE", reshape, ANY + ("bool",), {}, 1, 0), ("TRANSPOSE", transpose, ANY + ("bool",), {}, 4, 0),
    ("PAD", pad, ANY, {}, 2, 0), ("PADV2", pad, ANY, dict(value=True), 2, 0), ("MIRROR_PAD", pad, ANY, dict(mirror=True), 2, 0),
    ("SLICE", slice_, ANY + ("bool",), {}, 5, 0), ("STRIDED_SLICE", strided_slice, ANY + ("bool",), {}, 4, 0),
    ("SPLIT", split, ANY, {}, 4, 0), ("SPLIT_V", split_v, ANY, {}, 2, 0), ("PACK", pack, ANY, {}, 3, 0), ("UNPACK", unpack, FLOAT + QUANTIZED + ("int32", "bool"), {}, 4, 0),
    ("GATHER", gather, ANY + ("bool",), {}, 5, 0), ("GATHER_ND", gather_nd, ANY, {}, 3, 0),
    ("SCATTER_ND", scatter_nd, FLOAT + ("int8", "uint8", "int32", "int64"), {}, 1, 0), ("TILE", tile, FLOAT + ("int8", "uint8", "int32", "int64", "bool"), {}, 1, 0),
    ("REVERSE_V2", reverse, ANY + ("bool",), {}, 1, 0), ("REVERSE_SEQUENCE", reverse_sequence, FLOAT + ("uint8", "int16", "int32", "int64"), {}, 1, 0),
    ("DEPTH_TO_SPACE", depth_and_space, FLOAT + ("int8", "uint8", "int32", "int64"), dict(to_space=True), 1, 0),
    ("SPACE_TO_DEPTH", depth_and_space, FLOAT + ("int8", "uint8", "int32", "int64"), dict(to_space=False), 1, 0),
    ("BATCH_TO_SPACE_ND", batch_and_space, ANY, dict(to_space=True), 2, 0), ("SPACE_TO_BATCH_ND", batch_and_space, ANY, dict(to_space=False), 2, 0),
    ("BROADCAST_TO", broadcast_to, ANY, {}, 2, 0), ("EXPAND_DIMS", expand_dims, ANY, {}, 1, 0), ("SQUEEZE", squeeze, ANY, {}, 1, 0),
    ("DYNAMIC_UPDATE_SLICE", update_slice, FLOAT + ("int8", "int32", "int64", "bool"), {}, 2, 0),
    ("ONE_HOT", one_hot, FLOAT + ("int8", "uint8", "int32", "int64", "bool"), {}, 1, 0),
    ("FILL", fill, FLOAT + ("int8", "int16", "int32", "int64", "bool"), {}, 3, 0),
    ("MATRIX_DIAG", matrix_diag, ANY, {}, 1, 0), ("MATRIX_SET_DIAG", set_diag, ANY, {}, 1, 0),
    ("DEQUANTIZE", dequantize, QUANTIZED, {}, 3, 0), ("CAST", cast, ANY + ("bool",), {}, 5, 0),
    ("SVDF", svdf, ("float", "hybrid", "int8"), {}, 3, 0), ("FAKE_QUANT", fake_quant, FLOAT, {}, 2, 0),
    ("RNN", rnn, ("float", "hybrid"), dict(sequence=False), 3, 0), ("UNIDIRECTIONAL_SEQUENCE_RNN", rnn, ("float", "hybrid"), dict(sequence=True), 3, 0),
    ("EMBEDDING_LOOKUP", lookup, FLOAT + ("hybrid", "int8", "uint8"), {}, 3, 0),
]
LACKING = {"CEIL", "ROUND", "ELU"}  # among the reference kernels: the answers are the optimized ones'


def make(rng: np.random.Generator, kind: str, name: str, *, row: tuple[Any, ...]) -> Case:
    op, family, _, settings, version, ulps = row
    inputs, outputs, options = family(Draw(rng, kind), **settings)
    optimized = op in LACKING or (op == "SUM" and kind in ("int8", "int16"))
    return Case(op, name, inputs, outputs, options, version, ulps=ulps if kind in ("float", "hybrid") else 0, optimized=optimized)


GENERATORS: dict[str, Generator] = {row[0]: functools.partial(make, row=row) for row in ROWS}
KINDS = {row[0]: list(row[2]) for row in ROWS}
