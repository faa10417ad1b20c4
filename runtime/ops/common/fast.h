/* Convolutions and products with constant weights on the kernels of an instruction set: the bits of
 * convolve.c, by other means.
 *
 * A convolution is a matrix product whose rows are the inputs under the window. Nothing is laid out for it: a
 * row is read where it lies, as runs of neighbouring inputs, in the image itself or in a copy of some of its
 * lines that has the form that the kernels read and the zero point all around. Tiles of rows times blocks of
 * outputs are summed. Depthwise ones sum over taps where the inputs lie. Sums start at the bias where the
 * arithmetic is in integers, and a zero point is taken off by one subtraction an output,
 *
 *     sum of (x - zero) w = sum of x w - zero * sum of w   (modulo 2^32)
 *
 * or, with kernels of words, as lines are copied.
 *
 * A transposed convolution by strides is as many convolutions of stride 1, one a phase: outputs o with the
 * same remainder of o + before meet the same taps, every stride-th of the kernel.
 */
#ifndef QL_OPS_COMMON_FAST_H
#define QL_OPS_COMMON_FAST_H

#include "runtime/ops/common/convolve.h"

typedef enum {
    QL_FORM_F32,
    QL_FORM_WORDS, /* int16, the zero point taken off */
    QL_FORM_BYTES, /* uint8: x + 128 of an int8 */
} ql_fast_form;

enum {
    QL_FAST_TAPS = 256,              /* most taps of a depthwise one */
    QL_FAST_ROWS = 16 * QL_TILE_ROWS /* rows whose places are found at a time */
};

/* The weights as they are. Element of term k of output o of group g: layout of o and k, from g * group_step
 * on. */
typedef struct {
    ql_view weights;
    ql_layout layout;
    size_t group_step, terms;
} ql_fast_source;

/* Outputs of a transposed convolution that meet the same taps: which runs these are. */
typedef struct {
    size_t first_run, runs;
} ql_fast_phase;

typedef struct ql_fast {
    ql_fast_source source;
    ql_fast_form form;
    ql_type x_type; /* float32, int8, uint8 or int16 */
    ql_tile_fn tile;
    ql_taps_fn taps;
    ql_tail_fn tail;   /* NULL: finish.run does it, and adds the bias */
    bool fused;        /* the tile makes outputs of its sums itself */
    bool pointwise;    /* position p reads pixel p alone */
    bool in_place;     /* rows are read in the image */
    bool by_matrix;    /* see ql_fast_prepare_matrix */
    bool long_sums;    /* int32 may not hold a sum: it is made in parts of part_steps, added in int64 */
    ql_window axes[3]; /* how inputs are read; transposed: by outputs of one phase */
    const ql_fast_phase *phases; /* transposed: one for each remainder of rows, then of columns; else NULL */
    const size_t *tap_of;        /* transposed: the tap that each run is */
    int group_blocks;
    int pass_blocks; /* that are packed together: all, or as many of each group as scratch has room for */
    size_t runs, run_terms, steps, part_steps; /* steps: of a run */
    const size_t *run_at;
    size_t element;            /* bytes of an x as the tile reads it */
    size_t pixel, line, plane; /* bytes from one to the next, where rows are read */
    size_t copy_bytes;
    size_t lines;         /* of outputs, that are made from one copy of lines; pointwise: pixels */
    size_t row_bytes;     /* depthwise: of a tap's weights, a position's sums */
    size_t rows;          /* depthwise: summed at a time */
    size_t outside_bytes; /* depthwise: of zero points */
    size_t block_bytes;   /* of packed weights */
    size_t scratch_at, places_at, rows_at,
        sums_at; /* in scratch: where sums start; of rows; lines (depthwise: zero points); depthwise: sums */
    int parts;   /* that the work is cut into, for as many threads */
    size_t span; /* in scratch: from what a part writes to what the next does */
    size_t packed_at; /* in scratch: a pass of packed weights, where they are not kept */
    void *packed;     /* all weights; NULL: packed in each run */
    /* one a channel, groups filled up to whole blocks */
    int32_t *start, *weight_sums, *m, *shift;
    float *bias, *w_scales;
    double *factors;
} ql_fast;

/* Sets s->fast when the call's instruction set has the kernels; else leaves it NULL. `weights`, layout and
 * group_step as for ql_conv_pack; s->finish must be complete. Asks for scratch memory behind what
 * c->scratch_bytes says. */
ql_code ql_fast_prepare(ql_call *c, ql_conv *s, const ql_view *weights, ql_layout layout, size_t group_step);

/* The same for products with one matrix after another of weights that are read when the operator runs: types
 * float32 and int8, one position an image. Before a walk, s->fast->packed must be a matrix that
 * ql_fast_pack_matrix has laid out, in ql_fast_matrix_bytes: 0 where s->fast is NULL. */
ql_code ql_fast_prepare_matrix(ql_call *c, ql_conv *s, ql_layout layout);
size_t ql_fast_matrix_bytes(const ql_conv *s);
void ql_fast_pack_matrix(const ql_conv *s, const ql_view *weights, size_t first, char *to);

/* As ql_convolve. */
void ql_fast_run(const ql_call *c, const ql_conv *s, ql_images images);

/* --- Between the files of it --- */

/* Channel arrays: where channel `inside` of `group` is. */
static inline size_t ql_fast_at(const ql_fast *f, int group, int inside)
{
    return (size_t)group * (size_t)f->group_blocks * QL_BLOCK + (size_t)inside;
}

/* Inputs along an axis that lie between the first and the last that `outputs` > 0 of them read. */
static inline size_t ql_fast_lines(const ql_window *w, size_t outputs)
{
    return (outputs - 1) * (size_t)w->stride + (size_t)(w->kernel - 1) * (size_t)w->dilation + 1;
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
ql_tail ql_fast_tail(const ql_call *c, const ql_conv *s, const ql_fast_sums *sums);
void ql_fast_finish(const ql_call *c, const ql_conv *s, const ql_fast_sums *sums);

/* Copies what the outputs of `lines` lines from (z, y) on read, the zero point around it; pointwise: as many
 * pixels from y on. */
void ql_fast_copy(const ql_conv *s, const char *image, int z, size_t y, size_t lines, int32_t zero, char *to);

/* What the values of the weights allow. */
typedef struct {
    int64_t largest, total; /* |w|; the largest sum of |w| of an output */
    bool finite;            /* floats */
} ql_survey;

/* The sum of each channel's weights (0 for floats), and what is found of all of them. */
void ql_fast_survey(const ql_conv *s, const ql_fast *f, int32_t *sums, ql_survey *found);

/* Packs blocks first .. first + count - 1 of every group, `count` a group, into zeroed memory. */
void ql_fast_pack(const ql_conv *s, const ql_fast *f, int first, int count, char *to);

/* Depthwise: into f->packed, a row of all channels for each tap. */
void ql_fast_pack_taps(const ql_conv *s, const ql_fast *f);

void ql_fast_depthwise(const ql_call *c, const ql_conv *s, ql_images images);

#endif
