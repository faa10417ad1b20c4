/* Runs a model on the inputs of a golden file and compares every tensor with the values it holds.
 *
 *     tool_golden MODEL.tflite GOLDEN.npz [--numerics PROFILE] [--keep-all] [--json] [-v]
 *
 * Arrays of the file, k a sample from 0 and t a tensor of subgraph 0: s<k>/in/<t> is fed, s<k>/t/<t>
 * compared, s<k>/sample/<t> compared at 256 elements spread evenly. What counts as equal enough is the
 * caller's: here differences are measured. Variables are reset before each sample.
 */
#include "analyzer/analyzer.h"
#include "tests/support/differ.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPREAD = 256 };

typedef struct {
    const char *model_path, *golden_path;
    const ql_numerics *numerics;
    bool keep_all, json, verbose;
} settings;

typedef struct {
    const settings *set;
    ql_model *model;
    ql_npz *golden;
    ql_exec *exec;
    bool *differs, *seen; /* by tensor, in this sample */
    int *maker;           /* operator of each tensor, -1 = none */
    int sample, tensors, exact, lacking;
    ql_doc doc;
    ql_json *list;
} session;

static bool same_shape(const ql_view *view, const ql_array *want)
{
    bool same = view->rank == want->rank;
    for (int i = 0; same && i < view->rank; i++) {
        same = (size_t)view->dims[i] == want->dims[i];
    }
    return same;
}

static void put_shape(session *s, ql_json *to, const char *key, int rank, const size_t *dims)
{
    ql_json *shape = ql_put_array(&s->doc, to, key);
    for (int i = 0; i < rank; i++) {
        ql_put_count(&s->doc, shape, NULL, dims[i]);
    }
}

static bool inputs_exact(const session *s, int op)
{
    if (op < 0) {
        return true;
    }
    const ql_operator *o = &s->model->subgraphs[0].operators[op];
    for (int i = 0; i < o->input_count; i++) {
        if (o->inputs[i] >= 0 && s->differs[o->inputs[i]]) {
            return false;
        }
    }
    return true;
}

static ql_json *describe(session *s, int t, const ql_view *view)
{
    char name[64];
    ql_doc *d = &s->doc;
    const ql_subgraph *graph = &s->model->subgraphs[0];
    ql_json *row = ql_put_object(d, s->list, NULL);
    int op = s->maker[t];
    ql_put_int(d, row, "sample", s->sample);
    ql_put_int(d, row, "tensor", t);
    ql_put_str(d, row, "name", graph->tensors[t].name);
    ql_put_int(d, row, "op_index", op);
    ql_put_text(d, row, "op", op < 0 ? "" : ql_operator_name(s->model, &graph->operators[op], name));
    ql_put_text(d, row, "type", ql_type_name(view->type));
    ql_put_bool(d, row, "inputs_exact", inputs_exact(s, op));
    return row;
}

static void misfit(session *s, int t, const ql_view *view, const ql_array *want)
{
    ql_json *row = describe(s, t, view);
    size_t dims[QL_MAX_RANK];
    for (int i = 0; i < view->rank; i++) {
        dims[i] = (size_t)view->dims[i];
    }
    ql_put_text(&s->doc, row, "misfit", want->type == view->type ? "shape" : ql_type_name(want->type));
    put_shape(s, row, "got", view->rank, dims);
    put_shape(s, row, "want", want->rank, want->dims);
    s->differs[t] = true;
}

static void record(session *s, int t, const ql_view *view, const ql_difference *d)
{
    s->tensors++;
    s->exact += d->equal == d->count;
    if (d->equal == d->count) {
        return;
    }
    s->differs[t] = true;
    ql_json *row = describe(s, t, view);
    ql_put_count(&s->doc, row, "elements", d->count);
    ql_put_count(&s->doc, row, "equal", d->equal);
    ql_put_number(&s->doc, row, "max_abs", d->max_abs);
    ql_put_number(&s->doc, row, "peak", d->peak);
    ql_put_number(&s->doc, row, "ulps", d->ulps);
}

static ql_code compare_whole(session *s, int t, const ql_view *view, int at, ql_err *err)
{
    const ql_array *want = ql_npz_at(s->golden, at);
    const void *values;
    ql_code code = ql_npz_load(s->golden, at, &values, err);
    if (code) {
        return code;
    }
    if (want->type != view->type || !same_shape(view, want)) {
        s->tensors++;
        misfit(s, t, view, want);
        return QL_OK;
    }
    ql_difference d = ql_differ(view->type, view->data, values, view->count);
    record(s, t, view, &d);
    ql_npz_drop(s->golden, at);
    return QL_OK;
}

/* Element i of 256 spread over `count`: what int(numpy.linspace(0, count-1, 256)[i]) is. */
static size_t spread(size_t i, size_t count)
{
    double step = (double)(count - 1) / (SPREAD - 1);
    return i == SPREAD - 1 ? count - 1 : (size_t)((double)i * step);
}

static ql_code compare_spread(session *s, int t, const ql_view *view, int at, ql_err *err)
{
    const ql_array *want = ql_npz_at(s->golden, at);
    const void *values;
    ql_code code = ql_npz_load(s->golden, at, &values, err);
    if (code) {
        return code;
    }
    if (want->type != view->type || want->count != SPREAD || !view->count) {
        s->tensors++;
        misfit(s, t, view, want);
        return QL_OK;
    }
    ql_difference d = {0};
    for (size_t i = 0; i < SPREAD; i++) {
        ql_differ_add(&d, view->type, view->data, spread(i, view->count), values, i);
    }
    ql_differ_finish(&d);
    record(s, t, view, &d);
    return QL_OK;
}

static int find(const session *s, const char *kind, int t)
{
    char name[64];
    snprintf(name, sizeof name, "s%d/%s/%d", s->sample, kind, t);
    return ql_npz_find(s->golden, name);
}

static ql_code compare(session *s, int t, const ql_view *view, ql_err *err)
{
    int whole = find(s, "t", t), part = find(s, "sample", t);
    s->seen[t] = true;
    if (whole >= 0) {
        return compare_whole(s, t, view, whole, err);
    }
    return part >= 0 ? compare_spread(s, t, view, part, err) : QL_OK;
}

static ql_code tap(void *user, int op, const ql_view *view, ql_err *err)
{
    (void)op;
    return compare(user, view->index, view, err);
}

/* Folded operators' outputs, graph inputs and variables are not tapped; their values are there after the run.
 */
static ql_code compare_rest(session *s, ql_err *err)
{
    const ql_subgraph *graph = &s->model->subgraphs[0];
    for (int t = 0; t < graph->tensor_count; t++) {
        const ql_view *view = ql_exec_tensor(s->exec, t);
        if (s->seen[t] || find(s, "t", t) < 0) {
            continue;
        }
        if (view->data && (graph->tensors[t].variable || view->known)) {
            ql_code code = compare(s, t, view, err);
            if (code) {
                return code;
            }
        } else if (s->maker[t] >= 0) {
            s->lacking++;
        }
    }
    return QL_OK;
}

static ql_code feed(session *s, int i, ql_err *err)
{
    int32_t dims[QL_MAX_RANK];
    const void *values;
    ql_view *view = ql_exec_input(s->exec, i);
    int at = find(s, "in", view->index);
    if (at < 0) {
        return ql_fail(err, QL_E_FIT, "no array s%d/in/%d in the golden file", s->sample, view->index);
    }
    const ql_array *array = ql_npz_at(s->golden, at);
    ql_code code = ql_npz_load(s->golden, at, &values, err);
    if (!code && !same_shape(view, array) && array->rank <= QL_MAX_RANK) {
        for (int d = 0; d < array->rank; d++) {
            dims[d] = (int32_t)array->dims[d];
        }
        code = ql_exec_resize(s->exec, i, array->rank, dims, err);
        view = ql_exec_input(s->exec, i);
    }
    if (!code && (array->type != view->type || array->bytes != view->bytes)) {
        code =
            ql_fail(err, QL_E_FIT, "s%d/in/%d is %s of %zu bytes: must be %s of %zu", s->sample, view->index,
                    ql_type_name(array->type), array->bytes, ql_type_name(view->type), view->bytes);
    }
    if (!code && view->bytes) {
        memcpy(view->data, values, view->bytes);
    }
    return code;
}

static ql_code run_sample(session *s, ql_err *err)
{
    const ql_subgraph *graph = &s->model->subgraphs[0];
    memset(s->differs, 0, (size_t)graph->tensor_count * sizeof *s->differs);
    memset(s->seen, 0, (size_t)graph->tensor_count * sizeof *s->seen);
    ql_exec_reset(s->exec);
    ql_code code = QL_OK;
    for (int i = 0; i < graph->input_count && !code; i++) {
        code = feed(s, i, err);
    }
    code = code ? code : ql_exec_run(s->exec, tap, s, err);
    return code ? code : compare_rest(s, err);
}

static int sample_count(const ql_npz *golden)
{
    int count = 0;
    for (int i = 0; i < ql_npz_count(golden); i++) {
        int k = -1;
        if (sscanf(ql_npz_at(golden, i)->name, "s%d/", &k) == 1 && k >= count && k < 1000000) {
            count = k + 1;
        }
    }
    return count;
}

static ql_code open_session(session *s, ql_err *err)
{
    ql_exec_options options = {.numerics = s->set->numerics, .keep_all = s->set->keep_all};
    ql_code code = ql_model_open(&s->model, s->set->model_path, err);
    code = code ? code : ql_npz_open(&s->golden, s->set->golden_path, 0, err);
    code = code ? code : ql_exec_open(&s->exec, s->model, &options, err);
    if (code) {
        return code;
    }
    const ql_subgraph *graph = &s->model->subgraphs[0];
    size_t count = (size_t)graph->tensor_count + 1;
    s->differs = calloc(count, sizeof *s->differs);
    s->seen = calloc(count, sizeof *s->seen);
    s->maker = malloc(count * sizeof *s->maker);
    if (!s->differs || !s->seen || !s->maker) {
        return ql_fail_memory(err, count);
    }
    for (int t = 0; t < graph->tensor_count; t++) {
        s->maker[t] = -1;
    }
    for (int op = 0; op < graph->operator_count; op++) {
        for (int o = 0; o < graph->operators[op].output_count; o++) {
            if (graph->operators[op].outputs[o] >= 0) {
                s->maker[graph->operators[op].outputs[o]] = op;
            }
        }
    }
    return QL_OK;
}

static ql_code run_all(session *s, ql_err *err)
{
    ql_code code = open_session(s, err);
    int samples = code ? 0 : sample_count(s->golden);
    if (!code && !samples) {
        code = ql_fail(err, QL_E_FORMAT, "no arrays s<k>/...");
    }
    for (s->sample = 0; s->sample < samples && !code; s->sample++) {
        code = run_sample(s, err);
    }
    return code;
}

static void print_human(const session *s)
{
    printf("%s: %d samples, %d tensors compared, %d exact%s\n", s->set->model_path, s->sample, s->tensors,
           s->exact, s->lacking ? ", some never made" : "");
    for (ql_json *row = ql_json_first(s->list); row && s->set->verbose; row = ql_json_next(row)) {
        char name[128];
        const char *text = ql_json_get_text(row, "name", "");
        printf("  s%.0f t%.0f op %.0f %s %s '%s'%s%s: %.0f of %.0f equal, off by %g of %g (%g ulp)%s\n",
               ql_json_get_number(row, "sample", 0), ql_json_get_number(row, "tensor", 0),
               ql_json_get_number(row, "op_index", 0), ql_json_get_text(row, "op", ""),
               ql_json_get_text(row, "type", ""), ql_escape(name, sizeof name, text, strlen(text)),
               ql_json_get(row, "misfit") ? " wrong " : "", ql_json_get_text(row, "misfit", ""),
               ql_json_get_number(row, "equal", 0), ql_json_get_number(row, "elements", 0),
               ql_json_get_number(row, "max_abs", INFINITY), ql_json_get_number(row, "peak", 0),
               ql_json_get_number(row, "ulps", INFINITY),
               ql_json_is_true(ql_json_get(row, "inputs_exact")) ? "" : ", inputs differ");
    }
}

static void print_json(session *s, ql_json *root, ql_code code, const char *text)
{
    ql_put_text(&s->doc, root, "model", s->set->model_path);
    ql_put_int(&s->doc, root, "status", ql_exit_status(code));
    ql_put_text(&s->doc, root, "error", code ? text : "");
    ql_put_int(&s->doc, root, "samples", s->sample);
    ql_put_int(&s->doc, root, "tensors", s->tensors);
    ql_put_int(&s->doc, root, "exact", s->exact);
    ql_put_int(&s->doc, root, "lacking", s->lacking);
    char *out = ql_json_print(root);
    fputs(out ? out : "{}\n", stdout);
    free(out);
}

static int usage(void)
{
    fputs("usage: tool_golden MODEL.tflite GOLDEN.npz [--numerics PROFILE] [--keep-all] [--json] [-v]\n",
          stderr);
    return 2;
}

static bool parse(settings *set, int argc, char **argv)
{
    const char *files[2] = {NULL, NULL};
    int count = 0;
    set->numerics = ql_numerics_at(0);
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--numerics") && i + 1 < argc) {
            set->numerics = ql_numerics_named(argv[++i]);
        } else if (!strcmp(argv[i], "--keep-all")) {
            set->keep_all = true;
        } else if (!strcmp(argv[i], "--json")) {
            set->json = true;
        } else if (!strcmp(argv[i], "-v")) {
            set->verbose = true;
        } else if (count < 2 && argv[i][0] != '-') {
            files[count++] = argv[i];
        } else {
            return false;
        }
    }
    set->model_path = files[0];
    set->golden_path = files[1];
    return count == 2 && set->numerics;
}

int main(int argc, char **argv)
{
    settings set = {0};
    if (!parse(&set, argc, argv)) {
        return usage();
    }
    session s = {.set = &set};
    ql_err err;
    ql_err_clear(&err);
    ql_json *root = ql_json_object(&s.doc);
    s.list = ql_put_array(&s.doc, root, "differ");
    ql_code code = run_all(&s, &err);
    char text[1024];
    ql_at_file(&err, set.model_path);
    ql_err_text(&err, text, sizeof text);
    if (set.json) {
        print_json(&s, root, code, text);
    } else if (code) {
        fprintf(stderr, "%s\n", text);
    } else {
        print_human(&s);
    }
    ql_json_free(root);
    ql_exec_close(s.exec);
    ql_npz_close(s.golden);
    ql_model_close(s.model);
    free(s.differs);
    free(s.seen);
    free(s.maker);
    return ql_exit_status(code);
}
