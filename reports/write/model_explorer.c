/* Node data for Model Explorer, of one metric (--sort; SQNR by itself), for the candidate's graph "main". A
 * node is named by its output tensor; where two tensors have one name, or none, by its operator's index. */
#include "reports/digest/figure.h"
#include "reports/writers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Orange is bad and blue good: told apart with any colour vision. Six digits: shorter ones are misread. */
#define BAD  "#d55e00"
#define POOR "#f0b27a"
#define EVEN "#f2f2f2"
#define GOOD "#56b4e9"

static int by_name(const void *a, const void *b)
{
    const ql_row *const *x = a, *const *y = b;
    return strcmp(ql_json_get_text((*x)->candidate, "name", ""),
                  ql_json_get_text((*y)->candidate, "name", ""));
}

/* keys[row]: what the node is called; NULL: it has no node of its own. */
static ql_code make_keys(const ql_digest *digest, const char **keys, char (*digits)[12], ql_err *err)
{
    size_t count = (size_t)digest->row_count;
    const ql_row **sorted = calloc(count + 1, sizeof *sorted);
    if (!sorted) {
        return ql_fail_memory(err, count * sizeof *sorted);
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &digest->rows[i];
    }
    qsort(sorted, count, sizeof *sorted, by_name);
    for (size_t i = 0; i < count; i++) {
        const ql_row *row = sorted[i];
        bool twin = (i > 0 && !by_name(&sorted[i - 1], &sorted[i])) ||
                    (i + 1 < count && !by_name(&sorted[i], &sorted[i + 1]));
        const char *name = ql_json_get_text(row->candidate, "name", "");
        if (*name && !twin) {
            keys[row->number] = name;
        } else if (row->first_of_op) {
            snprintf(digits[row->number], sizeof *digits, "%d", row->op_index);
            keys[row->number] = digits[row->number];
        }
    }
    free(sorted);
    return QL_OK;
}

static void put_band(ql_doc *d, ql_json *list, const char *key, double value, const char *colour)
{
    ql_json *band = ql_put_object(d, list, NULL);
    ql_put_number(d, band, key, value);
    ql_put_text(d, band, "bgColor", colour);
    ql_put_text(d, band, "textColor", "#000000");
}

/* A colour holds for values up to its own. */
static void put_decibel_bands(ql_doc *d, ql_json *graph)
{
    ql_json *bands = ql_put_array(d, graph, "thresholds");
    put_band(d, bands, "value", 10, BAD);
    put_band(d, bands, "value", 20, POOR);
    put_band(d, bands, "value", 30, EVEN);
    put_band(d, bands, "value", 1e6, GOOD);
}

static void put_gradient(ql_doc *d, ql_json *graph, bool higher_is_better)
{
    ql_json *stops = ql_put_array(d, graph, "gradient");
    put_band(d, stops, "stop", 0, higher_is_better ? BAD : GOOD);
    put_band(d, stops, "stop", 0.5, EVEN);
    put_band(d, stops, "stop", 1, higher_is_better ? GOOD : BAD);
}

/* What is best in the middle has no gradient: each node gets a colour of its own. */
static const char *colour_about_0(double figure, double largest)
{
    double part = largest > 0 ? fabs(figure) / largest : 0;
    return part > 0.75 ? BAD : part > 0.5 ? POOR : part > 0.25 ? EVEN : GOOD;
}

static void put_nodes(ql_doc *d, ql_json *results, const ql_digest *digest, const char *const *keys,
                      const ql_metric *metric, ql_figures which)
{
    double largest = 0;
    for (int i = 0; i < digest->row_count; i++) {
        double figure = ql_row_figure(&digest->rows[i], which, metric->id);
        largest = keys[i] && fabs(figure) > largest ? fabs(figure) : largest;
    }
    for (int i = 0; i < digest->row_count; i++) {
        double figure = ql_row_figure(&digest->rows[i], which, metric->id);
        if (!keys[i] || isnan(figure)) {
            continue;
        }
        ql_json *node = ql_put_object(d, results, keys[i]);
        ql_put_number(d, node, "value", figure);
        if (metric->better == QL_NEARER_0_IS_BETTER) {
            ql_put_text(d, node, "bgColor", colour_about_0(figure, largest));
            ql_put_text(d, node, "textColor", "#000000");
        }
    }
}

static ql_json *make(ql_doc *d, const ql_digest *digest, const char *const *keys, const ql_metric *metric,
                     ql_figures which)
{
    char name[80];
    snprintf(name, sizeof name, "%s%s [%s]", which == QL_LOCAL ? "local " : "", metric->title, metric->unit);
    ql_json *root = ql_json_object(d), *graph = ql_put_object(d, root, "main");
    ql_put_text(d, graph, "name", name);
    put_nodes(d, ql_put_object(d, graph, "results"), digest, keys, metric, which);
    if (!strcmp(metric->unit, "dB")) {
        put_decibel_bands(d, graph);
    } else if (metric->better != QL_NEARER_0_IS_BETTER) {
        put_gradient(d, graph, metric->better == QL_HIGHER_IS_BETTER);
    }
    return root;
}

static ql_code write_keyed(const ql_digest *digest, const char *const *keys, const ql_report_options *options,
                           ql_text *out, ql_err *err)
{
    ql_figures which;
    const ql_metric *metric = ql_digest_metric(options->sort ? options->sort : "sqnr_db", &which, err);
    if (!metric) {
        return err->code;
    }
    ql_doc d = {0};
    ql_json *root = make(&d, digest, keys, metric, which);
    char *text = d.failed ? NULL : ql_json_print(root);
    out->failed |= !text;
    ql_text_put(out, text ? text : "");
    free(text);
    ql_json_free(root);
    return QL_OK;
}

ql_code ql_write_model_explorer(const ql_digest *digest, const ql_report_options *options, ql_text *out,
                                ql_err *err)
{
    size_t count = (size_t)digest->row_count;
    const char **keys = calloc(count + 1, sizeof *keys);
    char(*digits)[12] = calloc(count + 1, sizeof *digits);
    ql_code code =
        keys && digits ? make_keys(digest, keys, digits, err) : ql_fail_memory(err, count * sizeof *digits);
    code = code ? code : write_keyed(digest, keys, options, out, err);
    free(digits);
    free(keys);
    return code;
}
