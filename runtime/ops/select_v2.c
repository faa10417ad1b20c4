/* SELECT_V2: y = x where the condition holds, else z; the three shapes broadcast.
 *
 *   in 0     condition  bool
 *   in 1, 2  x, z       any type of 8, 16, 32 or 64 bits
 *   out 0    y          as x
 *
 * Values are copied as they are stored.
 * Source: TFLite kernels/select.cc.
 */
#include "runtime/ops/common/broadcast.h"

#define SELECT(name, type)                                                                                   \
    static ql_code name##_row(const ql_call *c, const ql_row *r)                                             \
    {                                                                                                        \
        const uint8_t *condition = (const uint8_t *)c->in[0]->data + r->at[0];                               \
        const type *x = (const type *)c->in[1]->data + r->at[1],                                             \
                   *z = (const type *)c->in[2]->data + r->at[2];                                             \
        type *y = (type *)c->out[0]->data + r->out;                                                          \
        for (int i = 0; i < r->n; i++) {                                                                     \
            size_t k = (size_t)i;                                                                            \
            y[k] = condition[k * r->step[0]] ? x[k * r->step[1]] : z[k * r->step[2]];                        \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }                                                                                                        \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        return ql_broadcast_rows(c, c->state, name##_row);                                                   \
    }

SELECT(select_8, uint8_t)
SELECT(select_16, uint16_t)
SELECT(select_32, uint32_t)
SELECT(select_64, uint64_t)

static ql_run_fn for_size(const ql_call *c)
{
    switch (ql_type_bits(c->in[1]->type)) {
    case 8:
        return select_8;
    case 16:
        return select_16;
    case 32:
        return select_32;
    default:
        return select_64;
    }
}

static ql_code prepare(ql_call *c)
{
    ql_broadcast *broadcast = ql_state(c, sizeof *broadcast);
    ql_code code = broadcast ? ql_need_type(c, 0, QL_BOOL) : QL_E_NOMEM;
    code = code ? code : ql_need_type(c, 2, c->in[1]->type);
    code = code ? code : ql_need_same_type(c, 1, 0);
    c->run = for_size(c);
    return code ? code : ql_broadcast_prepare(c, 0, 3, broadcast);
}

const ql_op ql_op_select_v2 = {
    .name = "SELECT_V2",
    .code = 123,
    .max_version = 2,
    .options_id = 98,
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .key = 1,
    .prepare = prepare,
    .run_any = select_64,
    .quant = {.kind = QL_Q_SAME},
};
