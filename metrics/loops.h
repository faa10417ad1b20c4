/* Inside metrics only: the loops over elements, written once (loops_body.h) and compiled for several
 * instruction sets. All give the same bits: element i of a block belongs to lane i % 8 however wide the
 * machine is, multiplications and additions stay apart, and the lanes are added as one tree. */
#ifndef QL_METRICS_LOOPS_H
#define QL_METRICS_LOOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QL_BLOCK = 512, QL_LANES = 8 };

/* Sums over the pairs of a block in double, e = q - f, and the range of each; n > 0. */
typedef struct {
    double f, ff, q, qq, fq, e, abs_e, ee;
    double min_f, max_f, min_q, max_q, min_e, max_e; /* -0 taken as +0 */
} ql_block_sums;

/* What is gathered of QL_LANES neighbouring channels. */
typedef struct {
    double ff[QL_LANES], ee[QL_LANES];
    double min_f[QL_LANES], max_f[QL_LANES], min_q[QL_LANES], max_q[QL_LANES];
} ql_channel_lanes;

typedef struct {
    const char *name;

    bool (*present)(void); /* can this machine run it? */

    bool (*all_finite)(const float *x, size_t n);

    /* n <= QL_BLOCK pairs, all finite */
    void (*sums)(const float *f, const float *q, size_t n, ql_block_sums *sums);

    /* floor(x * scale) + QL_HIST_SIDE of n <= QL_BLOCK values x, which must come to 0 .. 2 * QL_HIST_SIDE -
     * 1; scale is a power of two, so that the product is exact. */
    void (*slots)(const float *x, size_t n, double scale, uint16_t *slot);
    void (*error_slots)(const float *f, const float *q, size_t n, double scale, uint16_t *slot);

    /* `rows` rows of finite pairs, `stride` elements apart, of the first QL_LANES channels at f and q */
    void (*channels)(const float *f, const float *q, size_t rows, size_t stride, ql_channel_lanes *lanes);
} ql_loops;

/* From the plainest on; NULL past the last that was compiled. */
const ql_loops *ql_loops_at(int i);

/* The last that this machine can run. */
const ql_loops *ql_loops_best(void);

#endif
