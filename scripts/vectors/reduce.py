"""Operators that make one value of many along an axis: reductions, ARG_MAX and ARG_MIN, TOPK_V2, segments."""
from onop import Case, k, out, x

SHAPE = [2, 4, 5, 3]
Q = {"int8": ((0.05, 3), (0.037, -7)), "uint8": ((0.05, 130), (0.037, 120)), "int16": ((0.0005, 0), (0.00037, 0))}
AXES = ([0], [-1], [1, 2], [3, 1, 0], [0, 1, 2, 3], [])


def shape_after(axes, keep):
    away = {axis % len(SHAPE) for axis in axes}
    return [1 if d in away else size for d, size in enumerate(SHAPE) if keep or d not in away]


def reduce(op, kind, axes, keep=False, quants=None, version=1, optimized=False, **more):
    (sx, zx), (sy, zy) = quants or ((None, 0), (None, 0))
    name = "_".join([kind, *(str(a % 4) for a in axes), *(["keep"] if keep else []), *(["q"] if quants else [])])
    return Case(op, name, [x(SHAPE, kind, sx, zx, **more), k(axes)], [out(shape_after(axes, keep), kind, sy, zy)], dict(keepDims=keep), version,
                optimized=optimized)


CASES = []
for axes in AXES:
    for keep in (False, True) if axes in ([0], [1, 2]) else (False,):
        CASES += [reduce("MEAN", kind, axes, keep, Q.get(kind), 2) for kind in ("float32", "int8", "uint8", "int16", "int32", "int64")]
        CASES += [reduce("SUM", kind, axes, keep, Q.get(kind), 2, kind in ("int8", "int16"))
                  for kind in ("float32", "int8", "uint8", "int16", "int32", "int64")]
        for op in ("REDUCE_MAX", "REDUCE_MIN"):
            CASES += [reduce(op, kind, axes, keep, Q[kind][:1] * 2 if kind in Q else None, 2)
                      for kind in ("float32", "int8", "uint8", "int16", "int32", "int64")]
        CASES += [reduce("REDUCE_PROD", kind, axes, keep, None, 2) for kind in ("float32", "int8", "uint8", "int16", "int32", "int64")]
        CASES += [reduce("REDUCE_PROD", "int8", axes, keep, ((0.05, 3), (0.3, -7)), 2, low=-20, high=26),
                  reduce("REDUCE_PROD", "int16", axes, keep, ((0.0005, 0), (0.003, 0)), 2)]
        CASES += [reduce(op, "bool", axes, keep) for op in ("REDUCE_ANY", "REDUCE_ALL")]
CASES += [
    Case("MEAN", "axes_fed", [x([2, 3, 4]), x([2], "int32", low=0, high=2)], [out([4])], dict(keepDims=True)),
    Case("MEAN", "scalar", [x([]), k([0])], [out([])]),
    Case("SUM", "float_image", [x([1, 30, 30, 4]), k([1, 2])], [out([1, 4])]),
]
for op in ("ARG_MAX", "ARG_MIN"):
    for kind in ("float32", "int8", "uint8", "int32", "bool"):
        CASES += [Case(op, f"{kind}_{axis}", [x([3, 4, 5], kind, low=None if kind == "float32" else -3 if kind[0] == "i" else 0,
                                                high=None if kind == "float32" else 3), k(axis)],
                       [out([4, 5] if axis == 0 else [3, 5] if axis == 1 else [3, 4], "int64" if axis == 1 else "int32")],
                       dict(outputType=4 if axis == 1 else 2), 2) for axis in (0, 1, -1)]
for kind in ("float32", "int8", "uint8", "int16", "int32", "int64"):
    low = None if kind == "float32" else 0
    CASES += [Case("TOPK_V2", f"{kind}_{n}", [x([3, 20], kind, low=low, high=None if low is None else 9), k(n)],
                   [out([3, n], kind), out([3, n], "int32")], {}, 2) for n in (1, 4, 20)]
CASES += [Case("TOPK_V2", "int16_indices", [x([3, 20]), k(5, "int16")], [out([3, 5]), out([3, 5], "int16")], {}, 3)]
for kind in ("float32", "int32"):
    for op in ("SUM", "PROD", "MAX", "MIN"):
        CASES += [
            Case(f"UNSORTED_SEGMENT_{op}", f"{kind}_rows", [x([4, 3], kind), k([0, 2, 0, -1]), k(4)], [out([4, 3], kind)]),
            Case(f"UNSORTED_SEGMENT_{op}", f"{kind}_elements", [x([2, 2, 3], kind), k([[0, 1], [1, 0]]), k(3)], [out([3, 3], kind)]),
        ]
    CASES += [Case("SEGMENT_SUM", kind, [x([4, 3], kind), k([0, 0, 1, 2])], [out([3, 3], kind)], optimized=True)]
CASES += [Case("REDUCE_PROD", "int16_fine", [x([24, 1], "int16", 0.0121017), k([1])], [out([24], "int16", 4.84975e-05)], {}, 2)]
