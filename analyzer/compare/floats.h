/* Tensor values as the real numbers they stand for. */
#ifndef QL_COMPARE_FLOATS_H
#define QL_COMPARE_FLOATS_H

#include "runtime/runtime.h"

/* Can values of this type be compared as numbers? */
bool ql_comparable(ql_type type);

/* The value of every element in `out` (view->count floats): quantized integers by their scale and zero point
 * as DEQUANTIZE computes it, per axis where the tensor has an axis; integers without quantization, booleans
 * and other floats converted. Returns `out`, or the view's own memory where it already holds float32. */
const float *ql_floats(const ql_view *view, float *out);

#endif
