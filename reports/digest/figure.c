#include "reports/digest/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NBSP "\xc2\xa0"

typedef struct {
    const char *metric, *format;
    double factor;
} figure_format;

/* A metric that is not named here is a value of the tensor: three significant digits. */
static const figure_format formats[] = {
    {"sqnr_db", "%.1f", 1}, {"psnr_db", "%.1f", 1},         {"cosine", "%.5f", 1},
    {"rel_l2", "%.4f", 1},  {"rmse_over_scale", "%.2f", 1}, {"saturated", "%.2f" NBSP "%%", 100},
};

const char *ql_value_text(char out[QL_FIGURE_SIZE], double value)
{
    *out = 0;
    if (isfinite(value)) {
        snprintf(out, QL_FIGURE_SIZE, "%.3g", value);
    }
    return out;
}

const char *ql_figure_text(char out[QL_FIGURE_SIZE], const char *metric, double figure)
{
    *out = 0;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (!strcmp(formats[i].metric, metric) && fabs(figure) < 1e9) {
            double shown = figure * formats[i].factor;
            snprintf(out, QL_FIGURE_SIZE, formats[i].format, shown);
            return out;
        }
    }
    return ql_value_text(out, figure);
}

const char *ql_exact_text(char out[QL_FIGURE_SIZE], double value)
{
    *out = 0;
    int digits = 15;
    while (isfinite(value) && digits <= 17) {
        snprintf(out, QL_FIGURE_SIZE, "%.*g", digits++, value);
        double back = strtod(out, NULL);
        if (memcmp(&back, &value, sizeof back) == 0) {
            break;
        }
    }
    return out;
}

const char *ql_percent_text(char out[QL_FIGURE_SIZE], double share)
{
    *out = 0;
    if (fabs(share) < 1e6) {
        snprintf(out, QL_FIGURE_SIZE, "%.1f" NBSP "%%", 100 * share);
    }
    return out;
}

const char *ql_bytes_text(char out[QL_FIGURE_SIZE], double bytes)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB"};
    size_t unit = 0;
    *out = 0;
    if (!(bytes >= 0 && bytes < 1e15)) {
        return out;
    }
    while (bytes >= 1000 && unit < 3) {
        bytes /= 1000;
        unit++;
    }
    snprintf(out, QL_FIGURE_SIZE, unit ? "%.3g" NBSP "%s" : "%.0f" NBSP "%s", bytes, units[unit]);
    return out;
}

void ql_text_shape(ql_text *text, const ql_json *tensor, const char *times)
{
    const ql_json *shape = ql_json_get(tensor, "shape");
    if (!ql_json_is_array(shape)) {
        return;
    }
    for (const ql_json *dim = ql_json_first(shape); dim; dim = ql_json_next(dim)) {
        ql_text_format(text, "%s%.0f", dim == ql_json_first(shape) ? "" : times, ql_json_number_or(dim, 0));
    }
    if (!ql_json_size(shape)) {
        ql_text_put(text, "scalar");
    }
}
