/* Inside metrics only: eight floats in one AVX register, for the loops of AVX2 and AVX-512. */
#ifndef QL_METRICS_SINGLES_AVX_H
#define QL_METRICS_SINGLES_AVX_H

#include "metrics/hist.h"

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

typedef __m256 s8;

/* What lies `ahead` elements on will be read soon, if there is any: prefetching by hand goes on over the ends
 * of pages. */
static inline void soon(const float *x, size_t ahead)
{
    _mm_prefetch((const char *)((uintptr_t)x + ahead * sizeof *x), _MM_HINT_T0);
}

static inline s8 s8_set(float x)
{
    return _mm256_set1_ps(x);
}

static inline s8 s8_of(const float *x)
{
    return _mm256_loadu_ps(x);
}

static inline s8 s8_scaled(__m256i raw, int32_t zero, float scale)
{
    __m256i from_zero = _mm256_sub_epi32(raw, _mm256_set1_epi32(zero));
    return _mm256_mul_ps(_mm256_cvtepi32_ps(from_zero), _mm256_set1_ps(scale));
}

static inline s8 s8_of_bytes(const uint8_t *raw, uint8_t flip, int32_t zero, float scale)
{
    __m128i eight = _mm_loadl_epi64((const __m128i *)(const void *)raw);
    eight = _mm_xor_si128(eight, _mm_set1_epi8((char)flip));
    return s8_scaled(_mm256_cvtepu8_epi32(eight), zero, scale);
}

static inline s8 s8_of_words(const int16_t *raw, int32_t zero, float scale)
{
    __m128i eight = _mm_loadu_si128((const __m128i *)(const void *)raw);
    return s8_scaled(_mm256_cvtepi16_epi32(eight), zero, scale);
}

static inline void s8_store(float *to, s8 x)
{
    _mm256_storeu_ps(to, x);
}

static inline s8 s8_min(s8 a, s8 b)
{
    return _mm256_min_ps(b, a);
}

static inline s8 s8_max(s8 a, s8 b)
{
    return _mm256_max_ps(b, a);
}

static inline void s8_slots(s8 x, float scale, uint16_t *slot)
{
    __m256 at =
        _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(scale)), _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    __m256i from_0 = _mm256_add_epi32(_mm256_cvttps_epi32(at), _mm256_set1_epi32(QL_HIST_SIDE));
    __m128i eight = _mm_packus_epi32(_mm256_castsi256_si128(from_0), _mm256_extracti128_si256(from_0, 1));
    _mm_storeu_si128((__m128i *)(void *)slot, eight);
}

#endif
