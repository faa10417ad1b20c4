/* The frame of a result: what was compared. */
#include "analyzer/check/check.h"
#include "analyzer/compare/floats.h"
#include "analyzer/result/figures.h"
#include "analyzer/result/origins.h"
#include "analyzer/result/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const ql_subgraph *graph_of(const ql_side *side)
{
    return &side->model->subgraphs[side->subgraph];
}

static void put_model(ql_doc *d, ql_json *to, const char *key, const ql_model *model)
{
    ql_sha256 sha;
    char hex[65];
    ql_sha256_start(&sha);
    ql_sha256_add(&sha, model->bytes, model->byte_count);
    ql_sha256_hex(&sha, hex);
    ql_json *file = ql_put_object(d, to, key);
    ql_put_text(d, file, "file", model->path ? model->path : "");
    ql_put_text(d, file, "sha256", hex);
    ql_put_count(d, file, "bytes", model->byte_count);
}

static void put_data(ql_doc *d, ql_json *to, const ql_dataset *data)
{
    ql_json *facts = ql_put_object(d, to, "data");
    const char *sha = ql_dataset_sha256(data);
    ql_put_text(d, facts, "file", ql_dataset_name(data));
    if (*sha) {
        ql_put_text(d, facts, "sha256", sha);
    } else {
        ql_put_null(d, facts, "sha256");
    }
    ql_put_bool(d, facts, "random", ql_dataset_is_random(data));
    ql_put_count(d, facts, "total", ql_dataset_total(data));
}

/* The single scale of a tensor; 0 when it has none or several. */
static double single_scale(const ql_tensor *tensor)
{
    return tensor->quant.scale_count == 1 ? (double)tensor->quant.scale[0] : 0;
}

static void put_tensor(ql_doc *d, ql_json *to, const char *key, const ql_side *side, int index, int op)
{
    const ql_tensor *tensor = &graph_of(side)->tensors[index];
    ql_json *facts = ql_put_object(d, to, key);
    ql_put_int(d, facts, "tensor", index);
    ql_put_str(d, facts, "name", tensor->name);
    ql_put_text(d, facts, "dtype", ql_type_name(tensor->type));
    ql_json *shape = ql_put_array(d, facts, "shape");
    for (int i = 0; i < tensor->rank; i++) {
        ql_put_int(d, shape, NULL, tensor->shape[i]);
    }
    if (tensor->quant.scale_count == 1) {
        ql_put_float(d, facts, "scale", tensor->quant.scale[0]);
        ql_put_int(d, facts, "zero_point", tensor->quant.zero_point[0]);
    } else {
        ql_put_null(d, facts, "scale");
        ql_put_null(d, facts, "zero_point");
    }
    if (op >= 0) {
        ql_put_int(d, facts, "op_index", op);
    } else {
        ql_put_null(d, facts, "op_index");
    }
}

static void put_operator(ql_doc *d, ql_json *to, const ql_side *side, int op)
{
    char name[64];
    if (op < 0) {
        ql_put_text(d, to, "op", "INPUT");
        ql_put_null(d, to, "op_index");
        return;
    }
    ql_put_text(d, to, "op", ql_operator_name(side->model, &graph_of(side)->operators[op], name));
    ql_put_int(d, to, "op_index", op);
}

/* The tensors that the candidate's operator reads, constants apart. */
static void put_inputs(ql_doc *d, ql_json *to, const ql_side *side, int op)
{
    ql_json *inputs = ql_put_array(d, to, "inputs");
    const ql_operator *use = op >= 0 ? &graph_of(side)->operators[op] : NULL;
    for (int i = 0; use && i < use->input_count; i++) {
        if (use->inputs[i] >= 0 && !graph_of(side)->tensors[use->inputs[i]].data) {
            ql_put_int(d, inputs, NULL, use->inputs[i]);
        }
    }
}

static ql_code put_pair(ql_doc *d, ql_json *pairs, const ql_engine_options *o, const ql_pair *pair,
                        size_t channels, ql_origins *origins, ql_err *err)
{
    ql_str name = graph_of(&o->reference)->tensors[pair->reference].name;
    if (!name.length) {
        name = graph_of(&o->candidate)->tensors[pair->candidate].name;
    }
    ql_json *entry = ql_put_object(d, pairs, NULL);
    ql_put_str(d, entry, "name", name);
    ql_code code = ql_put_origins(d, entry, origins, o, pair, name, err);
    put_operator(d, entry, &o->candidate, pair->candidate_op);
    ql_put_text(d, entry, "how", ql_pair_how_text(pair->how));
    put_tensor(d, entry, "reference", &o->reference, pair->compared, pair->reference_op);
    if (pair->fake_count) {
        ql_put_int(d, entry, "fake_quantized", pair->reference);
    }
    put_tensor(d, entry, "candidate", &o->candidate, pair->candidate, pair->candidate_op);
    put_inputs(d, entry, &o->candidate, pair->candidate_op);
    if (channels) {
        ql_put_count(d, entry, "channels", channels);
    }
    return code;
}

static ql_code put_pairs(ql_doc *d, ql_json *result, const ql_engine_options *o, ql_err *err)
{
    ql_json *pairs = ql_put_array(d, result, "pairs");
    size_t *channels;
    ql_origins origins;
    ql_origins_open(&origins, o->reference.model, o->candidate.model);
    ql_code code = ql_engine_channels(o, &channels, err);
    for (int i = 0; i < o->pairing->pair_count && !code; i++) {
        code = put_pair(d, pairs, o, &o->pairing->pairs[i], channels[i], &origins, err);
    }
    free(channels);
    ql_origins_close(&origins);
    return code;
}

static void put_unpaired(ql_doc *d, ql_json *list, const ql_engine_options *o, const ql_unpaired *unpaired)
{
    const ql_side *side = unpaired->in_candidate ? &o->candidate : &o->reference;
    const ql_tensor *tensor = &graph_of(side)->tensors[unpaired->tensor];
    ql_json *entry = ql_put_object(d, list, NULL);
    ql_put_text(d, entry, "model", unpaired->in_candidate ? "candidate" : "reference");
    ql_put_int(d, entry, "tensor", unpaired->tensor);
    ql_put_str(d, entry, "name", tensor->name);
    ql_put_text(d, entry, "dtype", ql_type_name(tensor->type));
    put_operator(d, entry, side, unpaired->op);
    ql_put_text(d, entry, "reason", unpaired->reason);
}

static ql_view view_of_constant(const ql_tensor *tensor, int index)
{
    ql_view view = {
        .tensor = tensor, .index = index, .type = tensor->type, .rank = tensor->rank, .known = true};
    memcpy(view.dims, tensor->shape, (size_t)tensor->rank * sizeof *tensor->shape);
    ql_dims_count(view.dims, view.rank, &view.count);
    view.bytes = tensor->bytes;
    view.data = (void *)(uintptr_t)tensor->data;
    return view;
}

static bool is_weight_pair(const ql_tensor *f, const ql_tensor *q)
{
    size_t f_count, q_count;
    return f->data && q->data && !f->sparsity && !q->sparsity && f->type == QL_F32 &&
           ql_comparable(q->type) && q->quant.scale_count > 0 && ql_dims_count(f->shape, f->rank, &f_count) &&
           ql_dims_count(q->shape, q->rank, &q_count) && f_count == q_count && f_count;
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

/* Of the weights of an operator: the largest channel's size over the median channel's; NaN for other
 * constants. */
static double channel_spread(const ql_engine_options *o, const ql_pair *pair, const ql_tensor *weights,
                             int input)
{
    const ql_operator *use = &graph_of(&o->candidate)->operators[pair->candidate_op];
    const ql_op *row = ql_op_find(o->candidate.model, use);
    int axis = row ? row->quant.axis : 0;
    if (!row || row->quant.weight != input || axis >= weights->rank || weights->shape[axis] < 2) {
        return (double)NAN;
    }
    size_t channels = (size_t)weights->shape[axis], inner = 1, count = weights->bytes / sizeof(float);
    for (int i = axis + 1; i < weights->rank; i++) {
        inner *= (size_t)weights->shape[i];
    }
    float *sizes = calloc(channels, sizeof *sizes);
    for (size_t i = 0; sizes && i < count; i++) {
        float *size = &sizes[i / inner % channels];
        *size = fmaxf(*size, fabsf(((const float *)weights->data)[i]));
    }
    double spread = (double)NAN;
    if (sizes) {
        qsort(sizes, channels, sizeof *sizes, by_size);
        float median = sizes[(channels - 1) / 2];
        spread = median > 0 ? (double)(sizes[channels - 1] / median) : (double)NAN;
    }
    free(sizes);
    return spread;
}

/* A constant of two paired operators: how far the candidate's lies from the reference's. */
static ql_code put_weight(ql_doc *d, ql_json *weights, const ql_engine_options *o, const ql_pair *pair, int i,
                          ql_err *err)
{
    const ql_operator *c = &graph_of(&o->candidate)->operators[pair->candidate_op];
    const ql_operator *r = &graph_of(&o->reference)->operators[pair->reference_op];
    const ql_tensor *f = &graph_of(&o->reference)->tensors[r->inputs[i]];
    const ql_tensor *q = &graph_of(&o->candidate)->tensors[c->inputs[i]];
    if (!is_weight_pair(f, q)) {
        return QL_OK;
    }
    ql_view view = view_of_constant(q, c->inputs[i]);
    float *values = malloc(view.count * sizeof *values);
    ql_stats *stats = calloc(1, sizeof *stats);
    if (values && stats) {
        ql_stats_add(stats, 0, f->data, ql_floats(&view, values), view.count);
        ql_json *entry = ql_put_object(d, weights, NULL);
        ql_put_str(d, entry, "name", f->name.length ? f->name : q->name);
        put_operator(d, entry, &o->candidate, pair->candidate_op);
        ql_put_int(d, entry, "input", i);
        put_tensor(d, entry, "reference", &o->reference, r->inputs[i], -1);
        put_tensor(d, entry, "candidate", &o->candidate, c->inputs[i], -1);
        ql_put_metrics(d, entry, "error", stats, single_scale(q));
        ql_put_number(d, entry, "channel_spread", channel_spread(o, pair, f, i));
    }
    bool refused = !values || !stats;
    free(values);
    free(stats);
    return refused ? ql_fail_memory(err, view.count * sizeof *values) : QL_OK;
}

static ql_code put_weights(ql_doc *d, ql_json *result, const ql_engine_options *o, ql_err *err)
{
    ql_json *weights = ql_put_array(d, result, "weights");
    for (int k = 0; k < o->pairing->pair_count; k++) {
        const ql_pair *pair = &o->pairing->pairs[k];
        if (pair->candidate_op < 0 || pair->reference_op < 0 || pair->alias) {
            continue;
        }
        const ql_operator *c = &graph_of(&o->candidate)->operators[pair->candidate_op];
        const ql_operator *r = &graph_of(&o->reference)->operators[pair->reference_op];
        if (c->outputs[0] != pair->candidate || c->input_count != r->input_count) {
            continue; /* once an operator */
        }
        for (int i = 0; i < c->input_count; i++) {
            ql_code code =
                c->inputs[i] < 0 || r->inputs[i] < 0 ? QL_OK : put_weight(d, weights, o, pair, i, err);
            if (code) {
                return code;
            }
        }
    }
    return QL_OK;
}

/* What the candidate's file alone shows to be wrong. */
static ql_code put_static_findings(ql_doc *d, ql_json *result, const ql_engine_options *o, ql_err *err)
{
    ql_findings findings = {0};
    ql_code code = ql_check_model(o->candidate.model, o->candidate.subgraph, &findings, err);
    if (!code) {
        ql_put_findings(d, result, "static_findings", &findings, o->candidate.model, o->candidate.subgraph);
    }
    ql_findings_free(&findings);
    return code;
}

/* Which pair each model output is. */
static void put_outputs(ql_doc *d, ql_json *result, const ql_engine_options *o)
{
    ql_json *outputs = ql_put_array(d, result, "output_pairs");
    const ql_subgraph *graph = graph_of(&o->candidate);
    for (int k = 0; k < graph->output_count; k++) {
        int index = -1;
        for (int i = 0; i < o->pairing->pair_count && index < 0; i++) {
            index = o->pairing->pairs[i].candidate == graph->outputs[k] ? i : -1;
        }
        ql_put_int(d, outputs, NULL, index);
    }
}

ql_code ql_result_frame(ql_json **out, const ql_engine_options *o, ql_err *err)
{
    ql_doc d = {0};
    ql_json *result = *out = ql_json_object(&d);
    ql_put_text(&d, result, "schema", "qloupe.comparison/1");
    put_model(&d, result, "reference", o->reference.model);
    put_model(&d, result, "candidate", o->candidate.model);
    put_data(&d, result, o->data);
    put_outputs(&d, result, o);
    ql_code code = put_pairs(&d, result, o, err);
    code = code ? code : put_weights(&d, result, o, err);
    code = code ? code : put_static_findings(&d, result, o, err);
    ql_json *unpaired = ql_put_array(&d, result, "unpaired");
    for (int i = 0; i < o->pairing->unpaired_count; i++) {
        put_unpaired(&d, unpaired, o, &o->pairing->unpaired[i]);
    }
    ql_put_int(&d, result, "left_out", o->pairing->left_out);
    code = code ? code : ql_doc_check(&d, err);
    if (code) {
        ql_json_free(result);
        *out = NULL;
    }
    return code;
}
