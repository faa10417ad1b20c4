#include "metrics/hist.h"
#include "metrics/loops_rows.h"

#if defined(__x86_64__)
#include "metrics/singles_avx.h"

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

static inline void d8_slots(d8 x, double scale, uint16_t *slot)
{
    d8 at = _mm512_roundscale_pd(_mm512_mul_pd(x, _mm512_set1_pd(scale)),
                                 _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    __m256i from_0 = _mm256_add_epi32(_mm512_cvttpd_epi32(at), _mm256_set1_epi32(QL_HIST_SIDE));
    _mm_storeu_si128((__m128i *)(void *)slot, _mm256_cvtepi32_epi16(from_0));
}

/* Is d8_slots defined for values that have no slot? */
enum { D8_SLOTS_TAKES_ALL = 1 };

#include "metrics/loops_body.h"

static bool present(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
}

const ql_loops ql_loops_avx512 = LOOPS("avx512", present);
#endif
