#include "runtime/ops/common/channels.h"

#include "runtime/ops/common/move.h"

#include <math.h>

static const char *value_fault(const ql_view *view)
{
    const ql_quant *quant = &view->tensor->quant;
    int32_t lowest = INT32_MIN, highest = INT32_MAX;
    ql_type_range(view->type, &lowest, &highest);
    for (int i = 0; i < quant->scale_count; i++) {
        if (!(isfinite(quant->scale[i]) && quant->scale[i] >= 0)) {
            return "a scale that is not finite or is negative: must be finite and at least 0";
        }
        if (quant->zero_point[i] < lowest || quant->zero_point[i] > highest) {
            return "a zero point outside the type's range: must be inside";
        }
    }
    return NULL;
}

const char *ql_channels_of(const ql_view *view, const ql_view *shape, ql_channels *channels)
{
    const ql_quant *quant = &view->tensor->quant;
    if (!quant->scale_count) {
        return "no scale: a quantized tensor needs one";
    }
    *channels = (ql_channels){1, 1, shape->count, quant->scale, quant->zero_point};
    if (quant->scale_count == 1) {
        return value_fault(view);
    }
    int axis = quant->axis;
    if (axis < 0 || axis >= shape->rank || shape->dims[axis] != quant->scale_count) {
        return "scales that are not as many as the axis has elements: must be one, or one an element";
    }
    channels->outer = ql_dims_product(shape->dims, 0, axis);
    channels->channels = (size_t)quant->scale_count;
    channels->inner = ql_dims_product(shape->dims, axis + 1, shape->rank);
    return value_fault(view);
}
