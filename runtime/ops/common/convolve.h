/* Convolution over up to three dimensions, forward or transposed, with groups or one input channel an output;
 * a fully connected layer and a matrix product are its case of one position an image.
 *
 * Image n of shape [in0, in1, in2, channels] becomes [out0, out1, out2, groups * group_outputs] at
 * output 0. For every output the terms are summed in the order of input coordinates, then input channels, as
 * the reference does. Where the exec's instruction set has kernels for it, fast.h does the same in another
 * way.
 */
#ifndef QL_OPS_COMMON_CONVOLVE_H
#define QL_OPS_COMMON_CONVOLVE_H

#include "runtime/ops/common/finish.h"
#include "runtime/ops/common/window.h"

typedef struct {
    ql_window axes[3]; /* depth, rows, columns; QL_ONE_POSITION where there is no such dimension */
    bool transposed;
    bool depthwise;                                      /* output channel i reads input channel i alone */
    int channels, group_channels, groups, group_outputs; /* depthwise: group_channels and groups are 1 */
    void *packed;                                        /* see ql_conv_pack; NULL: packed in each run */
    ql_view weights;                                     /* dense; with the next three, for that */
    ql_layout layout;
    size_t group_step, packed_at; /* packed_at: in scratch */
    size_t block_bytes;           /* of one block of outputs */
    size_t element;               /* bytes of one x as the dot reads it */
    int32_t weight_zero;          /* taken off by ql_conv_pack */
    ql_type weight_type;
    ql_dot_fn dot;
    const float
        *term_scales; /* ql_blocks whole blocks: not sums but every term is made float: see ql_dot_scaled */
    int start;        /* float: the input whose values sums start at; 0 = none, they start at 0 */
    ql_finish finish;
    const struct ql_fast *fast; /* the same on the exec's instruction set; NULL: the portable loops */
} ql_conv;

#define QL_ONE_POSITION ((ql_window){.in = 1, .kernel = 1, .stride = 1, .dilation = 1, .out = 1, .before = 0})

/* What one walk reads and where it writes: image i starts at x, its outputs at `at` + i * outputs. */
typedef struct {
    const void *x;
    size_t count, at;
    int32_t zero;            /* of x */
    const ql_hybrid *scales; /* hybrid: one an image, taking the place of `zero` */
} ql_images;

void ql_convolve(const ql_call *c, const ql_conv *s, ql_images images);

/* Chooses dot, finish, multipliers and clamps for c->slot, checking weights, bias and quantization: weight
 * scales along `axis` of the weights, bias_type as in the options (QL_F32: unspecified). Hybrid weights of
 * uint8 are signed bytes, as old files have them. group_* and channels must be set. */
ql_code ql_conv_arithmetic(ql_call *c, ql_conv *s, ql_roles roles, int axis, int activation, int bias_type);

/* Packs the weights (dense or sparse) of all groups; group g starts at element g * group_step of them. A
 * kernel has as many terms as layout->runs * layout->terms. The weights' value must be known. Where the plan
 * has no room for them, asks for scratch memory behind what c->scratch_bytes says, and each run packs them
 * again. */
ql_code ql_conv_pack(ql_call *c, ql_conv *s, ql_layout layout, size_t group_step);

/* Fails for weights of a type that no kernel of the slot reads. */
ql_code ql_need_weight_type(const ql_call *c, int x, int w);

/* The zero point of input x, 0 where it is float. */
static inline int32_t ql_conv_zero(const ql_call *c, int x)
{
    return c->slot == QL_S_I8 || c->slot == QL_S_U8 ? ql_zero(c->in[x]) : 0;
}

/* Hybrid: quantizes each of `images` equal parts of `count` floats into `to`, which has ql_hybrid_scratch
 * bytes. *q = the integers; returns one scale an image. */
size_t ql_hybrid_scratch(size_t images, size_t count);
ql_hybrid *ql_hybrid_images(const ql_isa *isa, const float *x, size_t count, size_t images, bool asymmetric,
                            void *to, const int8_t **q);

#endif
