/* Inside metrics only: the loops over elements, written once (loops_body.h) and compiled for several
 * instruction sets. All give the same bits: element i of a block belongs to lane i % 8 however wide the
 * machine is, additions are rounded apart from products that are, and the lanes are added as one tree. */
#ifndef QL_METRICS_LOOPS_H
#define QL_METRICS_LOOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QL_BLOCK = 1024, QL_LANES = 8, QL_SPARE = 64 };

/* Sums over the pairs of a block in double, e = q - f, and the range of each; n > 0. Where an element is not
 * finite abs_e is not, and nothing else has a meaning. */
typedef struct {
    double ff, qq, fq, e, abs_e, ee;
    double min_f, max_f, min_e, max_e, max_abs; /* max_abs: the largest |e|; -0 taken as +0 */
} ql_block_sums;

/* What is gathered of QL_LANES neighbouring channels. Where an element of one is not finite its ee is not. */
typedef struct {
    double ff[QL_LANES], ee[QL_LANES];
    float min_f[QL_LANES], max_f[QL_LANES], min_q[QL_LANES], max_q[QL_LANES];
} ql_channel_lanes;

/* Slots that remain to be counted. What adds and what counts wait for different parts of a processor: done
 * together they take little longer than one of them. */
typedef struct {
    uint64_t *bin;
    size_t n;
    uint16_t slot[QL_BLOCK + QL_SPARE];
} ql_counting;

enum { QL_COUNTINGS = 2 };

typedef struct {
    const char *name;

    bool (*present)(void); /* can this machine run it? */

    /* n integers as numbers, (raw - zero) * scale; of bytes raw ^ flip */
    void (*bytes)(const uint8_t *raw, size_t n, uint8_t flip, int32_t zero, float scale, float *out);
    void (*words)(const int16_t *raw, size_t n, int32_t zero, float scale, float *out);

    /* n <= QL_BLOCK pairs. On the way QL_COUNTINGS lists are counted, which are empty then; NULL: none. */
    void (*sums)(const float *f, const float *q, size_t n, ql_block_sums *sums, ql_counting *lists);

    /* And the slots of the errors, as error_slots gives them, where max_abs * scale < QL_HIST_SIDE. */
    void (*sums_and_slots)(const float *f, const float *q, size_t n, ql_block_sums *sums, double scale,
                           uint16_t *slot, ql_counting *lists);

    /* Both of these for rows of `width` channels, a multiple of QL_LANES, rows * width <= QL_BLOCK: what the
     * lanes gather is added there, and ff and ee of the sums are 0. The sums' order is by lanes, then rows.
     */
    void (*sums_by_channel)(const float *f, const float *q, size_t rows, size_t width,
                            ql_channel_lanes *lanes, ql_block_sums *sums, double scale, uint16_t *slot,
                            ql_counting *lists);

    /* The range of n > 0 finite values; -0 taken as +0. */
    void (*range)(const float *x, size_t n, double *min, double *max);

    /* floor(x * scale) + QL_HIST_SIDE of n <= QL_BLOCK finite values x, which must come to 0 .. 2 *
     * QL_HIST_SIDE - 1; scale is a power of two, so that the product is exact. Where slots_take_all is set,
     * other values may be there, whose slots have no meaning. */
    bool slots_take_all;
    void (*slots)(const float *x, size_t n, double scale, uint16_t *slot);
    void (*error_slots)(const float *f, const float *q, size_t n, double scale, uint16_t *slot);

    /* Adds `rows` rows of pairs, a stride apart, of the first count * QL_LANES channels at f and q. */
    void (*channels)(const float *f, size_t f_stride, const float *q, size_t q_stride, size_t rows,
                     ql_channel_lanes *lanes, size_t count);

    /* Copies those of the n that are not `hot` to `rest`, which has room for n + QL_SPARE, and says how many:
     * after ReLU half of all values are 0, and one counter for them would wait for itself. NULL where that
     * would not be fast. */
    size_t (*squeeze)(const uint16_t *slot, size_t n, uint16_t hot, uint16_t *rest);
    size_t (*squeeze_bytes)(const uint8_t *raw, size_t n, uint8_t hot, uint8_t *rest);
} ql_loops;

/* From the plainest on; NULL past the last that was compiled. */
const ql_loops *ql_loops_at(int i);

/* The last that this machine can run. */
const ql_loops *ql_loops_best(void);

#endif
