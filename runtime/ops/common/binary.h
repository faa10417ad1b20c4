/* Operators of two tensors, element by element, with broadcasting. One macro makes the kernel of one type:
 *
 *     QL_BINARY(run_f32, ql_broadcast, float, float, fmaxf(a, b))
 *
 * The state (c->state) is a ql_broadcast, or a struct whose first member is one; `s` points to it.
 */
#ifndef QL_OPS_COMMON_BINARY_H
#define QL_OPS_COMMON_BINARY_H

#include "runtime/ops/common/activation.h"
#include "runtime/ops/common/broadcast.h"

/* Defines the row function `name`: y = (out_type)(expression) of a, b (one element of each input) and s. */
#define QL_BINARY_ROW(name, state_type, in_type, out_type, expression)                                       \
    static ql_code name(const ql_call *c, const ql_row *r)                                                   \
    {                                                                                                        \
        const state_type *s = c->state;                                                                      \
        const in_type *left = (const in_type *)c->in[0]->data + r->at[0],                                    \
                      *right = (const in_type *)c->in[1]->data + r->at[1];                                   \
        out_type *y = (out_type *)c->out[0]->data + r->out;                                                  \
        (void)s;                                                                                             \
        for (int i = 0; i < r->n; i++) {                                                                     \
            in_type a = left[(size_t)i * r->step[0]], b = right[(size_t)i * r->step[1]];                     \
            y[i] = (out_type)(expression);                                                                   \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

/* Defines the kernel `name` on such a row. */
#define QL_BINARY(name, state_type, in_type, out_type, expression)                                           \
    QL_BINARY_ROW(name##_row, state_type, in_type, out_type, expression)                                     \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        return ql_broadcast_rows(c, c->state, name##_row);                                                   \
    }

/* Defines the kernel `name` of a division: fails where an element of input 1 is `zero` (an expression of s),
 * else is the kernel `divide`. */
#define QL_DIVISION(name, state_type, type, zero, divide)                                                    \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const state_type *s = c->state;                                                                      \
        const type *b = c->in[1]->data;                                                                      \
        (void)s;                                                                                             \
        for (size_t i = 0; i < c->in[1]->count; i++) {                                                       \
            if (b[i] == (zero)) {                                                                            \
                return ql_fail_in(c, 1, QL_E_FORMAT, "element %zu is 0: nothing can be divided by it", i);   \
            }                                                                                                \
        }                                                                                                    \
        return divide(c);                                                                                    \
    }

/* A row of floats on a kernel of the exec's instruction set. */
void ql_float_row(const ql_call *c, const ql_row *r, ql_clamp_f32 clamp, ql_float_pairs_fn kernel);

/* Takes a state of `state_size` bytes, checks that both inputs have one type and output 0 has type `out`, and
 * gives it the joint shape. */
ql_code ql_prepare_binary_to(ql_call *c, size_t state_size, ql_type out);

/* The same where the output has the inputs' type. */
ql_code ql_prepare_binary(ql_call *c, size_t state_size);

/* The same with a ql_broadcast and nothing else as state: prepare of operators that need no more. */
ql_code ql_prepare_elements(ql_call *c);

#endif
