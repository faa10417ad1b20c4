/* Vector primitives of NEON on 64-bit ARM: 4 lanes of 32 bits. What each does: simd.md. */
#ifndef QL_SIMD_VECTOR_H
#define QL_SIMD_VECTOR_H

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 4 };
typedef float32x4_t vf;
typedef int32x4_t vi;

static inline vf vf_load(const void *p)
{
    return vld1q_f32(p);
}
static inline vf vf_load_some(const void *p, size_t n)
{
    float some[LANES] = {0};
    memcpy(some, p, n * sizeof *some);
    return vld1q_f32(some);
}
static inline void vf_store(void *p, vf x)
{
    vst1q_f32(p, x);
}
static inline void vf_store_some(void *p, vf x, size_t n)
{
    float all[LANES];
    vst1q_f32(all, x);
    memcpy(p, all, n * sizeof *all);
}
static inline vf vf_set(float x)
{
    return vdupq_n_f32(x);
}
static inline vf vf_add(vf a, vf b)
{
    return vaddq_f32(a, b);
}
static inline vf vf_sub(vf a, vf b)
{
    return vsubq_f32(a, b);
}
static inline vf vf_mul(vf a, vf b)
{
    return vmulq_f32(a, b);
}
/* selects, because NEON's own minimum makes other NaNs and orders zeros */
static inline vf vf_clamp(vf x, vf low, vf high)
{
    vf raised = vbslq_f32(vcltq_f32(x, low), low, x);
    return vbslq_f32(vcltq_f32(high, raised), high, raised);
}
static inline vf vf_higher(vf x, vf than)
{
    return vbslq_f32(vcgtq_f32(x, than), x, than);
}
static inline vf vf_div(vf a, vf b)
{
    return vdivq_f32(a, b);
}
static inline vf vf_from(vi x)
{
    return vcvtq_f32_s32(x);
}

static inline vi vi_cut(vf x)
{
    return vcvtq_s32_f32(x);
}

static inline vi vi_load(const void *p)
{
    return vld1q_s32(p);
}
static inline void vi_store(void *p, vi x)
{
    vst1q_s32(p, x);
}
static inline vi vi_set(int32_t x)
{
    return vdupq_n_s32(x);
}
static inline vi vi_add(vi a, vi b)
{
    return vaddq_s32(a, b);
}
static inline vi vi_mul(vi a, vi b)
{
    return vmulq_s32(a, b);
}
static inline vi vi_load_i8(const void *p)
{
    int8_t bytes[8] = {0};
    memcpy(bytes, p, LANES);
    return vmovl_s16(vget_low_s16(vmovl_s8(vld1_s8(bytes))));
}
static inline vi vi_load_u8(const void *p)
{
    uint8_t bytes[8] = {0};
    memcpy(bytes, p, LANES);
    return vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(vmovl_u8(vld1_u8(bytes)))));
}
static inline vi vi_load_i16(const void *p)
{
    return vmovl_s16(vld1_s16(p));
}
static inline vi vi_clamp(vi x, vi low, vi high)
{
    return vminq_s32(high, vmaxq_s32(low, x));
}
static inline void vi_store_8(void *p, vi x, size_t n)
{
    int32_t all[LANES];
    vst1q_s32(all, x);
    for (size_t i = 0; i < n; i++) {
        ((uint8_t *)p)[i] = (uint8_t)all[i];
    }
}
static inline void vi_store_16(void *p, vi x, size_t n)
{
    int16_t all[LANES];
    vst1_s16(all, vmovn_s32(x));
    memcpy(p, all, n * sizeof *all);
}
static inline vi vi_sub(vi a, vi b)
{
    return vsubq_s32(a, b);
}
static inline vi vi_max(vi a, vi b)
{
    return vmaxq_s32(a, b);
}
static inline vi vi_and(vi a, vi b)
{
    return vandq_s32(a, b);
}
static inline vi vi_greater(vi a, vi b)
{
    return vreinterpretq_s32_u32(vcgtq_s32(a, b));
}
static inline vi vi_shift_left_all(vi x, int n)
{
    return vshlq_s32(x, vdupq_n_s32(n));
}
static inline vi vi_shift_right_all(vi x, int n)
{
    return vshlq_s32(x, vdupq_n_s32(-n));
}
static inline vi vi_high_rounded(vi a, vi b)
{
    return vqrdmulhq_s32(a, b);
}

static inline vi vi_some_i8(const void *p, size_t n)
{
    int8_t some[LANES] = {0};
    memcpy(some, p, n);
    return vi_load_i8(some);
}
static inline vi vi_some_u8(const void *p, size_t n)
{
    uint8_t some[LANES] = {0};
    memcpy(some, p, n);
    return vi_load_u8(some);
}
static inline vi vi_some_i16(const void *p, size_t n)
{
    int16_t some[LANES] = {0};
    memcpy(some, p, n * sizeof *some);
    return vi_load_i16(some);
}
static inline vi add_pairs(vi sum, vi x, vi w)
{
    int16x8_t a = vreinterpretq_s16_s32(x), b = vreinterpretq_s16_s32(w);
    int32x4_t low = vmull_s16(vget_low_s16(a), vget_low_s16(b)), high = vmull_high_s16(a, b);
    return vaddq_s32(sum, vpaddq_s32(low, high));
}

typedef float64x2_t vd;
static inline vd vd_low(vf x)
{
    return vcvt_f64_f32(vget_low_f32(x));
}
static inline vd vd_high(vf x)
{
    return vcvt_high_f64_f32(x);
}
static inline vf vf_of(vd low, vd high)
{
    return vcvt_high_f32_f64(vcvt_f32_f64(low), high);
}
static inline vd vd_set(double x)
{
    return vdupq_n_f64(x);
}
static inline vd vd_add(vd a, vd b)
{
    return vaddq_f64(a, b);
}
static inline vd vd_sub(vd a, vd b)
{
    return vsubq_f64(a, b);
}
static inline vd vd_mul(vd a, vd b)
{
    return vmulq_f64(a, b);
}
static inline vd vd_power(const uint64_t *powers, vd k)
{
    uint64x2_t bits = vreinterpretq_u64_f64(k);
    uint64x2_t first = vcombine_u64(vcreate_u64(powers[vgetq_lane_u64(bits, 0) & 31]),
                                    vcreate_u64(powers[vgetq_lane_u64(bits, 1) & 31]));
    return vreinterpretq_f64_u64(vaddq_u64(first, vshlq_n_u64(bits, 47)));
}
static inline vf vf_if_greater(vf a, vf b, vf yes, vf no)
{
    return vbslq_f32(vcgtq_f32(a, b), yes, no);
}
static inline vf vf_if_number(vf x, vf yes, vf no)
{
    return vbslq_f32(vceqq_f32(x, x), yes, no);
}
static inline vi vi_pick(const int32_t *table, vi i)
{
    int32_t at[LANES];
    vst1q_s32(at, i);
    for (int k = 0; k < LANES; k++) {
        at[k] = table[at[k]];
    }
    return vld1q_s32(at);
}
static inline vi vi_pick_pairs(const void *table, vi i)
{
    int32_t at[LANES];
    vst1q_s32(at, i);
    for (int k = 0; k < LANES; k++) {
        memcpy(&at[k], (const int16_t *)table + at[k], sizeof *at);
    }
    return vld1q_s32(at);
}

/* 64-bit products of even and odd lanes, and back from the low halves of both. */
typedef struct {
    vi even, odd;
} vi2;
#define HAS_TAILS 1
static inline vi2 vi_wide(vi a, vi b)
{
    int32x4_t x = vuzp1q_s32(a, b), y = vuzp2q_s32(a, b);
    return (vi2){vreinterpretq_s32_s64(vmull_s32(vget_low_s32(x), vget_high_s32(x))),
                 vreinterpretq_s32_s64(vmull_s32(vget_low_s32(y), vget_high_s32(y)))};
}
static inline vi vi_join(vi2 x)
{
    return vtrn1q_s32(x.even, x.odd);
}
static inline vi vi_add64(vi a, vi b)
{
    return vreinterpretq_s32_s64(vaddq_s64(vreinterpretq_s64_s32(a), vreinterpretq_s64_s32(b)));
}
static inline vi vi_shift_left64(vi x, vi n)
{
    return vreinterpretq_s32_s64(vshlq_s64(vreinterpretq_s64_s32(x), vreinterpretq_s64_s32(n)));
}
static inline vi vi_shift_right64(vi x, vi n)
{
    int64x2_t left = vnegq_s64(vreinterpretq_s64_s32(n));
    return vreinterpretq_s32_s64(vshlq_s64(vreinterpretq_s64_s32(x), left));
}
static inline vi vi_even64(vi x)
{
    return vtrn1q_s32(x, vdupq_n_s32(0));
}
static inline vi vi_odd64(vi x)
{
    return vtrn2q_s32(x, vdupq_n_s32(0));
}
static inline vi vi_set64(int64_t x)
{
    return vreinterpretq_s32_s64(vdupq_n_s64(x));
}
static inline vi vi_shift_left(vi x, vi n)
{
    return vshlq_s32(x, n);
}
static inline vi vi_shift_right(vi x, vi n)
{
    return vshlq_s32(x, vnegq_s32(n));
}
static inline vi vi_sign_bit(vi x)
{
    return vreinterpretq_s32_u32(vshrq_n_u32(vreinterpretq_u32_s32(x), 31));
}
static inline vi vi_add_if_greater(vi y, vi a, vi b)
{
    return vsubq_s32(y, vi_greater(a, b));
}

/* NEON's own conversions saturate. */
#define HAS_ROUNDING 1
static inline vf vf_even(vf x)
{
    return vrndnq_f32(x);
}
static inline vi vi_rounded_away(vf x)
{
    uint32x4_t fits = vcaltq_f32(x, vdupq_n_f32(0x1p31f));
    return vbslq_s32(fits, vcvtaq_s32_f32(x), vdupq_n_s32(INT32_MIN));
}
static inline vf vf_lower(vf x, vf than)
{
    return vbslq_f32(vcltq_f32(x, than), x, than);
}

#define HAS_DOUBLES 1
static inline int32x2_t doubled(int32x2_t x, const double *factors)
{
    float64x2_t y = vrndaq_f64(vmulq_f64(vcvtq_f64_s64(vmovl_s32(x)), vld1q_f64(factors)));
    uint64x2_t fits = vcaltq_f64(y, vdupq_n_f64(0x1p31));
    return vmovn_s64(vbslq_s64(fits, vcvtq_s64_f64(y), vdupq_n_s64(INT32_MIN)));
}
static inline vi vi_times(vi x, const double *factors)
{
    return vcombine_s32(doubled(vget_low_s32(x), factors), doubled(vget_high_s32(x), factors + 2));
}

#define HAS_LOOKUP 1
static inline vi vb_sixteen(const void *p)
{
    return vreinterpretq_s32_u8(vld1q_u8(p));
}
static inline vi vb_pick(vi sixteen, vi x)
{
    uint8x16_t at = vandq_u8(vreinterpretq_u8_s32(x), vdupq_n_u8(0x8f));
    return vreinterpretq_s32_u8(vqtbl1q_u8(vreinterpretq_u8_s32(sixteen), at));
}
static inline vi vb_less(vi x, int8_t n)
{
    return vreinterpretq_s32_s8(vqsubq_s8(vreinterpretq_s8_s32(x), vdupq_n_s8(n)));
}
static inline vi vb_flip(vi a, vi b)
{
    return veorq_s32(a, b);
}

#endif
