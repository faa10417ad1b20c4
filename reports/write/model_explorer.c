/* Node data for Model Explorer, of one metric (--sort; SQNR by itself), for the graph "main" of either model.
 * A node is named by its output tensor; where two tensors have one name, or none, by its operator's index. */
#include "reports/digest/figure.h"
#include "reports/writers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Orange is bad and blue good: told apart with any colour vision. Six digits: shorter ones are misread. */
static const char *const colours[] = {"#d55e00", "#f0b27a", "#f2f2f2", "#56b4e9"};
enum { BANDS = sizeof colours / sizeof *colours, BOUNDS = BANDS - 1, DIGITS = 12 };

/* Where the bands of a metric without a unit end, from worst to best. The others have the quartiles and the
 * tenth of the file's own values: what is much for a tensor depends on the model. */
static const struct {
    const char *metric;
    double bounds[BOUNDS];
} known[] = {
    {"sqnr_db", {10, 20, 30}},           {"psnr_db", {30, 40, 50}},    {"cosine", {0.9, 0.99, 0.999}},
    {"rmse_over_scale", {2, 0.7, 0.35}}, {"rel_l2", {0.3, 0.1, 0.03}}, {"kl", {0.2, 0.05, 0.01}},
    {"saturated", {0.05, 0.01, 0.001}},
};
static const double shares[BOUNDS] = {0.9, 0.75, 0.5};

typedef struct {
    const ql_digest *digest;
    bool reference; /* names of the reference's tensors, not the candidate's */
    const ql_metric *metric;
    ql_figures which;
    const char **keys;      /* by row: what the node is called; NULL: it has none of its own */
    char (*digits)[DIGITS]; /* memory of keys that are numbers */
    double bounds[BOUNDS];
} data;

typedef struct {
    const char *name;
    int op, row;
} node;

static int by_name(const void *a, const void *b)
{
    const node *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : x->row - y->row;
}

static int by_op(const void *a, const void *b)
{
    const node *x = a, *y = b;
    return x->op != y->op ? (x->op > y->op) - (x->op < y->op) : x->row - y->row;
}

static void name_by_tensor(const data *d, const node *nodes, int count)
{
    for (int i = 0; i < count; i++) {
        bool twin = (i > 0 && !strcmp(nodes[i - 1].name, nodes[i].name)) ||
                    (i + 1 < count && !strcmp(nodes[i].name, nodes[i + 1].name));
        d->keys[nodes[i].row] = *nodes[i].name && !twin ? nodes[i].name : NULL;
    }
}

static void name_by_operator(const data *d, const node *nodes, int count)
{
    for (int i = 0; i < count; i++) {
        bool first = nodes[i].op >= 0 && (!i || nodes[i - 1].op != nodes[i].op);
        if (first && !d->keys[nodes[i].row]) {
            snprintf(d->digits[nodes[i].row], DIGITS, "%d", nodes[i].op);
            d->keys[nodes[i].row] = d->digits[nodes[i].row];
        }
    }
}

static ql_code make_keys(const data *d, ql_err *err)
{
    int count = d->digest->row_count;
    node *nodes = calloc((size_t)count + 1, sizeof *nodes);
    if (!nodes) {
        return ql_fail_memory(err, (size_t)count * sizeof *nodes);
    }
    for (int i = 0; i < count; i++) {
        const ql_row *row = &d->digest->rows[i];
        const ql_json *tensor = d->reference ? row->reference : row->candidate;
        int op = d->reference ? ql_digest_int(tensor, "op_index", -1) : row->op_index;
        nodes[i] = (node){ql_json_get_text(tensor, "name", ""), op, i};
    }
    qsort(nodes, (size_t)count, sizeof *nodes, by_name);
    name_by_tensor(d, nodes, count);
    qsort(nodes, (size_t)count, sizeof *nodes, by_op);
    name_by_operator(d, nodes, count);
    free(nodes);
    return QL_OK;
}

static double value_of(const data *d, int row)
{
    return d->keys[row] ? ql_row_figure(&d->digest->rows[row], d->which, d->metric->id) : (double)NAN;
}

/* What is best near 0 is judged by its size. */
static double size_of(const data *d, double value)
{
    return d->metric->better == QL_NEARER_0_IS_BETTER ? fabs(value) : value;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static ql_code find_quantiles(data *d, ql_err *err)
{
    size_t count = 0, rows = (size_t)d->digest->row_count;
    double *values = calloc(rows + 1, sizeof *values);
    if (!values) {
        return ql_fail_memory(err, rows * sizeof *values);
    }
    for (int i = 0; i < d->digest->row_count; i++) {
        double value = value_of(d, i);
        values[count] = size_of(d, value);
        count += !isnan(value) && !d->digest->rows[i].integer;
    }
    qsort(values, count, sizeof *values, by_value);
    for (int i = 0; i < BOUNDS && count; i++) {
        d->bounds[i] = values[(size_t)(shares[i] * (double)(count - 1))];
    }
    free(values);
    return QL_OK;
}

static ql_code find_bounds(data *d, ql_err *err)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!strcmp(known[i].metric, d->metric->id)) {
            memcpy(d->bounds, known[i].bounds, sizeof d->bounds);
            return QL_OK;
        }
    }
    return find_quantiles(d, err);
}

static void put_band(ql_doc *doc, ql_json *list, double value, const char *colour)
{
    ql_json *band = ql_put_object(doc, list, NULL);
    ql_put_number(doc, band, "value", value);
    ql_put_text(doc, band, "bgColor", colour);
    ql_put_text(doc, band, "textColor", "#000000");
}

/* A colour holds for values up to its own, so the bands go from the lowest on. */
static void put_bands(ql_doc *doc, ql_json *graph, const data *d)
{
    bool higher = d->metric->better == QL_HIGHER_IS_BETTER;
    ql_json *bands = ql_put_array(doc, graph, "thresholds");
    for (int i = 0; i < BANDS; i++) {
        int bound = higher ? i : BOUNDS - 1 - i;
        put_band(doc, bands, i < BOUNDS ? d->bounds[bound] : 1e30, colours[higher ? i : BANDS - 1 - i]);
    }
}

/* Bands know no sizes: what is best near 0 gets its node's own colour. */
static const char *colour_of(const data *d, double value)
{
    int band = BANDS - 1;
    while (band > 0 && size_of(d, value) > d->bounds[band - 1]) {
        band--;
    }
    return colours[band];
}

static void put_nodes(ql_doc *doc, ql_json *results, const data *d)
{
    for (int i = 0; i < d->digest->row_count; i++) {
        double value = value_of(d, i);
        if (isnan(value)) {
            continue;
        }
        ql_json *entry = ql_put_object(doc, results, d->keys[i]);
        ql_put_number(doc, entry, "value", value);
        if (d->metric->better == QL_NEARER_0_IS_BETTER) {
            ql_put_text(doc, entry, "bgColor", colour_of(d, value));
            ql_put_text(doc, entry, "textColor", "#000000");
        }
    }
}

static void put_all(const data *d, ql_text *out)
{
    ql_doc doc = {0};
    char name[80];
    ql_json *root = ql_json_object(&doc), *graph = ql_put_object(&doc, root, "main");
    snprintf(name, sizeof name, "%s%s [%s]", d->which == QL_LOCAL ? "local " : "", d->metric->title,
             d->metric->unit);
    ql_put_text(&doc, graph, "name", name);
    put_nodes(&doc, ql_put_object(&doc, graph, "results"), d);
    if (d->metric->better != QL_NEARER_0_IS_BETTER) {
        put_bands(&doc, graph, d);
    }
    char *text = doc.failed ? NULL : ql_json_print(root);
    out->failed |= !text;
    ql_text_put(out, text ? text : "");
    free(text);
    ql_json_free(root);
}

static ql_code write_side(const ql_digest *digest, bool reference, const ql_report_options *options,
                          ql_text *out, ql_err *err)
{
    size_t count = (size_t)digest->row_count;
    data d = {.digest = digest, .reference = reference};
    d.metric = ql_digest_metric(options->sort ? options->sort : "sqnr_db", &d.which, err);
    if (!d.metric) {
        return err->code;
    }
    d.keys = calloc(count + 1, sizeof *d.keys);
    d.digits = calloc(count + 1, sizeof *d.digits);
    ql_code code = d.keys && d.digits ? make_keys(&d, err) : ql_fail_memory(err, count * sizeof *d.digits);
    code = code ? code : find_bounds(&d, err);
    if (!code) {
        put_all(&d, out);
    }
    free(d.digits);
    free(d.keys);
    return code;
}

ql_code ql_write_model_explorer(const ql_digest *digest, const ql_report_options *options, ql_text *out,
                                ql_err *err)
{
    return write_side(digest, false, options, out, err);
}

ql_code ql_write_model_explorer_reference(const ql_digest *digest, const ql_report_options *options,
                                          ql_text *out, ql_err *err)
{
    return write_side(digest, true, options, out, err);
}
