#include "analyzer/compare/floats.h"

#include <stdlib.h>

bool ql_comparable(ql_type type)
{
    switch (type) {
    case QL_F32:
    case QL_F16:
    case QL_F64:
    case QL_I8:
    case QL_U8:
    case QL_I16:
    case QL_U16:
    case QL_I32:
    case QL_U32:
    case QL_I64:
    case QL_BOOL:
        return true;
    default:
        return false;
    }
}

/* The elements that share one scale lie in runs of `inner`; runs of the channels follow each other. */
static size_t inner_of(const ql_view *view)
{
    size_t inner = 1;
    for (int d = view->tensor->quant.axis + 1; d < view->rank; d++) {
        inner *= (size_t)view->dims[d];
    }
    return inner ? inner : 1;
}

#define CONVERT(name, type)                                                                                  \
    static void name(const ql_view *view, float *out)                                                        \
    {                                                                                                        \
        const type *q = view->data;                                                                          \
        const ql_quant *quant = &view->tensor->quant;                                                        \
        if (!quant->scale_count) {                                                                           \
            for (size_t i = 0; i < view->count; i++) {                                                       \
                out[i] = (float)q[i];                                                                        \
            }                                                                                                \
            return;                                                                                          \
        }                                                                                                    \
        size_t inner = quant->scale_count > 1 ? inner_of(view) : view->count;                                \
        for (size_t i = 0, run = 0; i < view->count; run++) {                                                \
            size_t channel = run % (size_t)quant->scale_count, end = i + inner;                              \
            double scale = (double)quant->scale[channel];                                                    \
            int64_t zero = quant->zero_point[channel];                                                       \
            for (; i < end && i < view->count; i++) {                                                        \
                out[i] = (float)(scale * (double)((int64_t)q[i] - zero));                                    \
            }                                                                                                \
        }                                                                                                    \
    }

static bool is_one_scale(const ql_quant *quant)
{
    return quant->scale_count <= 1 && (!quant->scale_count || (quant->zero_point[0] <= QL_ZERO_MOST &&
                                                               quant->zero_point[0] >= -QL_ZERO_MOST));
}

bool ql_raw_of(const ql_view *view, ql_raw *values)
{
    const ql_quant *quant = &view->tensor->quant;
    *values = (ql_raw){.raw = view->data,
                       .scale = quant->scale_count ? quant->scale[0] : 1,
                       .zero = quant->scale_count ? (int32_t)quant->zero_point[0] : 0};
    switch (view->type) {
    case QL_F32:
        return true;
    case QL_I8:
        values->type = QL_RAW_I8;
        return is_one_scale(quant);
    case QL_U8:
    case QL_BOOL:
        values->type = QL_RAW_U8;
        return is_one_scale(quant);
    case QL_I16:
        values->type = QL_RAW_I16;
        return is_one_scale(quant);
    default:
        return false;
    }
}

CONVERT(from_i8, int8_t)
CONVERT(from_u8, uint8_t)
CONVERT(from_i16, int16_t)
CONVERT(from_u16, uint16_t)
CONVERT(from_i32, int32_t)
CONVERT(from_u32, uint32_t)
CONVERT(from_i64, int64_t)

static void from_floats_of(const ql_view *view, float *out)
{
    for (size_t i = 0; i < view->count; i++) {
        out[i] = view->type == QL_F16 ? ql_f16_to_f32(((const uint16_t *)view->data)[i])
                                      : (float)((const double *)view->data)[i];
    }
}

const float *ql_floats(const ql_view *view, float *out)
{
    ql_raw values;
    if (view->type == QL_F32) {
        return view->data;
    }
    if (ql_raw_of(view, &values)) {
        ql_raw_read(&values, 0, view->count, out);
        return out;
    }
    switch (view->type) {
    case QL_I8:
        from_i8(view, out);
        break;
    case QL_U8:
    case QL_BOOL:
        from_u8(view, out);
        break;
    case QL_I16:
        from_i16(view, out);
        break;
    case QL_U16:
        from_u16(view, out);
        break;
    case QL_I32:
        from_i32(view, out);
        break;
    case QL_U32:
        from_u32(view, out);
        break;
    case QL_I64:
        from_i64(view, out);
        break;
    default:
        from_floats_of(view, out);
        break;
    }
    return out;
}

ql_code ql_floats_in(ql_floats_room *room, const ql_view *view, const float **values, ql_err *err)
{
    if (view->type != QL_F32 && room->count < view->count) {
        free(room->values);
        room->values = malloc(view->count * sizeof *room->values);
        room->count = room->values ? view->count : 0;
        if (!room->values) {
            return ql_fail_memory(err, view->count * sizeof *room->values);
        }
    }
    *values = ql_floats(view, room->values);
    return QL_OK;
}
