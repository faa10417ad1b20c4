/* Float matrix products in the order in which Eigen adds, compiled for AVX without fused multiply-add, as
 * TensorFlow's wheels for x86-64 are: what LiteRT's optimized CONV_2D and FULLY_CONNECTED call. A product of
 * weights [outputs, terms] and columns of `terms` values; K = terms, M = outputs, N = columns.
 *
 *   M = N = 1             32 sums (term k in k mod 32), four rows of 8 added, then as below
 *   M = 1 or N = 1, or    8 sums (term k in k mod 8), halves added until one is left, then the last K mod 8
 *   K + M + N < 20        terms; where there is an odd number of results, its last takes 4 of these at once
 *   else, in blocks of 16 outputs, terms in pieces that fit a first-level cache of 32 KiB:
 *     whole blocks, and columns after the last whole four   term after term
 *     the last block's whole fours of outputs               even and odd terms apart, as far as eights go
 *     its last M mod 4 outputs                              8 sums, neighbours last
 *
 * With `threads`, as CONV_2D adds where it may use several: with N = 1 term after term, from 128 terms on in
 * pieces of 16; else always in blocks.
 *
 * Source: Eigen GeneralBlockPanelKernel.h, GeneralMatrixVector.h, InnerProduct.h. docs/numerics.md
 * "litert-opt". */
#ifndef QL_OPS_COMMON_PRODUCT_H
#define QL_OPS_COMMON_PRODUCT_H

#include "runtime/ops/common/finish.h"

typedef struct {
    int outputs, terms;
    size_t columns;
    bool threads;
    const float *weights; /* [outputs, terms] */
    const float *packed;  /* the same as ql_pack lays them out */
    const ql_isa *isa;
} ql_product;

/* y[o] = sum over k of x[k] * w[o,k] for all outputs, where x is column number `column`. */
void ql_product_column(const ql_product *p, const float *x, size_t column, float *y);

/* Adds the bias and applies the activation to one column's outputs. */
void ql_product_finish(const ql_call *c, const ql_finish *f, float *y, int outputs);

#endif
