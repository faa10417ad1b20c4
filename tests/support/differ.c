#include "tests/support/differ.h"

#include <math.h>
#include <string.h>

static double element(ql_type type, const void *data, size_t i)
{
    switch (type) {
    case QL_F32:
        return (double)((const float *)data)[i];
    case QL_F64:
        return ((const double *)data)[i];
    case QL_I8:
        return ((const int8_t *)data)[i];
    case QL_U8:
    case QL_BOOL:
        return ((const uint8_t *)data)[i];
    case QL_I16:
        return ((const int16_t *)data)[i];
    case QL_U16:
    case QL_F16:
        return ((const uint16_t *)data)[i];
    case QL_I32:
        return ((const int32_t *)data)[i];
    case QL_U32:
        return ((const uint32_t *)data)[i];
    case QL_I64:
        return (double)((const int64_t *)data)[i];
    case QL_U64:
        return (double)((const uint64_t *)data)[i];
    default:
        return NAN;
    }
}

void ql_differ_add(ql_difference *d, ql_type type, const void *got, size_t i, const void *want, size_t k)
{
    size_t size = (size_t)ql_type_bits(type) / 8;
    double w = element(type, want, k), g = element(type, got, i);
    bool same = !memcmp((const char *)got + i * size, (const char *)want + k * size, size);
    d->count++;
    d->peak = fmax(d->peak, fabs(w)); /* fmax passes NaN over */
    if (same || (isnan(w) && isnan(g) && type != QL_C64)) {
        d->equal++;
        return;
    }
    double off = fabs(g - w);
    d->max_abs = isnan(off) ? HUGE_VAL : fmax(d->max_abs, off);
}

void ql_differ_finish(ql_difference *d)
{
    int exponent = 0;
    frexp(fmax(d->peak, 0x1p-126), &exponent);
    d->ulps = d->max_abs / ldexp(1.0, exponent - 24);
}

ql_difference ql_differ(ql_type type, const void *got, const void *want, size_t count)
{
    ql_difference d = {0};
    for (size_t i = 0; i < count; i++) {
        ql_differ_add(&d, type, got, i, want, i);
    }
    ql_differ_finish(&d);
    return d;
}
