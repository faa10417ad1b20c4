/* The ranges of a model's float tensors: what calibration finds, what the quantizer makes scales from.
 *
 * Saved and loaded as the calibration result of ai-edge-quantizer: {"model_qsvs": {NAME: {"min", "max"}},
 * "metadata"}, each bound an array of the tensor's rank with one element. */
#ifndef QL_CALIBRATE_RANGES_H
#define QL_CALIBRATE_RANGES_H

#include "analyzer/json/json.h"
#include "runtime/runtime.h"

typedef struct {
    bool seen; /* false: no finite value was seen */
    float min, max;
} ql_tensor_range;

typedef struct {
    int count; /* tensors of the subgraph */
    ql_tensor_range *tensors;
    uint64_t samples;
} ql_ranges;

/* All unseen. NOMEM. */
ql_code ql_ranges_init(ql_ranges *ranges, int tensor_count, ql_err *err);
void ql_ranges_free(ql_ranges *ranges);

/* Widens a range to hold another. */
void ql_range_join(ql_tensor_range *into, ql_tensor_range other);

/* The range of some values; NaN and infinities are passed over. */
ql_tensor_range ql_range_of(const float *values, size_t count);

/* What TensorFlow 2.21's calibrator records besides: its interpreter lets ADD, SUB, MUL and DIV write into
 * the memory of an operand of the same size that nobody else reads, so that operand's range takes in the
 * result's. Source: the arena planner's sharing rules and the calibrator, which logs inputs again after the
 * operator ran. NOMEM. */
ql_code ql_ranges_widen(ql_ranges *ranges, const ql_model *model, int subgraph, ql_err *err);

/* The ranges as that document. Yours; NOMEM. */
ql_code ql_ranges_document(const ql_ranges *ranges, const ql_model *model, int subgraph, const char *method,
                           ql_json **document, ql_err *err);

/* Writes ("-": standard output) and reads the JSON. Names that several tensors have stand for all of them;
 * names the model lacks are passed over. FORMAT: no model_qsvs, or a bound that is no finite number; FIT: no
 * name of the model is there. */
ql_code ql_ranges_save(const ql_ranges *ranges, const ql_model *model, int subgraph, const char *method,
                       const char *path, ql_err *err);
ql_code ql_ranges_load(ql_ranges *ranges, const ql_model *model, int subgraph, const char *path, ql_err *err);

#endif
