/* Loops over what stays in registers: functions that must be inlined, counts that must be known. */
#ifndef QL_SIMD_INLINE_H
#define QL_SIMD_INLINE_H

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif
#if defined(__GNUC__) && !defined(__clang__)
#define UNROLL _Pragma("GCC unroll 32")
#else
#define UNROLL
#endif

#endif
