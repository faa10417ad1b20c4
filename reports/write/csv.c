/* CSV: the columns of tf.lite.experimental.QuantizationDebugger in its order, filled with local figures as it
 * does (cumulative ones where the pair has none), then ours. A cell is empty where a figure does not exist.
 */
#include "reports/digest/figure.h"
#include "reports/text/escape.h"
#include "reports/writers.h"

#include <math.h>
#include <stdlib.h>

static void put_number(ql_text *out, double number)
{
    char text[QL_FIGURE_SIZE];
    ql_text_format(out, ",%s", ql_exact_text(text, number));
}

static void put_text(ql_text *out, const char *text)
{
    ql_text_put(out, ",");
    ql_text_csv(out, text);
}

static void put_header(ql_text *out)
{
    ql_text_put(out,
                "op_name,tensor_idx,num_elements,stddev,mean_error,max_abs_error,mean_squared_error,scale,"
                "zero_point,tensor_name,op_index,figures,dtype,shape,reference_tensor_idx,"
                "reference_tensor_name,how");
    for (size_t i = 0; i < ql_metric_count; i++) {
        ql_text_format(out, ",%s", ql_metrics[i].id);
    }
    for (size_t i = 0; i < ql_metric_count; i++) {
        ql_text_format(out, ",local_%s", ql_metrics[i].id);
    }
    ql_text_put(out, ",sqnr_db_mean,sqnr_db_half_width,findings\n");
}

/* Standard deviation of the error over all elements, as numpy.std. */
static double deviation(double mse, double mean)
{
    return sqrt(fmax(mse - mean * mean, isnan(mse) ? (double)NAN : 0));
}

static void put_debugger_columns(ql_text *out, const ql_row *row, ql_figures which)
{
    double mse = ql_row_figure(row, which, "mse"), mean = ql_row_figure(row, which, "mean_error");
    double elements = ql_digest_elements(row->candidate);
    ql_text_csv(out, row->op);
    ql_text_format(out, ",%d", row->tensor);
    put_number(out, elements > 0 ? elements : (double)NAN);
    put_number(out, deviation(mse, mean));
    put_number(out, mean);
    put_number(out, ql_row_figure(row, which, "max_abs"));
    put_number(out, mse);
    put_number(out, ql_json_get_number(row->candidate, "scale", (double)NAN));
    put_number(out, ql_json_get_number(row->candidate, "zero_point", (double)NAN));
    put_text(out, ql_json_get_text(row->candidate, "name", ""));
}

static void put_findings(ql_text *out, const ql_row *row)
{
    ql_text codes = {0};
    const ql_json *findings = ql_json_get(row->json, "findings");
    for (const ql_json *finding = ql_json_first(findings); finding; finding = ql_json_next(finding)) {
        ql_text_put(&codes, codes.length ? " " : "");
        ql_text_put(&codes, ql_json_get_text(finding, "code", "?"));
    }
    put_text(out, ql_text_bytes(&codes));
    out->failed |= codes.failed;
    ql_text_free(&codes);
}

static void put_own_columns(ql_text *out, const ql_row *row, ql_figures which)
{
    ql_text shape = {0};
    ql_text_shape(&shape, row->candidate, "x");
    put_number(out, row->op_index < 0 ? (double)NAN : row->op_index);
    put_text(out, which == QL_LOCAL ? "local" : "cumulative");
    put_text(out, row->dtype);
    put_text(out, ql_text_bytes(&shape));
    put_number(out, ql_json_get_number(row->reference, "tensor", (double)NAN));
    put_text(out, ql_json_get_text(row->reference, "name", ""));
    put_text(out, ql_json_get_text(row->json, "how", ""));
    for (int side = QL_CUMULATIVE; side <= QL_LOCAL; side++) {
        for (size_t i = 0; i < ql_metric_count; i++) {
            put_number(out, ql_row_figure(row, (ql_figures)side, ql_metrics[i].id));
        }
    }
    const ql_json *sqnr = ql_json_get(ql_json_get(row->json, "per_sample"), "sqnr_db");
    put_number(out, ql_json_get_number(sqnr, "mean", (double)NAN));
    put_number(out, ql_json_get_number(sqnr, "half_width", (double)NAN));
    put_findings(out, row);
    ql_text_put(out, "\n");
    out->failed |= shape.failed;
    ql_text_free(&shape);
}

static void put_row(ql_text *out, const ql_row *row)
{
    bool local = ql_json_is_object(ql_json_get(row->json, "local"));
    ql_figures which = local ? QL_LOCAL : QL_CUMULATIVE;
    put_debugger_columns(out, row, which);
    put_own_columns(out, row, which);
}

/* `order` is in execution order where nobody asked for another. */
static ql_code sort(const ql_digest *digest, const ql_report_options *options, int *order, ql_err *err)
{
    ql_figures which;
    for (int i = 0; i < digest->row_count; i++) {
        order[i] = i;
    }
    const ql_metric *metric = options->sort ? ql_digest_metric(options->sort, &which, err) : NULL;
    return metric ? ql_digest_order(digest, which, metric, order, err) : options->sort ? QL_E_USAGE : QL_OK;
}

ql_code ql_write_csv(const ql_digest *digest, const ql_report_options *options, ql_text *out, ql_err *err)
{
    int *order = calloc((size_t)digest->row_count + 1, sizeof *order);
    if (!order) {
        return ql_fail_memory(err, (size_t)digest->row_count * sizeof *order);
    }
    ql_code code = sort(digest, options, order, err);
    put_header(out);
    for (int i = 0; i < digest->row_count && !code; i++) {
        put_row(out, &digest->rows[order[i]]);
    }
    free(order);
    return code;
}
