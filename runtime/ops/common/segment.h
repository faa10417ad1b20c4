/* Reductions of slices that share a segment id. */
#ifndef QL_OPS_COMMON_SEGMENT_H
#define QL_OPS_COMMON_SEGMENT_H

#include "runtime/ops/op.h"

/* UNSORTED_SEGMENT_*: in 0 x, in 1 ids (int32, a prefix of x's shape; negative ones are left out), in 2 the
 * number of segments. Output 0: [segments] + the rest of x's shape. */
ql_code ql_prepare_unsorted_segment(ql_call *c);

/* The slice's segment; fails when there is none of that number. `segment` is negative for a left-out slice.
 */
ql_code ql_segment_of(const ql_call *c, size_t slice, int32_t *segment);

/* Defines the kernel `name`: y = expression of `total` and `x`, from `neutral` on. */
#define QL_SEGMENT(name, type, neutral, expression)                                                          \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const type *in = c->in[0]->data;                                                                     \
        type *out = c->out[0]->data;                                                                         \
        size_t slices = c->in[1]->count, n = slices ? c->in[0]->count / slices : 0;                          \
        for (size_t i = 0; i < c->out[0]->count; i++) {                                                      \
            out[i] = (neutral);                                                                              \
        }                                                                                                    \
        for (size_t slice = 0; slice < slices; slice++, in += n) {                                           \
            int32_t segment;                                                                                 \
            ql_code code = ql_segment_of(c, slice, &segment);                                                \
            if (code) {                                                                                      \
                return code;                                                                                 \
            }                                                                                                \
            for (size_t i = 0; i < n && segment >= 0; i++) {                                                 \
                type x = in[i], total = out[(size_t)segment * n + i];                                        \
                out[(size_t)segment * n + i] = (type)(expression);                                           \
            }                                                                                                \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

#endif
