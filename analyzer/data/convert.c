#include "analyzer/data/convert.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool ql_convertible(ql_type type)
{
    switch (type) {
    case QL_F32:
    case QL_F64:
    case QL_F16:
    case QL_I8:
    case QL_U8:
    case QL_I16:
    case QL_U16:
    case QL_I32:
    case QL_U32:
    case QL_I64:
    case QL_U64:
    case QL_BOOL:
        return true;
    default:
        return false;
    }
}

static double value_at(const void *values, ql_type type, size_t i)
{
    switch (type) {
    case QL_F32:
        return (double)((const float *)values)[i];
    case QL_F64:
        return ((const double *)values)[i];
    case QL_F16:
        return (double)ql_f16_to_f32(((const uint16_t *)values)[i]);
    case QL_I8:
        return ((const int8_t *)values)[i];
    case QL_I16:
        return ((const int16_t *)values)[i];
    case QL_U16:
        return ((const uint16_t *)values)[i];
    case QL_I32:
        return ((const int32_t *)values)[i];
    case QL_U32:
        return ((const uint32_t *)values)[i];
    case QL_I64:
        return (double)((const int64_t *)values)[i];
    case QL_U64:
        return (double)((const uint64_t *)values)[i];
    default:
        return ((const uint8_t *)values)[i];
    }
}

/* Rounded half away from zero and clipped; NaN becomes the lowest value, as QUANTIZE makes it. */
static int64_t rounded(double value, int64_t lowest, int64_t highest)
{
    double whole = round(value);
    return !(whole >= (double)lowest) ? lowest : whole >= (double)highest ? highest : (int64_t)whole;
}

static void store_integer(ql_view *view, size_t i, double value)
{
    const ql_quant *quant = &view->tensor->quant;
    double zero = 0;
    if (quant->scale_count) {
        value = (double)((float)value / quant->scale[0]);
        zero = (double)quant->zero_point[0];
    }
    int32_t low, high;
    if (ql_type_range(view->type, &low, &high)) {
        int64_t q = rounded(round(value) + zero, low, high);
        switch (ql_type_bits(view->type)) {
        case 8:
            ((uint8_t *)view->data)[i] = (uint8_t)q;
            break;
        case 16:
            ((uint16_t *)view->data)[i] = (uint16_t)q;
            break;
        default:
            ((int32_t *)view->data)[i] = (int32_t)q;
            break;
        }
    } else if (view->type == QL_U32) {
        ((uint32_t *)view->data)[i] = (uint32_t)rounded(value, 0, UINT32_MAX);
    } else if (view->type == QL_I64 || view->type == QL_U64) {
        ((int64_t *)view->data)[i] = rounded(value, -(INT64_C(1) << 62), INT64_C(1) << 62);
    } else if (view->type == QL_BOOL) {
        ((uint8_t *)view->data)[i] = value != 0;
    }
}

static void store(ql_view *view, size_t i, double value)
{
    if (view->type == QL_F32) {
        ((float *)view->data)[i] = (float)value;
    } else if (view->type == QL_F64) {
        ((double *)view->data)[i] = value;
    } else if (view->type == QL_F16) {
        ((uint16_t *)view->data)[i] = ql_f32_to_f16((float)value);
    } else {
        store_integer(view, i, value);
    }
}

/* rounded(round(x / scale) + zero, ...) for every float of an 8-bit tensor, in steps that vectors have: a
 * float less its whole part is exact. */
static void quantize_in_c(const ql_to_integers *v)
{
    const float far = 1e9f; /* beyond every limit, and its whole part fits */
    uint8_t *restrict out = v->y;
    for (size_t i = 0; i < v->n; i++) {
        float x = v->x[i] / v->scale;
        x = x > far ? far : x;
        x = x > -far ? x : -far;
        int32_t q = (int32_t)x;
        float rest = x - (float)q;
        q += v->zero + (rest >= 0.5f) - (rest <= -0.5f);
        q = q < v->low ? v->low : q;
        out[i] = (uint8_t)(q > v->high ? v->high : q);
    }
}

static void quantize_bytes(const ql_isa *isa, const float *values, const ql_view *view)
{
    ql_to_integers v = {.x = values,
                        .n = view->count,
                        .y = view->data,
                        .scale = view->tensor->quant.scale[0],
                        .divide = true,
                        .bounded = true,
                        .zero = (int32_t)view->tensor->quant.zero_point[0]};
    ql_type_range(view->type, &v.low, &v.high);
    (isa && isa->quantize_8 ? isa->quantize_8 : quantize_in_c)(&v);
}

/* So far from its limits, a zero point does not bring what is beyond them back. */
static bool is_plain_byte(const ql_view *view)
{
    const ql_quant *quant = &view->tensor->quant;
    return (view->type == QL_I8 || view->type == QL_U8) && quant->scale_count &&
           llabs((long long)quant->zero_point[0]) <= 1 << 20;
}

void ql_convert(const void *values, ql_type from, size_t at, ql_view *view)
{
    ql_convert_on(NULL, values, from, at, view);
}

void ql_convert_on(const ql_isa *isa, const void *values, ql_type from, size_t at, ql_view *view)
{
    if (from == view->type || (from == QL_U8 && view->type == QL_BOOL)) {
        size_t width = view->count ? view->bytes / view->count : 0;
        memcpy(view->data, (const char *)values + at * width, view->bytes);
        return;
    }
    if (from == QL_F32 && is_plain_byte(view)) {
        quantize_bytes(isa, (const float *)values + at, view);
        return;
    }
    for (size_t i = 0; i < view->count; i++) {
        store(view, i, value_at(values, from, at + i));
    }
}

void ql_convert_quantized(const void *values, ql_type from, const ql_quant *quant, size_t at, ql_view *view)
{
    double scale = (double)quant->scale[0], zero = (double)quant->zero_point[0];
    for (size_t i = 0; i < view->count; i++) {
        store(view, i, scale * (value_at(values, from, at + i) - zero));
    }
}
