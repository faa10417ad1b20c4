/* CONCATENATION: tensors one after the other along an axis.
 *
 *   in 0 .. n-1  x  all of one type, and of one shape but for the axis      out 0  y  the same type
 *
 * int8 needs one quantization throughout, int16 zero points of 0. uint8 inputs of another scale or zero point
 * than the output are rescaled in float. Scalars make a vector.
 * Source: TFLite kernels/concatenation.cc, reference_ops::ConcatenationWithScaling.
 */
#include "runtime/ops/common/move.h"

enum { AXIS, ACTIVATION };

/* Bytes of input i in one run along the axis. */
static size_t run_bytes(const ql_call *c, int i)
{
    const ql_view *x = c->in[i];
    int axis = *(const int *)c->state;
    return ql_dims_product(x->dims, axis, x->rank) * ql_element_bytes(x);
}

static void rescale(const ql_call *c, int i, uint8_t *to, size_t to_step, size_t bytes, size_t rows)
{
    const uint8_t *x = c->in[i]->data;
    int32_t out_zero = ql_zero(c->out[0]);
    float scale = ql_scale(c->in[i]) * (1.0f / ql_scale(c->out[0])), bias = (float)-ql_zero(c->in[i]) * scale;
    for (size_t row = 0; row < rows; row++, to += to_step, x += bytes) {
        for (size_t k = 0; k < bytes; k++) {
            int32_t q = ql_wrap_add(ql_round_to_i32((float)x[k] * scale + bias), out_zero);
            to[k] = (uint8_t)ql_clamp(q, 0, 255);
        }
    }
}

static bool same_quant(const ql_view *x, const ql_view *y)
{
    return ql_scale(x) == ql_scale(y) && ql_zero(x) == ql_zero(y);
}

static ql_code run(const ql_call *c)
{
    size_t rows = ql_dims_product(c->in[0]->dims, 0, *(const int *)c->state), step = 0;
    for (int i = 0; i < c->in_count; i++) {
        step += run_bytes(c, i);
    }
    char *to = c->out[0]->data;
    for (int i = 0; i < c->in_count; i++) {
        size_t bytes = run_bytes(c, i);
        if (c->in[i]->type == QL_U8 && !same_quant(c->in[i], c->out[0])) {
            rescale(c, i, (uint8_t *)to, step, bytes, rows);
        } else {
            ql_move_rows(to, step, c->in[i]->data, bytes, bytes, rows);
        }
        to += bytes;
    }
    return QL_OK;
}

static ql_code check_quant(const ql_call *c, int i)
{
    if (c->slot == QL_S_I8) {
        return ql_need_same_quant(c, i, 0);
    }
    if (c->slot == QL_S_U8 && !same_quant(c->in[i], c->out[0])) {
        ql_code code = ql_need_quant_in(c, i);
        return code ? code : ql_need_quant_out(c, 0);
    }
    if (c->slot == QL_S_I16 && (ql_zero(c->in[i]) || ql_zero(c->out[0]))) {
        return ql_fail_in(c, i, QL_E_FORMAT, "int16 with zero points %d and %d: both must be 0",
                          (int)ql_zero(c->in[i]), (int)ql_zero(c->out[0]));
    }
    return QL_OK;
}

static ql_code check_input(const ql_call *c, int i, int axis)
{
    if (!c->in[i]) {
        return ql_fail_op(c, QL_E_FORMAT, "input %d is left out: it is not optional", i);
    }
    const ql_view *x = c->in[i], *first = c->in[0];
    ql_code code = ql_need_same_type(c, i, 0);
    code = code ? code : ql_need_rank(c, i, first->rank, first->rank);
    for (int d = 0; !code && d < x->rank; d++) {
        if (d != axis && x->dims[d] != first->dims[d]) {
            return ql_fail_in(c, i, QL_E_FORMAT, "%d elements along dimension %d: must be %d as in input 0",
                              (int)x->dims[d], d, (int)first->dims[d]);
        }
    }
    return code ? code : check_quant(c, i);
}

static ql_code prepare(ql_call *c)
{
    const ql_view *first = c->in[0];
    int axis, wanted = ql_opt_int(c->options, AXIS), rank = first->rank ? first->rank : 1;
    if (!ql_axis(wanted, rank, &axis)) {
        return ql_fail_op(c, QL_E_FORMAT, "axis %d for rank %d: must be inside it", wanted, rank);
    }
    if (ql_opt_int(c->options, ACTIVATION)) {
        return ql_fail_op(c, QL_E_UNSUPPORTED, "a fused activation: only none is supported");
    }
    int32_t dims[QL_MAX_RANK] = {0};
    int64_t sum = 0;
    for (int i = 0; i < c->in_count; i++) {
        ql_code code = check_input(c, i, axis);
        if (code) {
            return code;
        }
        sum += first->rank ? c->in[i]->dims[axis] : 1;
    }
    for (int d = 0; d < first->rank; d++) {
        dims[d] = first->dims[d];
    }
    dims[axis] = sum <= INT32_MAX ? (int32_t)sum : -1;
    int *state = ql_state(c, sizeof *state);
    if (!state) {
        return QL_E_NOMEM;
    }
    *state = first->rank ? axis : 0;
    return ql_set_shape(c, 0, rank, dims);
}

const ql_op ql_op_concatenation = {
    .name = "CONCATENATION",
    .code = 2,
    .max_version = 7,
    .options_id = 10,
    .min_in = 1,
    .max_in = -1,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = run,
    .quant = {.kind = QL_Q_SAME},
};
