#include "runtime/simd/rows.h"

#if defined(__x86_64__)
#include "runtime/simd/vector_avx2.h"

#define TILE_VECTORS 2
#define TILE_HEIGHT  6
#define TILE_HEIGHTS HEIGHTS_6
#define F32_VECTORS  TILE_VECTORS
#define F32_HEIGHT   TILE_HEIGHT
#define F32_HEIGHTS  TILE_HEIGHTS
#define F32_TOGETHER 1
#include "runtime/simd/rows_body.h"

static bool present(void)
{
    return __builtin_cpu_supports("avx2");
}

QL_ISA(avx2, "x86 with AVX2", present);
#endif
