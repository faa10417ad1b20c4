/* Instruction sets: every one that this machine has gives the bits of the portable kernels, over random
 * shapes, values and profiles. */
#include "runtime/ops/common/fast.h"
#include "tests/support/net.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdlib.h>

enum { CONV_2D = 3, DEPTHWISE_CONV_2D = 4, FULLY_CONNECTED = 9 };
enum {
    ADD = 0,
    MUL = 18,
    SUB = 41,
    QUANTIZE = 114,
    BATCH_MATMUL = 126,
    TRANSPOSE_CONV = 67,
    RESIZE_BILINEAR = 23,
    RELU = 19,
    LEAKY_RELU = 98,
    HARD_SWISH = 117,
    CUSTOM = 32,
    RNN = 35,
    LSTM = 44,
    SOFTMAX = 25,
    LOG_SOFTMAX = 50,
    ELU = 111,
    AVERAGE_POOL_2D = 1,
    MAX_POOL_2D = 17,
    ABS = 101,
    TANH = 28,
    LOGISTIC = 14,
    ADD_T = 11,
    MUL_T = 21,
    SUB_T = 28
};
enum {
    CONV_T = 1,
    DEPTHWISE_T = 2,
    FULLY_CONNECTED_T = 8,
    BATCH_MATMUL_T = 101,
    TRANSPOSE_CONV_T = 49,
    RESIZE_BILINEAR_T = 15,
    POOL_T = 5,
    RNN_T = 31,
    LSTM_T = 71,
    SOFTMAX_T = 9,
    LOG_SOFTMAX_T = 36,
    LEAKY_RELU_T = 75
};
enum { MOST = 1 << 16, CASES = 150 };

static uint64_t state;
static net *n;
static ql_err err;
static char text[1024];

/* Constants and scales of the model at hand. */
static struct {
    union {
        float f32[MOST];
        int8_t i8[MOST];
        int32_t i32[MOST];
        int64_t i64[MOST / 2];
    } w, bias;
    float scales[3][512];
    int64_t zeros[3][512];
} pool;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

static int between(int low, int high)
{
    return low + (int)draw((uint32_t)(high - low + 1));
}

static float value(void)
{
    return (float)between(-1000, 1000) / 128.0f * (draw(4) ? 1.0f : 0.001f);
}

static void setup(void)
{
    n = calloc(1, sizeof *n);
    ck_assert_ptr_nonnull(n);
    state = 20240607;
    ql_err_clear(&err);
}

static void teardown(void)
{
    free(n);
}

static void clear(void)
{
    memset(n, 0, sizeof *n);
    net_graph_add(n);
}

/* --- One operator: what it is made of --- */

typedef struct {
    const char *name;
    ql_type x, w, bias;
} family;

static const family families[] = {
    {"f32", QL_F32, QL_F32, QL_F32},        {"i8", QL_I8, QL_I8, QL_I32},
    {"u8", QL_U8, QL_U8, QL_I32},           {"i16x8", QL_I16, QL_I8, QL_I64},
    {"i16x8 short", QL_I16, QL_I8, QL_I32}, {"hybrid", QL_F32, QL_I8, QL_F32},
};
enum { FAMILIES = sizeof families / sizeof *families };

static void quantize(int t, int slot, ql_type type, int count, float scale, int axis)
{
    for (int i = 0; i < count; i++) {
        pool.scales[slot][i] = count > 1 ? scale * (float)between(1, 200) / 100.0f : scale;
        pool.zeros[slot][i] = type == QL_I8 ? between(-128, 127) : type == QL_U8 ? between(0, 255) : 0;
    }
    if (slot == 1 && type != QL_U8) {
        memset(pool.zeros[1], 0, sizeof pool.zeros[1]);
    }
    n->subgraphs[0].tensors[t].quant = (ql_quant){
        .scale = pool.scales[slot], .scale_count = count, .zero_point = pool.zeros[slot], .axis = axis};
}

static void fill_weights(ql_type type, size_t count)
{
    ck_assert_uint_le(count, MOST);
    int extreme = !draw(8); /* all at the ends of the range: sums grow fastest */
    for (size_t i = 0; i < count; i++) {
        if (type == QL_F32) {
            pool.w.f32[i] = value();
        } else {
            pool.w.i8[i] = (int8_t)(extreme ? (draw(2) ? 127 : -128) : between(-128, 127));
        }
    }
}

static void fill_bias(ql_type type, int count)
{
    int64_t most = draw(6) ? 1 << 20 : INT32_MAX;
    for (int i = 0; i < count; i++) {
        int64_t b = ((int64_t)draw(1u << 31) << 1) % (2 * most + 1) - most;
        if (type == QL_F32) {
            pool.bias.f32[i] = value();
        } else if (type == QL_I64) {
            pool.bias.i64[i] = draw(16) ? b : b * 64;
        } else {
            pool.bias.i32[i] = (int32_t)b;
        }
    }
}

static void add_operator(const family *f, int code, int table, int rank, const int32_t *x, const int32_t *w,
                         int outputs, int axis, size_t terms)
{
    size_t weights = 1;
    for (int d = 0; d < (code == FULLY_CONNECTED ? 2 : 4); d++) {
        weights *= (size_t)w[d];
    }
    bool integers = f->x != QL_F32, biased = draw(5) > 0;
    int in = net_tensor(n, 0, f->x, rank, x, NULL);
    int t = net_tensor(n, 0, f->w, code == FULLY_CONNECTED ? 2 : 4, w, pool.w.i8);
    int b = net_tensor(n, 0, f->bias, 1, &(int32_t){outputs}, &pool.bias);
    int out = net_tensor(n, 0, f->x, 0, NULL, NULL);
    fill_weights(f->w, weights);
    fill_bias(f->bias, outputs);
    if (f->w != QL_F32) {
        quantize(t, 1, f->w, f->w == QL_U8 || !draw(3) ? 1 : outputs, 0.01f, axis);
    }
    if (integers) {
        quantize(in, 0, f->x, 1, 0.05f, 0);
        quantize(out, 2, f->x, 1, 0.01f * (float)between(1, 40) * (float)(terms + 8) / 16.0f, 0);
    }
    if (biased) {
        net_op(n, 0, code, NET_LIST(in, t, b), NET_LIST(out), table, 0, 0);
    } else {
        net_op(n, 0, code, NET_LIST(in, t), NET_LIST(out), table, 0, 0);
    }
    net_io(n, 0, NET_LIST(in), NET_LIST(out));
}

static void set_window(int activation_slot, int dilation_slot)
{
    ql_option *o = n->graphs[0].options[0];
    o[0].i = between(0, 1);
    o[1].i = between(1, 3);
    o[2].i = between(1, 3);
    o[activation_slot].i = (int[]){0, 1, 3, 2}[draw(4)];
    o[dilation_slot].i = draw(4) ? 1 : between(2, 5);
    o[dilation_slot + 1].i = draw(4) ? 1 : 2;
}

static void make_conv(const family *f)
{
    bool point = draw(2);
    int groups = draw(5) ? 1 : between(2, 3), each = between(1, draw(3) ? 12 : 70);
    int outputs = groups * between(1, draw(3) ? 20 : 50);
    int high = draw(30) ? between(6, 9) : between(30, 40); /* much is copied some lines at a time */
    int32_t x[] = {between(1, 2), high, draw(3) ? between(6, 9) : between(20, 50), groups * each};
    int32_t w[] = {outputs, point ? 1 : between(1, 3), point ? 1 : between(1, 3), each};
    add_operator(f, CONV_2D, CONV_T, 4, x, w, outputs, 0, (size_t)(w[1] * w[2] * w[3]));
    set_window(3, 4);
    n->graphs[0].options[0][6].i = f->bias == QL_I32 && f->x == QL_I16 ? QL_I32 : 0;
    if (point && draw(2)) {
        n->graphs[0].options[0][1].i = n->graphs[0].options[0][2].i = 1;
    }
}

static void make_depthwise(const family *f)
{
    int channels = between(1, draw(2) ? 20 : 150), outputs = channels * (draw(4) ? 1 : between(2, 3));
    int32_t x[] = {between(1, 2), between(6, 9), draw(4) ? between(6, 9) : between(20, 90), channels};
    int32_t w[] = {1, between(1, 5), between(1, draw(3) ? 3 : 6), outputs};
    add_operator(f, DEPTHWISE_CONV_2D, DEPTHWISE_T, 4, x, w, outputs, 3, (size_t)(w[1] * w[2]));
    set_window(4, 5);
}

static void make_fully_connected(const family *f)
{
    int outputs = between(1, 60), terms = between(1, draw(3) ? 40 : 900);
    int32_t x[] = {between(1, draw(3) ? 4 : 60), terms}, w[] = {outputs, terms};
    add_operator(f, FULLY_CONNECTED, FULLY_CONNECTED_T, 2, x, w, outputs, 0, (size_t)terms);
    ql_option *o = n->graphs[0].options[0];
    o[0].i = (int[]){0, 1, 3, 2}[draw(4)];
    o[1].i = 0;
    o[3].i = between(0, 1);
    o[4].i = f->bias == QL_I32 && f->x == QL_I16 ? QL_I32 : 0;
}

static void make_transposed(const family *f)
{
    static int32_t shape[4];
    int channels = between(1, draw(3) ? 12 : 40), outputs = between(1, draw(3) ? 20 : 50),
        padding = (int)draw(2);
    int32_t x[] = {between(1, 2), between(1, 7), draw(6) ? between(1, 9) : between(20, 70), channels};
    int32_t w[] = {outputs, between(1, 5), between(1, 5), channels},
            strides[] = {between(1, 3), between(1, 3)};
    shape[0] = x[0];
    shape[3] = outputs;
    for (int d = 0; d < 2; d++) { /* every size that the convolution the other way makes x of */
        int least = padding ? (x[d + 1] - 1) * strides[d] + w[d + 1] : (x[d + 1] - 1) * strides[d] + 1;
        shape[d + 1] = least + (int)draw((uint32_t)strides[d]);
    }
    add_operator(f, TRANSPOSE_CONV, TRANSPOSE_CONV_T, 4, x, w, outputs, 0, (size_t)(w[1] * w[2] * channels));
    int to = net_tensor(n, 0, QL_I32, 1, &(int32_t){4}, shape);
    int32_t *links = n->graphs[0].links[0][0],
            in = links[0]; /* x, weights, bias: the last stays or moves up */
    links[3] = links[2];
    links[2] = in;
    links[0] = to;
    n->subgraphs[0].operators[0].input_count++;
    ql_option *o = n->graphs[0].options[0];
    o[0].i = padding;
    o[1].i = strides[1];
    o[2].i = strides[0];
    o[3].i = (int[]){0, 1, 3, 2}[draw(4)];
    o[4].i = f->bias == QL_I32 && f->x == QL_I16 ? QL_I32 : 0;
}

/* Two inputs that broadcast; the second may be a constant. */
static void make_pairwise(const family *f, int code, int table)
{
    int32_t a[] = {between(1, 4), between(1, 6), between(1, 40)}, b[3];
    for (int d = 0; d < 3; d++) {
        b[d] = draw(4) ? a[d] : 1;
    }
    int swapped = (int)draw(2);
    int x = net_tensor(n, 0, f->x, 3, swapped ? b : a, NULL);
    int y = net_tensor(n, 0, f->x, 3, swapped ? a : b, NULL), out = net_tensor(n, 0, f->x, 0, NULL, NULL);
    if (f->x == QL_F32) {
        net_op(n, 0, code, NET_LIST(x, y), NET_LIST(out), table, (int[]){0, 1, 3, 2}[draw(4)], 0);
        net_io(n, 0, NET_LIST(x, y), NET_LIST(out));
        return;
    }
    quantize(x, 0, f->x, 1, 0.001f * (float)between(1, 100), 0);
    quantize(y, 1, f->x, 1, 0.001f * (float)between(1, 100), 0);
    pool.zeros[1][0] = pool.zeros[0][0];
    quantize(out, 2, f->x, 1, (code == MUL ? 0.0001f : 0.05f) * (float)between(10, 100), 0);
    net_op(n, 0, code, NET_LIST(x, y), NET_LIST(out), table, (int)draw(2), 0);
    net_io(n, 0, NET_LIST(x, y), NET_LIST(out));
}

static void make_add(const family *f)
{
    make_pairwise(f, ADD, ADD_T);
}

static void make_sub(const family *f)
{
    make_pairwise(f, SUB, SUB_T);
}

static void make_mul(const family *f)
{
    make_pairwise(f, MUL, MUL_T);
}

/* Two tensors, the second perhaps a constant; either may be stored turned, and repeated. */
static void make_matrix_product(const family *f)
{
    int batches = between(1, 3), adj_x = (int)draw(2), adj_w = (int)draw(2);
    int rows = between(1, draw(2) ? 6 : 120), terms = between(1, 70), outputs = between(1, draw(2) ? 20 : 90);
    int32_t x[] = {batches, adj_x ? terms : rows, adj_x ? rows : terms};
    int32_t w[] = {draw(4) ? batches : 1, adj_w ? outputs : terms, adj_w ? terms : outputs};
    bool constant = !draw(3);
    int a = net_tensor(n, 0, f->x, 3, x, NULL);
    int b = net_tensor(n, 0, f->w, 3, w, constant ? pool.w.i8 : NULL);
    int out = net_tensor(n, 0, f->bias, 0, NULL, NULL);
    fill_weights(f->w, (size_t)(w[0] * w[1] * w[2]));
    if (f->x != QL_F32) {
        quantize(a, 0, f->x, 1, 0.05f, 0);
        quantize(b, 1, f->w, 1, 0.01f * (float)between(1, 5), 0);
        pool.zeros[1][0] = between(-128, 127);
    }
    if (f->bias == QL_I8) {
        quantize(out, 2, QL_I8, 1, 0.001f * (float)between(1, 40) * (float)(terms + 8) / 16.0f, 0);
    }
    net_op(n, 0, BATCH_MATMUL, NET_LIST(a, b), NET_LIST(out), BATCH_MATMUL_T, adj_x, adj_w);
    net_io(n, 0, constant ? NET_LIST(a) : NET_LIST(a, b), NET_LIST(out));
}

static void make_quantize(const family *f)
{
    int32_t dims[] = {between(1, 5), between(1, 50)};
    int x = net_tensor(n, 0, QL_F32, 2, dims, NULL), y = net_tensor(n, 0, f->w, 2, dims, NULL);
    quantize(y, 2, f->w, 1, 0.001f * (float)between(1, 100), 0);
    net_op(n, 0, QUANTIZE, NET_LIST(x), NET_LIST(y), 0, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
}

static void make_resize(const family *f)
{
    static int32_t size[2];
    int32_t x[] = {between(1, 2), between(1, 8), between(1, 8), between(1, draw(2) ? 10 : 70)};
    size[0] = between(1, 20);
    size[1] = between(1, draw(8) ? 20 : 1000);
    int in = net_tensor(n, 0, f->x, 4, x, NULL), to = net_tensor(n, 0, QL_I32, 1, &(int32_t){2}, size);
    int out = net_tensor(n, 0, f->x, 0, NULL, NULL), corners = !draw(3);
    quantize(in, 0, f->x, 1, 0.05f, 0);
    quantize(out, 0, f->x, 1, 0.05f, 0);
    net_op(n, 0, RESIZE_BILINEAR, NET_LIST(in, to), NET_LIST(out), RESIZE_BILINEAR_T, 0, 0);
    n->graphs[0].options[0][2].i = corners;
    n->graphs[0].options[0][3].i = !corners && draw(2);
    net_io(n, 0, NET_LIST(in), NET_LIST(out));
}

/* A transposed convolution whose sums start at the bias: a custom operator with options of its own. */
static void make_transposed_bias(const family *f)
{
    static const char name[] = "Convolution2DTransposeBias";
    static int32_t options[3];
    int channels = between(1, 20), outputs = between(1, draw(3) ? 20 : 50);
    int32_t x[] = {between(1, 2), between(1, 7), between(1, 9), channels};
    int32_t w[] = {outputs, between(1, 5), between(1, 5), channels};
    add_operator(f, CUSTOM, 0, 4, x, w, outputs, 0, (size_t)(w[1] * w[2] * channels));
    ql_operator *op = &n->subgraphs[0].operators[0];
    n->graphs[0].links[0][0][2] = 2;
    op->input_count = 3;
    if (!draw(8)) {
        pool.bias.f32[0] = -0.0f;
    }
    options[0] = between(1, 2);
    options[1] = between(1, 3);
    options[2] = between(1, 3);
    op->custom_options = (const uint8_t *)options;
    op->custom_options_bytes = sizeof options;
    n->codes[0].custom = (ql_str){name, sizeof name - 1};
}

static void make_pool(const family *f)
{
    int32_t x[] = {between(1, 2), between(1, 9), between(1, 9), between(1, draw(2) ? 20 : 90)};
    int in = net_tensor(n, 0, f->x, 4, x, NULL), out = net_tensor(n, 0, f->x, 0, NULL, NULL);
    if (f->x != QL_F32) {
        quantize(in, 0, f->x, 1, 0.05f, 0);
        quantize(out, 0, f->x, 1, 0.05f, 0);
    }
    net_op(n, 0, draw(2) ? MAX_POOL_2D : AVERAGE_POOL_2D, NET_LIST(in), NET_LIST(out), POOL_T, (int)draw(2),
           between(1, 3));
    ql_option *o = n->graphs[0].options[0];
    o[2].i = between(1, 3);
    o[3].i = between(1, draw(4) ? 4 : 9);
    o[4].i = between(1, draw(4) ? 4 : 9);
    o[5].i = (int[]){0, 1, 3, 2}[draw(4)];
    net_io(n, 0, NET_LIST(in), NET_LIST(out));
}

static int add_state(int32_t batch, int32_t count)
{
    int t = net_tensor(n, 0, QL_F32, 2, (int32_t[]){batch, count}, NULL);
    n->subgraphs[0].tensors[t].variable = true;
    return t;
}

static int add_matrix(const family *f, int rows, int cols)
{
    int t = net_tensor(n, 0, f->w, 2, (int32_t[]){rows, cols}, pool.w.i8);
    if (f->w != QL_F32) {
        quantize(t, 1, f->w, 1, 0.01f, 0);
    }
    return t;
}

/* Recurrent operators: the matrices and biases share their values. */
static void make_recurrent(const family *f)
{
    int cells = between(1, draw(3) ? 20 : 90), inputs = between(1, draw(12) ? 90 : 2100), out, op;
    int32_t x[] = {between(1, 3), between(1, 4), inputs}, batch = draw(3) ? 1 : x[0];
    bool major = batch > 1 && draw(2);
    x[0] = major ? x[1] : batch;
    x[1] = major ? batch : x[1];
    int wide = inputs > cells ? inputs : cells;
    cells = cells * wide > MOST ? MOST / wide : cells;
    fill_weights(f->w, (size_t)(cells * wide));
    fill_bias(QL_F32, cells);
    int in = net_tensor(n, 0, QL_F32, 3, x, NULL), w = add_matrix(f, cells, inputs),
        r = add_matrix(f, cells, cells);
    int b = net_tensor(n, 0, QL_F32, 1, &cells, pool.bias.f32), h = add_state(batch, cells);
    out = net_tensor(n, 0, QL_F32, 0, NULL, NULL);
    if (draw(2)) {
        op = net_op(n, 0, RNN, NET_LIST(in, w, r, b, h), NET_LIST(out), RNN_T, major, (int)draw(5));
        n->graphs[0].options[op][2].i = (int)draw(2);
    } else {
        int c = add_state(batch, cells);
        op = net_op(n, 0, LSTM, NET_LIST(in, w, w, w, w, r, r, r, r, -1, -1, -1, b, b, b, b, -1, -1, h, c),
                    NET_LIST(out), LSTM_T, 4, 0);
        n->graphs[0].options[op][3].i = major;
        n->graphs[0].options[op][4].i = (int)draw(2);
    }
    net_io(n, 0, NET_LIST(in), NET_LIST(out));
}

/* A function of each element, or of rows of them; large steps reach the ends of tables. */
static void make_soft(const family *f)
{
    static const struct {
        int code, table;
        float scale, wide; /* of the output, 8 and 16 bits */
    } kinds[] = {{SOFTMAX, SOFTMAX_T, 1.0f / 256, 1.0f / 32768},
                 {LOGISTIC, 0, 1.0f / 256, 1.0f / 32768},
                 {TANH, 0, 1.0f / 128, 1.0f / 32768},
                 {LOG_SOFTMAX, LOG_SOFTMAX_T, 16.0f / 256, 1},
                 {ELU, 0, 0.1f, 0.01f}};
    int kind = (int)draw(f->x == QL_U8 ? 3 : f->x == QL_I16 ? 3 : 5);
    bool wide = f->x == QL_I16;
    int32_t dims[] = {between(1, 9), between(1, draw(4) ? 70 : 700)};
    int x = net_tensor(n, 0, f->x, 2, dims, NULL), y = net_tensor(n, 0, f->x, 2, dims, NULL);
    if (f->x != QL_F32) {
        quantize(x, 0, f->x, 1, draw(4) ? (wide ? 0.0003f : 0.05f) : 0.001f * (float)between(1, 6000), 0);
        quantize(y, 2, f->x, 1, wide ? kinds[kind].wide : kinds[kind].scale, 0);
        pool.zeros[0][0] = wide ? 0 : pool.zeros[0][0];
        pool.zeros[2][0] = wide                                        ? 0
                           : kinds[kind].code == LOG_SOFTMAX           ? 127
                           : kinds[kind].code == TANH && f->x == QL_U8 ? 128
                           : kinds[kind].code == TANH                  ? 0
                           : f->x == QL_U8                             ? 0
                                                                       : -128;
        if (wide && draw(2)) { /* powers of two have a way of their own */
            pool.scales[0][0] = ldexpf(1, -between(9, 15));
        }
    }
    net_op(n, 0, kinds[kind].code, NET_LIST(x), NET_LIST(y), kinds[kind].table, 0, 0);
    n->graphs[0].options[0][0].f = draw(4) ? 1 : 0.01 * between(1, 300);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
}

/* A function of one byte, which is a table where there are many. */
static void make_bytes(const family *f)
{
    static const struct {
        int code, table;
        float scale; /* of the output, where the operator has one of its own */
    } kinds[] = {{RELU, 0, 0},     {LEAKY_RELU, LEAKY_RELU_T, 0}, {HARD_SWISH, 0, 0},       {ABS, 0, 0},
                 {QUANTIZE, 0, 0}, {TANH, 0, 1.0f / 128},         {LOGISTIC, 0, 1.0f / 256}};
    int kind = (int)draw(f->x == QL_U8 ? 3 : 7);
    int32_t dims[] = {between(1, 40), between(1, 90)};
    int x = net_tensor(n, 0, f->x, 2, dims, NULL), y = net_tensor(n, 0, f->x, 2, dims, NULL);
    float scale = 0.001f * (float)between(1, 100);
    quantize(x, 0, f->x, 1, scale, 0);
    quantize(y, 2, f->x, 1, scale * (float)between(50, 300) / 100.0f, 0);
    if (kinds[kind].scale > 0) {
        pool.scales[2][0] = kinds[kind].scale;
        pool.zeros[2][0] = kinds[kind].code == TANH ? 0 : -128;
    }
    net_op(n, 0, kinds[kind].code, NET_LIST(x), NET_LIST(y), kinds[kind].table, 0, 0);
    n->graphs[0].options[0][0].f = 0.1;
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
}

/* --- Running it twice --- */

static bool packing_in_runs; /* nothing is packed with the plan */
static int threads;

/* Values that round to a tie, that no int32 holds, and none at all (the last three: which NaN a sum of
 * several kinds of them is depends on the compiler). */
static float odd_value(bool finite)
{
    static const float odd[] = {0.5f,  1.5f,  -0.5f,         -2.5f,    3e9f,      -3e9f,
                                1e38f, -0.0f, 2147483648.0f, INFINITY, -INFINITY, NAN};
    uint32_t count = sizeof odd / sizeof *odd;
    return odd[draw(finite ? count - 3 : count)];
}

static void fill(ql_view *view)
{
    int code = n->codes[0].code;
    bool odd = code == QUANTIZE || code == SOFTMAX || code == LOGISTIC;
    for (size_t i = 0; i < view->count; i++) {
        if (view->type == QL_F32) {
            ((float *)view->data)[i] = odd && !draw(8) ? odd_value(code == SOFTMAX) : value();
        } else if (view->type == QL_I16) {
            ((int16_t *)view->data)[i] = (int16_t)(draw(32) ? between(-32768, 32767) : -32768);
        } else {
            ((int8_t *)view->data)[i] = (int8_t)between(-128, 127);
        }
    }
}

static ql_exec *opened(const ql_isa *isa, const ql_numerics *numerics)
{
    ql_exec *exec;
    ql_exec_options options = {
        .isa = isa, .numerics = numerics, .pack_bound = packing_in_runs, .threads = threads};
    ql_code code = ql_exec_open(&exec, &n->model, &options, &err);
    return code ? NULL : exec;
}

static void run(ql_exec *exec)
{
    ck_assert_msg(!ql_exec_run(exec, NULL, NULL, &err), "%s", ql_err_text(&err, text, sizeof text));
}

/* Did the operator take the kernels that are tested here? Told only of those that sum over weights. */
static int is_fast(const ql_exec *exec)
{
    int code = n->codes[0].code;
    if (code != CONV_2D && code != DEPTHWISE_CONV_2D && code != FULLY_CONNECTED && code != BATCH_MATMUL &&
        code != TRANSPOSE_CONV && code != CUSTOM) {
        return 1;
    }
    /* BATCH_MATMUL's state begins with one */
    const ql_conv *s = ql_exec_call(exec, 0)->state;
    return s && s->fast != NULL;
}

static int compare(const ql_isa *isa, const char *what, int round)
{
    const ql_numerics *numerics = draw(2) ? NULL : ql_numerics_at(between(0, 3));
    packing_in_runs = false;
    threads = 1;
    ql_exec *plain = opened(ql_isa_at(0), numerics);
    packing_in_runs = round % 2;
    threads = round % 5;
    ql_exec *fast = opened(isa, numerics);
    ck_assert_int_eq(plain != NULL, fast != NULL);
    int taken = 0;
    if (plain) {
        for (int i = 0; i < ql_exec_input_count(plain); i++) {
            fill(ql_exec_input(plain, i));
            memcpy(ql_exec_input(fast, i)->data, ql_exec_input(plain, i)->data,
                   ql_exec_input(plain, i)->bytes);
        }
        run(plain);
        run(fast);
        const ql_view *want = ql_exec_output(plain, 0), *got = ql_exec_output(fast, 0);
        ck_assert_uint_eq(want->bytes, got->bytes);
        ck_assert_msg(!memcmp(want->data, got->data, want->bytes), "%s %s: case %d differs", isa->name, what,
                      round);
        taken = is_fast(fast);
    }
    ql_exec_close(plain);
    ql_exec_close(fast);
    return taken;
}

static void sweep(void (*make)(const family *), const family *of, int count)
{
    for (int i = 0; ql_isa_at(i); i++) {
        const ql_isa *isa = ql_isa_at(i);
        for (int f = 0; isa->present() && f < count; f++) {
            int taken = 0;
            for (int round = 0; round < CASES; round++) {
                clear();
                make(&of[f]);
                taken += compare(isa, of[f].name, round);
            }
            ck_assert_msg(taken > CASES / 4 || !i, "%s %s: only %d of %d cases took its kernels", isa->name,
                          of[f].name, taken, CASES);
        }
    }
}

START_TEST(convolutions_have_the_portable_bits)
{
    sweep(make_conv, families, FAMILIES);
}
END_TEST

/* Shapes whose work is worth sharing: by pixels, by lines, by outputs, and of groups. */
static const struct {
    int code;
    int32_t x[4], w[4];
} large[] = {
    {CONV_2D, {1, 20, 19, 30}, {41, 1, 1, 30}},  {CONV_2D, {1, 21, 20, 24}, {40, 3, 3, 24}},
    {CONV_2D, {2, 21, 20, 12}, {40, 3, 2, 6}},   {CONV_2D, {1, 3, 4, 90}, {70, 3, 3, 90}},
    {CONV_2D, {1, 3, 3, 250}, {250, 1, 1, 250}}, {DEPTHWISE_CONV_2D, {1, 40, 41, 70}, {1, 3, 3, 70}},
    {FULLY_CONNECTED, {12, 250}, {250, 250}},    {FULLY_CONNECTED, {9, 250}, {250, 250}},
};

static void make_large(const family *f, size_t i)
{
    int code = large[i].code, rank = code == FULLY_CONNECTED ? 2 : 4;
    int outputs = code == DEPTHWISE_CONV_2D ? large[i].w[3] : large[i].w[0];
    size_t terms =
        code == FULLY_CONNECTED ? (size_t)large[i].w[1] : (size_t)large[i].w[1] * (size_t)large[i].w[2];
    add_operator(f, code,
                 code == CONV_2D ? CONV_T
                 : rank == 2     ? FULLY_CONNECTED_T
                                 : DEPTHWISE_T,
                 rank, large[i].x, large[i].w, outputs, code == DEPTHWISE_CONV_2D ? 3 : 0, terms);
    ql_option *o = n->graphs[0].options[0];
    int bias = f->bias == QL_I32 && f->x == QL_I16 ? QL_I32 : 0, dilation = code == CONV_2D ? 4 : 5;
    if (rank == 4) {
        o[1].i = o[2].i = o[dilation].i = o[dilation + 1].i = 1;
    }
    if (code != DEPTHWISE_CONV_2D) {
        o[rank == 2 ? 4 : 6].i = bias;
    }
}

START_TEST(threads_that_share_an_operator_give_the_same_bits)
{
    for (int i = 0; ql_isa_at(i); i++) {
        for (int f = 0; ql_isa_at(i)->present() && f < FAMILIES; f++) {
            for (size_t k = 0; k < sizeof large / sizeof *large; k++) {
                for (int round = 2; round < 5; round++) { /* as many threads */
                    clear();
                    make_large(&families[f], k);
                    compare(ql_isa_at(i), families[f].name, round);
                }
            }
        }
    }
}
END_TEST

/* More weights than are packed at a time. */
START_TEST(weights_packed_in_passes_give_the_same_bits)
{
    enum { TERMS = 1003, OUTPUTS = 2101 };
    float *w = calloc((size_t)TERMS * OUTPUTS, sizeof *w);
    ck_assert_ptr_nonnull(w);
    clear();
    for (size_t i = 0; i < (size_t)TERMS * OUTPUTS; i++) {
        w[i] = value();
    }
    int x = net_tensor(n, 0, QL_F32, 2, (int32_t[]){3, TERMS}, NULL);
    int weights = net_tensor(n, 0, QL_F32, 2, (int32_t[]){OUTPUTS, TERMS}, w);
    int y = net_tensor(n, 0, QL_F32, 2, (int32_t[]){3, OUTPUTS}, NULL);
    net_op(n, 0, FULLY_CONNECTED, NET_LIST(x, weights), NET_LIST(y), FULLY_CONNECTED_T, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
    for (int i = 0; ql_isa_at(i); i++) {
        if (ql_isa_at(i)->present()) {
            compare(ql_isa_at(i), "passes", 1);
        }
    }
    free(w);
}
END_TEST

START_TEST(depthwise_convolutions_have_the_portable_bits)
{
    sweep(make_depthwise, families, FAMILIES);
}
END_TEST

START_TEST(fully_connected_layers_have_the_portable_bits)
{
    sweep(make_fully_connected, families, FAMILIES);
}
END_TEST

static const family matrices[] = {
    {"f32", QL_F32, QL_F32, QL_F32}, {"i8", QL_I8, QL_I8, QL_I8}, {"i8 to i32", QL_I8, QL_I8, QL_I32}};

START_TEST(transposed_convolutions_have_the_portable_bits)
{
    sweep(make_transposed, families, FAMILIES - 1); /* hybrid: terms become float one by one */
    sweep(make_transposed_bias, families, 1);
}
END_TEST

START_TEST(matrix_products_have_the_portable_bits)
{
    sweep(make_matrix_product, matrices, 3);
}
END_TEST

static const family integers[] = {
    {"i8", QL_I8, QL_I8, QL_I32}, {"u8", QL_U8, QL_U8, QL_I32}, {"i16", QL_I16, QL_I16, QL_I32}};

START_TEST(sums_and_products_have_the_portable_bits)
{
    sweep(make_add, integers, 3);
    sweep(make_sub, integers, 3);
    sweep(make_mul, integers, 3);
    sweep(make_add, families, 1);
    sweep(make_sub, families, 1);
    sweep(make_mul, families, 1);
}
END_TEST

START_TEST(resized_images_have_the_portable_bits)
{
    sweep(make_resize, integers, 3);
    sweep(make_resize, families, 1);
}
END_TEST

START_TEST(pools_have_the_portable_bits)
{
    sweep(make_pool, integers, 3);
    sweep(make_pool, families, 1);
}
END_TEST

START_TEST(exponentials_have_the_portable_bits)
{
    sweep(make_soft, integers, 3);
    sweep(make_soft, families, 1);
}
END_TEST

START_TEST(recurrent_steps_have_the_portable_bits)
{
    sweep(make_recurrent, families, 1);
    sweep(make_recurrent, families + FAMILIES - 1, 1); /* hybrid */
}
END_TEST

START_TEST(functions_of_bytes_have_the_portable_bits)
{
    sweep(make_bytes, integers, 2);
}
END_TEST

START_TEST(quantized_floats_have_the_portable_bits)
{
    sweep(make_quantize, integers, 3);
}
END_TEST

/* --- Choosing one --- */

START_TEST(a_name_that_is_none_is_refused_with_those_there_are)
{
    const ql_isa *isa = NULL;
    ck_assert_int_eq(ql_isa_named("mmx", &isa, &err), QL_E_USAGE);
    ck_assert_ptr_null(isa);
    ck_assert_ptr_nonnull(
        strstr(ql_err_text(&err, text, sizeof text), "QLOUPE_ISA=mmx: must be one of portable"));
}
END_TEST

START_TEST(the_environment_chooses)
{
    const ql_isa *isa = NULL;
    setenv("QLOUPE_ISA", "portable", 1);
    ck_assert_int_eq(ql_isa_choose(&isa, &err), QL_OK);
    ck_assert_str_eq(isa->name, "portable");
    setenv("QLOUPE_ISA", "none", 1);
    clear();
    make_conv(&families[0]);
    ck_assert_ptr_null(opened(NULL, NULL));
    ck_assert_int_eq(err.code, QL_E_USAGE);
    unsetenv("QLOUPE_ISA");
    ck_assert_int_eq(ql_isa_choose(&isa, &err), QL_OK);
    ck_assert(isa->present());
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("simd");
    TCase *kernels = tcase_create("kernels");
    tcase_add_checked_fixture(kernels, setup, teardown);
    tcase_set_timeout(kernels, 120);
    tcase_add_test(kernels, convolutions_have_the_portable_bits);
    tcase_add_test(kernels, weights_packed_in_passes_give_the_same_bits);
    tcase_add_test(kernels, threads_that_share_an_operator_give_the_same_bits);
    tcase_add_test(kernels, depthwise_convolutions_have_the_portable_bits);
    tcase_add_test(kernels, fully_connected_layers_have_the_portable_bits);
    tcase_add_test(kernels, transposed_convolutions_have_the_portable_bits);
    tcase_add_test(kernels, matrix_products_have_the_portable_bits);
    tcase_add_test(kernels, sums_and_products_have_the_portable_bits);
    tcase_add_test(kernels, resized_images_have_the_portable_bits);
    tcase_add_test(kernels, pools_have_the_portable_bits);
    tcase_add_test(kernels, exponentials_have_the_portable_bits);
    tcase_add_test(kernels, recurrent_steps_have_the_portable_bits);
    tcase_add_test(kernels, functions_of_bytes_have_the_portable_bits);
    tcase_add_test(kernels, quantized_floats_have_the_portable_bits);
    suite_add_tcase(suite, kernels);
    TCase *choice = tcase_create("choice");
    tcase_add_checked_fixture(choice, setup, teardown);
    tcase_add_test(choice, a_name_that_is_none_is_refused_with_those_there_are);
    tcase_add_test(choice, the_environment_chooses);
    suite_add_tcase(suite, choice);
    return suite;
}
