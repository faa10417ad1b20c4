/* ARG_MAX and ARG_MIN: where along an axis the extreme value is; the first one of equals. */
#ifndef QL_OPS_COMMON_ARGMINMAX_H
#define QL_OPS_COMMON_ARGMINMAX_H

#include "runtime/ops/common/split.h"

typedef struct {
    size_t outer, size, inner;
} ql_arg;

/* in 0 x, in 1 axis (one value); output 0 int32 or int64, x's shape without the axis, which must not be
 * empty. */
ql_code ql_prepare_arg(ql_call *c);

/* Writes index `at` of the result. */
void ql_put_index(const ql_view *y, size_t k, size_t at);

/* Defines the kernel `name`: `x` replaces `best` where the expression holds. */
#define QL_ARG(name, type, expression)                                                                       \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const ql_arg *s = c->state;                                                                          \
        for (size_t k = 0; k < s->outer * s->inner; k++) {                                                   \
            const type *from =                                                                               \
                (const type *)c->in[0]->data + k / s->inner * s->size * s->inner + k % s->inner;             \
            type best = from[0];                                                                             \
            size_t at = 0;                                                                                   \
            for (size_t i = 1; i < s->size; i++) {                                                           \
                type x = from[i * s->inner];                                                                 \
                if (expression) {                                                                            \
                    best = x;                                                                                \
                    at = i;                                                                                  \
                }                                                                                            \
            }                                                                                                \
            ql_put_index(c->out[0], k, at);                                                                  \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

#endif
