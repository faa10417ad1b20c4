/* Inside metrics only: eight doubles in one AVX-512 register, for the loops of its generations. */
#ifndef QL_METRICS_DOUBLES_AVX512_H
#define QL_METRICS_DOUBLES_AVX512_H

#include "metrics/singles_avx.h"

#include <stdbool.h>

typedef __m512d d8;

static inline d8 d8_set(double x)
{
    return _mm512_set1_pd(x);
}

static inline d8 d8_of(s8 x)
{
    return _mm512_cvtps_pd(x);
}

static inline d8 d8_load(const double *x)
{
    return _mm512_loadu_pd(x);
}

static inline void d8_store(double *to, d8 x)
{
    _mm512_storeu_pd(to, x);
}

static inline d8 d8_add(d8 a, d8 b)
{
    return _mm512_add_pd(a, b);
}

static inline d8 d8_sub(d8 a, d8 b)
{
    return _mm512_sub_pd(a, b);
}

static inline d8 d8_mul(d8 a, d8 b)
{
    return _mm512_mul_pd(a, b);
}

static inline d8 d8_add_product(d8 sum, d8 a, d8 b)
{
    return _mm512_fmadd_pd(a, b, sum);
}

static inline d8 d8_abs(d8 a)
{
    return _mm512_abs_pd(a);
}

static inline d8 d8_min(d8 a, d8 b)
{
    return _mm512_min_pd(b, a);
}

static inline d8 d8_max(d8 a, d8 b)
{
    return _mm512_max_pd(b, a);
}

/* Added to 1.5 * 2^52, where doubles are 1 apart, and rounded down: the floor is in the lowest bits. */
static inline void d8_slots(d8 x, double scale, uint16_t *slot)
{
    const d8 whole = _mm512_set1_pd(0x1.8p52 + QL_HIST_SIDE);
    d8 at = _mm512_fmadd_round_pd(x, _mm512_set1_pd(scale), whole, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    _mm_storeu_si128((__m128i *)(void *)slot, _mm512_cvtepi64_epi16(_mm512_castpd_si512(at)));
}

static inline void s16_slots(const float *x, float scale, uint16_t *slot)
{
    const __m512 whole = _mm512_set1_ps(0x1.8p23F + QL_HIST_SIDE);
    __m512 at = _mm512_fmadd_round_ps(_mm512_loadu_ps(x), _mm512_set1_ps(scale), whole,
                                      _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    _mm256_storeu_si256((__m256i *)(void *)slot, _mm512_cvtepi32_epi16(_mm512_castps_si512(at)));
}

/* Is d8_slots defined for values that have no slot? */
enum { D8_SLOTS_TAKES_ALL = 1 };

static inline bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
}

#endif
