#include "tui/session/plan_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *file_of(const ql_session *session, const char *side)
{
    return ql_json_get_text(ql_json_get(session->doc, side), "file", "");
}

static void put_figures(ql_doc *d, ql_json *to, const ql_whatif_figures *figures, size_t bytes)
{
    ql_put_number(d, to, "sqnr_db", figures->sqnr_db);
    ql_put_number(d, to, "agreement", figures->top1);
    ql_put_number(d, to, "accuracy", figures->accuracy);
    ql_put_count(d, to, "size_bytes", bytes);
}

static void put_predicted(ql_doc *d, ql_json *root, const ql_worth *worth)
{
    ql_json *to = ql_put_object(d, root, "predicted");
    double macs = worth->cost.macs ? (double)worth->cost.macs : 1;
    put_figures(d, to, &worth->figures, worth->bytes);
    ql_put_number(d, to, "float_macs_pct", 100 * (double)worth->cost.float_macs / macs);
    ql_put_number(d, to, "int16x8_macs_pct", 100 * (double)worth->cost.i16_macs / macs);
    ql_put_int(d, to, "boundaries", worth->cost.boundaries);
}

static void put_layer(ql_doc *d, ql_json *layers, const ql_row *row, ql_layer_mode mode)
{
    ql_json *layer = ql_put_object(d, layers, NULL);
    ql_put_int(d, layer, "op_index", ql_digest_int(row->reference, "op_index", -1));
    ql_put_text(d, layer, "op", row->op);
    ql_put_text(d, layer, "name", ql_json_get_text(row->reference, "name", row->name));
    ql_json *nodes = ql_json_copy(d, ql_json_get(row->json, "node_names"));
    ql_put(d, layer, "node_names", nodes);
    ql_put_text(d, layer, "mode", ql_layer_mode_name(mode));
}

static void put_layers(ql_doc *d, ql_json *root, const ql_session *session)
{
    const ql_draft *plan = &session->whatif.plans[session->whatif.shown];
    ql_json *layers = ql_put_array(d, root, "layers");
    for (int op = 0; op < plan->ops; op++) {
        const ql_row *row = ql_draft_mode(plan, op) ? ql_digest_row_of_op(&session->digest, op) : NULL;
        if (row) {
            put_layer(d, layers, row, ql_draft_mode(plan, op));
        }
    }
}

ql_code ql_plan_document(const ql_session *session, ql_json **document, ql_err *err)
{
    ql_doc d = {0};
    ql_json *root = *document = ql_json_object(&d);
    const ql_answer *answer = ql_whatif_answer(session, session->whatif.shown);
    ql_put_text(&d, root, "schema", "qloupe.plan/1");
    ql_put_text(&d, root, "reference", file_of(session, "reference"));
    ql_put_text(&d, root, "candidate", file_of(session, "candidate"));
    put_layers(&d, root, session);
    if (answer && !answer->code) {
        size_t bytes =
            (size_t)fmax(ql_json_get_number(ql_json_get(session->doc, "candidate"), "bytes", 0), 0);
        ql_put_count(&d, root, "samples", answer->worth.figures.samples);
        put_figures(&d, ql_put_object(&d, root, "base"), &answer->worth.base, bytes);
        put_predicted(&d, root, &answer->worth);
    }
    ql_put(&d, root, "run", ql_json_copy(&d, ql_json_get(session->doc, "run")));
    ql_code code = ql_doc_check(&d, err);
    if (code) {
        ql_json_free(root);
        *document = NULL;
    }
    return code;
}

int ql_plan_op(const ql_session *session, const ql_json *layer)
{
    int wanted = ql_digest_int(layer, "op_index", -1);
    for (int i = 0; i < session->digest.row_count && wanted >= 0; i++) {
        const ql_row *row = &session->digest.rows[i];
        bool same = ql_digest_int(row->reference, "op_index", -1) == wanted;
        if (same && row->first_of_op && !ql_whatif_refusal(session, row->op_index, QL_LAYER_FLOAT)) {
            return row->op_index;
        }
    }
    return -1;
}

ql_code ql_plan_use(ql_session *session, const ql_json *layers, ql_err *err)
{
    ql_whatif *whatif = &session->whatif;
    ql_draft *plan = &whatif->plans[whatif->shown];
    ql_layer_mode *modes = calloc((size_t)plan->ops + 1, sizeof *modes), mode;
    ql_code code = modes ? QL_OK : ql_fail_memory(err, (size_t)plan->ops * sizeof *modes);
    for (const ql_json *layer = ql_json_first(layers); layer && !code; layer = ql_json_next(layer)) {
        const char *name = ql_json_get_text(layer, "mode", "");
        int op = ql_plan_op(session, layer);
        if (!ql_layer_mode_named(name, &mode)) {
            code = ql_fail(err, QL_E_FORMAT, "a layer's mode is '%.40s': float, int16x8 or keep is required",
                           name);
        } else if (op < 0) {
            code = ql_fail(err, QL_E_FIT, "operator #%d of the float model is no layer of this comparison",
                           ql_digest_int(layer, "op_index", -1));
        } else {
            modes[op] = mode;
        }
    }
    if (!code && ql_draft_step(plan, modes)) {
        whatif->used[whatif->shown] = true;
    }
    free(modes);
    ql_session_fill(session, QL_TUI_whatif);
    return code;
}

ql_code ql_plan_load(ql_session *session, const char *path, ql_err *err)
{
    ql_json *json = NULL;
    ql_code code = ql_json_read(&json, path, err);
    const ql_json *layers = ql_json_get(json, "layers");
    if (!code &&
        (strcmp(ql_json_get_text(json, "schema", ""), "qloupe.plan/1") != 0 || !ql_json_is_array(layers))) {
        ql_fail(err, QL_E_FORMAT, "not a plan: schema qloupe.plan/1 with \"layers\" is required");
        code = ql_at_file(err, path);
    }
    code = code ? code : ql_plan_use(session, layers, err);
    if (code) {
        ql_json_free(json);
        return code;
    }
    ql_json_free(session->plans);
    session->plans = json;
    ql_session_fill(session, QL_TUI_suggestions);
    return QL_OK;
}
