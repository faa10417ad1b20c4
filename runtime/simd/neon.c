#include "runtime/simd/rows.h"

#if defined(__aarch64__)
#include "runtime/simd/vector_neon.h"

#define TILE_VECTORS 4
#define TILE_HEIGHT  4
#define TILE_HEIGHTS HEIGHTS_4
#define F32_VECTORS  TILE_VECTORS
#define F32_HEIGHT   TILE_HEIGHT
#define F32_HEIGHTS  TILE_HEIGHTS
#define F32_TOGETHER 1
#include "runtime/simd/rows_body.h"

static bool present(void)
{
    return true; /* every 64-bit ARM has it */
}

QL_ISA(neon, "64-bit ARM with NEON", present);
#endif
