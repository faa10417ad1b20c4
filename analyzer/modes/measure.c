#include "analyzer/modes/modes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const ql_mode_row rows[] = {
    {"float", "as it is", QL_MODE_FLOAT, QL_F32, false},
    {"float16", "constants in float16", QL_MODE_FLOAT16, QL_F32, false},
    {"weights", "int8 weights, float arithmetic", QL_MODE_WEIGHTS, QL_F32, false},
    {"dynamic", "int8 weights, hybrid kernels", QL_MODE_DYNAMIC, QL_F32, false},
    {"int8", "all int8, inputs and outputs too", QL_MODE_INT8, QL_I8, true},
    {"int8-fallback", "int8, float where it must", QL_MODE_INT8, QL_F32, false},
    {"int16x8", "int16 activations, int8 weights", QL_MODE_INT16X8, QL_F32, false},
};

int ql_mode_count(void)
{
    return sizeof rows / sizeof *rows;
}

const ql_mode_row *ql_mode_at(int i)
{
    return &rows[i];
}

ql_code ql_count_macs(const ql_model *model, int subgraph, ql_macs_by_type *macs, ql_err *err)
{
    ql_exec *exec = NULL;
    ql_exec_options options = {.subgraph = subgraph, .look_only = true};
    *macs = (ql_macs_by_type){0};
    ql_code code = ql_exec_open(&exec, model, &options, err);
    for (int op = 0; !code && op < model->subgraphs[subgraph].operator_count; op++) {
        ql_slot slot = ql_exec_call(exec, op)->slot;
        uint64_t *kind = slot == QL_S_F32      ? &macs->f32
                         : slot == QL_S_I8     ? &macs->i8
                         : slot == QL_S_I16    ? &macs->i16
                         : slot == QL_S_HYBRID ? &macs->hybrid
                                               : &macs->other;
        *kind += ql_exec_macs(exec, op);
    }
    ql_exec_close(exec);
    return code;
}

typedef struct {
    const ql_modes_options *o;
    const ql_subgraph *graph;
    ql_ranges ranges[2]; /* of 8 and of 16 bits */
    const char **left;   /* one an operator of the float model */
    ql_pairing outputs;
    int done, total; /* parts of the whole, for progress */
    ql_err *err;
} measuring;

static bool step(void *user, uint64_t done, uint64_t total)
{
    const measuring *m = user;
    uint64_t whole = (uint64_t)m->total * total, part = (uint64_t)m->done * total + done;
    return !m->o->progress || m->o->progress(m->o->user, part, whole);
}

static bool stop(void *user, uint64_t work)
{
    const measuring *m = user;
    return m->o->stop && m->o->stop(m->o->user, work);
}

static ql_code calibrate(measuring *m, int levels, ql_ranges *ranges)
{
    const ql_modes_options *o = m->o;
    const char *spec = o->calib ? o->calib : o->data;
    ql_dataset *data = NULL;
    ql_calibrate_options options = {.model = o->model,
                                    .subgraph = o->subgraph,
                                    .method = o->method,
                                    .levels = levels,
                                    .memory = o->memory,
                                    .compat = o->compat,
                                    .progress = step,
                                    .user = m};
    ql_code code = ql_dataset_open(&data, spec, &o->model, &o->subgraph, 1,
                                   o->calib ? &o->calib_choice : &o->choice, m->err);
    options.data = data;
    code = code ? code : ql_calibrate(&options, ranges, m->err);
    ql_dataset_close(data);
    m->done++;
    return code;
}

/* Methods that look at the number of levels choose other ranges for 16 bits. */
static ql_code calibrate_both(measuring *m)
{
    ql_code code = calibrate(m, 256, &m->ranges[0]);
    if (!code && m->o->method.row->choose) {
        return calibrate(m, 65536, &m->ranges[1]);
    }
    for (int t = 0; t < m->ranges[0].count && !code; t++) {
        m->ranges[1].tensors[t] = m->ranges[0].tensors[t];
    }
    return code;
}

static void refuse(measuring *m, ql_mode_figures *mode)
{
    size_t used = 0, room = sizeof mode->refused;
    int more = 0;
    for (int op = 0; op < m->graph->operator_count; op++) {
        char name[64];
        if (m->left[op] && used + 80 < room) {
            used += (size_t)snprintf(mode->refused + used, room - used, "%s#%d %s", used ? ", " : "", op,
                                     ql_operator_name(m->o->model, &m->graph->operators[op], name));
        } else {
            more += m->left[op] != NULL;
        }
    }
    if (more) {
        snprintf(mode->refused + used, room - used, " and %d more stay float", more);
    } else {
        snprintf(mode->refused + used, room - used, " %s float",
                 mode->float_operators > 1 ? "stay" : "stays");
    }
}

static ql_code make(measuring *m, ql_mode_figures *mode, ql_model **made)
{
    const ql_modes_options *o = m->o;
    ql_err err = {0};
    ql_quantize_options options = {.mode = mode->row->mode,
                                   .io = mode->row->io,
                                   .compat = o->compat,
                                   .fragile = mode->row->integer_only || o->compat,
                                   .subgraph = o->subgraph,
                                   .every_subgraph = !o->choice.signature,
                                   .ranges = &m->ranges[mode->row->mode == QL_MODE_INT16X8],
                                   .memory = o->memory,
                                   .left = m->left};
    memset(m->left, 0, (size_t)m->graph->operator_count * sizeof *m->left);
    ql_code code = ql_quantize(made, o->model, &options, &err);
    for (int op = 0; op < m->graph->operator_count && !code; op++) {
        mode->float_operators += m->left[op] != NULL;
    }
    if (!code && mode->row->integer_only && mode->float_operators) {
        refuse(m, mode);
    }
    if (code == QL_E_UNSUPPORTED) {
        ql_err_text(&err, mode->refused, sizeof mode->refused);
        return QL_OK;
    }
    if (code) {
        *m->err = err;
    }
    return code;
}

static int conversions(const ql_model *model, int subgraph)
{
    const ql_subgraph *graph = &model->subgraphs[subgraph];
    int count = 0;
    for (int op = 0; op < graph->operator_count; op++) {
        const ql_operator *own = &graph->operators[op];
        int code = model->opcodes[own->opcode].code;
        bool constant = own->input_count > 0 && own->inputs[0] >= 0 && graph->tensors[own->inputs[0]].data;
        count += !constant && (code == 6 || code == 114); /* DEQUANTIZE, QUANTIZE */
    }
    return count;
}

static ql_code run(measuring *m, ql_mode_figures *mode, const ql_model *made, ql_modes_result *result)
{
    const ql_modes_options *o = m->o;
    const ql_model *const models[] = {o->model, made};
    const int subgraphs[] = {o->subgraph, o->subgraph};
    ql_dataset *data = NULL;
    ql_code code = ql_dataset_open(&data, o->data, models, subgraphs, 2, &o->choice, m->err);
    if (code) {
        return code;
    }
    for (int k = 0; k < m->outputs.pair_count; k++) {
        m->outputs.pairs[k].candidate = made->subgraphs[o->subgraph].outputs[k];
    }
    ql_engine_options engine = {.reference = {o->model, o->subgraph},
                                .candidate = {made, o->subgraph},
                                .pairing = &m->outputs,
                                .data = data,
                                .reference_numerics = o->numerics,
                                .candidate_numerics = o->numerics,
                                .threads = o->threads,
                                .memory = o->memory,
                                .progress = step,
                                .stop = stop,
                                .user = m};
    code = ql_whatif_measure(&engine, NULL, &mode->figures, m->err);
    result->noise = ql_dataset_is_random(data);
    result->samples = mode->figures.samples;
    ql_dataset_close(data);
    return code;
}

/* A mode that takes more memory than is allowed is refused like one that cannot be made; without the float
 * model there is nothing to tell. */
static ql_code excuse(const measuring *m, ql_code code, ql_mode_figures *mode)
{
    if (code != QL_E_NOMEM || !m->o->memory || !m->o->memory->limit || mode->row == ql_mode_at(0)) {
        return code;
    }
    *mode = (ql_mode_figures){.row = mode->row};
    snprintf(mode->refused, sizeof mode->refused, "it takes more than the %zu bytes of memory allowed",
             m->o->memory->limit);
    ql_err_clear(m->err);
    return QL_OK;
}

static ql_code measure(measuring *m, ql_mode_figures *mode, ql_modes_result *result)
{
    ql_model *made = NULL;
    ql_code code = make(m, mode, &made);
    if (!code && !*mode->refused) {
        code = ql_model_size(made, &mode->bytes, m->err);
        code = code ? code : ql_count_macs(made, m->o->subgraph, &mode->macs, m->err);
        code = code ? code : run(m, mode, made, result);
        mode->boundaries = code ? 0 : conversions(made, m->o->subgraph);
    }
    m->done++;
    ql_memory_give(made ? m->o->memory : NULL, made ? made->arena.taken : 0);
    ql_model_close(made);
    return excuse(m, code, mode);
}

static ql_code start(measuring *m)
{
    size_t ops = (size_t)m->graph->operator_count;
    int outputs = m->graph->output_count;
    m->total = ql_mode_count() + (m->o->method.row->choose ? 2 : 1);
    m->left = calloc(ops + 1, sizeof *m->left);
    m->outputs.pairs = calloc((size_t)outputs + 1, sizeof *m->outputs.pairs);
    m->outputs.pair_count = outputs;
    if (!m->left || !m->outputs.pairs) {
        return ql_fail_memory(m->err, ops * sizeof *m->left);
    }
    for (int k = 0; k < outputs; k++) {
        int t = m->graph->outputs[k];
        m->outputs.pairs[k] =
            (ql_pair){.reference = t, .compared = t, .reference_op = -1, .candidate_op = -1};
    }
    ql_code code = ql_ranges_init(&m->ranges[0], m->graph->tensor_count, m->err);
    return code ? code : ql_ranges_init(&m->ranges[1], m->graph->tensor_count, m->err);
}

ql_code ql_modes_measure(const ql_modes_options *options, ql_modes_result *result, ql_err *err)
{
    measuring m = {.o = options, .graph = &options->model->subgraphs[options->subgraph], .err = err};
    *result = (ql_modes_result){.count = ql_mode_count()};
    ql_code code = start(&m);
    code = code ? code : calibrate_both(&m);
    for (int i = 0; i < result->count && !code; i++) {
        result->modes[i].row = ql_mode_at(i);
        code = measure(&m, &result->modes[i], result);
    }
    if (!code && m.graph->output_count) {
        const ql_tensor *first = &m.graph->tensors[m.graph->outputs[0]];
        result->classes = first->rank > 0 && first->shape[first->rank - 1] > 1;
        result->labels = isfinite(result->modes[0].figures.accuracy);
    }
    ql_ranges_free(&m.ranges[0]);
    ql_ranges_free(&m.ranges[1]);
    free(m.outputs.pairs);
    free(m.left);
    return code;
}
