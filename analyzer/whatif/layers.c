/* Which layers a user or a plan means. */
#include "analyzer/regex/regex.h"
#include "analyzer/whatif/whatif.h"

#include <math.h>
#include <string.h>

static const ql_tensor *tensor_of(ql_side side, int t)
{
    return &side.model->subgraphs[side.subgraph].tensors[t];
}

ql_code ql_layers_set(const ql_pairing *pairing, ql_side reference, ql_side candidate, const char *regex,
                      ql_layer_mode mode, ql_layer_mode *modes, int *changed, ql_err *err)
{
    ql_regex *compiled = NULL;
    ql_code code = ql_regex_make(&compiled, regex, false, err);
    *changed = 0;
    for (int i = 0; i < pairing->pair_count && !code; i++) {
        const ql_pair *pair = &pairing->pairs[i];
        bool own = false, other = false;
        if (pair->candidate_op < 0 || pair->alias) {
            continue;
        }
        code = ql_regex_matches(compiled, tensor_of(candidate, pair->candidate)->name, &own, err);
        code = code ? code
                    : ql_regex_matches(compiled, tensor_of(reference, pair->reference)->name, &other, err);
        if (!code && (own || other) &&
            !ql_mixed_refusal(reference, candidate, pairing, pair->candidate_op, mode)) {
            modes[pair->candidate_op] = mode;
            ++*changed;
        }
    }
    ql_regex_free(compiled);
    return code;
}

static int counterpart(const ql_pairing *pairing, int reference_op)
{
    for (int i = 0; i < pairing->pair_count; i++) {
        if (pairing->pairs[i].reference_op == reference_op && !pairing->pairs[i].alias) {
            return pairing->pairs[i].candidate_op;
        }
    }
    return -1;
}

ql_code ql_layers_plan(const ql_json *plan, const ql_pairing *pairing, ql_layer_mode *modes, ql_err *err)
{
    const ql_json *layers = ql_json_get(plan, "layers");
    if (strcmp(ql_json_get_text(plan, "schema", ""), "qloupe.plan/1") != 0 || !ql_json_is_array(layers)) {
        return ql_fail(err, QL_E_FORMAT, "not a plan: schema qloupe.plan/1 with \"layers\" is required");
    }
    int i = 0;
    for (const ql_json *layer = ql_json_first(layers); layer; layer = ql_json_next(layer), i++) {
        double op = ql_json_get_number(layer, "op_index", -1);
        const char *text = ql_json_get_text(layer, "mode", "");
        ql_layer_mode mode;
        if (!ql_layer_mode_named(text, &mode)) {
            return ql_fail(
                err, QL_E_FORMAT,
                "layer %d of the plan: mode '%.40s': float, int16x8, int4, bits=N or keep is required", i,
                text);
        }
        int own = op >= 0 && op < INT32_MAX && floor(op) == op ? counterpart(pairing, (int)op) : -1;
        if (own < 0) {
            return ql_fail(err, QL_E_FIT,
                           "layer %d of the plan: operator #%g of the float model has no counterpart here", i,
                           op);
        }
        modes[own] = mode;
    }
    return QL_OK;
}

void ql_put_layers(ql_doc *d, ql_json *to, const char *key, const ql_pairing *pairing, ql_side reference,
                   const ql_layer_mode *modes)
{
    ql_json *layers = ql_put_array(d, to, key);
    for (int i = 0; i < pairing->pair_count; i++) {
        const ql_pair *pair = &pairing->pairs[i];
        bool first_output =
            pair->candidate_op >= 0 && pair->reference_op >= 0 && !pair->alias &&
            reference.model->subgraphs[reference.subgraph].operators[pair->reference_op].outputs[0] ==
                pair->reference;
        if (!first_output || modes[pair->candidate_op] == QL_LAYER_KEEP) {
            continue;
        }
        char name[64];
        const ql_operator *op = &reference.model->subgraphs[reference.subgraph].operators[pair->reference_op];
        ql_json *layer = ql_put_object(d, layers, NULL);
        ql_put_int(d, layer, "op_index", pair->reference_op);
        ql_put_text(d, layer, "op", ql_operator_name(reference.model, op, name));
        ql_put_str(d, layer, "name", tensor_of(reference, pair->reference)->name);
        ql_put_text(d, layer, "mode", ql_layer_mode_name(modes[pair->candidate_op]));
    }
}
