#include "runtime/ops/common/convolve.h"

#include "runtime/ops/common/densify.h"
#include "runtime/ops/common/fast.h"

#include <string.h>

enum { ALIGN = 64 };

/* One block of outputs at one position. */
typedef struct {
    const char *packed;
    int terms;
    ql_hybrid x;
    const float *scales; /* of the block's channels when terms are made float one by one */
} ql_block;

static size_t tap_bytes(const ql_conv *s)
{
    size_t weights = (size_t)(s->depthwise ? 1 : s->group_channels) * QL_LANES;
    return weights * (s->weight_type == QL_F32 ? sizeof(float) : sizeof(int16_t));
}

static void add(const ql_conv *s, const ql_block *b, const char *x, int terms, const char *packed,
                ql_sums *sums)
{
    if (b->scales) {
        ql_dot_scaled(sums, (const int8_t *)x, terms, (const int16_t *)packed, b->x.zero, b->scales,
                      b->x.scale);
    } else {
        s->dot(sums, x, terms, packed, b->x.zero);
    }
}

static void sum_row(const ql_conv *s, const ql_block *b, const char *row, const ql_taps *t,
                    const char *packed, ql_sums *sums)
{
    size_t tap = tap_bytes(s), pixel = (size_t)s->channels * s->element;
    if (t->count && t->in_step == 1 && t->k_step == 1 && s->channels == b->terms && !s->depthwise) {
        /* neighbouring taps lie side by side both in the image and in the weights */
        add(s, b, row + (size_t)t->in * pixel, b->terms * t->count, packed + (size_t)t->k * tap, sums);
        return;
    }
    for (int i = 0, in = t->in, k = t->k; i < t->count; i++, in += t->in_step, k += t->k_step) {
        add(s, b, row + (size_t)in * pixel, b->terms, packed + (size_t)k * tap, sums);
    }
}

static void sum_taps(const ql_conv *s, const ql_block *b, const char *image, const ql_taps taps[3],
                     ql_sums *sums)
{
    const ql_window *rows = &s->axes[1], *columns = &s->axes[2];
    size_t step = tap_bytes(s) * (size_t)columns->kernel;
    size_t row_bytes = (size_t)columns->in * (size_t)s->channels * s->element;
    for (int i = 0, z = taps[0].in, kz = taps[0].k; i < taps[0].count;
         i++, z += taps[0].in_step, kz += taps[0].k_step) {
        for (int j = 0, y = taps[1].in, ky = taps[1].k; j < taps[1].count;
             j++, y += taps[1].in_step, ky += taps[1].k_step) {
            const char *row = image + ((size_t)z * (size_t)rows->in + (size_t)y) * row_bytes;
            const char *packed = b->packed + ((size_t)kz * (size_t)rows->kernel + (size_t)ky) * step;
            sum_row(s, b, row, &taps[2], packed, sums);
        }
    }
}

/* All output channels of one position. */
static void convolve_at(const ql_call *c, const ql_conv *s, const char *image, const ql_taps taps[3],
                        ql_hybrid x, size_t at)
{
    int outputs = s->groups * s->group_outputs, group_blocks = ql_blocks(s->group_outputs);
    for (int oc = 0; oc < outputs;) {
        int group = oc / s->group_outputs, inside = oc % s->group_outputs;
        int lanes = s->group_outputs - inside < QL_LANES ? s->group_outputs - inside : QL_LANES;
        int channel = s->depthwise ? oc : group * s->group_channels;
        ql_block block = {
            .packed =
                (const char *)s->packed + (size_t)(group * group_blocks + inside / QL_LANES) * s->block_bytes,
            .terms = s->depthwise ? lanes : s->group_channels,
            .x = {x.scale, s->finish.weight_sums ? 0 : x.zero},
            .scales = s->term_scales ? s->term_scales + oc : NULL,
        };
        ql_sums sums = {{0}};
        if (s->start) {
            memcpy(sums.f32, (const float *)c->in[s->start]->data + oc, (size_t)lanes * sizeof(float));
        }
        sum_taps(s, &block, image + (size_t)channel * s->element, taps, &sums);
        s->finish.run(c, &s->finish, &sums, at + (size_t)oc, oc, lanes, x);
        oc += lanes;
    }
}

static size_t convolve_image(const ql_call *c, const ql_conv *s, const char *image, ql_hybrid x, size_t at)
{
    ql_taps (*taps_of)(const ql_window *, int) = s->transposed ? ql_taps_back : ql_taps_of;
    ql_taps taps[3];
    for (int z = 0; z < s->axes[0].out; z++) {
        taps[0] = taps_of(&s->axes[0], z);
        for (int y = 0; y < s->axes[1].out; y++) {
            taps[1] = taps_of(&s->axes[1], y);
            for (int column = 0; column < s->axes[2].out; column++) {
                taps[2] = taps_of(&s->axes[2], column);
                convolve_at(c, s, image, taps, x, at);
                at += (size_t)(s->groups * s->group_outputs);
            }
        }
    }
    return at;
}

static size_t group_bytes(const ql_conv *s)
{
    return ql_packed_bytes(s->weights.type, &s->layout);
}

static void pack_groups(const ql_conv *s, char *to)
{
    ql_layout layout = s->layout;
    for (int group = 0; group < s->groups; group++, to += group_bytes(s)) {
        ql_pack(to, &s->weights, &layout, s->weight_zero);
        layout.first += s->group_step;
    }
}

void ql_convolve(const ql_call *c, const ql_conv *s, ql_images images)
{
    if (s->fast) {
        ql_fast_run(c, s, images);
        return;
    }
    if (!s->packed) {
        ql_conv packed = *s;
        packed.packed = (char *)c->scratch + s->packed_at;
        pack_groups(s, packed.packed);
        ql_convolve(c, &packed, images);
        return;
    }
    size_t bytes = (size_t)s->axes[0].in * (size_t)s->axes[1].in * (size_t)s->axes[2].in *
                   (size_t)s->channels * s->element;
    size_t at = images.at;
    for (size_t n = 0; n < images.count; n++) {
        ql_hybrid x = images.scales ? images.scales[n] : (ql_hybrid){1, images.zero};
        at = convolve_image(c, s, (const char *)images.x + n * bytes, x, at);
    }
}

ql_code ql_need_weight_type(const ql_call *c, int x, int w)
{
    ql_type type = c->in[w]->type;
    bool small = type == QL_I8 || type == QL_I4 || type == QL_I2;
    bool fits = c->slot == QL_S_F32      ? type == QL_F32
                : c->slot == QL_S_U8     ? type == QL_U8
                : c->slot == QL_S_HYBRID ? small || type == QL_U8
                                         : small;
    if (!fits) {
        return ql_fail_in(c, w, QL_E_UNSUPPORTED,
                          "weights of type %s with activations of type %s: no kernel for it",
                          ql_type_name(type), ql_type_name(c->in[x]->type));
    }
    return QL_OK;
}

static ql_dot_fn dot_of(ql_slot slot, bool depthwise, bool wide)
{
    switch (slot) {
    case QL_S_F32:
        return depthwise ? ql_lanes_f32 : ql_dot_f32;
    case QL_S_U8:
        return depthwise ? ql_lanes_u8 : ql_dot_u8;
    case QL_S_I16:
        if (wide) {
            return depthwise ? ql_lanes_i16 : ql_dot_i16;
        }
        return depthwise ? ql_lanes_i16_i32 : ql_dot_i16_i32;
    default:
        return depthwise ? ql_lanes_i8 : ql_dot_i8;
    }
}

ql_code ql_conv_arithmetic(ql_call *c, ql_conv *s, ql_roles roles, int axis, int activation, int bias_type)
{
    int outputs = s->groups * s->group_outputs;
    ql_code code = ql_need_weight_type(c, roles.x, roles.w);
    code = code ? code : ql_check_bias(c, roles.bias, outputs);
    if (code) {
        return code;
    }
    bool narrow = bias_type == QL_I32 || (ql_has(c, roles.bias) && c->in[roles.bias]->type == QL_I32);
    bool wide = c->slot == QL_S_I16 && !narrow;
    s->weight_type = c->in[roles.w]->type;
    s->dot = dot_of(c->slot, s->depthwise, wide);
    s->element = c->slot == QL_S_F32 ? sizeof(float) : c->slot == QL_S_I16 ? sizeof(int16_t) : 1;
    s->weight_zero = c->slot == QL_S_U8 ? ql_zero(c->in[roles.w]) : 0;
    s->finish.roles = roles;
    s->finish.clamp_f32 = ql_activation_f32(activation);
    if (c->slot == QL_S_F32) {
        s->finish.run = ql_finish_f32;
        return QL_OK;
    }
    if (c->slot == QL_S_HYBRID) {
        s->finish.run = ql_finish_hybrid;
        return ql_check_weight_scales(c, roles.w, axis, outputs);
    }
    s->finish.run = wide ? ql_finish_16_wide : c->slot == QL_S_I16 ? ql_finish_16 : ql_finish_8;
    code = ql_conv_multipliers(c, roles, axis, outputs, &s->finish.multipliers);
    code = code ? code : ql_conv_factors_f32(c, roles, outputs, &s->finish.factors_f32);
    return code ? code : ql_activation_q(c, 0, activation, &s->finish.clamp);
}

ql_code ql_conv_pack(ql_call *c, ql_conv *s, ql_layout layout, size_t group_step)
{
    ql_view weights;
    if (c->look_only && !c->in[s->finish.roles.x]->known) {
        return QL_OK; /* nor will it be folded */
    }
    ql_code code = ql_dense_view(c, s->finish.roles.w, &weights);
    if (code) {
        return code;
    }
    if (c->slot == QL_S_HYBRID && weights.type == QL_U8) {
        weights.type = QL_I8;
    }
    code = ql_fast_prepare(c, s, &weights, layout, group_step);
    if (code || s->fast) {
        return code;
    }
    s->weights = weights;
    s->layout = layout;
    s->group_step = group_step;
    s->block_bytes = ql_packed_block_bytes(weights.type, &layout);
    size_t each = group_bytes(s), groups = (size_t)s->groups;
    bool left = false, read_apart = c->slot == QL_S_F32 && c->numerics->eigen_products; /* see product.h */
    s->packed = read_apart ? ql_plan_take(c, groups, each) : ql_pack_take(c, groups, each, &left);
    if (s->packed) {
        pack_groups(s, s->packed);
    } else if (left) {
        s->packed_at = (c->scratch_bytes + ALIGN - 1) / ALIGN * ALIGN;
        c->scratch_bytes = s->packed_at + groups * each;
    }
    return s->packed || left ? QL_OK : QL_E_NOMEM;
}

size_t ql_hybrid_scratch(size_t images, size_t count)
{
    return images * sizeof(ql_hybrid) + count;
}

ql_hybrid *ql_hybrid_images(const ql_isa *isa, const float *x, size_t count, size_t images, bool asymmetric,
                            void *to, const int8_t **q)
{
    size_t elements = images ? count / images : 0;
    ql_hybrid *scales = to;
    int8_t *integers = (int8_t *)(scales + images);
    *q = integers;
    for (size_t n = 0; n < images; n++) {
        scales[n] = (asymmetric ? ql_hybrid_asymmetric : ql_hybrid_symmetric)(isa, x + n * elements, elements,
                                                                              integers + n * elements);
    }
    return scales;
}
