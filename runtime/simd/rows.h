/* The rows of the table, each in a file of its own. */
#ifndef QL_SIMD_ROWS_H
#define QL_SIMD_ROWS_H

#include "runtime/simd/simd.h"

#if defined(__x86_64__)
extern const ql_isa ql_isa_sse41, ql_isa_avx2, ql_isa_avx512, ql_isa_avx512vnni;
#elif defined(__aarch64__)
extern const ql_isa ql_isa_neon;
#endif

#endif
