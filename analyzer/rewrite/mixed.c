#include "analyzer/rewrite/mixed.h"

#include "analyzer/rewrite/mix.h"

#include <stdlib.h>
#include <string.h>

static const char *const mode_names[QL_LAYER_MODES] = {
    "keep",    "float",   "int16x8", "int4",    NULL,      NULL,      "bits=2",
    "bits=3",  "bits=4",  "bits=5",  "bits=6",  "bits=7",  "bits=8",  "bits=9",
    "bits=10", "bits=11", "bits=12", "bits=13", "bits=14", "bits=15", "bits=16"};

const char *ql_layer_mode_name(ql_layer_mode mode)
{
    return mode_names[mode];
}

bool ql_layer_mode_fake(ql_layer_mode mode)
{
    return mode >= QL_LAYER_INT4;
}

bool ql_layer_mode_named(const char *name, ql_layer_mode *mode)
{
    for (int i = 0; i < QL_LAYER_MODES; i++) {
        if (mode_names[i] && !strcmp(mode_names[i], name)) {
            *mode = (ql_layer_mode)i;
            return true;
        }
    }
    return false;
}

static const ql_pair *faked_pair(const ql_mix *m, int t)
{
    for (int i = 0; i < m->pairing->pair_count; i++) {
        const ql_pair *pair = &m->pairing->pairs[i];
        if (pair->candidate == t && !pair->alias && pair->fake_count) {
            return pair;
        }
    }
    return NULL;
}

/* One operator of the reference's fake quantization of a value, from one tensor of the new model to another.
 */
static ql_code append_fake(ql_mix *m, int reference_op, int from, int to)
{
    ql_operator op = ql_mix_reference(m)->operators[reference_op];
    const ql_opcode *opcode = &m->reference.model->opcodes[op.opcode];
    ql_code code = ql_edit_opcode(m->model, opcode->code, opcode->version, &op.opcode, m->err);
    code = code ? code : ql_edit_ints(m->model, &from, 1, &op.inputs, m->err);
    code = code ? code : ql_edit_ints(m->model, &to, 1, &op.outputs, m->err);
    m->inserted += opcode->code != QL_MIX_FAKE_QUANT;
    return code ? code : ql_mix_append(m, &op);
}

/* Where training fake-quantized the layer's output, the weights behind it were learned with what that clips:
 * a float layer does it too. The layer was appended last; it now writes to a tensor of its own. */
static ql_code repeat_fakes(ql_mix *m, const ql_operator *own)
{
    int layer = m->ops.count - 1;
    const ql_pair *pair = own->output_count == 1 ? faked_pair(m, own->outputs[0]) : NULL;
    if (!pair) {
        return QL_OK;
    }
    int from, last = m->ops.at[layer].outputs[0];
    ql_code code = ql_mix_add(m, own->outputs[0], QL_F32, 0, "_learned", &from);
    code = code ? code : ql_edit_ints(m->model, &from, 1, &m->ops.at[layer].outputs, m->err);
    for (int i = 0; i < pair->fake_count && !code; i++) {
        int to = last;
        if (i + 1 < pair->fake_count) {
            const ql_operator *fake = &ql_mix_reference(m)->operators[pair->fakes[i]];
            ql_tensor made = ql_mix_reference(m)->tensors[fake->outputs[0]];
            made.buffer = 0;
            code = ql_edit_tensor(m->model, m->candidate.subgraph, &made, &to, m->err);
        }
        code = code ? code : append_fake(m, pair->fakes[i], from, to);
        from = to;
    }
    return code;
}

static ql_code float_layer(ql_mix *m, int op, ql_mix_wiring w)
{
    const ql_operator *own = &m->from->operators[op], *twin = &ql_mix_reference(m)->operators[m->twin[op]];
    const ql_opcode *opcode = &m->reference.model->opcodes[twin->opcode];
    ql_operator made = *own;
    made.options = twin->options;
    ql_code code = ql_edit_opcode(m->model, opcode->code, opcode->version, &made.opcode, m->err);
    for (int i = 0; i < own->input_count && !code; i++) {
        code = ql_mix_float_input(m, own, twin, i, &w.inputs[i]);
    }
    code = code ? code : ql_mix_wire(m, &made, own, QL_LAYER_FLOAT, w);
    return code ? code : repeat_fakes(m, own);
}

static ql_code kept_layer(ql_mix *m, int op, ql_mix_wiring w)
{
    const ql_operator *own = &m->from->operators[op];
    ql_operator made = *own;
    bool dequantizes = ql_mix_code(m->candidate.model, own) == QL_MIX_DEQUANTIZE;
    ql_code code = QL_OK;
    if (m->merged[op]) {
        return QL_OK;
    }
    for (int i = 0; i < own->input_count && !code; i++) {
        int t = own->inputs[i];
        w.inputs[i] = t;
        if (t >= 0 && !ql_mix_tensor(m, t)->data) {
            /* from 16 bits straight to float */
            ql_layer_mode want =
                dequantizes && ql_mix_made_as(m, t) == QL_LAYER_INT16X8 ? QL_LAYER_INT16X8 : QL_LAYER_KEEP;
            code = ql_mix_need(m, t, want, &w.inputs[i]);
        }
    }
    code = code ? code : ql_edit_ints(m->model, w.inputs, own->input_count, &made.inputs, m->err);
    return code ? code : ql_mix_append(m, &made);
}

static ql_code add_layers(ql_mix *m)
{
    for (int op = 0; op < m->from->operator_count; op++) {
        const ql_operator *own = &m->from->operators[op];
        int32_t *space = calloc((size_t)(own->input_count + own->output_count) + 1, sizeof *space);
        if (!space) {
            return ql_fail_memory(m->err, (size_t)own->input_count * sizeof *space);
        }
        ql_mix_wiring w = {space, space + own->input_count};
        ql_layer_mode mode = m->modes[op];
        ql_code code = mode == QL_LAYER_FLOAT     ? float_layer(m, op, w)
                       : mode == QL_LAYER_INT16X8 ? ql_mix_wide_layer(m, op, w)
                       : mode == QL_LAYER_INT4    ? ql_mix_narrow_layer(m, op, w)
                       : mode >= QL_LAYER_BITS ? ql_mix_rounded_layer(m, op, (int)(mode - QL_LAYER_BITS), w)
                                               : kept_layer(m, op, w);
        free(space);
        if (code) {
            return code;
        }
    }
    for (int o = 0; o < m->from->output_count; o++) {
        int index;
        ql_code code = ql_mix_need(m, m->from->outputs[o], QL_LAYER_KEEP, &index);
        if (code) {
            return code;
        }
    }
    return QL_OK;
}

static ql_code start(ql_mix *m, const ql_pairing *pairing)
{
    size_t tensors = (size_t)m->from->tensor_count, ops = (size_t)m->from->operator_count;
    int *space = malloc((4 * tensors + 2 * ops + 1) * sizeof *space);
    if (!space) {
        return ql_fail_memory(m->err, (4 * tensors + 2 * ops) * sizeof *space);
    }
    m->twin = space;
    m->merged = space + ops;
    m->producer = space + 2 * ops;
    for (int mode = 0; mode < 3; mode++) {
        m->as[mode] = m->producer + (size_t)(mode + 1) * tensors;
    }
    for (size_t i = 0; i < 4 * tensors + 2 * ops; i++) {
        space[i] = QL_MIX_NONE;
    }
    memset(m->merged, 0, ops * sizeof *m->merged);
    for (int op = 0; op < m->from->operator_count; op++) {
        for (int o = 0; o < m->from->operators[op].output_count; o++) {
            m->producer[m->from->operators[op].outputs[o]] = op;
        }
    }
    for (int i = 0; i < pairing->pair_count; i++) {
        const ql_pair *pair = &pairing->pairs[i];
        if (pair->candidate_op >= 0 && pair->reference_op >= 0 && !pair->alias) {
            m->twin[pair->candidate_op] = pair->reference_op;
        }
    }
    for (int t = 0; t < m->from->tensor_count; t++) { /* what layers make as it was is there as it is */
        m->as[QL_LAYER_KEEP][t] = ql_mix_made_as(m, t) == QL_LAYER_KEEP ? t : QL_MIX_NONE;
    }
    return ql_edit_start(&m->model, m->candidate.model, m->err);
}

static void finish(ql_mix *m)
{
    free(m->twin);
    ql_op_list_free(&m->ops);
}

void ql_mixed_macs(const ql_exec *exec, const ql_layer_mode *modes, int operators, ql_mixed_cost *cost)
{
    cost->macs = cost->float_macs = cost->i16_macs = 0;
    for (int op = 0; op < operators; op++) {
        uint64_t macs = ql_exec_macs(exec, op);
        ql_slot slot = ql_exec_call(exec, op)->slot;
        slot = modes[op] == QL_LAYER_FLOAT ? QL_S_F32 : modes[op] == QL_LAYER_INT16X8 ? QL_S_I16 : slot;
        cost->macs += macs;
        cost->float_macs += slot == QL_S_F32 ? macs : 0;
        cost->i16_macs += slot == QL_S_I16 ? macs : 0;
    }
}

static ql_code verify(ql_mix *m)
{
    ql_arena scratch;
    ql_arena_init(&scratch, 0);
    ql_code code = ql_verify_model(m->model, &scratch, m->err);
    ql_arena_free(&scratch);
    return code;
}

ql_code ql_rewrite_mixed_only(ql_model **out, ql_side reference, ql_side candidate, const ql_pairing *pairing,
                              const ql_layer_mode *modes, ql_mixed_cost *cost, ql_err *err)
{
    ql_mix m = {.reference = reference,
                .candidate = candidate,
                .modes = modes,
                .pairing = pairing,
                .err = err,
                .from = &candidate.model->subgraphs[candidate.subgraph]};
    *out = NULL;
    ql_code code = start(&m, pairing);
    for (int op = 0; op < m.from->operator_count && !code; op++) {
        const char *why = ql_mix_refusal(&m, op, modes[op]);
        if (why) {
            char name[64];
            const ql_operator *own = &m.from->operators[op];
            ql_fail(err, QL_E_UNSUPPORTED, "cannot be %s: %s", ql_layer_mode_name(modes[op]), why);
            ql_at_tensor_of(err, ql_mix_tensor(&m, own->output_count ? own->outputs[0] : 0), 0);
            ql_at_op(err, op, ql_operator_name(candidate.model, own, name));
            code = QL_E_UNSUPPORTED;
        }
    }
    code = code ? code : add_layers(&m);
    code = code ? code : ql_edit_operators(m.model, candidate.subgraph, m.ops.at, m.ops.count, err);
    code = code ? code : verify(&m);
    if (!code && cost) {
        *cost = (ql_mixed_cost){.boundaries = m.inserted - m.dropped};
    }
    finish(&m);
    if (code) {
        ql_model_close(m.model);
        return code;
    }
    *out = m.model;
    return QL_OK;
}

static ql_code count_macs(ql_side candidate, const ql_layer_mode *modes, ql_mixed_cost *cost, ql_err *err)
{
    ql_exec *exec;
    ql_exec_options options = {.subgraph = candidate.subgraph, .look_only = true};
    ql_code code = ql_exec_open(&exec, candidate.model, &options, err);
    if (!code) {
        ql_mixed_macs(exec, modes, candidate.model->subgraphs[candidate.subgraph].operator_count, cost);
    }
    ql_exec_close(exec);
    return code;
}

ql_code ql_rewrite_mixed(ql_model **mixed, ql_side reference, ql_side candidate, const ql_pairing *pairing,
                         const ql_layer_mode *modes, ql_mixed_cost *cost, ql_err *err)
{
    ql_code code = ql_rewrite_mixed_only(mixed, reference, candidate, pairing, modes, cost, err);
    code = code || !cost ? code : count_macs(candidate, modes, cost, err);
    if (code) {
        ql_model_close(*mixed);
        *mixed = NULL;
    }
    return code;
}
