/* From sums to outputs, over the vector primitives: the arithmetic of runtime/ops/common/finish.c. */
#include "runtime/simd/simd.h"
#include "runtime/tensor/fixed.h"

static inline size_t lanes_left(const ql_tail *t, size_t at)
{
    return t->count - at < LANES ? t->count - at : LANES;
}

/* TAIL(name, element, params, value, store): for each vector of channels `params`, then down the rows the
 * value of a vector of sums, which `value` makes of where they lie. */
#define TAIL(name, element, params_type, params_of, value, store)                                            \
    static void name(const ql_tail *t)                                                                       \
    {                                                                                                        \
        for (size_t at = 0; at < t->count; at += LANES) {                                                    \
            params_type params = params_of(t, at);                                                           \
            size_t n = lanes_left(t, at);                                                                    \
            const char *sums = (const char *)(t->sums + at);                                                 \
            char *y = (char *)t->y + at * sizeof(element);                                                   \
            for (int r = 0; r < t->rows; r++, sums += t->sums_stride, y += t->y_stride) {                    \
                store(y, value(&params, sums), n);                                                           \
            }                                                                                                \
        }                                                                                                    \
    }

static inline void vf_store_n(void *y, vf x, size_t n)
{
    if (n == LANES) {
        vf_store(y, x);
    } else {
        vf_store_some(y, x, n);
    }
}

typedef struct {
    vf bias, low, high, w, x, both;
    bool apart;
} float_params;

static inline float_params float_params_of(const ql_tail *t, size_t at)
{
    return (float_params){.bias = t->bias ? vf_load(t->bias + at) : vf_set(0.0f),
                          .low = vf_set(t->low_f32),
                          .high = vf_set(t->high_f32)};
}

static inline float_params hybrid_params_of(const ql_tail *t, size_t at)
{
    float_params p = float_params_of(t, at);
    p.w = vf_load(t->w_scales + at);
    p.x = vf_set(t->x_scale);
    p.both = vf_mul(p.x, p.w);
    p.apart = t->scales_apart;
    return p;
}

static inline vf with_bias(const float_params *p, vf sum)
{
    return vf_clamp(vf_add(sum, p->bias), p->low, p->high);
}

static inline vf loaded_with_bias(const float_params *p, const void *sums)
{
    return with_bias(p, vf_load(sums));
}
TAIL(tail_f32, float, float_params, float_params_of, loaded_with_bias, vf_store_n)

static inline vf scaled(const float_params *p, const void *sums)
{
    vf sum = vf_from(vi_load(sums));
    sum = p->apart ? vf_mul(vf_mul(sum, p->w), p->x) : vf_mul(sum, p->both);
    return vf_clamp(vf_add(sum, p->bias), p->low, p->high);
}
TAIL(tail_hybrid, float, float_params, hybrid_params_of, scaled, vf_store_n)

#ifdef HAS_TAILS
typedef struct {
    vi m, left, right, mask, half, zero, low, high;
    bool raises; /* some left is not 0 */
} twice_params;

static inline twice_params twice_params_of(const ql_tail *t, size_t at)
{
    vi shift = vi_load(t->shift + at), none = vi_set(0);
    twice_params p = {.m = vi_load(t->m + at), .zero = vi_set(t->zero)};
    p.left = vi_max(shift, none);
    p.right = vi_max(vi_sub(none, shift), none);
    p.mask = vi_sub(vi_shift_left(vi_set(1), p.right), vi_set(1));
    p.half = vi_shift_right(p.mask, vi_set(1));
    p.low = vi_set(t->low);
    p.high = vi_set(t->high);
    for (size_t i = 0; i < LANES && at + i < t->count; i++) {
        p.raises |= t->shift[at + i] > 0;
    }
    return p;
}

/* ql_mul32, rounding twice: high half, then x / 2^right half away from zero. */
static inline vi rescaled_twice(const twice_params *p, const void *sums)
{
    vi x = vi_load(sums);
    x = vi_high_rounded(p->raises ? vi_shift_left(x, p->left) : x, p->m);
    vi y =
        vi_add_if_greater(vi_shift_right(x, p->right), vi_and(x, p->mask), vi_add(p->half, vi_sign_bit(x)));
    return vi_clamp(vi_add(y, p->zero), p->low, p->high);
}
TAIL(twice_8, int8_t, twice_params, twice_params_of, rescaled_twice, vi_store_8)
TAIL(twice_16, int16_t, twice_params, twice_params_of, rescaled_twice, vi_store_16)

typedef struct {
    vi m;
    vi2 total, half; /* of even and odd lanes */
    vi zero, low, high;
} once_params;

static inline once_params once_params_from(const ql_tail *t, size_t at, int bits)
{
    vi total = vi_sub(vi_set(bits), vi_load(t->shift + at)), one = vi_set64(1), less = vi_set64(-1);
    once_params p = {.m = vi_load(t->m + at),
                     .total = {vi_even64(total), vi_odd64(total)},
                     .zero = vi_set(t->zero),
                     .low = vi_set(t->low),
                     .high = vi_set(t->high)};
    p.half.even = vi_shift_left64(one, vi_add64(p.total.even, less));
    p.half.odd = vi_shift_left64(one, vi_add64(p.total.odd, less));
    return p;
}

static inline once_params once_params_of(const ql_tail *t, size_t at)
{
    return once_params_from(t, at, 31);
}

static inline once_params wide_params_of(const ql_tail *t, size_t at)
{
    return once_params_from(t, at, 15);
}

/* (x * m + 2^(total-1)) >> total in 64 bits. */
static inline vi rescaled_once(const once_params *p, const void *sums)
{
    vi2 x = vi_wide(vi_load(sums), p->m);
    x.even = vi_shift_right64(vi_add64(x.even, p->half.even), p->total.even);
    x.odd = vi_shift_right64(vi_add64(x.odd, p->half.odd), p->total.odd);
    return vi_clamp(vi_add(vi_join((vi2){vi_even64(x.even), x.odd}), p->zero), p->low, p->high);
}
TAIL(once_8, int8_t, once_params, once_params_of, rescaled_once, vi_store_8)
TAIL(once_16, int16_t, once_params, once_params_of, rescaled_once, vi_store_16)
TAIL(tail_wide, int16_t, once_params, wide_params_of, rescaled_once, vi_store_16)

#ifdef HAS_DOUBLES
typedef struct {
    const double *factors;
    vi zero, low, high;
} double_params;

static inline double_params double_params_of(const ql_tail *t, size_t at)
{
    return (double_params){t->factors + at, vi_set(t->zero), vi_set(t->low), vi_set(t->high)};
}

static inline vi rescaled_double(const double_params *p, const void *sums)
{
    return vi_clamp(vi_add(vi_times(vi_load(sums), p->factors), p->zero), p->low, p->high);
}
TAIL(tail_double_8, int8_t, double_params, double_params_of, rescaled_double, vi_store_8)
TAIL(tail_double_16, int16_t, double_params, double_params_of, rescaled_double, vi_store_16)
#endif

static void tail_8(const ql_tail *t)
{
    (t->single ? once_8 : twice_8)(t);
}

static void tail_16(const ql_tail *t)
{
    (t->single ? once_16 : twice_16)(t);
}
#else
/* Without shifts by lane: one by one. */
static inline int32_t rescaled(const ql_tail *t, int32_t sum, size_t i)
{
    ql_mult by = {t->m[i], t->shift[i]};
    int32_t y = t->single ? ql_mul32(sum, by, QL_ROUND_SINGLE) : ql_mul32(sum, by, QL_ROUND_DOUBLE);
    return ql_wrap_add(y, t->zero);
}

static inline int32_t rescaled_wide(const ql_tail *t, int32_t sum, size_t i)
{
    int total = 15 - t->shift[i];
    return (int32_t)(((int64_t)sum * t->m[i] + ((int64_t)1 << (total - 1))) >> total);
}

#define TAIL_BY_ONE(name, element, value)                                                                    \
    static void name(const ql_tail *t)                                                                       \
    {                                                                                                        \
        for (int r = 0; r < t->rows; r++) {                                                                  \
            const int32_t *sums =                                                                            \
                (const int32_t *)(const void *)((const char *)t->sums + (size_t)r * t->sums_stride);         \
            element *y = (element *)(void *)((char *)t->y + (size_t)r * t->y_stride);                        \
            for (size_t i = 0; i < t->count; i++) {                                                          \
                y[i] = (element)ql_clamp(value(t, sums[i], i), t->low, t->high);                             \
            }                                                                                                \
        }                                                                                                    \
    }
TAIL_BY_ONE(tail_8, int8_t, rescaled)
TAIL_BY_ONE(tail_16, int16_t, rescaled)
TAIL_BY_ONE(tail_wide, int16_t, rescaled_wide)
#endif
