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
static inline vi add_pairs(vi sum, vi x, vi w)
{
    return _mm_add_epi32(sum, _mm_madd_epi16(x, w));
}

#endif
