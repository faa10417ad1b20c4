/* Reductions: outputs that each stand for a set of elements along some dimensions, taken in memory order.
 *
 *     QL_REDUCTION(run_f32, float, 0, total + x)
 *
 * defines the kernel run_f32 of an operator whose state begins with a ql_reduce.
 */
#ifndef QL_OPS_COMMON_REDUCE_H
#define QL_OPS_COMMON_REDUCE_H

#include "runtime/ops/op.h"

typedef struct {
    int rank; /* of the input with neighbouring dimensions of one kind joined; at least 1 */
    int32_t dims[QL_MAX_RANK];
    bool kept[QL_MAX_RANK];
    size_t step[QL_MAX_RANK]; /* of the output, elements; 0 along reduced dimensions */
    size_t terms;             /* elements that make one output */
    bool all;                 /* every dimension is reduced: the first element starts, not the neutral one */
} ql_reduce;

/* `n` elements of the input from `in` on, into the output from `out` on: one each when `kept`, else all into
 * one. `first`: these outputs have seen no element yet (the row's first one, when not kept). */
typedef struct {
    size_t in, out;
    int32_t n;
    bool kept, first;
} ql_reduce_row;

typedef void (*ql_reduce_fn)(const ql_call *c, const ql_reduce_row *row, void *totals);

/* Reads the axes (input 1, int32) and the option keep_dims, and gives output 0 its shape. The caller returns
 * when c->deferred is set: the axes are not known yet. */
ql_code ql_reduce_prepare(ql_call *c, ql_reduce *r);

/* The same for operators without further state, with the output's type that of the input. */
ql_code ql_prepare_reduction(ql_call *c);

/* Calls `row` for every row of input 0, in memory order. */
void ql_reduce_walk(const ql_call *c, const ql_reduce *r, ql_reduce_fn row, void *totals);

/* Defines the row function `name`: total = expression of `total` (total_type) and `x` (one element). */
#define QL_REDUCE_ROW(name, type, total_type, expression)                                                    \
    static void name(const ql_call *c, const ql_reduce_row *row, void *totals)                               \
    {                                                                                                        \
        const type *in = (const type *)c->in[0]->data + row->in;                                             \
        total_type *out = (total_type *)totals + row->out;                                                   \
        const int32_t n = row->n;                                                                            \
        const bool kept = row->kept;                                                                         \
        for (int32_t i = 0; kept && i < n; i++) {                                                            \
            total_type total = out[i];                                                                       \
            type x = in[i];                                                                                  \
            out[i] = (total_type)(expression);                                                               \
        }                                                                                                    \
        if (!row->kept) {                                                                                    \
            total_type total = out[0];                                                                       \
            for (int32_t i = 0; i < n; i++) {                                                                \
                type x = in[i];                                                                              \
                total = (total_type)(expression);                                                            \
            }                                                                                                \
            out[0] = total;                                                                                  \
        }                                                                                                    \
    }

/* Defines the kernel `name` on elements and totals of one type, which start at `neutral`. */
#define QL_REDUCTION(name, type, neutral, expression)                                                        \
    QL_REDUCE_ROW(name##_row, type, type, expression)                                                        \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const ql_reduce *r = c->state;                                                                       \
        type *y = c->out[0]->data;                                                                           \
        for (size_t i = 0; i < c->out[0]->count; i++) {                                                      \
            y[i] = (neutral);                                                                                \
        }                                                                                                    \
        if (r->all && c->in[0]->count) {                                                                     \
            y[0] = *(const type *)c->in[0]->data;                                                            \
            name##_row(c, &(ql_reduce_row){.in = 1, .n = (int32_t)c->in[0]->count - 1}, y);                  \
            return QL_OK;                                                                                    \
        }                                                                                                    \
        ql_reduce_walk(c, r, name##_row, y);                                                                 \
        return QL_OK;                                                                                        \
    }

#endif
