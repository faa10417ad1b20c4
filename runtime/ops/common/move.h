/* Operators that rearrange elements without looking at them: copies by element size. */
#ifndef QL_OPS_COMMON_MOVE_H
#define QL_OPS_COMMON_MOVE_H

#include "runtime/ops/op.h"

enum { QL_MOVE_RANK = 2 * QL_MAX_RANK };

/* A box of elements: its sizes, and how many elements one step along each dimension is on either side (0
 * repeats, negative runs backwards). */
typedef struct {
    int rank;
    int32_t dims[QL_MOVE_RANK];
    int64_t from[QL_MOVE_RANK], to[QL_MOVE_RANK];
} ql_box;

/* Copies the box; `from` and `to` are its first elements, `element` the bytes of one. They must not overlap.
 */
void ql_move_box(const ql_box *box, size_t element, const void *from, void *to);

/* State of an operator that copies one box: from element `start` of input 0 on, to output 0's first. */
typedef struct {
    ql_box box;
    int64_t start;
} ql_move;

/* The kernel of such an operator. */
ql_code ql_run_move(const ql_call *c);

/* Elements between neighbours along each dimension of a dense tensor of these sizes. */
void ql_dense_steps(int rank, const int32_t *dims, int64_t *steps);

/* Copies `rows` rows of `bytes` bytes that begin `from_step` and `to_step` bytes apart. */
void ql_move_rows(void *to, size_t to_step, const void *from, size_t from_step, size_t bytes, size_t rows);

/* `count` copies of the element at `value`. */
void ql_fill_elements(void *to, size_t count, const void *value, size_t element);

/* Fills output 0 with the value that stands for 0: an 8- or 16-bit tensor's zero point, else zero bytes. */
void ql_fill_zero(const ql_call *c);

/* Is input i of a type that holds indices (int16, int32, int64)? */
ql_code ql_need_index(const ql_call *c, int i);

/* Element k of such an input. */
int64_t ql_index_at(const ql_view *view, size_t k);

/* Bytes of an element; 0 for types without a size of whole bytes. */
size_t ql_element_bytes(const ql_view *view);

/* The product of dims[first .. end-1]. */
size_t ql_dims_product(const int32_t *dims, int first, int end);

/* --- By tables: y[i0, i1, ...] = x[pick[0][i0], pick[1][i1], ...] --- */
typedef struct {
    const int32_t *pick[QL_MAX_RANK]; /* one table a dimension of the output; entries lie inside x */
} ql_picks;

/* Input 0 and output 0 have the same rank. */
ql_code ql_move_picks(const ql_call *c, const ql_picks *picks);

#endif
