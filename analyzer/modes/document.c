#include "analyzer/modes/modes.h"

#include <math.h>

static void put_figures(ql_doc *d, ql_json *to, const ql_modes_result *r, const ql_mode_figures *mode)
{
    ql_put_count(d, to, "size_bytes", mode->bytes);
    ql_put_number(d, to, "size_pct", 100 * (double)mode->bytes / (double)r->modes[0].bytes);
    ql_put_number(d, to, "sqnr_db", mode->figures.sqnr_db);
    ql_put_bool(d, to, "exact", isinf(mode->figures.sqnr_db));
    ql_put_number(d, to, "agreement", mode->figures.top1);
    ql_put_number(d, to, "accuracy", mode->figures.accuracy);
    ql_json *macs = ql_put_object(d, to, "macs");
    ql_put_count(d, macs, "float", mode->macs.f32);
    ql_put_count(d, macs, "int8", mode->macs.i8);
    ql_put_count(d, macs, "int16x8", mode->macs.i16);
    ql_put_count(d, macs, "hybrid", mode->macs.hybrid);
    ql_put_count(d, macs, "other", mode->macs.other);
    ql_put_int(d, to, "float_operators", mode->float_operators);
    ql_put_int(d, to, "boundaries", mode->boundaries);
}

static void put_mode(ql_doc *d, ql_json *to, const ql_modes_result *r, const ql_mode_figures *mode)
{
    ql_json *entry = ql_put_object(d, to, NULL);
    ql_put_text(d, entry, "mode", mode->row->name);
    ql_put_text(d, entry, "io", mode->row->io == QL_I8 ? "int8" : "float");
    ql_put_bool(d, entry, "integer_only", mode->row->integer_only);
    if (*mode->refused) {
        ql_put_text(d, entry, "refused", mode->refused);
    } else {
        ql_put_null(d, entry, "refused");
        put_figures(d, entry, r, mode);
    }
}

static void put_advice(ql_doc *d, ql_json *to, const ql_mode_advice *advice)
{
    if (advice->row) {
        ql_put_text(d, to, "mode", advice->row->name);
    } else {
        ql_put_null(d, to, "mode");
    }
    ql_put_text(d, to, "reason", advice->reason);
}

static void put_recommendation(ql_doc *d, ql_json *root, const ql_modes_result *r)
{
    ql_json *best = ql_put_object(d, root, "recommendation");
    put_advice(d, best, &r->best);
    ql_put_number(d, best, "tolerance_points", r->tolerance);
    ql_json *steps = ql_put_array(d, best, "steps");
    for (int i = 0; i < r->step_count; i++) {
        ql_json *step = ql_put_object(d, steps, NULL);
        ql_put_text(d, step, "question", r->steps[i].question);
        ql_put_text(d, step, "answer", r->steps[i].answer);
        ql_put_bool(d, step, "holds", r->steps[i].yes);
    }
    ql_json *targets = ql_put_array(d, best, "by_target");
    for (int i = 0; i < QL_MODE_TARGETS; i++) {
        ql_json *target = ql_put_object(d, targets, NULL);
        ql_put_text(d, target, "target", r->targets[i].target);
        put_advice(d, target, &r->targets[i]);
    }
}

ql_code ql_modes_document(const ql_modes_result *r, const ql_modes_options *options, ql_json **document,
                          ql_err *err)
{
    ql_doc d = {0};
    ql_json *root = *document = ql_json_object(&d);
    ql_put_text(&d, root, "schema", "qloupe.modes/1");
    ql_put_text(&d, root, "reference", options->model->path);
    ql_put_text(&d, root, "data", options->data);
    ql_put_text(&d, root, "calibration_data", options->calib ? options->calib : options->data);
    ql_put_text(&d, root, "calibration", options->method.row->name);
    ql_put_bool(&d, root, "random", r->noise);
    ql_put_count(&d, root, "samples", r->samples);
    ql_json *modes = ql_put_array(&d, root, "modes");
    for (int i = 0; i < r->count; i++) {
        put_mode(&d, modes, r, &r->modes[i]);
    }
    put_recommendation(&d, root, r);
    ql_code code = ql_doc_check(&d, err);
    if (code) {
        ql_json_free(root);
        *document = NULL;
    }
    return code;
}
