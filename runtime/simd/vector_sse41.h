/* Vector primitives of SSE4.1: 4 lanes of 32 bits. What each does: simd.md. It has no shifts by lane, hence
 * no integer tails. */
#ifndef QL_SIMD_VECTOR_H
#define QL_SIMD_VECTOR_H

#include <smmintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 4 };
typedef __m128 vf;
typedef __m128i vi;

static inline vf vf_load(const void *p)
{
    return _mm_loadu_ps(p);
}
static inline vf vf_load_some(const void *p, size_t n)
{
    float some[LANES] = {0};
    memcpy(some, p, n * sizeof *some);
    return _mm_loadu_ps(some);
}
static inline void vf_store(void *p, vf x)
{
    _mm_storeu_ps(p, x);
}
static inline void vf_store_some(void *p, vf x, size_t n)
{
    float all[LANES];
    _mm_storeu_ps(all, x);
    memcpy(p, all, n * sizeof *all);
}
static inline vf vf_set(float x)
{
    return _mm_set1_ps(x);
}
static inline vf vf_add(vf a, vf b)
{
    return _mm_add_ps(a, b);
}
static inline vf vf_sub(vf a, vf b)
{
    return _mm_sub_ps(a, b);
}
static inline vf vf_mul(vf a, vf b)
{
    return _mm_mul_ps(a, b);
}
static inline vf vf_clamp(vf x, vf low, vf high)
{
    return _mm_min_ps(high, _mm_max_ps(low, x));
}
static inline vf vf_from(vi x)
{
    return _mm_cvtepi32_ps(x);
}

static inline vi vi_cut(vf x)
{
    return _mm_cvttps_epi32(x);
}

static inline vi vi_load(const void *p)
{
    return _mm_loadu_si128(p);
}
static inline void vi_store(void *p, vi x)
{
    _mm_storeu_si128(p, x);
}
static inline vi vi_set(int32_t x)
{
    return _mm_set1_epi32(x);
}
static inline vi vi_add(vi a, vi b)
{
    return _mm_add_epi32(a, b);
}
static inline vi vi_mul(vi a, vi b)
{
    return _mm_mullo_epi32(a, b);
}
static inline vi vi_load_i8(const void *p)
{
    int32_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    return _mm_cvtepi8_epi32(_mm_cvtsi32_si128(bytes));
}
static inline vi vi_load_u8(const void *p)
{
    int32_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    return _mm_cvtepu8_epi32(_mm_cvtsi32_si128(bytes));
}
static inline vi vi_load_i16(const void *p)
{
    return _mm_cvtepi16_epi32(_mm_loadl_epi64(p));
}
static inline vi vi_clamp(vi x, vi low, vi high)
{
    return _mm_min_epi32(high, _mm_max_epi32(low, x));
}
static inline void vi_store_8(void *p, vi x, size_t n)
{
    const __m128i low_bytes = _mm_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    int32_t bytes = _mm_cvtsi128_si32(_mm_shuffle_epi8(x, low_bytes));
    memcpy(p, &bytes, n);
}
static inline void vi_store_16(void *p, vi x, size_t n)
{
    __m128i low = _mm_and_si128(x, _mm_set1_epi32(0xffff));
    int64_t words = _mm_cvtsi128_si64(_mm_packus_epi32(low, low));
    memcpy(p, &words, n * sizeof(int16_t));
}
static inline vi vi_sub(vi a, vi b)
{
    return _mm_sub_epi32(a, b);
}
static inline vi vi_max(vi a, vi b)
{
    return _mm_max_epi32(a, b);
}
static inline vi vi_and(vi a, vi b)
{
    return _mm_and_si128(a, b);
}
static inline vi vi_greater(vi a, vi b)
{
    return _mm_cmpgt_epi32(a, b);
}
static inline vi vi_shift_left_all(vi x, int n)
{
    return _mm_sll_epi32(x, _mm_cvtsi32_si128(n));
}
static inline vi vi_shift_right_all(vi x, int n)
{
    return _mm_sra_epi32(x, _mm_cvtsi32_si128(n));
}
static inline vi vi_high_rounded(vi a, vi b)
{
    __m128i half = _mm_set1_epi64x(1 << 30);
    __m128i even = _mm_mul_epi32(a, b), odd = _mm_mul_epi32(_mm_srli_epi64(a, 32), _mm_srli_epi64(b, 32));
    even = _mm_srli_epi64(_mm_add_epi64(even, half), 31);
    odd = _mm_slli_epi64(_mm_add_epi64(odd, half), 1);
    return _mm_blend_epi16(even, odd, 0xCC);
}

#define HAS_ROUNDING 1
static inline vf vf_div(vf a, vf b)
{
    return _mm_div_ps(a, b);
}
static inline vf vf_even(vf x)
{
    return _mm_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
static inline vi vi_rounded_away(vf x)
{
    vf whole = _mm_round_ps(x, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC), sign = _mm_set1_ps(-0.0f);
    vf rest = _mm_andnot_ps(sign, _mm_sub_ps(x, whole));
    vf one = _mm_or_ps(_mm_and_ps(x, sign), _mm_set1_ps(1.0f));
    return _mm_cvttps_epi32(_mm_add_ps(whole, _mm_and_ps(_mm_cmpge_ps(rest, _mm_set1_ps(0.5f)), one)));
}
static inline vf vf_lower(vf x, vf than)
{
    return _mm_min_ps(x, than);
}
static inline vf vf_higher(vf x, vf than)
{
    return _mm_max_ps(x, than);
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
    return _mm_add_epi32(sum, _mm_madd_epi16(x, w));
}

#define HAS_LOOKUP 1
static inline vi vb_sixteen(const void *p)
{
    return _mm_loadu_si128(p);
}
static inline vi vb_pick(vi sixteen, vi x)
{
    return _mm_shuffle_epi8(sixteen, x);
}
static inline vi vb_less(vi x, int8_t n)
{
    return _mm_subs_epi8(x, _mm_set1_epi8(n));
}
static inline vi vb_flip(vi a, vi b)
{
    return _mm_xor_si128(a, b);
}

typedef __m128d vd;
static inline vd vd_low(vf x)
{
    return _mm_cvtps_pd(x);
}
static inline vd vd_high(vf x)
{
    return _mm_cvtps_pd(_mm_movehl_ps(x, x));
}
static inline vf vf_of(vd low, vd high)
{
    return _mm_movelh_ps(_mm_cvtpd_ps(low), _mm_cvtpd_ps(high));
}
static inline vd vd_set(double x)
{
    return _mm_set1_pd(x);
}
static inline vd vd_add(vd a, vd b)
{
    return _mm_add_pd(a, b);
}
static inline vd vd_sub(vd a, vd b)
{
    return _mm_sub_pd(a, b);
}
static inline vd vd_mul(vd a, vd b)
{
    return _mm_mul_pd(a, b);
}
static inline vd vd_power(const uint64_t *powers, vd k)
{
    __m128i bits = _mm_castpd_si128(k);
    uint64_t low = (uint64_t)_mm_cvtsi128_si64(bits), high = (uint64_t)_mm_extract_epi64(bits, 1);
    __m128i first = _mm_set_epi64x((int64_t)powers[high & 31], (int64_t)powers[low & 31]);
    return _mm_castsi128_pd(_mm_add_epi64(first, _mm_slli_epi64(bits, 47)));
}
static inline vf vf_if_greater(vf a, vf b, vf yes, vf no)
{
    return _mm_blendv_ps(no, yes, _mm_cmpgt_ps(a, b));
}
static inline vf vf_if_number(vf x, vf yes, vf no)
{
    return _mm_blendv_ps(no, yes, _mm_cmpord_ps(x, x));
}
static inline vi vi_pick(const int32_t *table, vi i)
{
    return _mm_setr_epi32(table[_mm_cvtsi128_si32(i)], table[_mm_extract_epi32(i, 1)],
                          table[_mm_extract_epi32(i, 2)], table[_mm_extract_epi32(i, 3)]);
}
static inline vi vi_pick_pairs(const void *table, vi i)
{
    int32_t at[LANES], pairs[LANES];
    _mm_storeu_si128((__m128i *)at, i);
    for (int k = 0; k < LANES; k++) {
        memcpy(&pairs[k], (const int16_t *)table + at[k], sizeof *pairs);
    }
    return _mm_loadu_si128((const __m128i *)pairs);
}

#endif
