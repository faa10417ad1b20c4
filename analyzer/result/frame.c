/* The frame of a result: what was compared. */
#include "analyzer/result/frame.h"
#include "analyzer/check/check.h"
#include "analyzer/result/origins.h"
#include "analyzer/result/result.h"

#include <stdlib.h>
#include <string.h>

const ql_subgraph *ql_graph_of(const ql_side *side)
{
    return &side->model->subgraphs[side->subgraph];
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

void ql_put_tensor(ql_doc *d, ql_json *to, const char *key, const ql_side *side, int index, int op)
{
    const ql_tensor *tensor = &ql_graph_of(side)->tensors[index];
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

static void put_ports(ql_doc *d, ql_json *to, const char *key, const ql_side *side, const int *tensors,
                      int count)
{
    ql_json *list = ql_put_array(d, to, key);
    for (int i = 0; i < count; i++) {
        ql_put_tensor(d, list, NULL, side, tensors[i], -1);
    }
}

static void put_model(ql_doc *d, ql_json *to, const char *key, const ql_side *side)
{
    ql_sha256 sha;
    char hex[65];
    const ql_model *model = side->model;
    const ql_subgraph *graph = ql_graph_of(side);
    ql_sha256_start(&sha);
    ql_sha256_add(&sha, model->bytes, model->byte_count);
    ql_sha256_hex(&sha, hex);
    ql_json *file = ql_put_object(d, to, key);
    ql_put_text(d, file, "file", model->path ? model->path : "");
    ql_put_text(d, file, "sha256", hex);
    ql_put_count(d, file, "bytes", model->byte_count);
    ql_put_int(d, file, "operators", graph->operator_count);
    put_ports(d, file, "inputs", side, graph->inputs, graph->input_count);
    put_ports(d, file, "outputs", side, graph->outputs, graph->output_count);
}

void ql_put_operator(ql_doc *d, ql_json *to, const ql_side *side, int op)
{
    char name[64];
    if (op < 0) {
        ql_put_text(d, to, "op", "INPUT");
        ql_put_null(d, to, "op_index");
        return;
    }
    ql_put_text(d, to, "op", ql_operator_name(side->model, &ql_graph_of(side)->operators[op], name));
    ql_put_int(d, to, "op_index", op);
}

/* The tensors that the operator reads, constants apart. */
static void put_inputs(ql_doc *d, ql_json *to, const ql_side *side, int op)
{
    ql_json *inputs = ql_put_array(d, to, "inputs");
    const ql_operator *use = op >= 0 ? &ql_graph_of(side)->operators[op] : NULL;
    for (int i = 0; use && i < use->input_count; i++) {
        if (use->inputs[i] >= 0 && !ql_graph_of(side)->tensors[use->inputs[i]].data) {
            ql_put_int(d, inputs, NULL, use->inputs[i]);
        }
    }
}

/* The activation function that the operator ends in, where it is fused. */
static void put_activation(ql_doc *d, ql_json *to, const ql_side *side, int op)
{
    static const char *const names[] = {NULL, "RELU", "RELU_N1_TO_1", "RELU6", "TANH"};
    int fused = op < 0 ? 0 : ql_opt_activation(&ql_graph_of(side)->operators[op].options);
    if (fused > 0 && fused < (int)(sizeof names / sizeof *names)) {
        ql_put_text(d, to, "activation", names[fused]);
    }
}

static ql_code put_pair(ql_doc *d, ql_json *pairs, const ql_engine_options *o, const ql_pair *pair,
                        size_t channels, ql_origins *origins, ql_err *err)
{
    ql_str name = ql_graph_of(&o->reference)->tensors[pair->reference].name;
    if (!name.length) {
        name = ql_graph_of(&o->candidate)->tensors[pair->candidate].name;
    }
    ql_json *entry = ql_put_object(d, pairs, NULL);
    ql_put_str(d, entry, "name", name);
    ql_code code = ql_put_origins(d, entry, origins, o, pair, name, err);
    ql_put_operator(d, entry, &o->candidate, pair->candidate_op);
    ql_put_text(d, entry, "how", ql_pair_how_text(pair->how));
    ql_put_tensor(d, entry, "reference", &o->reference, pair->compared, pair->reference_op);
    if (pair->fake_count) {
        ql_put_int(d, entry, "fake_quantized", pair->reference);
    }
    ql_put_tensor(d, entry, "candidate", &o->candidate, pair->candidate, pair->candidate_op);
    put_activation(d, entry, &o->candidate, pair->candidate_op);
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
    const ql_tensor *tensor = &ql_graph_of(side)->tensors[unpaired->tensor];
    ql_json *entry = ql_put_object(d, list, NULL);
    ql_put_text(d, entry, "model", unpaired->in_candidate ? "candidate" : "reference");
    ql_put_int(d, entry, "tensor", unpaired->tensor);
    ql_put_str(d, entry, "name", tensor->name);
    ql_put_text(d, entry, "dtype", ql_type_name(tensor->type));
    ql_put_operator(d, entry, side, unpaired->op);
    put_inputs(d, entry, side, unpaired->op);
    ql_put_text(d, entry, "reason", unpaired->reason);
}

/* What the candidate's file alone shows to be wrong. */
static ql_code put_static_findings(ql_doc *d, ql_json *result, const ql_engine_options *o, ql_err *err)
{
    ql_findings findings = {0};
    ql_code code = ql_check_model(o->candidate.model, o->candidate.subgraph, &findings, err);
    if (!code) {
        ql_put_findings(d, result, "static_findings", &findings, o->candidate.model);
    }
    ql_findings_free(&findings);
    return code;
}

/* Which pair each model output is. */
static void put_outputs(ql_doc *d, ql_json *result, const ql_engine_options *o)
{
    ql_json *outputs = ql_put_array(d, result, "output_pairs");
    const ql_subgraph *graph = ql_graph_of(&o->candidate);
    for (int k = 0; k < graph->output_count; k++) {
        int index = -1;
        for (int i = 0; i < o->pairing->pair_count && index < 0; i++) {
            index = o->pairing->pairs[i].candidate == graph->outputs[k] ? i : -1;
        }
        ql_put_int(d, outputs, NULL, index);
    }
}

/* What the figures of the task will be of. */
static void put_task(ql_doc *d, ql_json *result, const ql_engine_options *o)
{
    ql_task_shape shape = ql_engine_task(o);
    ql_json *task = ql_put_object(d, result, "task");
    ql_put_int(d, task, "classes", shape.classes);
    ql_put_bool(d, task, "labels", shape.labels);
    ql_put_bool(d, task, "rows", shape.rows);
}

ql_code ql_result_frame(ql_json **out, const ql_engine_options *o, ql_err *err)
{
    ql_doc d = {0};
    ql_json *result = *out = ql_json_object(&d);
    ql_put_text(&d, result, "schema", "qloupe.comparison/1");
    put_model(&d, result, "reference", &o->reference);
    put_model(&d, result, "candidate", &o->candidate);
    put_data(&d, result, o->data);
    put_task(&d, result, o);
    put_outputs(&d, result, o);
    ql_code code = put_pairs(&d, result, o, err);
    code = code ? code : ql_put_weights(&d, result, o, err);
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
