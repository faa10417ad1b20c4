#include "runtime/ops/common/lstm_basic.h"

#include "runtime/ops/common/activation.h"
#include "runtime/ops/common/dot.h"
#include "runtime/ops/common/eigen_math.h"
#include "runtime/ops/common/product.h"

#include <math.h>
#include <string.h>

enum { X, PREVIOUS, WEIGHTS, BIAS, STATE, INPUTS };
enum { OUT, OUT_STATE, OUT_JOINED, OUT_GATES, OUTPUTS };
enum { ZERO = 128 }; /* of uint8 */

typedef struct {
    int batch, n, cells;
    const void *packed;
    ql_mult by; /* of the sums: to int16 gates of 12 fraction bits */
} basic;

static ql_code check_matrix(const ql_call *c, int i, ql_type type, int rows, int cols)
{
    const ql_view *view = c->in[i];
    if (view->rank != 2 || view->dims[0] != rows || view->dims[1] != cols) {
        return ql_fail_in(c, i, QL_E_FORMAT, "its shape must be [%d, %d]", rows, cols);
    }
    return ql_need_type(c, i, type);
}

static ql_code check_shapes(const ql_call *c, basic *s, bool is_float)
{
    ql_type type = c->in[X]->type;
    ql_code code = ql_need_rank(c, X, 2, 2);
    code = code ? code : ql_need_rank(c, PREVIOUS, 2, 2);
    if (code) {
        return code;
    }
    s->batch = c->in[X]->dims[0];
    s->n = c->in[X]->dims[1];
    s->cells = c->in[PREVIOUS]->dims[1];
    if (s->n < 1 || s->cells < 1 || s->cells > INT32_MAX / 4 || s->n > INT32_MAX - s->cells) {
        return ql_fail_op(c, QL_E_FORMAT, "%d inputs and %d cells: must be at least one each", s->n,
                          s->cells);
    }
    code = check_matrix(c, PREVIOUS, type, s->batch, s->cells);
    code = code ? code : check_matrix(c, WEIGHTS, type, 4 * s->cells, s->n + s->cells);
    code = code ? code : check_matrix(c, STATE, is_float ? QL_F32 : QL_I16, s->batch, s->cells);
    code = code ? code : ql_need_type(c, BIAS, is_float ? QL_F32 : QL_I32);
    if (!code && (c->in[BIAS]->rank != 1 || c->in[BIAS]->dims[0] != 4 * s->cells)) {
        return ql_fail_in(c, BIAS, QL_E_FORMAT, "its shape must be [%d]", 4 * s->cells);
    }
    return code;
}

static ql_code shape_outputs(ql_call *c, const basic *s, bool is_float)
{
    ql_type type = c->in[X]->type, state = is_float ? QL_F32 : QL_I16;
    ql_code code = ql_need_out_type(c, OUT, type);
    code = code ? code : ql_need_out_type(c, OUT_STATE, state);
    code = code ? code : ql_need_out_type(c, OUT_JOINED, type);
    code = code ? code : ql_need_out_type(c, OUT_GATES, state);
    code = code ? code : ql_shape_like(c, OUT, c->in[PREVIOUS]);
    code = code ? code : ql_shape_like(c, OUT_STATE, c->in[STATE]);
    code = code ? code : ql_set_shape(c, OUT_JOINED, 2, (int32_t[]){s->batch, s->n + s->cells});
    return code ? code : ql_set_shape(c, OUT_GATES, 2, (int32_t[]){s->batch, 4 * s->cells});
}

/* The state has 4 integer bits, the bias the scale of the products. */
static ql_code check_quantization(const ql_call *c, basic *s)
{
    ql_code code = ql_need_quant_out(c, OUT_STATE);
    code = code ? code : ql_need_quant_in(c, WEIGHTS);
    if (code) {
        return code;
    }
    float scale = ql_scale(c->out[OUT_STATE]);
    int exponent;
    if (!ql_log2_of(scale, &exponent) || exponent != -11) {
        return ql_fail_out(c, OUT_STATE, QL_E_FORMAT, "state scale %g: must be 2^-11", (double)scale);
    }
    double real = (double)(4096 * ql_scale(c->in[BIAS]));
    s->by = isfinite(real) ? ql_quantize_multiplier(real) : (ql_mult){0, 31};
    return real > 0 && s->by.shift <= 30
               ? QL_OK
               : ql_fail_in(c, BIAS, QL_E_FORMAT, "bias scale %g: must be positive and below 2^18",
                            real / 4096);
}

ql_code ql_lstm_basic_prepare(ql_call *c)
{
    bool is_float = c->slot == QL_S_F32;
    if (c->in_count != INPUTS || c->out_count != OUTPUTS || (c->slot != QL_S_F32 && c->slot != QL_S_U8)) {
        return ql_fail_op(c, QL_E_FORMAT,
                          "%d inputs and %d outputs of type %s: the basic kernel has %d and %d, float32 or "
                          "uint8",
                          c->in_count, c->out_count, ql_type_name(c->in[X]->type), INPUTS, OUTPUTS);
    }
    for (int i = 0; i < INPUTS; i++) {
        if (!c->in[i]) {
            return ql_fail_op(c, QL_E_FORMAT, "input %d is left out: it is not optional", i);
        }
    }
    basic *s = ql_state(c, sizeof *s);
    ql_code code = s ? check_shapes(c, s, is_float) : QL_E_NOMEM;
    code = code || is_float ? code : check_quantization(c, s);
    if (!code && !ql_known(c, WEIGHTS)) {
        return ql_defer(c);
    }
    code = code ? code : shape_outputs(c, s, is_float);
    if (code) {
        return code;
    }
    s->packed = ql_pack_rows(c, c->in[WEIGHTS], 0, 4 * s->cells, s->n + s->cells,
                             is_float ? 0 : ql_zero(c->in[WEIGHTS]));
    return s->packed ? QL_OK : QL_E_NOMEM;
}

/* Puts x and the previous output side by side. */
static void join(const ql_call *c, const basic *s, size_t element)
{
    char *joined = c->out[OUT_JOINED]->data;
    const char *x = c->in[X]->data, *previous = c->in[PREVIOUS]->data;
    size_t n = (size_t)s->n * element, cells = (size_t)s->cells * element;
    for (int b = 0; b < s->batch; b++, joined += n + cells, x += n, previous += cells) {
        memcpy(joined, x, n);
        memcpy(joined + n, previous, cells);
    }
}

static void keep(const ql_call *c)
{
    if (c->in[PREVIOUS]->tensor->variable) {
        memcpy(c->in[PREVIOUS]->data, c->out[OUT]->data, c->out[OUT]->bytes);
    }
    if (c->in[STATE]->tensor->variable) {
        memcpy(c->in[STATE]->data, c->out[OUT_STATE]->data, c->out[OUT_STATE]->bytes);
    }
}

static void multiply_f32(const ql_call *c, const basic *s)
{
    const float *x = c->out[OUT_JOINED]->data, *bias = c->in[BIAS]->data;
    float *gates = c->out[OUT_GATES]->data;
    ql_product product = {.isa = c->isa,
                          .outputs = 4 * s->cells,
                          .terms = s->n + s->cells,
                          .columns = (size_t)s->batch,
                          .weights = c->in[WEIGHTS]->data,
                          .packed = s->packed};
    for (size_t b = 0; b < product.columns; b++, x += product.terms, gates += product.outputs) {
        ql_product_column(&product, x, b, gates);
        for (int i = 0; i < product.outputs; i++) {
            gates[i] += bias[i];
        }
    }
}

/* The reference leaves this product to its matrix library, which rounds twice, both times half upwards. */
static int32_t rescaled(int32_t sum, ql_mult by)
{
    int left = by.shift > 0 ? by.shift : 0, right = by.shift < 0 ? -by.shift : 0;
    int64_t product = (int64_t)ql_shift_left(sum, left) * by.m;
    int64_t high = (product + (1LL << 30)) >> 31;
    return (int32_t)((high + ((1LL << right) >> 1)) >> right);
}

/* Gates from row `row` on, of row b of x. */
static void finish_u8(const ql_call *c, const ql_sums *sums, int b, int row)
{
    const basic *s = c->state;
    const int32_t *bias = c->in[BIAS]->data;
    int rows = 4 * s->cells;
    int16_t *gates = (int16_t *)c->out[OUT_GATES]->data + (size_t)b * (size_t)rows;
    for (int i = 0; i < QL_LANES && row + i < rows; i++) {
        int32_t sum = ql_wrap_add(sums->i32[i], bias[row + i]);
        gates[row + i] = ql_sat16(rescaled(sum, s->by));
    }
}

static void multiply_u8(const ql_call *c, const basic *s)
{
    int cols = s->n + s->cells;
    const uint8_t *x = c->out[OUT_JOINED]->data;
    for (int b = 0; b < s->batch; b++, x += cols) {
        for (int row = 0; row < 4 * s->cells; row += QL_LANES) {
            ql_sums sums = {{0}};
            ql_dot_u8(&sums, x, cols, (const int16_t *)s->packed + (size_t)row * (size_t)cols, ZERO);
            finish_u8(c, &sums, b, row);
        }
    }
}

ql_code ql_lstm_basic_run_f32(const ql_call *c)
{
    const basic *s = c->state;
    join(c, s, sizeof(float));
    multiply_f32(c, s);
    const float *g = c->out[OUT_GATES]->data, *previous = c->in[STATE]->data;
    float *state = c->out[OUT_STATE]->data, *y = c->out[OUT]->data;
    int cells = s->cells;
    for (int b = 0; b < s->batch; b++, g += 4 * cells, previous += cells, state += cells, y += cells) {
        for (int i = 0; i < cells; i++) {
            float added = ql_eigen_logistic(g[i]) * ql_eigen_tanh(g[cells + i]);
            state[i] = added + ql_eigen_logistic(g[2 * cells + i]) * previous[i];
            y[i] = ql_eigen_logistic(g[3 * cells + i]) * ql_eigen_tanh(state[i]);
        }
    }
    keep(c);
    return QL_OK;
}

ql_code ql_lstm_basic_run_u8(const ql_call *c)
{
    const basic *s = c->state;
    enum { STATE_BITS = 4, GATE_BITS = 3 };
    join(c, s, sizeof(uint8_t));
    multiply_u8(c, s);
    const int16_t *g = c->out[OUT_GATES]->data, *previous = c->in[STATE]->data;
    int16_t *state = c->out[OUT_STATE]->data;
    uint8_t *y = c->out[OUT]->data;
    int cells = s->cells;
    for (int b = 0; b < s->batch; b++, g += 4 * cells, previous += cells, state += cells, y += cells) {
        for (int i = 0; i < cells; i++) {
            int16_t let_in =
                ql_srdhm16(ql_fixed_logistic16(g[i], GATE_BITS), ql_fixed_tanh16(g[cells + i], GATE_BITS));
            int16_t kept = ql_srdhm16(ql_fixed_logistic16(g[2 * cells + i], GATE_BITS), previous[i]);
            state[i] = ql_sat16(ql_mul_pot16(let_in, -STATE_BITS) + kept);
            int16_t out = ql_srdhm16(ql_fixed_logistic16(g[3 * cells + i], GATE_BITS),
                                     ql_fixed_tanh16(ql_mul_pot16(state[i], STATE_BITS - GATE_BITS), 3));
            y[i] = (uint8_t)(ZERO + ql_clamp(ql_rdivpot(out, 8), -128, 127));
        }
    }
    keep(c);
    return QL_OK;
}
