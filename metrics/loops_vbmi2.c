#include "metrics/loops_rows.h"

#if defined(__x86_64__)
#include "metrics/doubles_avx512.h"

/* Which of a register's `all` elements are among the first n? */
static inline uint64_t first_of(size_t n, size_t all)
{
    return n >= all ? ~0ull >> (64 - all) : (1ull << n) - 1;
}

static size_t squeeze(const uint16_t *slot, size_t n, uint16_t hot, uint16_t *rest)
{
    const size_t wide = sizeof(__m512i) / sizeof *slot;
    size_t kept = 0;
    for (size_t i = 0; i < n; i += wide) {
        __mmask32 there = (__mmask32)first_of(n - i, wide);
        __m512i some = _mm512_maskz_loadu_epi16(there, slot + i);
        __mmask32 other = _mm512_mask_cmpneq_epi16_mask(there, some, _mm512_set1_epi16((short)hot));
        _mm512_storeu_si512(rest + kept, _mm512_maskz_compress_epi16(other, some));
        kept += (size_t)__builtin_popcount(other);
    }
    return kept;
}

static size_t squeeze_bytes(const uint8_t *raw, size_t n, uint8_t hot, uint8_t *rest)
{
    const size_t wide = sizeof(__m512i);
    size_t kept = 0;
    for (size_t i = 0; i < n; i += wide) {
        __mmask64 there = first_of(n - i, wide);
        __m512i some = _mm512_maskz_loadu_epi8(there, raw + i);
        __mmask64 other = _mm512_mask_cmpneq_epi8_mask(there, some, _mm512_set1_epi8((char)hot));
        _mm512_storeu_si512(rest + kept, _mm512_maskz_compress_epi8(other, some));
        kept += (size_t)__builtin_popcountll(other);
    }
    return kept;
}

#define SQUEEZE       squeeze
#define SQUEEZE_BYTES squeeze_bytes
#include "metrics/loops_body.h"

static bool present(void)
{
    return has_avx512() && __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("popcnt");
}

const ql_loops ql_loops_vbmi2 = LOOPS("avx512vbmi2", present);
#endif
