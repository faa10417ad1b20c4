"""Products of matrices and what is built on them: FULLY_CONNECTED, DEPTHWISE_CONV_2D, BATCH_MATMUL, the transposed and 3-D
convolutions, SVDF, embeddings, DENSIFY. CONV_2D has a file of its own."""
import struct

from onop import Case, Graph, Node, k, out, scales, state, w, x

SI, SW = 0.02, 0.01


def weights_of(kind, shape, scale, axis=0, **more):
    return w(shape, kind, scale, axis=axis, low={"int8": -127, "int16": -9000}.get(kind), **more)


def bias_of(kind, n, scale):
    return w([n], kind, [SI * s for s in scale] if isinstance(scale, list) else SI * scale, low=-3000, high=3000)


# --- FULLY_CONNECTED ---
def fc(name, n, o, k_, kind="float32", wkind=None, scale=SW, bias="int32", act="NONE", version=4, shape=None, oshape=None, okind=None,
       zeros=(5, 0, -7), oscale=0.3, ulps=0.0, sparse=None, **options):
    wkind = wkind or {"uint8": "uint8", "float32": "float32"}.get(kind, "int8")
    quantized, hybrid = kind != "float32", kind == "float32" and wkind != "float32"
    zi, zw, zo = zeros if kind != "int16" and okind != "int16" else (zeros[0] if kind == "uint8" else 0, zeros[1], 0)
    weights = w([o, k_], wkind, scale if quantized or hybrid else None, zw, low=-127 if wkind == "int8" else None, sparse=sparse)
    tail = [None] if bias is None else [bias_of(bias, o, scale) if quantized else w([o])]
    return Case("FULLY_CONNECTED", name, [x(shape or [n, k_], kind, SI if quantized else None, zi), weights, *tail],
                [out(oshape or [n, o], okind or kind, oscale if quantized else None, zo)], dict(fusedActivationFunction=act, **options),
                version, ulps=ulps)


PER17 = scales(17, 0.001, 0.02)
U8 = (100, 120, 128)
I16 = dict(bias="int64", oscale=0.02, version=7)
CASES = [
    fc("f32", 3, 17, 33), fc("f32_relu6", 2, 4, 5, act="RELU6"), fc("f32_no_bias", 1, 17, 1, bias=None),
    fc("f32_keep", 6, 5, 7, shape=[2, 3, 7], oshape=[2, 3, 5], keepNumDims=True, version=5),
    fc("f32_flat", 6, 5, 7, shape=[2, 21], oshape=[6, 5]), fc("f32_sparse", 2, 6, 16, sparse=0, version=8),
    fc("f32_sparse_1x4", 2, 6, 16, sparse=4, version=8),
    fc("i8", 3, 17, 33, "int8"), fc("i8_weight_zero", 2, 5, 33, "int8", zeros=(5, 3, -7)), fc("i8_per_axis", 3, 17, 33, "int8", scale=PER17),
    fc("i8_relu_no_bias", 2, 17, 8, "int8", scale=PER17, bias=None, act="RELU"), fc("i8_relu_n1", 2, 5, 8, "int8", act="RELU_N1_TO_1", oscale=0.01),
    fc("i8_int4", 3, 17, 33, "int8", "int4", PER17, oscale=0.02, version=10), fc("i8_int4_one", 3, 5, 8, "int8", "int4", oscale=0.02, version=10),
    fc("i8_sparse_1x16", 2, 6, 48, "int8", sparse=16, version=9), fc("i8_sparse_1x16_per_axis", 2, 6, 48, "int8", scale=scales(6, 0.001, 0.02), sparse=16, version=9),
    fc("i8_tiny_out", 2, 5, 8, "int8", oscale=1e-6), fc("i8_keep", 6, 5, 7, "int8", shape=[2, 3, 7], oshape=[2, 3, 5], keepNumDims=True, version=5),
    fc("u8", 3, 17, 33, "uint8", zeros=U8), fc("u8_relu6", 2, 5, 8, "uint8", zeros=(0, 255, 10), act="RELU6", oscale=0.05),
    fc("u8_to_i16", 3, 17, 33, "uint8", zeros=U8, okind="int16", oscale=0.001),
    fc("i16", 3, 17, 33, "int16", **I16), fc("i16_per_axis", 3, 17, 33, "int16", scale=PER17, **I16),
    fc("i16_bias_32", 3, 17, 33, "int16", scale=PER17, oscale=0.02, version=11, quantizedBiasType="INT32"),
    fc("i16_int4", 2, 5, 8, "int16", "int4", bias=None, oscale=0.002, version=11),
    fc("hybrid", 3, 17, 33, wkind="int8", version=3), fc("hybrid_asymmetric", 3, 17, 33, wkind="int8", version=9, asymmetricQuantizeInputs=True),
    fc("hybrid_per_axis", 3, 17, 33, wkind="int8", scale=PER17, version=12, asymmetricQuantizeInputs=True, act="RELU"),
    fc("hybrid_no_bias", 1, 17, 8, wkind="int8", scale=PER17, bias=None, version=12),
    fc("hybrid_tanh", 2, 5, 8, wkind="int8", version=3, act="TANH", ulps=2), fc("hybrid_int4", 3, 17, 33, wkind="int4", scale=PER17, version=12),
    fc("hybrid_int4_odd", 3, 5, 7, wkind="int4", version=12, asymmetricQuantizeInputs=True), fc("hybrid_int2", 3, 17, 33, wkind="int2", scale=PER17, version=13),
    fc("hybrid_sparse_1x16", 2, 6, 48, wkind="int8", sparse=16, version=8),
    fc("hybrid_sparse_1x16_asymmetric", 2, 6, 48, wkind="int8", scale=scales(6, 0.001, 0.02), sparse=16, version=8, asymmetricQuantizeInputs=True),
]


def blockwise(name, n, o, k_, size):
    """The reference kernels take its scale for 0; the optimized ones know blocks."""
    tensors = dict(x=x([n, k_], low=-2.0, high=1.5), w=w([o, k_], "int4", blocks=(size, "s")), b=w([o]), s=w([o, k_ // size], "float16", low=0.01, high=0.1),
                   y=out([n, o]))
    node = Node("FULLY_CONNECTED", ["x", "w", "b"], ["y"], dict(fusedActivationFunction="NONE"), 12)
    return Case("FULLY_CONNECTED", name, graphs=[Graph(tensors, [node], ["x"], ["y"])], optimized=True)


CASES += [blockwise("hybrid_blocks_32", 3, 8, 64, 32), blockwise("hybrid_blocks_64", 1, 4, 128, 64)]


# --- DEPTHWISE_CONV_2D: input, kernel, output, multiplier in their last dimensions ---
def dw(name, inp, kernel, outp, kind="float32", wkind=None, scale=SW, act="NONE", version=3, zeros=(5, 0, -7), oscale=0.1, bias="int32", low=None, high=None, **options):
    wkind = wkind or {"uint8": "uint8", "float32": "float32"}.get(kind, "int8")
    channels, quantized, hybrid = outp[3], kind != "float32", kind == "float32" and wkind != "float32"
    zi, zw, zo = zeros if kind != "int16" else (0, 0, 0)
    scale = scales(channels, 0.001, 0.02) if scale == "axis" else scale
    weights = w([1, *kernel, channels], wkind, scale if quantized or hybrid else None, zw, axis=3, low=-127 if wkind == "int8" else None)
    tail = [bias_of(bias, channels, scale) if quantized else w([channels])]
    return Case("DEPTHWISE_CONV_2D", name, [x(inp, kind, SI if quantized else None, zi, low=low, high=high), weights, *tail],
                [out(outp, kind, oscale if quantized else None, zo)],
                dict(dict(padding="SAME", strideH=1, strideW=1, depthMultiplier=channels // inp[3], fusedActivationFunction=act), **options), version)


S2 = dict(strideH=2, strideW=2, padding="VALID")
D2 = dict(dilationHFactor=2, dilationWFactor=3)
CASES += [
    dw("f32", [2, 5, 6, 3], [3, 3], [2, 5, 6, 3]), dw("f32_x3_s2", [1, 7, 8, 6], [3, 2], [1, 3, 4, 18], act="RELU6", **S2),
    dw("f32_dil_17", [1, 7, 8, 17], [3, 3], [1, 7, 8, 17], **D2),
    dw("i8", [2, 5, 6, 17], [3, 3], [2, 5, 6, 17], "int8", scale="axis"), dw("i8_one_scale_x2", [1, 7, 8, 3], [3, 2], [1, 3, 4, 6], "int8", **S2),
    dw("i8_dil_relu", [1, 7, 8, 5], [3, 3], [1, 7, 8, 5], "int8", scale="axis", act="RELU", **D2),
    dw("i8_int4", [1, 5, 6, 5], [3, 3], [1, 5, 6, 5], "int8", "int4", "axis", oscale=0.01, version=6),
    dw("u8", [1, 5, 6, 17], [3, 3], [1, 5, 6, 17], "uint8", zeros=U8), dw("u8_x2_relu6", [1, 7, 8, 3], [3, 2], [1, 3, 4, 6], "uint8", zeros=U8, act="RELU6", **S2),
    dw("i16", [1, 5, 6, 17], [3, 3], [1, 5, 6, 17], "int16", scale="axis", bias="int64", oscale=0.03, version=5),
    dw("i16_x2_s2", [1, 7, 8, 3], [3, 2], [1, 3, 4, 6], "int16", bias="int64", oscale=0.03, version=5, **S2),
    dw("hybrid", [2, 5, 6, 17], [3, 3], [2, 5, 6, 17], wkind="int8", scale="axis", version=4),
    dw("hybrid_x2_s2", [2, 7, 8, 3], [3, 2], [2, 3, 4, 6], wkind="int8", scale="axis", act="RELU", version=4, low=-1.0, high=5.0, **S2),
]


# --- BATCH_MATMUL ---
def bmm(name, xs, ws, ys, kind="float32", constant=False, okind=None, version=3, hybrid=False, **options):
    quants = {"int8": ((0.02, 5), (0.01, -3), (0.1, -7)), "int16": ((0.0003, 0), (0.0002, 0), (0.003, 0))}.get(kind, ((None, 0),) * 3)
    (sx, zx), (sw, zw), (sy, zy) = quants
    second = w(ws, "int8", 0.01, low=-127) if hybrid else (w if constant else x)(ws, kind, sw, zw)
    return Case("BATCH_MATMUL", name, [x(xs, kind, sx, zx), second], [out(ys, okind or kind, None if okind else sy, zy)], options, version)


AX, AY = dict(adjX=True), dict(adjY=True)
for KIND in ("float32", "int8", "int16"):
    CASES += [
        bmm(KIND, [4, 9], [9, 19], [4, 19], KIND), bmm(KIND + "_constant", [3, 4, 9], [9, 19], [3, 4, 19], KIND, True),
        bmm(KIND + "_adj_x", [3, 9, 4], [3, 9, 5], [3, 4, 5], KIND, True, **AX), bmm(KIND + "_adj_y", [4, 9], [2, 5, 9], [2, 4, 5], KIND, **AY),
        bmm(KIND + "_adj_xy", [9, 4], [5, 9], [4, 5], KIND, **AX, **AY), bmm(KIND + "_broadcast", [2, 1, 4, 3], [3, 3, 5], [2, 3, 4, 5], KIND),
        bmm(KIND + "_5d", [2, 2, 1, 3, 4], [1, 2, 3, 4, 2], [2, 2, 3, 3, 2], KIND),
    ]
CASES += [bmm("int8_to_int32", [4, 9], [9, 19], [4, 19], "int8", okind="int32")]
for ASYM in (False, True):
    CASES += [
        bmm(f"hybrid_{ASYM}", [4, 9], [9, 19], [4, 19], hybrid=True, asymmetricQuantizeInputs=ASYM),
        bmm(f"hybrid_batches_{ASYM}", [3, 4, 9], [3, 5, 9], [3, 4, 5], hybrid=True, asymmetricQuantizeInputs=ASYM, **AY),
        bmm(f"hybrid_two_batches_{ASYM}", [2, 3, 4, 9], [2, 3, 9, 5], [2, 3, 4, 5], hybrid=True, asymmetricQuantizeInputs=ASYM),
        bmm(f"hybrid_joined_{ASYM}", [2, 3, 4, 9], [2, 1, 9, 5], [2, 3, 4, 5], hybrid=True, asymmetricQuantizeInputs=ASYM),
        bmm(f"hybrid_adj_x_{ASYM}", [3, 9, 4], [9, 5], [3, 4, 5], hybrid=True, asymmetricQuantizeInputs=ASYM, **AX),
    ]


# --- TRANSPOSE_CONV and Convolution2DTransposeBias ---
def tc(name, inp, kernel, outp, kind="float32", wkind=None, scale=SW, bias="int32", act="NONE", version=3, zeros=(5, 0, -7), oscale=0.3, stride=(2, 2),
       padding="SAME", fed_shape=False, **options):
    wkind = wkind or {"uint8": "uint8", "float32": "float32"}.get(kind, "int8")
    o, quantized, hybrid = outp[3], kind != "float32", kind == "float32" and wkind != "float32"
    zi, zw, zo = zeros if kind != "int16" else (0, 0, 0)
    scale = scales(o, 0.001, 0.02) if scale == "axis" else scale
    weights = w([o, *kernel, inp[3]], wkind, scale if quantized or hybrid else None, zw, low=-127 if wkind == "int8" else None)
    tail = [] if bias is None else [bias_of(bias, o, scale) if quantized else w([o])]
    return Case("TRANSPOSE_CONV", name, [k(outp), weights, x(inp, kind, SI if quantized else None, zi), *tail],
                [out(outp, kind, oscale if quantized else None, zo)],
                dict(padding=padding, strideH=stride[0], strideW=stride[1], fusedActivationFunction=act, **options), version)


SAME, FULL, SMALL = ([2, 4, 5, 3], [3, 3], [2, 8, 10, 5]), ([1, 3, 3, 4], [2, 3], [1, 4, 7, 17]), ([1, 3, 4, 5], [1, 1], [1, 6, 8, 6])
V = dict(padding="VALID", stride=(1, 2))
CASES += [
    tc("f32", *SAME), tc("f32_valid", *FULL, act="RELU", **V), tc("f32_no_bias_gaps", *SMALL, bias=None, version=1),
    tc("i8", *SAME, "int8", scale="axis"), tc("i8_valid", *FULL, "int8", act="RELU6", version=4, **V), tc("i8_no_bias_gaps", *SMALL, "int8", bias=None),
    tc("u8", *SAME, "uint8", zeros=U8), tc("u8_valid", *FULL, "uint8", zeros=U8, **V),
    tc("i16", *SAME, "int16", scale="axis", bias="int64", oscale=0.03), tc("i16_bias_32", *FULL, "int16", scale="axis", oscale=0.03, version=5, quantizedBiasType="INT32", **V),
    tc("hybrid", *SAME, wkind="int8", scale="axis"), tc("hybrid_valid", *FULL, wkind="int8", **V),
]


def tcb(name, inp, kernel, outp, padding, stride):
    """MediaPipe's sums start at the bias, TRANSPOSE_CONV's end with it."""
    twin = tc(name, inp, kernel, outp, padding=("SAME", "VALID")[padding - 1], stride=stride)
    return Case("custom:Convolution2DTransposeBias", name, [x(inp), w([outp[3], *kernel, inp[3]]), w([outp[3]])], [out(outp)], None,
                custom=struct.pack("<3i", padding, stride[1], stride[0]), twin=twin, ulps=4)


CASES += [tcb("valid", [1, 3, 3, 4], [2, 3], [1, 4, 7, 17], 2, (1, 2)), tcb("valid_s2", [2, 4, 5, 3], [3, 3], [2, 9, 11, 5], 2, (2, 2)),
          tcb("same_s1", [1, 4, 5, 3], [3, 3], [1, 4, 5, 5], 1, (1, 1))]


# --- CONV_3D, CONV_3D_TRANSPOSE ---
def c3(name, volume, kernel, smaller, channels, outputs, back=False, act="NONE", bias=True, **options):
    options = dict(dict(padding="SAME", strideD=1, strideH=1, strideW=1, fusedActivationFunction=act), **options)
    tail = [w([outputs])] if bias else []
    if back:
        return Case("CONV_3D_TRANSPOSE", name, [k([2, *volume, outputs]), w([*kernel, outputs, channels]), x([2, *smaller, channels]), *tail],
                    [out([2, *volume, outputs])], options)
    return Case("CONV_3D", name, [x([2, *volume, channels]), w([*kernel, channels, outputs]), *tail], [out([2, *smaller, outputs])], options)


for BACK in (False, True):
    CASES += [
        c3("f32", [3, 4, 5], [2, 3, 3], [3, 4, 5], 3, 4, BACK), c3("f32_s2", [5, 4, 7], [3, 2, 2], [2, 3, 3], 2, 17, BACK, "RELU", padding="VALID", strideD=2, strideW=2),
        c3("f32_dil", [5, 5, 5], [2, 2, 2], [5, 5, 5], 3, 5, BACK, "RELU6", False, dilationDFactor=2, dilationWFactor=3),
    ]

# --- embeddings, DENSIFY ---
IDS = x([5], "int32", low=0, high=8)


def emb(name, table, columns=7, kind="float32", version=1):
    return Case("EMBEDDING_LOOKUP", name, [IDS, table], [out([5, *columns] if isinstance(columns, list) else [5, columns], kind, *([0.1, 3] if kind == "int8" else []))],
                None, version)


PER9 = scales(9, 0.001, 0.02)
CASES += [
    emb("f32", w([9, 7])), emb("f32_3d", w([9, 2, 3]), [2, 3]), emb("i8", w([9, 7], "int8", 0.1, 3), 7, "int8"), emb("i32", w([9, 4], "int32"), 4, "int32"),
    emb("hybrid", w([9, 7], "int8", 0.1)), emb("hybrid_rows", w([9, 7], "int8", PER9), version=3), emb("hybrid_u8", w([9, 7], "uint8", 0.1)),
    emb("hybrid_int4", w([9, 8], "int4", PER9), 8, version=4), emb("hybrid_int4_odd", w([9, 7], "int4", 0.1), version=4), emb("hybrid_int2", w([9, 7], "int2", PER9), version=5),
]
CASES += [Case("EMBEDDING_LOOKUP_SPARSE", f"f32_{combiner}", [IDS, k([[0, 0], [0, 1], [2, 0], [2, 5], [1, 1]]), k([4, 6]), x([5], low=0.5, high=2.0), w([9, 3, 2])],
               [out([4, 3, 2])], dict(combiner=combiner)) for combiner in (0, 1, 2)]
CASES += [Case("DENSIFY", f"{kind}_{block}", [w([6, 8], kind, sparse=block)], [out([6, 8], kind)]) for kind in ("float32", "float16", "int8") for block in (0, 4)]


# --- SVDF ---
def svdf(name, n, terms, filters, rank, span, kind="float32", hybrid=False, bias=True, **options):
    units, quantized = filters // rank, kind == "int8"
    feature = w([filters, terms], "int8" if hybrid or quantized else "float32", SW if hybrid or quantized else None, low=-127 if hybrid or quantized else None)
    time = w([filters, span], "int16" if quantized else "int8" if hybrid else "float32", 0.0001 if quantized else SW if hybrid else None, low=-127 if hybrid else None)
    tail = None if not bias else w([units], "int32", low=-3000, high=3000) if quantized else w([units])
    memory = state([n, filters * span], "int16", 0.001) if quantized else state([n, filters * span])
    return Case("SVDF", name, [x([n, terms], kind, SI if quantized else None, 4 if quantized else 0), feature, time, tail, memory],
                [out([n, units], kind, 0.3 if quantized else None, -5)], dict(rank=rank, fusedActivationFunction="RELU" if quantized else "NONE", **options), 3, samples=4)


CASES += [
    svdf("f32", 2, 16, 8, 2, 10), svdf("f32_rank_4", 3, 33, 12, 4, 7, bias=False), svdf("i8", 2, 16, 8, 2, 10, "int8"), svdf("i8_no_bias", 3, 33, 12, 4, 7, "int8", bias=False),
    svdf("hybrid", 2, 16, 8, 2, 10, hybrid=True), svdf("hybrid_asymmetric", 3, 33, 12, 1, 7, hybrid=True, asymmetricQuantizeInputs=True),
]
