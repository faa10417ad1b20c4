#include "runtime/base/sha256_blocks.h"

#if defined(__x86_64__) && defined(__SHA__)
#include <cpuid.h>
#include <immintrin.h>

#if defined(__clang__)
#define UNROLL
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* The instructions want the words of the state as {a, b, e, f} and {c, d, g, h}, highest first. */
static void split(const uint32_t state[8], __m128i *abef, __m128i *cdgh)
{
    __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)state), 0x1B);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)(state + 4)), 0x1B);
    *abef = _mm_unpackhi_epi64(efgh, abcd);
    *cdgh = _mm_unpacklo_epi64(efgh, abcd);
}

static void join(uint32_t state[8], __m128i abef, __m128i cdgh)
{
    __m128i abcd = _mm_unpackhi_epi64(cdgh, abef), efgh = _mm_unpacklo_epi64(cdgh, abef);
    _mm_storeu_si128((__m128i *)(void *)state, _mm_shuffle_epi32(abcd, 0x1B));
    _mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_shuffle_epi32(efgh, 0x1B));
}

/* Words 4 i .. 4 i + 3 of the schedule from the sixteen before them. */
static __m128i next_words(const __m128i w[4])
{
    __m128i early = _mm_sha256msg1_epu32(w[0], w[1]), middle = _mm_alignr_epi8(w[3], w[2], 4);
    return _mm_sha256msg2_epu32(_mm_add_epi32(early, middle), w[3]);
}

static void mix(uint32_t state[8], const uint8_t *blocks, size_t count)
{
    const __m128i turn = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i abef, cdgh;
    split(state, &abef, &cdgh);
    for (; count; count--, blocks += 64) {
        __m128i w[4], old_abef = abef, old_cdgh = cdgh;
        UNROLL for (int i = 0; i < 16; i++)
        {
            __m128i words =
                i < 4 ? _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(blocks + 16 * i)),
                                         turn)
                      : next_words(w);
            if (i < 4) {
                w[i] = words;
            } else {
                w[0] = w[1];
                w[1] = w[2];
                w[2] = w[3];
                w[3] = words;
            }
            const void *from = ql_sha256_rounds + 4 * i;
            __m128i keyed = _mm_add_epi32(words, _mm_loadu_si128((const __m128i *)from));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, keyed);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(keyed, 0x0E));
        }
        abef = _mm_add_epi32(abef, old_abef);
        cdgh = _mm_add_epi32(cdgh, old_cdgh);
    }
    join(state, abef, cdgh);
}

ql_sha256_fn ql_sha256_x86(void)
{
    unsigned a, b, c, d;
    bool old = __get_cpuid(1, &a, &b, &c, &d) && c & bit_SSE4_1;
    return old && __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_SHA ? mix : NULL;
}
#else
ql_sha256_fn ql_sha256_x86(void)
{
    return NULL;
}
#endif
