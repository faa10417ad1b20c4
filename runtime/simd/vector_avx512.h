/* Vector primitives of AVX-512 F, BW, VL, DQ: 16 lanes of 32 bits. What each does: simd.md. */
#ifndef QL_SIMD_VECTOR_H
#define QL_SIMD_VECTOR_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

enum { LANES = 16 };
typedef __m512 vf;
typedef __m512i vi;

static inline __mmask16 first(size_t n)
{
    return (__mmask16)((1u << n) - 1);
}

static inline vf vf_load(const void *p)
{
    return _mm512_loadu_ps(p);
}
static inline vf vf_load_some(const void *p, size_t n)
{
    return _mm512_maskz_loadu_ps(first(n), p);
}
static inline void vf_store(void *p, vf x)
{
    _mm512_storeu_ps(p, x);
}
static inline void vf_store_some(void *p, vf x, size_t n)
{
    _mm512_mask_storeu_ps(p, first(n), x);
}
static inline vf vf_set(float x)
{
    return _mm512_set1_ps(x);
}
static inline vf vf_add(vf a, vf b)
{
    return _mm512_add_ps(a, b);
}
static inline vf vf_sub(vf a, vf b)
{
    return _mm512_sub_ps(a, b);
}
static inline vf vf_mul(vf a, vf b)
{
    return _mm512_mul_ps(a, b);
}
static inline vf vf_clamp(vf x, vf low, vf high)
{
    return _mm512_min_ps(high, _mm512_max_ps(low, x));
}
static inline vf vf_from(vi x)
{
    return _mm512_cvtepi32_ps(x);
}

static inline vi vi_cut(vf x)
{
    return _mm512_cvttps_epi32(x);
}

static inline vi vi_load(const void *p)
{
    return _mm512_loadu_si512(p);
}
static inline void vi_store(void *p, vi x)
{
    _mm512_storeu_si512(p, x);
}
static inline vi vi_set(int32_t x)
{
    return _mm512_set1_epi32(x);
}
static inline vi vi_add(vi a, vi b)
{
    return _mm512_add_epi32(a, b);
}
static inline vi vi_mul(vi a, vi b)
{
    return _mm512_mullo_epi32(a, b);
}
static inline vi vi_clamp(vi x, vi low, vi high)
{
    return _mm512_min_epi32(high, _mm512_max_epi32(low, x));
}
static inline vi vi_load_i8(const void *p)
{
    return _mm512_cvtepi8_epi32(_mm_loadu_si128(p));
}
static inline vi vi_some_i8(const void *p, size_t n)
{
    return _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(first(n), p));
}
static inline vi vi_some_u8(const void *p, size_t n)
{
    return _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(first(n), p));
}
static inline vi vi_some_i16(const void *p, size_t n)
{
    return _mm512_cvtepi16_epi32(_mm256_maskz_loadu_epi16(first(n), p));
}
static inline vi vi_load_u8(const void *p)
{
    return _mm512_cvtepu8_epi32(_mm_loadu_si128(p));
}
static inline vi vi_load_i16(const void *p)
{
    return _mm512_cvtepi16_epi32(_mm256_loadu_si256(p));
}
static inline void vi_store_8(void *p, vi x, size_t n)
{
    _mm512_mask_cvtepi32_storeu_epi8(p, first(n), x);
}
static inline void vi_store_16(void *p, vi x, size_t n)
{
    _mm512_mask_cvtepi32_storeu_epi16(p, first(n), x);
}

static inline vi add_pairs(vi sum, vi x, vi w)
{
#ifdef __AVX512VNNI__
    return _mm512_dpwssd_epi32(sum, x, w);
#else
    return _mm512_add_epi32(sum, _mm512_madd_epi16(x, w));
#endif
}
#ifdef __AVX512VNNI__
#define HAS_QUADS 1
static inline vi add_quads(vi sum, vi x, vi w)
{
    return _mm512_dpbusd_epi32(sum, x, w);
}
#endif

/* 64-bit products of even and odd lanes, and back from the low halves of both. */
typedef struct {
    vi even, odd;
} vi2;
#define HAS_TAILS 1
static inline vi2 vi_wide(vi a, vi b)
{
    return (vi2){_mm512_mul_epi32(a, b),
                 _mm512_mul_epi32(_mm512_srli_epi64(a, 32), _mm512_srli_epi64(b, 32))};
}
static inline vi vi_join(vi2 x)
{
    return _mm512_mask_blend_epi32(0xAAAA, x.even, _mm512_slli_epi64(x.odd, 32));
}
static inline vi vi_add64(vi a, vi b)
{
    return _mm512_add_epi64(a, b);
}
static inline vi vi_shift_right64(vi x, vi n)
{
    return _mm512_srav_epi64(x, n);
}
static inline vi vi_shift_left64(vi x, vi n)
{
    return _mm512_sllv_epi64(x, n);
}
static inline vi vi_even64(vi x)
{
    return _mm512_and_si512(x, _mm512_set1_epi64(0xffffffff));
}
static inline vi vi_odd64(vi x)
{
    return _mm512_srli_epi64(x, 32);
}
static inline vi vi_set64(int64_t x)
{
    return _mm512_set1_epi64(x);
}
static inline vi vi_sub(vi a, vi b)
{
    return _mm512_sub_epi32(a, b);
}
static inline vi vi_max(vi a, vi b)
{
    return _mm512_max_epi32(a, b);
}
static inline vi vi_and(vi a, vi b)
{
    return _mm512_and_si512(a, b);
}
static inline vi vi_shift_left(vi x, vi n)
{
    return _mm512_sllv_epi32(x, n);
}
static inline vi vi_shift_right(vi x, vi n)
{
    return _mm512_srav_epi32(x, n);
}
static inline vi vi_greater(vi a, vi b)
{
    return _mm512_movm_epi32(_mm512_cmpgt_epi32_mask(a, b));
}
static inline vi vi_sign_bit(vi x)
{
    return _mm512_srli_epi32(x, 31);
}
static inline vi vi_add_if_greater(vi y, vi a, vi b)
{
    return _mm512_mask_add_epi32(y, _mm512_cmpgt_epi32_mask(a, b), y, _mm512_set1_epi32(1));
}
static inline vi vi_shift_left_all(vi x, int n)
{
    return _mm512_sll_epi32(x, _mm_cvtsi32_si128(n));
}
static inline vi vi_shift_right_all(vi x, int n)
{
    return _mm512_sra_epi32(x, _mm_cvtsi32_si128(n));
}

#define HAS_ROUNDING 1
static inline vf vf_div(vf a, vf b)
{
    return _mm512_div_ps(a, b);
}
static inline vf vf_even(vf x)
{
    return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
static inline vi vi_rounded_away(vf x)
{
    vf whole = _mm512_roundscale_ps(x, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
    __mmask16 half =
        _mm512_cmp_ps_mask(_mm512_abs_ps(_mm512_sub_ps(x, whole)), _mm512_set1_ps(0.5f), _CMP_GE_OQ);
    vf sign = _mm512_and_ps(x, _mm512_set1_ps(-0.0f));
    return _mm512_cvttps_epi32(
        _mm512_mask_add_ps(whole, half, whole, _mm512_or_ps(sign, _mm512_set1_ps(1.0f))));
}
static inline vf vf_lower(vf x, vf than)
{
    return _mm512_min_ps(x, than);
}
static inline vf vf_higher(vf x, vf than)
{
    return _mm512_max_ps(x, than);
}

#define HAS_DOUBLES 1
static inline __m256i doubled(__m256i x, const double *factors)
{
    __m512d y = _mm512_mul_pd(_mm512_cvtepi32_pd(x), _mm512_loadu_pd(factors));
    __m512d whole = _mm512_roundscale_pd(y, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
    __m512d one = _mm512_or_pd(_mm512_and_pd(y, _mm512_set1_pd(-0.0)), _mm512_set1_pd(1.0));
    __mmask8 half =
        _mm512_cmp_pd_mask(_mm512_abs_pd(_mm512_sub_pd(y, whole)), _mm512_set1_pd(0.5), _CMP_GE_OQ);
    return _mm512_cvttpd_epi32(_mm512_mask_add_pd(whole, half, whole, one));
}
static inline vi vi_times(vi x, const double *factors)
{
    __m256i low = doubled(_mm512_castsi512_si256(x), factors);
    return _mm512_inserti64x4(_mm512_castsi256_si512(low),
                              doubled(_mm512_extracti64x4_epi64(x, 1), factors + 8), 1);
}

/* round(a * b / 2^31), ties upwards; b >= 0 */
static inline vi vi_high_rounded(vi a, vi b)
{
    vi2 p = vi_wide(a, b);
    vi half = _mm512_set1_epi64(1 << 30);
    p.even = _mm512_srli_epi64(_mm512_add_epi64(p.even, half), 31);
    p.odd = _mm512_slli_epi64(_mm512_add_epi64(p.odd, half), 1);
    return _mm512_mask_blend_epi32(0xAAAA, p.even, p.odd);
}

#define HAS_LOOKUP 1
static inline vi vb_sixteen(const void *p)
{
    return _mm512_broadcast_i32x4(_mm_loadu_si128(p));
}
static inline vi vb_pick(vi sixteen, vi x)
{
    return _mm512_shuffle_epi8(sixteen, x);
}
static inline vi vb_less(vi x, int8_t n)
{
    return _mm512_subs_epi8(x, _mm512_set1_epi8(n));
}
static inline vi vb_flip(vi a, vi b)
{
    return _mm512_xor_si512(a, b);
}

typedef __m512d vd;
static inline vd vd_low(vf x)
{
    return _mm512_cvtps_pd(_mm512_castps512_ps256(x));
}
static inline vd vd_high(vf x)
{
    return _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1));
}
static inline vf vf_of(vd low, vd high)
{
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low)), _mm512_cvtpd_ps(high), 1);
}
static inline vd vd_set(double x)
{
    return _mm512_set1_pd(x);
}
static inline vd vd_add(vd a, vd b)
{
    return _mm512_add_pd(a, b);
}
static inline vd vd_sub(vd a, vd b)
{
    return _mm512_sub_pd(a, b);
}
static inline vd vd_mul(vd a, vd b)
{
    return _mm512_mul_pd(a, b);
}
static inline vd vd_power(const uint64_t *powers, vd k)
{
    __m512i bits = _mm512_castpd_si512(k);
    __m512i low = _mm512_permutex2var_epi64(_mm512_loadu_si512(powers), bits, _mm512_loadu_si512(powers + 8));
    __m512i high =
        _mm512_permutex2var_epi64(_mm512_loadu_si512(powers + 16), bits, _mm512_loadu_si512(powers + 24));
    __mmask8 upper = _mm512_test_epi64_mask(bits, _mm512_set1_epi64(16));
    __m512i first = _mm512_mask_blend_epi64(upper, low, high);
    return _mm512_castsi512_pd(_mm512_add_epi64(first, _mm512_slli_epi64(bits, 47)));
}
static inline vf vf_if_greater(vf a, vf b, vf yes, vf no)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), no, yes);
}
static inline vf vf_if_number(vf x, vf yes, vf no)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, x, _CMP_ORD_Q), no, yes);
}
static inline vi vi_pick(const int32_t *table, vi i)
{
    return _mm512_i32gather_epi32(i, table, 4);
}
static inline vi vi_pick_pairs(const void *table, vi i)
{
    return _mm512_i32gather_epi32(i, table, 2);
}

#define HAS_MIXING 1
static inline vi vi_mul64(vi a, vi b)
{
    return _mm512_mullo_epi64(a, b);
}
static inline vi vi_drop64(vi x, int n)
{
    return _mm512_srl_epi64(x, _mm_cvtsi32_si128(n));
}
static inline __m256 spread(vi bits, double low, double span)
{
    __m512d unit = _mm512_mul_pd(_mm512_cvtepi64_pd(bits), _mm512_set1_pd(0x1p-53));
    return _mm512_cvtpd_ps(_mm512_add_pd(_mm512_set1_pd(low), _mm512_mul_pd(unit, _mm512_set1_pd(span))));
}
static inline vf vf_spread(vi first, vi second, double low, double span)
{
    return _mm512_insertf32x8(_mm512_castps256_ps512(spread(first, low, span)), spread(second, low, span), 1);
}

#endif
