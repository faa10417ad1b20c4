/* UNIQUE: the different values of a vector in order of appearance, and for each element which one it is.
 *
 *   in 0   x  f32 | i8 | u8 | i16 | i32 | i64 [n]
 *   out 0  values  type of x [u]      out 1  indices  i32 | i64 [n]
 *
 * -0 and 0 are one value; NaNs of the same bits are one.
 * Source: TFLite kernels/unique.cc.
 */
#include "runtime/ops/common/move.h"

#include <string.h>

typedef struct {
    int32_t *first; /* of each value: where it appears first */
    int32_t *which; /* of each element: its value */
} ql_unique;

static uint64_t bits_at(const ql_view *x, size_t k)
{
    size_t element = ql_element_bytes(x);
    uint64_t bits = 0;
    memcpy(&bits, (const char *)x->data + k * element, element);
    return x->type == QL_F32 && bits == 0x80000000 ? 0 : bits;
}

/* Open addressing: the slot that holds the value, or where it would go. `table` is value + 1, 0 = free. */
static size_t find(const ql_view *x, const ql_unique *s, const int32_t *table, size_t mask, uint64_t bits)
{
    size_t slot = (size_t)((bits * 0x9e3779b97f4a7c15u) >> 32) & mask;
    while (table[slot] && bits_at(x, (size_t)s->first[table[slot] - 1]) != bits) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0];
    ql_type index = c->out[1]->type;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_need_rank(c, 0, 1, 1);
    if (!code && index != QL_I32 && index != QL_I64) {
        code = ql_fail_out(c, 1, QL_E_UNSUPPORTED, "indices of type %s: int32 or int64 is required",
                           ql_type_name(index));
    }
    if (code || !ql_known(c, 0)) {
        return code ? code : ql_defer(c);
    }
    size_t slots = 16;
    while (slots < 2 * x->count) {
        slots *= 2;
    }
    ql_unique *s = ql_state(c, sizeof *s);
    int32_t *table = s ? ql_plan_take(c, slots, sizeof *table) : NULL;
    if (!table || !(s->first = ql_plan_take(c, x->count, sizeof *s->first)) ||
        !(s->which = ql_plan_take(c, x->count, sizeof *s->which))) {
        return QL_E_NOMEM;
    }
    int32_t values = 0;
    for (size_t k = 0; k < x->count; k++) {
        size_t slot = find(x, s, table, slots - 1, bits_at(x, k));
        if (!table[slot]) {
            s->first[values] = (int32_t)k;
            table[slot] = ++values;
        }
        s->which[k] = table[slot] - 1;
    }
    code = ql_set_shape(c, 0, 1, &values);
    return code ? code : ql_shape_like(c, 1, x);
}

static ql_code run(const ql_call *c)
{
    const ql_unique *s = c->state;
    size_t element = ql_element_bytes(c->in[0]);
    for (size_t v = 0; v < c->out[0]->count; v++) {
        memcpy((char *)c->out[0]->data + v * element,
               (const char *)c->in[0]->data + (size_t)s->first[v] * element, element);
    }
    for (size_t k = 0; k < c->out[1]->count; k++) {
        if (c->out[1]->type == QL_I64) {
            ((int64_t *)c->out[1]->data)[k] = s->which[k];
        } else {
            ((int32_t *)c->out[1]->data)[k] = s->which[k];
        }
    }
    return QL_OK;
}

const ql_op ql_op_unique = {
    .name = "UNIQUE",
    .code = 103,
    .max_version = 1,
    .options_id = 80,
    .min_in = 1,
    .max_in = 1,
    .min_out = 2,
    .max_out = 2,

    .prepare = prepare,
    .run = {[QL_S_F32] = run,
            [QL_S_I8] = run,
            [QL_S_U8] = run,
            [QL_S_I16] = run,
            [QL_S_I32] = run,
            [QL_S_I64] = run},
    .quant = {.kind = QL_Q_NONE},
};
