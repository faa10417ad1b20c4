/* Tables of 256 bytes, over the vector primitives: sixteen picks of one byte in sixteen. */
#include "runtime/simd/inline.h"
#include "runtime/simd/simd.h"

#include <string.h>

#ifdef HAS_LOOKUP
enum { SIXTEENS = 16, HALF = SIXTEENS / 2, BYTES = LANES * 4 };

/* Each sixteen holds its difference from the one before, the first of each half itself: what is picked from
 * the first ones up to a byte's own adds up to its entry; after that its index is negative and picks nothing.
 */
static inline vi entries(const vi *sixteens, vi x)
{
    vi low = x, high = vb_flip(x, vi_set(INT32_C(-0x7f7f7f80)));
    vi y = vb_flip(vb_pick(sixteens[0], low), vb_pick(sixteens[HALF], high));
    UNROLL for (int k = 1; k < HALF; k++)
    {
        low = vb_less(low, SIXTEENS);
        high = vb_less(high, SIXTEENS);
        y = vb_flip(y, vb_flip(vb_pick(sixteens[k], low), vb_pick(sixteens[HALF + k], high)));
    }
    return y;
}

static void lookup(const uint8_t table[256], const uint8_t *x, uint8_t *y, size_t n)
{
    uint8_t steps[256], last[BYTES] = {0};
    vi sixteens[SIXTEENS];
    for (int i = 0; i < 256; i++) {
        steps[i] = i % 128 < SIXTEENS ? table[i] : table[i] ^ table[i - SIXTEENS];
    }
    for (int k = 0; k < SIXTEENS; k++) {
        sixteens[k] = vb_sixteen(steps + (ptrdiff_t)(k * SIXTEENS));
    }
    size_t i = 0;
    for (; i + BYTES <= n; i += BYTES) {
        vi_store(y + i, entries(sixteens, vi_load(x + i)));
    }
    if (i < n) {
        memcpy(last, x + i, n - i);
        vi_store(last, entries(sixteens, vi_load(last)));
        memcpy(y + i, last, n - i);
    }
}
#endif
