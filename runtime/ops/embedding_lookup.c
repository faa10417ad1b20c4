/* EMBEDDING_LOOKUP: y[i, ...] = w[ids[i], ...]
 *
 *   in 0   ids  [N]            i32, 0 .. R-1
 *   in 1   w    [R, C, ...]    any type of at least 8 bits; i8, u8, i4 and i2 also for a float output
 *   out 0  y    [N, C, ...]    type of w, or f32: scale * w, one scale, one a row, or one a block (i4, i2)
 *
 * Rows of i4 and i2 weights that do not fill whole bytes are read from the byte their first element is in, as
 * the reference does. uint8 weights are signed bytes there.
 * Source: TFLite embedding_lookup EvalSimple, EvalHybrid, EvalBlockwise.
 */
#include "runtime/ops/common/blockwise.h"
#include "runtime/ops/common/dot.h"
#include "runtime/ops/common/requant.h"

#include <string.h>

typedef struct {
    const float *scales;
    size_t rows, columns, block; /* elements that share a scale */
} ql_lookup;

static ql_code row_of(const ql_call *c, size_t i, size_t rows, size_t *row)
{
    int32_t id = ((const int32_t *)c->in[0]->data)[i];
    if (id < 0 || (size_t)id >= rows) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "id %d: must be 0 to %lld", id, (long long)rows - 1);
    }
    *row = (size_t)id;
    return QL_OK;
}

static ql_code run_copy(const ql_call *c)
{
    size_t rows = (size_t)c->in[1]->dims[0], row = 0, bytes = rows ? c->in[1]->bytes / rows : 0;
    char *y = c->out[0]->data;
    for (size_t i = 0; i < c->in[0]->count; i++, y += bytes) {
        ql_code code = row_of(c, i, rows, &row);
        if (code) {
            return code;
        }
        memcpy(y, (const char *)c->in[1]->data + row * bytes, bytes);
    }
    return QL_OK;
}

static ql_code run_hybrid(const ql_call *c)
{
    const ql_lookup *s = c->state;
    ql_view w = *c->in[1];
    w.type = w.type == QL_U8 ? QL_I8 : w.type;
    size_t per_byte = 8 / (size_t)ql_type_bits(w.type), row = 0;
    float *y = c->out[0]->data;
    for (size_t i = 0; i < c->in[0]->count; i++) {
        ql_code code = row_of(c, i, s->rows, &row);
        if (code) {
            return code;
        }
        size_t first = row * s->columns / per_byte * per_byte;
        const float *scales = s->scales + row * (s->columns / s->block);
        for (size_t k = 0; k < s->columns; k++) {
            *y++ = (float)ql_small_int(&w, first + k) * scales[k / s->block];
        }
    }
    return QL_OK;
}

static ql_slot pick(const ql_call *c)
{
    ql_type type = c->in[1]->type;
    bool small = type == QL_I8 || type == QL_U8 || type == QL_I4 || type == QL_I2;
    return small && c->out[0]->type == QL_F32 ? QL_S_HYBRID : ql_slot_of(type);
}

/* One scale a row, or one a block. */
static ql_code take_scales(ql_call *c, ql_lookup *s)
{
    const ql_quant *quant = &c->in[1]->tensor->quant;
    s->rows = (size_t)c->in[1]->dims[0];
    s->columns = s->rows ? c->in[1]->count / s->rows : 0;
    s->block = s->columns ? s->columns : 1;
    if (quant->block_size) {
        ql_code code = ql_need_rank(c, 1, 2, 2);
        s->block = (size_t)quant->block_size;
        return code ? code : ql_block_scales(c, 1, &s->scales);
    }
    ql_code code = ql_check_weight_scales(c, 1, 0, c->in[1]->dims[0]);
    if (!code && quant->zero_point[0]) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "zero point %lld: must be 0", (long long)quant->zero_point[0]);
    }
    float *scales = code ? NULL : ql_plan_take(c, s->rows, sizeof *scales);
    for (size_t i = 0; scales && i < s->rows; i++) {
        scales[i] = ql_weight_scale(c->in[1], (int)i);
    }
    s->scales = scales;
    return code ? code : scales ? QL_OK : QL_E_NOMEM;
}

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_need_type(c, 0, QL_I32);
    code = code ? code : ql_need_rank(c, 0, 1, 1);
    code = code ? code : ql_need_rank(c, 1, 2, QL_MAX_RANK);
    if (code) {
        return code;
    }
    int32_t dims[QL_MAX_RANK];
    memcpy(dims, c->in[1]->dims, sizeof dims);
    dims[0] = c->in[0]->dims[0];
    code = ql_set_shape(c, 0, c->in[1]->rank, dims);
    if (code || c->slot != QL_S_HYBRID) {
        return code ? code : ql_need_same_type(c, 1, 0);
    }
    ql_lookup *s = ql_state(c, sizeof *s);
    return s ? take_scales(c, s) : QL_E_NOMEM;
}

const ql_op ql_op_embedding_lookup = {
    .name = "EMBEDDING_LOOKUP",
    .code = 7,
    .max_version = 5,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .key = 1,
    .pick = pick,
    .prepare = prepare,
    .run = {[QL_S_HYBRID] = run_hybrid},
    .run_any = run_copy,
    .quant = {.kind = QL_Q_FREE, .weight = 1, .axis = 0, .no_i8 = true, .no_i16 = true, .dynamic = 1u << 1},
};
