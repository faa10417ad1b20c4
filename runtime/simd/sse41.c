#include "runtime/simd/rows.h"

#if defined(__x86_64__)
#include "runtime/simd/vector_sse41.h"

#define TILE_VECTORS 2
#define TILE_HEIGHT  4
#define TILE_HEIGHTS HEIGHTS_4
#define F32_VECTORS  TILE_VECTORS
#define F32_HEIGHT   TILE_HEIGHT
#define F32_HEIGHTS  TILE_HEIGHTS
#define F32_TOGETHER 1
#include "runtime/simd/rows_body.h"

static bool present(void)
{
    return __builtin_cpu_supports("sse4.1");
}

QL_ISA(sse41, "x86 with SSE4.1", present);
#endif
