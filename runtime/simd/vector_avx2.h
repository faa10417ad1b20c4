/* Vector primitives of AVX2: 8 lanes of 32 bits. What each does: simd.md. */
#ifndef QL_SIMD_VECTOR_H
#define QL_SIMD_VECTOR_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 8 };
typedef __m256 vf;
typedef __m256i vi;

static inline vf vf_load(const void *p)
{
    return _mm256_loadu_ps(p);
}
static inline vi first(size_t n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline vf vf_load_some(const void *p, size_t n)
{
    return _mm256_maskload_ps(p, first(n));
}
static inline void vf_store(void *p, vf x)
{
    _mm256_storeu_ps(p, x);
}
static inline void vf_store_some(void *p, vf x, size_t n)
{
    _mm256_maskstore_ps(p, first(n), x);
}
static inline vf vf_set(float x)
{
    return _mm256_set1_ps(x);
}
static inline vf vf_add(vf a, vf b)
{
    return _mm256_add_ps(a, b);
}
static inline vf vf_sub(vf a, vf b)
{
    return _mm256_sub_ps(a, b);
}
static inline vf vf_mul(vf a, vf b)
{
    return _mm256_mul_ps(a, b);
}
static inline vf vf_clamp(vf x, vf low, vf high)
{
    return _mm256_min_ps(high, _mm256_max_ps(low, x));
}
static inline vf vf_from(vi x)
{
    return _mm256_cvtepi32_ps(x);
}

static inline vi vi_cut(vf x)
{
    return _mm256_cvttps_epi32(x);
}

static inline vi vi_load(const void *p)
{
    return _mm256_loadu_si256(p);
}
static inline void vi_store(void *p, vi x)
{
    _mm256_storeu_si256(p, x);
}
static inline vi vi_set(int32_t x)
{
    return _mm256_set1_epi32(x);
}
static inline vi vi_add(vi a, vi b)
{
    return _mm256_add_epi32(a, b);
}
static inline vi vi_mul(vi a, vi b)
{
    return _mm256_mullo_epi32(a, b);
}
static inline vi vi_clamp(vi x, vi low, vi high)
{
    return _mm256_min_epi32(high, _mm256_max_epi32(low, x));
}
static inline vi vi_load_i8(const void *p)
{
    return _mm256_cvtepi8_epi32(_mm_loadl_epi64(p));
}
static inline vi vi_load_u8(const void *p)
{
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64(p));
}
static inline vi vi_load_i16(const void *p)
{
    return _mm256_cvtepi16_epi32(_mm_loadu_si128(p));
}
static inline void vi_store_8(void *p, vi x, size_t n)
{
    const __m256i low_bytes = _mm256_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0,
                                               4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    __m256i packed = _mm256_shuffle_epi8(x, low_bytes);
    __m128i bytes = _mm_unpacklo_epi32(_mm256_castsi256_si128(packed), _mm256_extracti128_si256(packed, 1));
    if (n == LANES) {
        _mm_storel_epi64(p, bytes);
        return;
    }
    int64_t all = _mm_cvtsi128_si64(bytes);
    memcpy(p, &all, n);
}
static inline void vi_store_16(void *p, vi x, size_t n)
{
    __m256i low = _mm256_and_si256(x, _mm256_set1_epi32(0xffff));
    __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1));
    if (n == LANES) {
        _mm_storeu_si128(p, words);
        return;
    }
    int16_t all[LANES];
    _mm_storeu_si128((__m128i *)all, words);
    memcpy(p, all, n * sizeof *all);
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
    return _mm256_add_epi32(sum, _mm256_madd_epi16(x, w));
}

/* 64-bit products of even and odd lanes, and back from the low halves of both. */
typedef struct {
    vi even, odd;
} vi2;
#define HAS_TAILS 1
static inline vi2 vi_wide(vi a, vi b)
{
    return (vi2){_mm256_mul_epi32(a, b),
                 _mm256_mul_epi32(_mm256_srli_epi64(a, 32), _mm256_srli_epi64(b, 32))};
}
static inline vi vi_join(vi2 x)
{
    return _mm256_blend_epi32(x.even, _mm256_slli_epi64(x.odd, 32), 0xAA);
}
static inline vi vi_add64(vi a, vi b)
{
    return _mm256_add_epi64(a, b);
}
static inline vi vi_shift_right64(vi x, vi n)
{
    __m256i sign = _mm256_cmpgt_epi64(_mm256_setzero_si256(), x);
    return _mm256_xor_si256(_mm256_srlv_epi64(_mm256_xor_si256(x, sign), n), sign);
}
static inline vi vi_shift_left64(vi x, vi n)
{
    return _mm256_sllv_epi64(x, n);
}
static inline vi vi_even64(vi x)
{
    return _mm256_and_si256(x, _mm256_set1_epi64x(0xffffffff));
}
static inline vi vi_odd64(vi x)
{
    return _mm256_srli_epi64(x, 32);
}
static inline vi vi_set64(int64_t x)
{
    return _mm256_set1_epi64x(x);
}
static inline vi vi_sub(vi a, vi b)
{
    return _mm256_sub_epi32(a, b);
}
static inline vi vi_max(vi a, vi b)
{
    return _mm256_max_epi32(a, b);
}
static inline vi vi_and(vi a, vi b)
{
    return _mm256_and_si256(a, b);
}
static inline vi vi_shift_left(vi x, vi n)
{
    return _mm256_sllv_epi32(x, n);
}
static inline vi vi_shift_right(vi x, vi n)
{
    return _mm256_srav_epi32(x, n);
}
static inline vi vi_greater(vi a, vi b)
{
    return _mm256_cmpgt_epi32(a, b);
}
static inline vi vi_sign_bit(vi x)
{
    return _mm256_srli_epi32(x, 31);
}
static inline vi vi_add_if_greater(vi y, vi a, vi b)
{
    return _mm256_sub_epi32(y, _mm256_cmpgt_epi32(a, b));
}
static inline vi vi_shift_left_all(vi x, int n)
{
    return _mm256_sll_epi32(x, _mm_cvtsi32_si128(n));
}
static inline vi vi_shift_right_all(vi x, int n)
{
    return _mm256_sra_epi32(x, _mm_cvtsi32_si128(n));
}

#define HAS_ROUNDING 1
static inline vf vf_div(vf a, vf b)
{
    return _mm256_div_ps(a, b);
}
static inline vf vf_even(vf x)
{
    return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
static inline vi vi_rounded_away(vf x)
{
    vf whole = _mm256_round_ps(x, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC), sign = _mm256_set1_ps(-0.0f);
    vf rest = _mm256_andnot_ps(sign, _mm256_sub_ps(x, whole));
    vf one = _mm256_or_ps(_mm256_and_ps(x, sign), _mm256_set1_ps(1.0f));
    vf half = _mm256_cmp_ps(rest, _mm256_set1_ps(0.5f), _CMP_GE_OQ);
    return _mm256_cvttps_epi32(_mm256_add_ps(whole, _mm256_and_ps(half, one)));
}
static inline vf vf_lower(vf x, vf than)
{
    return _mm256_min_ps(x, than);
}
static inline vf vf_higher(vf x, vf than)
{
    return _mm256_max_ps(x, than);
}

#define HAS_DOUBLES 1
static inline __m128i doubled(__m128i x, const double *factors)
{
    __m256d y = _mm256_mul_pd(_mm256_cvtepi32_pd(x), _mm256_loadu_pd(factors)), sign = _mm256_set1_pd(-0.0);
    __m256d whole = _mm256_round_pd(y, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
    __m256d one = _mm256_or_pd(_mm256_and_pd(y, sign), _mm256_set1_pd(1.0));
    __m256d half =
        _mm256_cmp_pd(_mm256_andnot_pd(sign, _mm256_sub_pd(y, whole)), _mm256_set1_pd(0.5), _CMP_GE_OQ);
    return _mm256_cvttpd_epi32(_mm256_add_pd(whole, _mm256_and_pd(half, one)));
}
static inline vi vi_times(vi x, const double *factors)
{
    __m128i low = doubled(_mm256_castsi256_si128(x), factors);
    return _mm256_set_m128i(doubled(_mm256_extracti128_si256(x, 1), factors + 4), low);
}

static inline vi vi_high_rounded(vi a, vi b)
{
    vi2 p = vi_wide(a, b);
    vi half = _mm256_set1_epi64x(1 << 30);
    p.even = _mm256_srli_epi64(_mm256_add_epi64(p.even, half), 31);
    p.odd = _mm256_slli_epi64(_mm256_add_epi64(p.odd, half), 1);
    return _mm256_blend_epi32(p.even, p.odd, 0xAA);
}

#define HAS_LOOKUP 1
static inline vi vb_sixteen(const void *p)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(p));
}
static inline vi vb_pick(vi sixteen, vi x)
{
    return _mm256_shuffle_epi8(sixteen, x);
}
static inline vi vb_less(vi x, int8_t n)
{
    return _mm256_subs_epi8(x, _mm256_set1_epi8(n));
}
static inline vi vb_flip(vi a, vi b)
{
    return _mm256_xor_si256(a, b);
}

typedef __m256d vd;
static inline vd vd_low(vf x)
{
    return _mm256_cvtps_pd(_mm256_castps256_ps128(x));
}
static inline vd vd_high(vf x)
{
    return _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1));
}
static inline vf vf_of(vd low, vd high)
{
    return _mm256_set_m128(_mm256_cvtpd_ps(high), _mm256_cvtpd_ps(low));
}
static inline vd vd_set(double x)
{
    return _mm256_set1_pd(x);
}
static inline vd vd_add(vd a, vd b)
{
    return _mm256_add_pd(a, b);
}
static inline vd vd_sub(vd a, vd b)
{
    return _mm256_sub_pd(a, b);
}
static inline vd vd_mul(vd a, vd b)
{
    return _mm256_mul_pd(a, b);
}
static inline vd vd_power(const uint64_t *powers, vd k)
{
    __m256i bits = _mm256_castpd_si256(k), at = _mm256_and_si256(bits, _mm256_set1_epi64x(31));
    __m256i first = _mm256_i64gather_epi64((const long long *)(const void *)powers, at, 8);
    return _mm256_castsi256_pd(_mm256_add_epi64(first, _mm256_slli_epi64(bits, 47)));
}
static inline vf vf_if_greater(vf a, vf b, vf yes, vf no)
{
    return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(a, b, _CMP_GT_OQ));
}
static inline vf vf_if_number(vf x, vf yes, vf no)
{
    return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(x, x, _CMP_ORD_Q));
}
static inline vi vi_pick(const int32_t *table, vi i)
{
    return _mm256_i32gather_epi32((const int *)table, i, 4);
}
static inline vi vi_pick_pairs(const void *table, vi i)
{
    return _mm256_i32gather_epi32((const int *)table, i, 2);
}

#endif
