#include "reports/digest/digest.h"

#include "reports/digest/figure.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ql_digest_int(const ql_json *object, const char *key, int fallback)
{
    double number = ql_json_get_number(object, key, (double)NAN);
    if (isnan(number)) {
        return fallback;
    }
    return number > INT_MAX ? INT_MAX : number < INT_MIN ? INT_MIN : (int)number;
}

double ql_digest_elements(const ql_json *tensor)
{
    const ql_json *shape = ql_json_get(tensor, "shape");
    if (!ql_json_is_array(shape)) {
        return 0;
    }
    double count = 1;
    for (const ql_json *dim = ql_json_first(shape); dim; dim = ql_json_next(dim)) {
        count *= ql_json_number_or(dim, 0);
    }
    return count > 0 ? count : 0;
}

double ql_row_figure(const ql_row *row, ql_figures which, const char *metric)
{
    static const char *const members[] = {[QL_CUMULATIVE] = "cumulative", [QL_LOCAL] = "local"};
    return ql_json_get_number(ql_json_get(row->json, members[which]), metric, (double)NAN);
}

static bool is_plain_integer(const char *dtype, const ql_json *candidate)
{
    return !strstr(dtype, "float") && *dtype && !(ql_json_get_number(candidate, "scale", 0) > 0);
}

static ql_row row_of(const ql_json *pair, int number)
{
    const ql_json *candidate = ql_json_get(pair, "candidate");
    const char *name = ql_json_get_text(pair, "name", "");
    const char *label = ql_json_text(ql_json_first(ql_json_get(pair, "node_names")));
    ql_row row = {
        .json = pair,
        .reference = ql_json_get(pair, "reference"),
        .candidate = candidate,
        .name = name,
        .label = label && *label ? label
                 : *name         ? name
                                 : "(unnamed)",
        .op = ql_json_get_text(pair, "op", "?"),
        .dtype = ql_json_get_text(candidate, "dtype", ""),
        .number = number,
        .op_index = ql_digest_int(pair, "op_index", -1),
        .tensor = ql_digest_int(candidate, "tensor", -1),
    };
    row.integer = is_plain_integer(row.dtype, candidate);
    row.exact = ql_row_figure(&row, QL_CUMULATIVE, "max_abs") <= 0;
    return row;
}

static void count_how(ql_digest *digest, const ql_json *pair)
{
    const char *how = ql_json_get_text(pair, "how", "?");
    int i = 0;
    while (i < digest->how_count && strcmp(digest->hows[i].how, how) != 0) {
        i++;
    }
    if (i == digest->how_count) {
        if (i == QL_HOW_KINDS) {
            return;
        }
        digest->hows[digest->how_count++] = (ql_how_count){how, 0};
    }
    digest->hows[i].count++;
}

static void count_unpaired(ql_digest *digest)
{
    const ql_json *list = ql_json_get(digest->doc, "unpaired");
    for (const ql_json *entry = ql_json_first(list); entry; entry = ql_json_next(entry)) {
        bool candidate = !strcmp(ql_json_get_text(entry, "model", ""), "candidate");
        *(candidate ? &digest->unpaired_candidate : &digest->unpaired_reference) += 1;
    }
}

const ql_row *ql_digest_row_of_op(const ql_digest *digest, int op_index)
{
    for (int i = 0; i < digest->row_count && op_index >= 0; i++) {
        if (digest->rows[i].op_index == op_index) {
            return &digest->rows[i];
        }
    }
    return NULL;
}

const ql_row *ql_digest_culprit(const ql_digest *digest, int place)
{
    return place < digest->culprit_count ? &digest->rows[digest->culprits[place]] : NULL;
}

static void blame(ql_digest *digest, int row)
{
    if (digest->culprit_count < QL_CULPRITS && !digest->rows[row].blamed) {
        digest->rows[row].blamed = true;
        digest->culprits[digest->culprit_count++] = row;
    }
}

static void blame_findings(ql_digest *digest)
{
    const ql_json *findings = ql_json_get(digest->doc, "findings");
    digest->has_findings = ql_json_size(findings) > 0;
    const char *most = ql_json_get_text(ql_json_first(findings), "severity", "");
    for (const ql_json *f = ql_json_first(findings); f; f = ql_json_next(f)) {
        if (!strcmp(most, "note") || strcmp(ql_json_get_text(f, "severity", ""), most) != 0) {
            break;
        }
        for (const ql_json *op = ql_json_first(ql_json_get(f, "ops")); op; op = ql_json_next(op)) {
            const ql_row *row = ql_digest_row_of_op(digest, ql_digest_int(op, "op_index", -1));
            if (row) {
                blame(digest, row->number);
            }
        }
    }
}

/* The rows of lowest SQNR are to blame as far as they stand out: within 6 dB of the lowest, below 40 dB. */
static ql_code blame_figures(ql_digest *digest, ql_err *err)
{
    ql_figures which = digest->has_local ? QL_LOCAL : QL_CUMULATIVE;
    int *order = calloc((size_t)digest->row_count + 1, sizeof *order);
    ql_code code = order ? ql_digest_order(digest, which, ql_metric_find("sqnr_db"), order, err)
                         : ql_fail_memory(err, (size_t)digest->row_count * sizeof *order);
    double lowest = 0;
    for (int i = 0; i < digest->row_count && !code; i++) {
        double sqnr = ql_row_figure(&digest->rows[order[i]], which, "sqnr_db");
        lowest = i ? lowest : sqnr;
        if (sqnr <= lowest + 6 && sqnr < 40) {
            blame(digest, order[i]);
        }
    }
    free(order);
    return code;
}

static int by_op(const void *a, const void *b)
{
    const ql_row *x = *(ql_row *const *)a, *y = *(ql_row *const *)b;
    return x->op_index != y->op_index ? (x->op_index > y->op_index) - (x->op_index < y->op_index)
                                      : x->number - y->number;
}

static int by_tensor(const void *a, const void *b)
{
    const ql_row *x = *(ql_row *const *)a, *y = *(ql_row *const *)b;
    return x->tensor != y->tensor ? (x->tensor > y->tensor) - (x->tensor < y->tensor) : x->number - y->number;
}

static ql_code mark_firsts(ql_digest *digest, ql_err *err)
{
    size_t count = (size_t)digest->row_count;
    ql_row **sorted = calloc(count + 1, sizeof *sorted);
    if (!sorted) {
        return ql_fail_memory(err, count * sizeof *sorted);
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &digest->rows[i];
    }
    qsort(sorted, count, sizeof *sorted, by_op);
    for (size_t i = 0; i < count; i++) {
        sorted[i]->first_of_op =
            sorted[i]->op_index >= 0 && (!i || sorted[i]->op_index != sorted[i - 1]->op_index);
    }
    qsort(sorted, count, sizeof *sorted, by_tensor);
    for (size_t i = 0; i < count; i++) {
        sorted[i]->first_of_tensor =
            sorted[i]->tensor >= 0 && (!i || sorted[i]->tensor != sorted[i - 1]->tensor);
    }
    free(sorted);
    return QL_OK;
}

static size_t first_segment(const char *name)
{
    const char *slash = strchr(name, '/');
    return slash ? (size_t)(slash - name) + 1 : 0;
}

/* The model's name that most labels start with says nothing in a table. */
static void find_prefix(ql_digest *digest)
{
    for (int i = 0; i < digest->row_count; i++) {
        const char *label = digest->rows[i].label;
        size_t length = first_segment(label);
        int sharing = 0;
        for (int k = 0; k < digest->row_count && length && i < 8; k++) {
            sharing += !strncmp(digest->rows[k].label, label, length);
        }
        if (2 * sharing > digest->row_count && sharing > 1) {
            digest->prefix = label;
            digest->prefix_length = length;
            return;
        }
    }
}

const char *ql_digest_short(const ql_digest *digest, const char *label)
{
    size_t length = digest->prefix_length;
    return length && !strncmp(label, digest->prefix, length) && label[length] ? label + length : label;
}

const ql_json *ql_digest_plan_figures(const ql_digest *digest, bool *proved)
{
    const ql_json *plan = ql_json_get(digest->doc, "plan"), *proof = ql_json_get(plan, "proof");
    *proved = ql_json_is_object(proof);
    return *proved ? proof : ql_json_get(plan, "predicted");
}

static void find_worst(ql_digest *digest)
{
    double lowest = (double)INFINITY;
    for (int i = 0; i < digest->row_count; i++) {
        double sqnr = ql_row_figure(&digest->rows[i], QL_CUMULATIVE, "sqnr_db");
        if (!digest->rows[i].integer && sqnr < lowest) {
            lowest = sqnr;
            digest->worst = i;
        }
        if (digest->rows[i].op_index < 0 && sqnr < 20 && digest->input < 0) {
            digest->input = i;
        }
    }
}

static ql_code fill(ql_digest *digest, ql_err *err)
{
    const ql_json *pairs = ql_json_get(digest->doc, "pairs");
    int number = 0;
    for (const ql_json *pair = ql_json_first(pairs); pair; pair = ql_json_next(pair), number++) {
        ql_row *row = &digest->rows[number];
        *row = row_of(pair, number);
        digest->integer_count += row->integer;
        digest->has_local |= ql_json_is_object(ql_json_get(pair, "local"));
        count_how(digest, pair);
    }
    count_unpaired(digest);
    ql_code code = mark_firsts(digest, err);
    find_worst(digest);
    find_prefix(digest);
    blame_findings(digest);
    return code || digest->culprit_count ? code : blame_figures(digest, err);
}

ql_code ql_digest_make(ql_digest *digest, const ql_json *doc, ql_err *err)
{
    *digest = (ql_digest){.doc = doc, .worst = -1, .input = -1};
    if (strcmp(ql_json_get_text(doc, "schema", ""), "qloupe.comparison/1") != 0) {
        return ql_fail(err, QL_E_FORMAT, "not a comparison: schema qloupe.comparison/1 is required");
    }
    if (!ql_json_is_array(ql_json_get(doc, "pairs"))) {
        return ql_fail(err, QL_E_FORMAT, "pairs: a list is required");
    }
    digest->row_count = ql_json_size(ql_json_get(doc, "pairs"));
    digest->rows = calloc((size_t)digest->row_count + 1, sizeof *digest->rows);
    ql_code code = digest->rows ? fill(digest, err)
                                : ql_fail_memory(err, (size_t)digest->row_count * sizeof *digest->rows);
    if (code) {
        ql_digest_free(digest);
    }
    return code;
}

void ql_digest_free(ql_digest *digest)
{
    free(digest->rows);
    *digest = (ql_digest){0};
}

typedef struct {
    double badness; /* -INFINITY: absent */
    int row;
} ranked;

static int worse_first(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    return x->badness > y->badness ? -1 : x->badness < y->badness ? 1 : x->row - y->row;
}

static double badness(const ql_metric *metric, double figure)
{
    return isnan(figure)                             ? -(double)INFINITY
           : metric->better == QL_HIGHER_IS_BETTER   ? -figure
           : metric->better == QL_NEARER_0_IS_BETTER ? fabs(figure)
                                                     : figure;
}

static const char *const prefixes[] = {[QL_CUMULATIVE] = "cumulative.", [QL_LOCAL] = "local."};

/* QuantizationDebugger's figure of that name is of the operator's own error. */
static ql_figures unprefixed(const char *id)
{
    return strcmp(id, "rmse_over_scale") != 0 ? QL_CUMULATIVE : QL_LOCAL;
}

const ql_metric *ql_digest_metric(const char *name, ql_figures *which, ql_err *err)
{
    const char *id = name;
    *which = unprefixed(name);
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t length = strlen(prefixes[i]);
        if (!strncmp(name, prefixes[i], length)) {
            *which = (ql_figures)i;
            id = name + length;
        }
    }
    const ql_metric *metric = ql_metric_find(id);
    if (!metric) {
        ql_fail(err, QL_E_USAGE, "no metric '%.60s': sqnr_db, local.sqnr_db or another id is required", name);
    }
    return metric;
}

const char *ql_digest_metric_name(ql_figures which, const ql_metric *metric, char *out)
{
    snprintf(out, QL_FIGURE_SIZE, "%s%s", which == unprefixed(metric->id) ? "" : prefixes[which], metric->id);
    return out;
}

ql_code ql_digest_order(const ql_digest *digest, ql_figures which, const ql_metric *metric, int *order,
                        ql_err *err)
{
    ranked *all = calloc((size_t)digest->row_count + 1, sizeof *all);
    if (!all) {
        return ql_fail_memory(err, (size_t)digest->row_count * sizeof *all);
    }
    for (int i = 0; i < digest->row_count; i++) {
        const ql_row *row = &digest->rows[i];
        double figure = row->integer ? (double)NAN : ql_row_figure(row, which, metric->id);
        all[i] = (ranked){badness(metric, figure), i};
    }
    qsort(all, (size_t)digest->row_count, sizeof *all, worse_first);
    for (int i = 0; i < digest->row_count; i++) {
        order[i] = all[i].row;
    }
    free(all);
    return QL_OK;
}
