/* What prepare functions share: failures with their place, memory, shapes, values and the common demands. */
#include "runtime/ops/op.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static ql_code fail_at(const ql_call *c, const ql_view *view, ql_code code, const char *format, va_list args)
{
    char text[sizeof c->err->text];
    vsnprintf(text, sizeof text, format, args);
    ql_fail(c->err, code, "%s", text);
    if (view) {
        ql_at_tensor_of(c->err, view->tensor, view->index);
    }
    return code;
}

ql_code ql_fail_in(const ql_call *c, int i, ql_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail_at(c, i < c->in_count ? c->in[i] : NULL, code, format, args);
    va_end(args);
    return code;
}

ql_code ql_fail_out(const ql_call *c, int o, ql_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail_at(c, o < c->out_count ? c->out[o] : NULL, code, format, args);
    va_end(args);
    return code;
}

ql_code ql_fail_op(const ql_call *c, ql_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail_at(c, NULL, code, format, args);
    va_end(args);
    return code;
}

void *ql_plan_take(ql_call *c, size_t count, size_t size)
{
    void *memory = ql_take(c->arena, count, size);
    if (!memory) {
        ql_fail_memory(c->err, size && count > SIZE_MAX / size ? SIZE_MAX : count * size);
    }
    return memory;
}

void *ql_state(ql_call *c, size_t size)
{
    return c->state = ql_plan_take(c, 1, size);
}

ql_code ql_set_shape(ql_call *c, int o, int rank, const int32_t *dims)
{
    ql_view *out = c->out[o];
    size_t count, bytes;
    if (rank > QL_MAX_RANK) {
        return ql_fail_out(c, o, QL_E_UNSUPPORTED, "rank %d: at most %d is supported", rank, QL_MAX_RANK);
    }
    if (!ql_dims_count(dims, rank, &count) || count > INT32_MAX) {
        return ql_fail_out(c, o, QL_E_FORMAT, "shape has a negative dimension or more than 2^31-1 elements");
    }
    if (!ql_type_bytes(out->type, count, &bytes)) {
        bytes = 0; /* resources and strings have no fixed size: their operators set it */
    }
    out->rank = rank;
    memmove(out->dims, dims, (size_t)rank * sizeof *dims);
    out->count = count;
    out->bytes = bytes;
    out->shaped = true;
    return QL_OK;
}

ql_code ql_shape_like(ql_call *c, int o, const ql_view *like)
{
    return ql_set_shape(c, o, like->rank, like->dims);
}

const void *ql_known(const ql_call *c, int i)
{
    return c->in[i]->known || c->values_ready ? c->in[i]->data : NULL;
}

ql_code ql_defer(ql_call *c)
{
    c->deferred = true;
    return QL_OK;
}

static bool value_at(const ql_view *view, size_t k, int64_t *value)
{
    switch (view->type) {
    case QL_I16:
        *value = ((const int16_t *)view->data)[k];
        return true;
    case QL_I32:
        *value = ((const int32_t *)view->data)[k];
        return true;
    case QL_I64:
        *value = ((const int64_t *)view->data)[k];
        return true;
    default:
        return false;
    }
}

ql_code ql_known_i32s(ql_call *c, int i, const int32_t **values, int *count)
{
    const ql_view *view = c->in[i];
    *values = NULL;
    *count = 0;
    if (!ql_known(c, i)) {
        return QL_OK;
    }
    int32_t *copy = ql_plan_take(c, view->count, sizeof *copy);
    if (!copy) {
        return QL_E_NOMEM;
    }
    for (size_t k = 0; k < view->count; k++) {
        int64_t value;
        if (!value_at(view, k, &value)) {
            return ql_fail_in(c, i, QL_E_FORMAT, "type %s: int32 or int64 is required",
                              ql_type_name(view->type));
        }
        if (value < INT32_MIN || value > INT32_MAX) {
            return ql_fail_in(c, i, QL_E_FORMAT, "value %lld: must fit 32 bits", (long long)value);
        }
        copy[k] = (int32_t)value;
    }
    *values = copy;
    *count = (int)view->count;
    return QL_OK;
}

ql_code ql_need_type(const ql_call *c, int i, ql_type type)
{
    if (c->in[i]->type != type) {
        return ql_fail_in(c, i, QL_E_UNSUPPORTED, "type %s: %s is required", ql_type_name(c->in[i]->type),
                          ql_type_name(type));
    }
    return QL_OK;
}

ql_code ql_need_out_type(const ql_call *c, int o, ql_type type)
{
    if (c->out[o]->type != type) {
        return ql_fail_out(c, o, QL_E_UNSUPPORTED, "type %s: %s is required", ql_type_name(c->out[o]->type),
                           ql_type_name(type));
    }
    return QL_OK;
}

ql_code ql_need_rank(const ql_call *c, int i, int lowest, int highest)
{
    int rank = c->in[i]->rank;
    if (rank >= lowest && rank <= highest) {
        return QL_OK;
    }
    return lowest == highest
               ? ql_fail_in(c, i, QL_E_FORMAT, "rank %d: must be %d", rank, lowest)
               : ql_fail_in(c, i, QL_E_FORMAT, "rank %d: must be %d to %d", rank, lowest, highest);
}

ql_code ql_need_same_type(const ql_call *c, int i, int o)
{
    if (c->in[i]->type != c->out[o]->type) {
        return ql_fail_out(c, o, QL_E_UNSUPPORTED, "type %s: must be input %d's, %s",
                           ql_type_name(c->out[o]->type), i, ql_type_name(c->in[i]->type));
    }
    return QL_OK;
}

ql_code ql_need_same_quant(const ql_call *c, int i, int o)
{
    const ql_view *in = c->in[i], *out = c->out[o];
    if (in->tensor->quant.scale_count != out->tensor->quant.scale_count || ql_scale(in) != ql_scale(out) ||
        ql_zero(in) != ql_zero(out)) {
        return ql_fail_out(c, o, QL_E_FORMAT, "scale %g zero point %d: must be input %d's, %g and %d",
                           (double)ql_scale(out), (int)ql_zero(out), i, (double)ql_scale(in),
                           (int)ql_zero(in));
    }
    return QL_OK;
}

static const char *quant_fault(const ql_view *view)
{
    int32_t lowest, highest;
    if (!view->tensor->quant.scale_count) {
        return "no scale: a quantized tensor needs one";
    }
    if (!(isnormal(ql_scale(view)) && ql_scale(view) > 0)) {
        return "scale is not finite, normal and positive: it must be";
    }
    int64_t zero = view->tensor->quant.zero_point[0];
    if (ql_type_range(view->type, &lowest, &highest) && (zero < lowest || zero > highest)) {
        return "zero point is outside the type's range: it must be inside";
    }
    if (view->type == QL_I16 && zero != 0) {
        return "zero point is not 0: int16 activations are symmetric";
    }
    return NULL;
}

ql_code ql_need_quant_in(const ql_call *c, int i)
{
    const char *fault = quant_fault(c->in[i]);
    return fault ? ql_fail_in(c, i, QL_E_FORMAT, "%s", fault) : QL_OK;
}

ql_code ql_need_quant_out(const ql_call *c, int o)
{
    const char *fault = quant_fault(c->out[o]);
    return fault ? ql_fail_out(c, o, QL_E_FORMAT, "%s", fault) : QL_OK;
}

ql_code ql_need_fixed_out(const ql_call *c, int o, float scale, int32_t zero)
{
    ql_code code = ql_need_quant_out(c, o);
    if (!code && (ql_scale(c->out[o]) != scale || ql_zero(c->out[o]) != zero)) {
        return ql_fail_out(c, o, QL_E_FORMAT, "output scale %g zero point %d: must be exactly 1/%.0f and %d",
                           (double)ql_scale(c->out[o]), (int)ql_zero(c->out[o]), 1 / (double)scale,
                           (int)zero);
    }
    return code;
}

bool ql_same_shape(const ql_view *a, const ql_view *b)
{
    return a->rank == b->rank && !memcmp(a->dims, b->dims, (size_t)a->rank * sizeof *a->dims);
}

bool ql_axis(int axis, int rank, int *normal)
{
    *normal = axis < 0 ? axis + rank : axis;
    return *normal >= 0 && *normal < rank;
}

ql_code ql_prepare_unary(ql_call *c)
{
    ql_code code = ql_need_same_type(c, 0, 0);
    return code ? code : ql_shape_like(c, 0, c->in[0]);
}

ql_code ql_run_copy(const ql_call *c)
{
    if (c->out[0]->bytes && c->out[0]->data != c->in[0]->data) {
        memcpy(c->out[0]->data, c->in[0]->data, c->out[0]->bytes);
    }
    return QL_OK;
}
