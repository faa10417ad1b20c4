/* Tensor values as the real numbers they stand for. */
#ifndef QL_COMPARE_FLOATS_H
#define QL_COMPARE_FLOATS_H

#include "metrics/metrics.h"
#include "runtime/runtime.h"

/* Can values of this type be compared as numbers? */
bool ql_comparable(ql_type type);

/* The value of every element in `out` (view->count floats): quantized integers by their scale and zero point
 * as DEQUANTIZE computes it, per axis where the tensor has an axis; integers without quantization, booleans
 * and other floats converted. Returns `out`, or the view's own memory where it already holds float32. */
const float *ql_floats(const ql_view *view, float *out);

/* The view's values as they are kept, where statistics can read them so: float32, and integers of 8 or 16
 * bits with at most one scale. */
bool ql_raw_of(const ql_view *view, ql_raw *values);

/* Memory for ql_floats that grows as it must; all bytes zero is none. */
typedef struct {
    float *values;
    size_t count;
} ql_floats_room;

ql_code ql_floats_in(ql_floats_room *room, const ql_view *view, const float **values, ql_err *err);

#endif
