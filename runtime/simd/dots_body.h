/* Sums of float products in the order of machines with SIMD, over the vector primitives: vectors lie across
 * outputs all the same, and every partial sum is a vector of its own. */
#include "runtime/simd/inline.h"
#include "runtime/simd/simd.h"

enum { MOST_PARTS = 8 };

INLINE vf sum_of_parts(const vf *part, int parts, const float *start)
{
    if (parts == 4) {
        return vf_add(vf_load(start), vf_add(vf_add(vf_add(part[0], part[1]), part[2]), part[3]));
    }
    vf even = vf_add(vf_add(part[0], part[4]), vf_add(part[2], part[6]));
    return vf_add(even, vf_add(vf_add(part[1], part[5]), vf_add(part[3], part[7])));
}

INLINE void dots_of(const ql_dots *d, int at, int parts)
{
    vf part[MOST_PARTS];
    const float *x = d->x, *w = d->packed + at;
    size_t k = 0;
    UNROLL for (int p = 0; p < parts; p++)
    {
        part[p] = vf_set(0.0f);
    }
    for (; k + (size_t)parts <= d->terms; k += (size_t)parts, x += parts, w += parts * QL_BLOCK) {
        UNROLL for (int p = 0; p < parts; p++)
        {
            part[p] = vf_add(part[p], vf_mul(vf_set(x[p]), vf_load(w + (ptrdiff_t)(p * QL_BLOCK))));
        }
    }
    vf sum = sum_of_parts(part, parts, d->start ? d->start + at : NULL);
    for (; k < d->terms; k++, x++, w += QL_BLOCK) {
        sum = vf_add(sum, vf_mul(vf_set(*x), vf_load(w)));
    }
    vf_store(d->y + at, sum);
}

static void dots_4(const ql_dots *d)
{
    for (int at = 0; at < QL_BLOCK; at += LANES) {
        dots_of(d, at, 4);
    }
}

static void dots_8(const ql_dots *d)
{
    for (int at = 0; at < QL_BLOCK; at += LANES) {
        dots_of(d, at, 8);
    }
}
