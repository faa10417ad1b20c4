/* From an array's values to a model input's. */
#ifndef QL_DATA_CONVERT_H
#define QL_DATA_CONVERT_H

#include "runtime/runtime.h"

/* Can arrays of this type be given to a model? */
bool ql_convertible(ql_type type);

/* Writes view->count elements from `values` (of type `from`, the first at element `at`) into the view. The
 * same type is copied, integers as they are; otherwise values are real ones: a quantized input takes x /
 * scale rounded half away from zero plus the zero point, clipped; an integer without scale the rounded,
 * clipped value. */
void ql_convert(const void *values, ql_type from, size_t at, ql_view *view);

/* The same on an instruction set's kernels; NULL: on none. */
void ql_convert_on(const ql_isa *isa, const void *values, ql_type from, size_t at, ql_view *view);

/* The same for integers that stand for scale * (q - zero point), by `quant`'s first scale. */
void ql_convert_quantized(const void *values, ql_type from, const ql_quant *quant, size_t at, ql_view *view);

#endif
