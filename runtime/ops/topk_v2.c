/* TOPK_V2: the k largest values along the last dimension, largest first, and their indices.
 *
 *   in 0   x  f32 | i8 | u8 | i16 | i32 | i64
 *   in 1   k  i32 | i16, one value, at most the last dimension
 *   out 0  values   type of x      out 1  indices  i32 | i16; both [..., k]
 *
 * Of equals the first one comes first; NaN comes last.
 * Source: TFLite kernels/topk_v2.cc.
 */
#include "runtime/ops/op.h"

#include <math.h>
#include <string.h>

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0];
    const int32_t *k;
    int count;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_need_rank(c, 0, 1, QL_MAX_RANK);
    code = code ? code : ql_known_i32s(c, 1, &k, &count);
    if (code || !k) {
        return code ? code : ql_defer(c);
    }
    int32_t last = x->dims[x->rank - 1], dims[QL_MAX_RANK];
    ql_type index = c->out[1]->type;
    if (count != 1 || k[0] > last) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "k %d (%d values): must be one, at most the last dimension, %d",
                          count ? (int)k[0] : 0, count, (int)last);
    }
    if (index != QL_I32 && (index != QL_I16 || last > INT16_MAX)) {
        return ql_fail_out(c, 1, QL_E_UNSUPPORTED, "indices of type %s for %d elements: int32 is required",
                           ql_type_name(index), (int)last);
    }
    memcpy(dims, x->dims, sizeof dims);
    dims[x->rank - 1] = k[0] > 0 ? k[0] : 0;
    c->scratch_bytes = (size_t)dims[x->rank - 1] * sizeof(int32_t);
    code = ql_set_shape(c, 0, x->rank, dims);
    return code ? code : ql_set_shape(c, 1, x->rank, dims);
}

static void put_indices(const ql_view *y, size_t at, const int32_t *best, int32_t k)
{
    for (int32_t i = 0; i < k; i++) {
        if (y->type == QL_I16) {
            ((int16_t *)y->data)[at + (size_t)i] = (int16_t)best[i];
        } else {
            ((int32_t *)y->data)[at + (size_t)i] = best[i];
        }
    }
}

/* `best` holds the indices of the largest elements so far in order; an element goes in behind its equals. */
#define TOPK(name, type, larger)                                                                             \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const ql_view *in = c->in[0], *out = c->out[0];                                                      \
        int32_t n = in->dims[in->rank - 1], k = out->dims[in->rank - 1], *best = c->scratch;                 \
        const type *row = in->data;                                                                          \
        for (size_t at = 0; at < out->count; at += (size_t)k, row += n) {                                    \
            for (int32_t i = 0, held = 0; i < n; i++) {                                                      \
                type a = row[i], b = held == k ? row[best[k - 1]] : a;                                       \
                if (held == k && !(larger)) {                                                                \
                    continue;                                                                                \
                }                                                                                            \
                int32_t place = held < k ? held++ : k - 1;                                                   \
                for (; place > 0 && (b = row[best[place - 1]], larger); place--) {                           \
                    best[place] = best[place - 1];                                                           \
                }                                                                                            \
                best[place] = i;                                                                             \
            }                                                                                                \
            for (int32_t i = 0; i < k; i++) {                                                                \
                ((type *)out->data)[at + (size_t)i] = row[best[i]];                                          \
            }                                                                                                \
            put_indices(c->out[1], at, best, k);                                                             \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

TOPK(run_f32, float, a > b || (isnan(b) && !isnan(a)))
TOPK(run_i8, int8_t, a > b)
TOPK(run_u8, uint8_t, a > b)
TOPK(run_i16, int16_t, a > b)
TOPK(run_i32, int32_t, a > b)
TOPK(run_i64, int64_t, a > b)

const ql_op ql_op_topk_v2 = {
    .name = "TOPK_V2",
    .code = 48,
    .max_version = 3,
    .options_id = 34,
    .min_in = 2,
    .max_in = 2,
    .min_out = 2,
    .max_out = 2,

    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_I8] = run_i8,
            [QL_S_U8] = run_u8,
            [QL_S_I16] = run_i16,
            [QL_S_I32] = run_i32,
            [QL_S_I64] = run_i64},
    .quant = {.kind = QL_Q_SAME, .no_i16 = true},
};
