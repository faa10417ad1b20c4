/* A calibration result for ai-edge-quantizer: the range of each tensor, the plan's repairs in their places.
 * The ranges are the caller's, or else what the candidate's parameters can hold, so that the library arrives
 * at those parameters again. */
#include "reports/config/targets.h"

#include <string.h>

static bool range_of(const ql_tensor *tensor, ql_tensor_range *range)
{
    int32_t lowest, highest;
    if (tensor->quant.scale_count != 1 || !ql_type_range(tensor->type, &lowest, &highest)) {
        return false;
    }
    double scale = (double)tensor->quant.scale[0], zero = (double)tensor->quant.zero_point[0];
    lowest = tensor->type == QL_I16 ? -highest : lowest;
    *range = (ql_tensor_range){true, (float)((lowest - zero) * scale), (float)((highest - zero) * scale)};
    return true;
}

/* Aliases come after the tensor itself and are of another grid: the first one counts. */
static void take_candidate(const ql_export *c, ql_ranges *ranges)
{
    const ql_side *side = &c->source->candidate;
    for (int i = 0; c->pairing && i < c->pairing->pair_count; i++) {
        const ql_pair *pair = &c->pairing->pairs[i];
        const ql_tensor *own = &side->model->subgraphs[side->subgraph].tensors[pair->candidate];
        ql_tensor_range *range = &ranges->tensors[pair->reference];
        if (!range->seen && !c->graph->tensors[pair->reference].data) {
            range_of(own, range);
        }
    }
}

static ql_code take_ranges(const ql_export *c, ql_ranges *ranges, ql_err *err)
{
    ql_code code = ql_ranges_init(ranges, c->graph->tensor_count, err);
    if (!code && c->source->ranges) {
        memcpy(ranges->tensors, c->source->ranges->tensors, (size_t)ranges->count * sizeof *ranges->tensors);
        ranges->samples = c->source->ranges->samples;
    } else if (!code) {
        take_candidate(c, ranges);
    }
    return code ? code
                : ql_plan_repairs(c->source->plan, c->model, c->source->reference.subgraph, ranges, err);
}

static ql_code check_tensors(const ql_export *c, const ql_ranges *ranges, int op, const int32_t *tensors,
                             int count, ql_err *err)
{
    char name[160];
    for (int i = 0; i < count; i++) {
        const ql_tensor *tensor = tensors[i] >= 0 ? &c->graph->tensors[tensors[i]] : NULL;
        if (tensor && tensor->type == QL_F32 && !tensor->data && !ranges->tensors[tensors[i]].seen) {
            return ql_export_refuse(c, op, err,
                                    "no range of tensor '%s': it has none in the candidate: --data CALIB is "
                                    "required",
                                    ql_escape(name, sizeof name, tensor->name.text, tensor->name.length));
        }
        if (tensor && tensor->type == QL_F32 && !ql_export_is_text(tensor->name)) {
            return ql_export_refuse(c, op, err, "a tensor's name is not UTF-8 text: JSON cannot hold it");
        }
    }
    return QL_OK;
}

/* The library asks for the range of whatever a quantized operator reads and writes. */
static ql_code check(const ql_export *c, const ql_ranges *ranges, ql_err *err)
{
    ql_code code = QL_OK;
    for (int i = 0; i < c->graph->operator_count && !code; i++) {
        const ql_operator *op = &c->graph->operators[i];
        if (c->ops[i].format == QL_FORMAT_INT8 || c->ops[i].format == QL_FORMAT_INT16X8) {
            code = check_tensors(c, ranges, i, op->inputs, op->input_count, err);
            code = code ? code : check_tensors(c, ranges, i, op->outputs, op->output_count, err);
        }
    }
    return code;
}

ql_code ql_export_calibration(ql_export *c, ql_text *out, ql_err *err)
{
    ql_ranges ranges = {0};
    ql_json *document = NULL;
    ql_doc d = {0};
    ql_code code = take_ranges(c, &ranges, err);
    code = code ? code : check(c, &ranges, err);
    code = code ? code
                : ql_ranges_document(&ranges, c->model, c->source->reference.subgraph,
                                     c->source->ranges ? "calibrated" : "candidate", &document, err);
    ql_ranges_free(&ranges);
    return code ? code : ql_export_put_json(out, &d, document, err);
}
