#include "metrics/hist.h"
#include "metrics/loops_rows.h"

#if defined(__x86_64__)
#include "metrics/singles_avx.h"

typedef struct {
    __m256d low, high;
} d8;

static inline d8 d8_set(double x)
{
    return (d8){_mm256_set1_pd(x), _mm256_set1_pd(x)};
}

static inline d8 d8_of(s8 x)
{
    return (d8){_mm256_cvtps_pd(_mm256_castps256_ps128(x)), _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1))};
}

static inline d8 d8_load(const double *x)
{
    return (d8){_mm256_loadu_pd(x), _mm256_loadu_pd(x + 4)};
}

static inline void d8_store(double *to, d8 x)
{
    _mm256_storeu_pd(to, x.low);
    _mm256_storeu_pd(to + 4, x.high);
}

static inline d8 d8_add(d8 a, d8 b)
{
    return (d8){_mm256_add_pd(a.low, b.low), _mm256_add_pd(a.high, b.high)};
}

static inline d8 d8_sub(d8 a, d8 b)
{
    return (d8){_mm256_sub_pd(a.low, b.low), _mm256_sub_pd(a.high, b.high)};
}

static inline d8 d8_mul(d8 a, d8 b)
{
    return (d8){_mm256_mul_pd(a.low, b.low), _mm256_mul_pd(a.high, b.high)};
}

static inline d8 d8_add_product(d8 sum, d8 a, d8 b)
{
    return (d8){_mm256_fmadd_pd(a.low, b.low, sum.low), _mm256_fmadd_pd(a.high, b.high, sum.high)};
}

static inline d8 d8_abs(d8 a)
{
    const __m256d sign = _mm256_set1_pd(-0.0);
    return (d8){_mm256_andnot_pd(sign, a.low), _mm256_andnot_pd(sign, a.high)};
}

static inline d8 d8_min(d8 a, d8 b)
{
    return (d8){_mm256_min_pd(b.low, a.low), _mm256_min_pd(b.high, a.high)};
}

static inline d8 d8_max(d8 a, d8 b)
{
    return (d8){_mm256_max_pd(b.low, a.low), _mm256_max_pd(b.high, a.high)};
}

static inline __m128i slots4(__m256d x, __m256d scale)
{
    __m256d at = _mm256_round_pd(_mm256_mul_pd(x, scale), _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    return _mm_add_epi32(_mm256_cvttpd_epi32(at), _mm_set1_epi32(QL_HIST_SIDE));
}

static inline void d8_slots(d8 x, double scale, uint16_t *slot)
{
    __m256d by = _mm256_set1_pd(scale);
    __m128i at = _mm_packus_epi32(slots4(x.low, by), slots4(x.high, by));
    _mm_storeu_si128((__m128i *)(void *)slot, at);
}

/* Is d8_slots defined for values that have no slot? */
enum { D8_SLOTS_TAKES_ALL = 1 };

static inline void s16_slots(const float *x, float scale, uint16_t *slot)
{
    s8_slots(s8_of(x), scale, slot);
    s8_slots(s8_of(x + QL_LANES), scale, slot + QL_LANES);
}

#define SQUEEZE       NULL
#define SQUEEZE_BYTES NULL
#include "metrics/loops_body.h"

static bool present(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

const ql_loops ql_loops_avx2 = LOOPS("avx2", present);
#endif
