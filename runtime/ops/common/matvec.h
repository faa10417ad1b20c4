/* Matrix times vector, added to a vector: the step of recurrent operators, in three arithmetics.
 *
 *   f32     y += W x            float sums in the order of fours.h or, `columns`, of product.h
 *   hybrid  y += (x scale * W scale) * sum of W (x - x zero), x quantized to int8 by ql_vector_take
 *   i8      integer sums: ql_matvec_sums
 */
#ifndef QL_OPS_COMMON_MATVEC_H
#define QL_OPS_COMMON_MATVEC_H

#include "runtime/ops/common/dot.h"
#include "runtime/ops/common/hybrid.h"

typedef struct {
    int rows, cols;
    ql_slot slot;       /* QL_S_F32, QL_S_HYBRID or QL_S_I8 */
    float scale;        /* of integer weights */
    const char *packed; /* integers: as the instruction set's tiles have them, where it has some */
    const ql_isa *isa;
    int input;
} ql_matvec;

/* Input i as a matrix of rows x cols: checks shape, type and scale for the call's slot and packs it. When its
 * value is not known yet it sets c->deferred; the caller returns QL_OK then. */
ql_code ql_matvec_prepare(ql_call *c, int i, int rows, int cols, ql_matvec *matrix);

/* A float vector of `count` elements as the slot's arithmetic reads it. */
typedef struct {
    const float *x;
    const int8_t *q; /* hybrid: x in units of scale */
    ql_hybrid scale;
    size_t columns, column; /* f32: how many vectors the reference multiplies at once, and which this is */
    float *sums;            /* with `columns`: room for a sum of every row */
} ql_vector;

/* `q` is where a hybrid step puts its `count` integers. */
ql_vector ql_vector_take(const ql_call *c, const float *x, int count, bool asymmetric, int8_t *q);

/* y[r] += W x for every row; slots f32 and hybrid. */
void ql_matvec_add(const ql_call *c, const ql_matvec *matrix, const ql_vector *x, float *y);

/* Calls `use` with the sum of every row, sum over cols of W (x - zero), wrapping; slot i8. */
typedef void (*ql_row_sum_fn)(void *user, int row, int32_t sum);
void ql_matvec_sums(const ql_matvec *matrix, const int8_t *x, int32_t zero, ql_row_sum_fn use, void *user);

/* Input i is a vector of `count` elements of that type. */
ql_code ql_need_vector(const ql_call *c, int i, ql_type type, int count);

/* Input i is a variable with count elements of that type: a state that lasts from run to run. */
ql_code ql_need_state(const ql_call *c, int i, ql_type type, size_t count);

/* Fails on an activation the recurrent operators do not have. */
ql_code ql_need_activation(const ql_call *c, int activation);

#endif
