/* Convolutions and products with constant weights on the kernels of an instruction set: the bits of
 * convolve.c, by other means.
 *
 * A convolution becomes a matrix product: some positions at a time, the inputs under the window are laid out
 * as rows in scratch memory (places outside the image hold the zero point), and tiles of rows times blocks of
 * outputs are summed. Depthwise ones sum over taps where the inputs lie. Sums start at the bias where the
 * arithmetic is in integers, and a zero point is taken off by one subtraction an output,
 *
 *     sum of (x - zero) w = sum of x w - zero * sum of w   (modulo 2^32)
 *
 * or, with kernels of words, as rows are laid out.
 */
#ifndef QL_OPS_COMMON_FAST_H
#define QL_OPS_COMMON_FAST_H

#include "runtime/ops/common/convolve.h"

typedef enum {
    QL_FORM_F32,
    QL_FORM_WORDS, /* int16, the zero point taken off */
    QL_FORM_BYTES, /* uint8: x + 128 of an int8 */
} ql_fast_form;

enum { QL_FAST_TAPS = 256 }; /* most taps of a depthwise one */

/* The weights as they are. Element of term k of output o of group g: layout of o and k, from g * group_step
 * on. */
typedef struct {
    ql_view weights;
    ql_layout layout;
    size_t group_step, terms;
} ql_fast_source;

typedef struct ql_fast {
    ql_fast_source source;
    ql_fast_form form;
    ql_type x_type; /* float32, int8, uint8 or int16 */
    ql_tile_fn tile;
    ql_taps_fn taps;
    ql_tail_fn tail; /* NULL: finish.run does it, and adds the bias */
    bool pointwise;  /* position p reads pixel p alone */
    bool direct;     /* rows of x can be read where they are */
    bool long_sums;  /* int32 may not hold a sum: it is made in parts of part_steps, added in int64 */
    int group_blocks;
    int pass_blocks; /* that are packed together: all, or as many of each group as scratch has room for */
    size_t steps, part_steps;
    size_t row_bytes;   /* of a row that is laid out; depthwise: of a tap's weights, a position's sums */
    size_t rows;        /* laid out at a time; depthwise: summed at a time */
    size_t block_bytes; /* of packed weights */
    size_t scratch_at, rows_at, sums_at; /* in scratch: where sums start; rows (depthwise: the zero point as
                                            often as there are channels); depthwise: sums */
    size_t packed_at;                    /* in scratch: a pass of packed weights, where they are not kept */
    void *packed;                        /* all weights; NULL: packed in each run */
    /* one a channel, groups filled up to whole blocks */
    int32_t *start, *weight_sums, *m, *shift;
    float *bias, *w_scales;
    double *factors;
} ql_fast;

/* Sets s->fast when the call's instruction set has the kernels; else leaves it NULL. `weights`, layout and
 * group_step as for ql_conv_pack; s->finish must be complete. Asks for scratch memory behind what
 * c->scratch_bytes says. */
ql_code ql_fast_prepare(ql_call *c, ql_conv *s, const ql_view *weights, ql_layout layout, size_t group_step);

/* As ql_convolve. */
void ql_fast_run(const ql_call *c, const ql_conv *s, ql_images images);

/* --- Between the files of it --- */

/* Channel arrays: where channel `inside` of `group` is. */
static inline size_t ql_fast_at(const ql_fast *f, int group, int inside)
{
    return (size_t)group * (size_t)f->group_blocks * QL_BLOCK + (size_t)inside;
}

/* Where the sums of each channel start for a zero point of x. */
void ql_fast_start(const ql_conv *s, int32_t zero, int32_t *start);

/* Rescales and stores `rows` rows of `count` channels from (group, inside) on; row r's first output is
 * output 0's element at + r * step. */
typedef struct {
    const int32_t *sums;
    size_t sums_stride;
    int group, inside, rows;
    size_t count, at, step;
    ql_hybrid x;
} ql_fast_sums;
void ql_fast_finish(const ql_call *c, const ql_conv *s, const ql_fast_sums *sums);

/* Lays out the inputs of positions first .. first + rows - 1 of one image and one group. */
void ql_fast_lay_out(const ql_conv *s, const char *image, int group, size_t first, size_t rows, int32_t zero,
                     char *to);

/* Packs blocks first .. first + count - 1 of every group, `count` a group, into zeroed memory. */
void ql_fast_pack(const ql_conv *s, const ql_fast *f, int first, int count, char *to);

void ql_fast_depthwise(const ql_call *c, const ql_conv *s, ql_images images);

#endif
