#include "analyzer/suggest/suggest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const ql_tensor *reference_tensor(const ql_engine_options *o, int t)
{
    return &o->reference.model->subgraphs[o->reference.subgraph].tensors[t];
}

/* Wilson's 95 % interval of a share. */
static void put_interval(ql_doc *d, ql_json *to, const char *key, double share, uint64_t count)
{
    ql_json *interval = ql_put_array(d, to, key);
    double n = (double)count, z = 1.959964, z2 = z * z;
    double middle = (share + z2 / (2 * n)) / (1 + z2 / n);
    double half = z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n));
    ql_put_number(d, interval, NULL, fmax(0, middle - half));
    ql_put_number(d, interval, NULL, fmin(1, middle + half));
}

static void put_figures(ql_doc *d, ql_json *to, const ql_whatif_figures *figures)
{
    ql_put_number(d, to, "sqnr_db", figures->sqnr_db);
    if (isinf(figures->sqnr_db) && figures->samples) {
        ql_put_bool(d, to, "exact", true);
    }
    ql_json *interval = ql_put_array(d, to, "sqnr_interval");
    ql_put_number(d, interval, NULL, figures->sqnr_db - figures->sqnr_half);
    ql_put_number(d, interval, NULL, figures->sqnr_db + figures->sqnr_half);
    ql_put_number(d, to, "agreement", figures->top1);
    put_interval(d, to, "agreement_interval", figures->top1, figures->samples);
    ql_put_number(d, to, "accuracy", figures->accuracy);
    put_interval(d, to, "accuracy_interval", figures->accuracy, figures->samples);
}

static void put_cost(ql_doc *d, ql_json *to, const ql_mixed_cost *cost, size_t bytes)
{
    double macs = cost->macs ? (double)cost->macs : 1;
    ql_put_number(d, to, "float_macs_pct", 100 * (double)cost->float_macs / macs);
    ql_put_number(d, to, "int16x8_macs_pct", 100 * (double)cost->i16_macs / macs);
    if (bytes) {
        ql_put_count(d, to, "size_bytes", bytes);
    } else {
        ql_put_null(d, to, "size_bytes");
    }
    ql_put_int(d, to, "boundaries", cost->boundaries);
}

static void put_plan(ql_doc *d, ql_json *to, const char *key, const ql_plan *plan, const ql_engine_options *o)
{
    ql_json *entry = ql_put_object(d, to, key);
    ql_put_int(d, entry, "layer_count", plan->layers);
    ql_put_layers(d, entry, "layers", o->pairing, o->reference, plan->modes);
    put_figures(d, entry, &plan->figures);
    put_cost(d, entry, &plan->cost, plan->bytes);
}

static int candidate_op(const ql_engine_options *o, int reference_op)
{
    for (int i = 0; i < o->pairing->pair_count; i++) {
        if (o->pairing->pairs[i].reference_op == reference_op && !o->pairing->pairs[i].alias) {
            return o->pairing->pairs[i].candidate_op;
        }
    }
    return -1;
}

static void put_nodes(ql_doc *d, ql_json *layer, ql_str name)
{
    ql_json *nodes = ql_put_array(d, layer, "node_names");
    for (size_t at = 0, end; at < name.length; at = end + 1) {
        for (end = at; end < name.length && name.text[end] != ';'; end++) {
        }
        if (end > at) {
            ql_put_str(d, nodes, NULL, (ql_str){name.text + at, end - at});
        }
    }
}

/* What each layer of the plan is worth, and why it is in it. */
static void put_reasons(ql_doc *d, const ql_json *layers, const ql_suggestion *s, const ql_engine_options *o)
{
    const ql_subgraph *graph = &o->reference.model->subgraphs[o->reference.subgraph];
    for (ql_json *layer = ql_json_first(layers); layer; layer = ql_json_next(layer)) {
        int op = (int)ql_json_get_number(layer, "op_index", -1), own = candidate_op(o, op);
        double gain = own >= 0 ? s->gain[own] : (double)NAN;
        put_nodes(d, layer, reference_tensor(o, graph->operators[op].outputs[0])->name);
        ql_put_number(d, layer, "gain_db", gain);
        ql_put_text(d, layer, "why",
                    s->best.layers > 1 ? "without this one the others of the plan lose gain_db"
                                       : "the layer whose change helps the output most");
    }
}

static void put_figure(ql_doc *d, ql_json *to, const char *key, const ql_whatif_figures *figures)
{
    ql_json *entry = figures->samples ? ql_put_object(d, to, key) : NULL;
    if (entry) {
        ql_put_number(d, entry, "sqnr_db", figures->sqnr_db);
        ql_put_number(d, entry, "half_width", figures->sqnr_half);
        ql_put_number(d, entry, "agreement", figures->top1);
    } else {
        ql_put_null(d, to, key);
    }
}

/* Every layer by itself, in the order they run. */
static void put_sensitivities(ql_doc *d, ql_json *to, const ql_suggestion *s, const ql_engine_options *o)
{
    const ql_subgraph *graph = &o->reference.model->subgraphs[o->reference.subgraph];
    ql_json *list = ql_put_array(d, to, "sensitivities");
    for (int i = 0; i < o->pairing->pair_count && s->without; i++) {
        const ql_pair *pair = &o->pairing->pairs[i];
        int own = pair->candidate_op, op = pair->reference_op;
        bool layer =
            own >= 0 && op >= 0 && !pair->alias && graph->operators[op].outputs[0] == pair->reference;
        if (layer && (s->only[own].samples || s->without[own].samples)) {
            char name[64];
            ql_json *entry = ql_put_object(d, list, NULL);
            ql_put_int(d, entry, "op_index", op);
            ql_put_text(d, entry, "op", ql_operator_name(o->reference.model, &graph->operators[op], name));
            ql_put_str(d, entry, "name", reference_tensor(o, pair->reference)->name);
            put_figure(d, entry, "only", &s->only[own]);
            put_figure(d, entry, "without", &s->without[own]);
        }
    }
}

ql_code ql_suggestion_document(const ql_suggestion *s, const ql_engine_options *o,
                               const ql_whatif_figures *proof, ql_json **document, ql_err *err)
{
    ql_doc d = {0};
    ql_json *root = *document = ql_json_object(&d);
    ql_put_text(&d, root, "schema", "qloupe.plan/1");
    ql_put_text(&d, root, "reference", o->reference.model->path);
    ql_put_text(&d, root, "candidate", o->candidate.model->path);
    ql_put_count(&d, root, "samples", s->base.samples);
    ql_json *base = ql_put_object(&d, root, "base");
    put_figures(&d, base, &s->base);
    ql_put_count(&d, base, "size_bytes", s->base_bytes);
    if (s->best.layers) {
        ql_put_layers(&d, root, "layers", o->pairing, o->reference, s->best.modes);
        put_reasons(&d, ql_json_get(root, "layers"), s, o);
    } else {
        ql_put_array(&d, root, "layers");
    }
    ql_json *predicted = ql_put_object(&d, root, "predicted");
    put_figures(&d, predicted, s->best.layers ? &s->best.figures : &s->base);
    put_cost(&d, predicted, &s->best.cost, s->best.layers ? s->best.bytes : s->base_bytes);
    ql_put_bool(&d, root, "goal_met", s->met);
    ql_json *pareto = ql_put_array(&d, root, "pareto");
    for (int i = 0; i < s->pareto_count; i++) {
        put_plan(&d, pareto, NULL, &s->pareto[i], o);
    }
    if (s->beyond.layers) {
        put_plan(&d, root, "beyond", &s->beyond, o);
    }
    put_sensitivities(&d, root, s, o);
    ql_put_mendings(&d, root, s->mendings, o);
    ql_json *search = ql_put_object(&d, root, "search");
    ql_put_int(&d, search, "plans", s->tried);
    ql_put_count(&d, search, "samples", s->search_samples);
    ql_put_bool(&d, search, "interrupted", s->interrupted);
    if (proof) {
        put_figures(&d, ql_put_object(&d, root, "proof"), proof);
    }
    ql_code code = ql_doc_check(&d, err);
    if (code) {
        ql_json_free(root);
        *document = NULL;
    }
    return code;
}

ql_code ql_suggestion_prove(const ql_suggestion *s, const ql_engine_options *o, ql_whatif_figures *proof,
                            ql_err *err)
{
    ql_model *mixed = NULL;
    ql_bench *bench = NULL;
    char *bytes = NULL;
    size_t count = 0;
    for (int op = 0; op < s->operators; op++) {
        if (ql_layer_mode_fake(s->best.modes[op])) {
            return ql_fail(err, QL_E_UNSUPPORTED, "mode %s is measured, never written",
                           ql_layer_mode_name(s->best.modes[op]));
        }
    }
    ql_code code =
        ql_rewrite_mixed_only(&mixed, o->reference, o->candidate, o->pairing, s->best.modes, NULL, err);
    if (code) {
        return code;
    }
    code = ql_model_write(mixed, &bytes, &count, err);
    ql_model_close(mixed); /* its weights are in the bytes */
    code = code ? code : ql_bench_open(&bench, o, err);
    code = code ? code : ql_bench_measure_bytes(bench, bytes, count, 0, proof, err);
    ql_bench_close(bench);
    free(bytes);
    return code;
}
