/* Operators of one tensor, element by element. One macro makes the kernel of one type:
 *
 *     QL_UNARY(run_f32, float, expf(x))
 */
#ifndef QL_OPS_COMMON_UNARY_H
#define QL_OPS_COMMON_UNARY_H

#include "runtime/ops/common/lut.h"
#include "runtime/tensor/half.h"

enum { QL_MANY_BYTES = 512 };

/* Defines the kernel `name`: output 0 = (type)(expression) of x, one element of input 0. */
#define QL_UNARY(name, type, expression)                                                                     \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const type *in = c->in[0]->data;                                                                     \
        type *out = c->out[0]->data;                                                                         \
        for (size_t i = 0, count = c->in[0]->count; i < count; i++) {                                        \
            type x = in[i];                                                                                  \
            out[i] = (type)(expression);                                                                     \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

/* The same with a state: `s` is a const state_type * to a copy of c->state, which no element can change. */
#define QL_UNARY_WITH(name, state_type, type, expression)                                                    \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const state_type state = *(const state_type *)c->state, *s = &state;                                 \
        const type *in = c->in[0]->data;                                                                     \
        type *out = c->out[0]->data;                                                                         \
        for (size_t i = 0, count = c->in[0]->count; i < count; i++) {                                        \
            type x = in[i];                                                                                  \
            out[i] = (type)(expression);                                                                     \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

/* The same for a type of one byte: with many elements, the expression is worked out once for each of the 256
 * values. */
#define QL_UNARY_BYTES(name, state_type, type, expression)                                                   \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const state_type *s = c->state;                                                                      \
        const uint8_t *in = c->in[0]->data;                                                                  \
        uint8_t *out = c->out[0]->data, table[256];                                                          \
        size_t count = c->in[0]->count;                                                                      \
        bool tabulated = count >= QL_MANY_BYTES;                                                             \
        for (size_t i = 0; i < (tabulated ? sizeof table : count); i++) {                                    \
            type x = (type)(tabulated ? (uint8_t)i : in[i]);                                                 \
            *(tabulated ? table + i : out + i) = (uint8_t)(type)(expression);                                \
        }                                                                                                    \
        if (tabulated) {                                                                                     \
            ql_lookup(c->isa, table, in, out, count);                                                        \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

/* The same for float16: x is the float of an element, and the float result is rounded once. */
#define QL_UNARY_F16(name, expression)                                                                       \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const uint16_t *in = c->in[0]->data;                                                                 \
        uint16_t *out = c->out[0]->data;                                                                     \
        for (size_t i = 0, count = c->in[0]->count; i < count; i++) {                                        \
            float x = ql_f16_to_f32(in[i]);                                                                  \
            out[i] = ql_f32_to_f16(expression);                                                              \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

#endif
