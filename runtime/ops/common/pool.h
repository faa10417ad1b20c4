/* Pooling: a window slides over an image [N, H, W, C], and each channel of what it covers becomes one value.
 * Taps outside the image do not count. AVERAGE_POOL_2D, MAX_POOL_2D, L2_POOL_2D. */
#ifndef QL_OPS_COMMON_POOL_H
#define QL_OPS_COMMON_POOL_H

#include "runtime/ops/common/activation.h"
#include "runtime/ops/common/window.h"

typedef struct {
    ql_window rows, columns;
    ql_clamp_f32 clamp_f32;
    ql_clamp_q clamp;
    ql_pool_window_fn fast; /* of an instruction set; NULL: the portable kernel */
} ql_pool;

/* One position of the window: the element of its first tap's channel 0, the taps inside the image, and the
 * element of the output's channel 0. */
typedef struct {
    size_t in, out;
    int rows, columns;
} ql_pool_cell;

typedef void (*ql_pool_fn)(const ql_call *c, const ql_pool *s, const ql_pool_cell *cell);

/* Gives the output its shape, takes the state (a ql_pool) and scratch for one 8-byte total a channel. */
ql_code ql_prepare_pool(ql_call *c);

/* The same for an operator that instruction sets have kernels for: where there is one for the type, it runs.
 */
ql_code ql_prepare_pool_on(ql_call *c, const ql_pool_kernels *kernels);

/* How many taps all windows have together, at most. */
uint64_t ql_pool_work(const ql_call *c);

/* Calls `fn` for every position in order. */
ql_code ql_pool_walk(const ql_call *c, ql_pool_fn fn);

/* Defines the kernel `name`. For each channel: total = start, then total = fold for each tap's value x (rows,
 * then columns), then the output is `finish` of total and count. */
#define QL_POOL(name, type, total_type, start, fold, finish)                                                 \
    static void name##_cell(const ql_call *c, const ql_pool *pool, const ql_pool_cell *cell)                 \
    {                                                                                                        \
        const ql_pool copy = *pool, *s = &copy; /* which no output can change */                             \
        size_t channels = (size_t)c->in[0]->dims[3], line = channels * (size_t)s->columns.in;                \
        total_type *totals = c->scratch;                                                                     \
        type *y = (type *)c->out[0]->data + cell->out;                                                       \
        int count = cell->rows * cell->columns;                                                              \
        (void)count;                                                                                         \
        for (size_t i = 0; i < channels; i++) {                                                              \
            totals[i] = start;                                                                               \
        }                                                                                                    \
        for (int row = 0; row < cell->rows; row++) {                                                         \
            const type *from = (const type *)c->in[0]->data + cell->in + (size_t)row * line;                 \
            for (int column = 0; column < cell->columns; column++, from += channels) {                       \
                for (size_t i = 0; i < channels; i++) {                                                      \
                    total_type total = totals[i];                                                            \
                    type x = from[i];                                                                        \
                    totals[i] = fold;                                                                        \
                }                                                                                            \
            }                                                                                                \
        }                                                                                                    \
        for (size_t i = 0; i < channels; i++) {                                                              \
            total_type total = totals[i];                                                                    \
            y[i] = (type)(finish);                                                                           \
        }                                                                                                    \
    }                                                                                                        \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        return ql_pool_walk(c, name##_cell);                                                                 \
    }

#endif
