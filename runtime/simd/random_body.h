/* Random floats, over the vector primitives. */
#include "runtime/simd/simd.h"

#ifdef HAS_MIXING
enum { COUNTERS = LANES / 2 };

static inline vi mixed_counters(vi x)
{
    x = vi_add64(x, vi_set64((int64_t)0x9e3779b97f4a7c15));
    x = vi_mul64(vb_flip(x, vi_drop64(x, 30)), vi_set64((int64_t)0xbf58476d1ce4e5b9));
    x = vi_mul64(vb_flip(x, vi_drop64(x, 27)), vi_set64((int64_t)0x94d049bb133111eb));
    return vi_drop64(vb_flip(x, vi_drop64(x, 31)), 11);
}

static void random_floats(const ql_random *of)
{
    uint64_t counters[COUNTERS];
    for (int k = 0; k < COUNTERS; k++) {
        counters[k] = of->at + (uint64_t)k;
    }
    vi at = vi_load(counters);
    for (size_t i = 0; i < of->n; i += LANES, at = vi_add64(at, vi_set64(LANES))) {
        vi first = mixed_counters(at), second = mixed_counters(vi_add64(at, vi_set64(COUNTERS)));
        size_t left = of->n - i;
        vf_store_n(of->y + i, vf_spread(first, second, of->low, of->span), left < LANES ? left : LANES);
    }
}
#endif
