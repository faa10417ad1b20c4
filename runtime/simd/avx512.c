#include "runtime/simd/rows.h"

#if defined(__x86_64__)
#include "runtime/simd/vector_avx512.h"

#define TILE_VECTORS 2
#define TILE_HEIGHT  12
#define TILE_HEIGHTS HEIGHTS_12
#define F32_VECTORS  1
#define F32_HEIGHT   25
#define F32_HEIGHTS  HEIGHTS_25
#define F32_TOGETHER 4
#define F32_LOW      4
#include "runtime/simd/rows_body.h"

static bool present(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

QL_ISA(avx512, "x86 with AVX-512 F, BW, VL, DQ", present);
#endif
