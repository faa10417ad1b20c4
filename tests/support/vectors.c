#include "tests/support/vectors.h"
#include "tests/support/differ.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int find(const ql_vectors *v, const ql_vector *c, const char *what)
{
    char name[160];
    snprintf(name, sizeof name, "%s/%s", c->name, what);
    return ql_npz_find(v->file, name);
}

static ql_code scalar(const ql_vectors *v, const ql_vector *c, const char *what, ql_type type, void *value,
                      ql_err *err)
{
    int at = find(v, c, what);
    const void *loaded;
    if (at < 0 || ql_npz_at(v->file, at)->type != type || ql_npz_at(v->file, at)->count != 1) {
        return ql_fail(err, QL_E_FORMAT, "%s/%s: must be one %s", c->name, what, ql_type_name(type));
    }
    ql_code code = ql_npz_load(v->file, at, &loaded, err);
    if (!code) {
        memcpy(value, loaded, ql_npz_at(v->file, at)->bytes);
    }
    return code;
}

/* The profile that the case names, if it does. */
static ql_code profile_of(const ql_vectors *v, ql_vector *c, ql_err *err)
{
    int at = find(v, c, "numerics");
    const void *text;
    char name[40];
    ql_code code = at < 0 ? QL_OK : ql_npz_load(v->file, at, &text, err);
    if (code || at < 0) {
        return code;
    }
    snprintf(name, sizeof name, "%.*s", (int)ql_npz_at(v->file, at)->bytes, (const char *)text);
    c->numerics = ql_numerics_named(name);
    return c->numerics ? QL_OK : ql_fail(err, QL_E_FORMAT, "%s: no numerics profile '%s'", c->name, name);
}

static ql_code list_case(ql_vectors *v, int at, ql_err *err)
{
    const char *name = ql_npz_at(v->file, at)->name, *slash = strrchr(name, '/');
    if (!slash || strcmp(slash, "/model")) {
        return QL_OK;
    }
    ql_vector *c = &v->cases[v->count++];
    float ulps = 0;
    uint8_t optimized = 0;
    snprintf(c->name, sizeof c->name, "%.*s", (int)(slash - name), name);
    c->model = at;
    ql_code code = scalar(v, c, "ulps", QL_F32, &ulps, err);
    code = code ? code : scalar(v, c, "optimized", QL_U8, &optimized, err);
    c->ulps = (double)ulps;
    c->numerics = ql_numerics_named(optimized ? "litert-opt" : "litert-ref");
    return code ? code : profile_of(v, c, err);
}

ql_code ql_vectors_open(ql_vectors *v, const char *path, ql_err *err)
{
    *v = (ql_vectors){.count = 0};
    ql_code code = ql_npz_open(&v->file, path, 0, err);
    if (code) {
        return code;
    }
    v->cases = calloc((size_t)ql_npz_count(v->file) + 1, sizeof *v->cases);
    code = v->cases ? QL_OK : ql_fail_memory(err, sizeof *v->cases);
    for (int i = 0; i < ql_npz_count(v->file) && !code; i++) {
        code = list_case(v, i, err);
    }
    if (code) {
        ql_at_file(err, path);
        ql_vectors_close(v);
    }
    return code;
}

void ql_vectors_close(ql_vectors *v)
{
    ql_npz_close(v->file);
    free(v->cases);
    *v = (ql_vectors){.count = 0};
}

/* A case under way. */
typedef struct {
    const ql_vectors *v;
    const ql_vector *c;
    ql_exec *exec;
    ql_vector_result *result;
    int sample;
} run;

static ql_code feed(const run *r, int i, ql_err *err)
{
    char what[40];
    const void *values;
    snprintf(what, sizeof what, "s%d/in/%d", r->sample, i);
    int at = find(r->v, r->c, what);
    const ql_view *view = ql_exec_input(r->exec, i);
    if (at < 0 || ql_npz_at(r->v->file, at)->bytes != view->bytes) {
        return ql_fail(err, QL_E_FORMAT, "%s: must be there, of %zu bytes", what, view->bytes);
    }
    ql_code code = ql_npz_load(r->v->file, at, &values, err);
    if (!code && view->bytes) {
        memcpy(view->data, values, view->bytes);
    }
    return code;
}

static bool same_shape(const ql_view *view, const ql_array *want)
{
    bool same = view->type == want->type && view->rank == want->rank;
    for (int i = 0; same && i < view->rank; i++) {
        same = (size_t)view->dims[i] == want->dims[i];
    }
    return same;
}

static bool is_float(ql_type type)
{
    return type == QL_F32 || type == QL_F64 || type == QL_F16 || type == QL_C64;
}

static ql_code judge(run *r, int o, ql_err *err)
{
    char what[40];
    const void *want;
    snprintf(what, sizeof what, "s%d/out/%d", r->sample, o);
    const ql_view *got = ql_exec_output(r->exec, o);
    int at = find(r->v, r->c, what);
    ql_vector_result *result = r->result;
    if (at < 0 || !same_shape(got, ql_npz_at(r->v->file, at))) {
        snprintf(result->text, sizeof result->text, "%s: another shape or type than the official one", what);
        return QL_OK;
    }
    ql_code code = ql_npz_load(r->v->file, at, &want, err);
    if (code) {
        return code;
    }
    ql_difference d = ql_differ(got->type, got->data, want, got->count);
    result->elements += d.count;
    result->unequal += d.count - d.equal;
    result->worst_abs = fmax(result->worst_abs, d.max_abs);
    result->worst_ulps = fmax(result->worst_ulps, is_float(got->type) ? d.ulps : 0);
    bool close = d.equal == d.count || (is_float(got->type) && d.ulps <= r->c->ulps);
    if (!close && !*result->text) {
        snprintf(result->text, sizeof result->text,
                 "%s: %zu of %zu %s values differ, by up to %g of %g (%g ulp)", what, d.count - d.equal,
                 d.count, ql_type_name(got->type), d.max_abs, d.peak, d.ulps);
    }
    return QL_OK;
}

static ql_code run_sample(run *r, const ql_subgraph *graph, ql_err *err)
{
    ql_code code = QL_OK;
    for (int i = 0; i < graph->input_count && !code; i++) {
        code = feed(r, i, err);
    }
    code = code ? code : ql_exec_run(r->exec, NULL, NULL, err);
    for (int o = 0; o < graph->output_count && !code; o++) {
        code = judge(r, o, err);
    }
    return code;
}

static ql_code run_samples(run *r, const ql_model *model, ql_err *err)
{
    ql_exec_options options = {.numerics = r->c->numerics};
    ql_code code = ql_exec_open(&r->exec, model, &options, err);
    char what[40] = "s0/out/0";
    while (!code && find(r->v, r->c, what) >= 0) {
        code = run_sample(r, &model->subgraphs[0], err);
        r->sample++;
        snprintf(what, sizeof what, "s%d/out/0", r->sample);
    }
    if (!code && !r->sample) {
        code = ql_fail(err, QL_E_FORMAT, "no samples");
    }
    return code;
}

static void show(const run *r, const ql_model *model, ql_vector_seen seen, void *user)
{
    for (int op = 0; op < model->subgraphs[0].operator_count && seen; op++) {
        seen(user, ql_exec_call(r->exec, op));
    }
}

ql_code ql_vector_run(const ql_vectors *v, int i, ql_vector_seen seen, void *user, ql_vector_result *result,
                      ql_err *err)
{
    run r = {.v = v, .c = &v->cases[i], .result = result};
    const void *bytes;
    ql_model *model = NULL;
    *result = (ql_vector_result){.elements = 0};
    ql_code code = ql_npz_load(v->file, r.c->model, &bytes, err);
    code = code ? code : ql_model_read(&model, bytes, ql_npz_at(v->file, r.c->model)->bytes, err);
    code = code ? code : run_samples(&r, model, err);
    if (!code) {
        show(&r, model, seen, user);
    }
    ql_exec_close(r.exec);
    ql_model_close(model);
    return code;
}
