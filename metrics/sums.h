/* Inside metrics only: the plain double sums of one sample's tensor, the same bits on every machine.
 *
 * Elements are taken in blocks of 512 of those that are finite on both sides; in a block, element i goes to
 * lane i % 8, the lanes are added as a tree, and the blocks in order. */
#ifndef QL_METRICS_SUMS_H
#define QL_METRICS_SUMS_H

#include <stddef.h>
#include <stdint.h>

enum { QL_BLOCK = 512, QL_LANES = 8 };

/* A block of pairs widened to double, with zeros after the last up to a multiple of QL_LANES. */
typedef struct {
    double f[QL_BLOCK], q[QL_BLOCK], e[QL_BLOCK]; /* e = q - f */
    uint16_t place[QL_BLOCK]; /* of each pair within the piece it came from, if pairs were left out */
    size_t count;
    size_t nan_f, inf_f, nan_q, inf_q; /* elements of the piece that are not finite, side by side */
} ql_block;

/* Fills `block` with the pairs of f and q, n <= QL_BLOCK, that are finite on both sides. */
void ql_block_fill(ql_block *block, const float *f, const float *q, size_t n);

/* Sums over the first n of zero-padded arrays. */
double ql_lane_sum(const double *x, size_t n);
double ql_lane_sum_abs(const double *x, size_t n);
double ql_lane_dot(const double *x, const double *y, size_t n);

#endif
