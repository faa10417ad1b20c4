#include "runtime/simd/rows.h"

#if defined(__x86_64__)
#include "runtime/simd/vector_avx2.h"

#define TILE_VECTORS 2
#define TILE_HEIGHT  6
#define TILE_HEIGHTS HEIGHTS_6
#include "runtime/simd/rows_body.h"

static bool present(void)
{
    return __builtin_cpu_supports("avx2");
}

QL_ISA(avx2, "x86 with AVX2", present);
#endif
