#include "reports/plot/plots.h"

#include "reports/plot/points.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 540, HEIGHT = 190, NETWORK_WIDTH = 1180, NETWORK_HEIGHT = 260 };

static const struct {
    const char *dtype;
    double low, high;
} integers[] = {{"int8", -128, 127},
                {"uint8", 0, 255},
                {"int16", -32768, 32767},
                {"uint16", 0, 65535},
                {"int4", -8, 7},
                {"uint4", 0, 15},
                {"int32", -2147483648.0, 2147483647.0}};

bool ql_row_limits(const ql_row *row, double *low, double *high)
{
    double scale = ql_json_get_number(row->candidate, "scale", 0);
    double zero = ql_json_get_number(row->candidate, "zero_point", 0);
    for (size_t i = 0; i < sizeof integers / sizeof *integers && scale > 0; i++) {
        if (!strcmp(integers[i].dtype, row->dtype)) {
            *low = (integers[i].low - zero) * scale;
            *high = (integers[i].high - zero) * scale;
            return isfinite(*low) && isfinite(*high);
        }
    }
    return false;
}

void ql_plot_put_point(ql_text *script, double x, double y)
{
    if (isfinite(x) && isfinite(y)) {
        ql_text_format(script, "%.9g %.9g\n", x, y);
    }
}

void ql_plot_put_dot(ql_text *script, double x, double y, double reach)
{
    if (isfinite(x) && isfinite(y)) {
        double half = reach * 1e-4;
        ql_text_format(script, "%.9g %.9g\n%.9g %.9g\n\n", x - half, y, x + half, y);
    }
}

typedef enum { LINE, DOTS, BLAMED_DOTS } marks;

static void put_series(ql_text *script, const ql_digest *digest, ql_figures which, marks how, double reach)
{
    for (int i = 0; i < digest->row_count; i++) {
        const ql_row *row = &digest->rows[i];
        double sqnr = ql_row_figure(row, which, "sqnr_db");
        if (row->integer || !(fabs(sqnr) < 1000) || (how == BLAMED_DOTS && !row->blamed)) {
            continue;
        }
        if (how == LINE) {
            ql_plot_put_point(script, row->op_index, sqnr);
        } else {
            ql_plot_put_dot(script, row->op_index, sqnr, reach);
        }
    }
    ql_plot_close_block(script);
}

static void put_weights(ql_text *script, const ql_digest *digest, double reach)
{
    const ql_json *weights = ql_json_get(digest->doc, "weights");
    for (const ql_json *weight = ql_json_first(weights); weight; weight = ql_json_next(weight)) {
        double sqnr = ql_json_get_number(ql_json_get(weight, "error"), "sqnr_db", (double)NAN);
        int op = ql_digest_int(weight, "op_index", -1);
        if (fabs(sqnr) < 1000 && op >= 0) {
            ql_plot_put_dot(script, op, sqnr, reach);
        }
    }
    ql_plot_close_block(script);
}

static int last_op(const ql_digest *digest)
{
    int last = 1;
    for (int i = 0; i < digest->row_count; i++) {
        last = digest->rows[i].op_index > last ? digest->rows[i].op_index : last;
    }
    return last;
}

/* From the lowest figure to the highest, or to 70 dB: what is above that is no error worth a place. */
static void put_decibel_axis(ql_text *script, const ql_digest *digest)
{
    double low = 30, high = 40;
    for (int i = 0; i < digest->row_count; i++) {
        for (int which = QL_CUMULATIVE; which <= QL_LOCAL; which++) {
            double sqnr = ql_row_figure(&digest->rows[i], (ql_figures)which, "sqnr_db");
            if (!digest->rows[i].integer && fabs(sqnr) < 1000) {
                low = fmin(low, sqnr);
                high = fmax(high, sqnr);
            }
        }
    }
    high = fmin(high, 70);
    double pad = (high - low) * 0.06;
    ql_text_format(script, "set yrange [%.4g:%.4g]\n", low - pad, high + pad);
}

void ql_plot_open_block(ql_text *script, const char *name)
{
    ql_text_format(script, "$%s << EOD\n-9e9 -9e9\n", name);
}

void ql_plot_close_block(ql_text *script)
{
    ql_text_put(script, "EOD\n");
}

void ql_plot_network(ql_plot *plot, const ql_digest *digest)
{
    ql_text *s = &plot->script;
    int last = last_op(digest);
    plot->width = NETWORK_WIDTH;
    plot->height = NETWORK_HEIGHT;
    ql_plot_open_block(s, "cumulative");
    put_series(s, digest, QL_CUMULATIVE, LINE, last);
    ql_plot_open_block(s, "local");
    put_series(s, digest, QL_LOCAL, DOTS, last);
    ql_plot_open_block(s, "blamed");
    put_series(s, digest, digest->has_local ? QL_LOCAL : QL_CUMULATIVE, BLAMED_DOTS, last);
    ql_plot_open_block(s, "weights");
    put_weights(s, digest, last);
    ql_text_format(s, "set xrange [-1.5:%d.8]\n", last);
    put_decibel_axis(s, digest);
    ql_text_put(
        s, "set xlabel 'operator' offset 0,0.6 textcolor rgb '#010101'\n"
           "set ylabel 'SQNR, dB' offset 1.6,0 textcolor rgb '#010101'\nset style fill solid 1 noborder\n");
    ql_text_put(s, last < 40 ? "set xtics 0,1\n" : last < 120 ? "set xtics 0,5\n" : "");
    ql_text_put(s, "clean(x,y) = x < -1e9 ? NaN : y\n");
    for (int i = 0; i < digest->culprit_count; i++) {
        int op = digest->rows[digest->culprits[i]].op_index;
        ql_text_format(
            s, "set arrow from %d, graph 0 to %d, graph 1 nohead back linewidth 7 linecolor rgb '#080808'\n",
            op, op);
    }
    double dot = last < 100 ? 1 : last < 400 ? 0.7 : 0.45; /* many leave room for small ones */
    ql_text_format(
        s,
        "plot $weights using 1:(clean($1,$2)) with lines linewidth %.2f linecolor rgb '#060606' title "
        "'weights', $cumulative using 1:(clean($1,$2)) with lines linewidth %.2f linecolor rgb "
        "'#030303' title 'cumulative', $local using 1:(clean($1,$2)) with lines linewidth %.2f "
        "linecolor rgb '#040404' title 'local', $blamed using 1:(clean($1,$2)) with lines linewidth "
        "%.2f linecolor rgb '#050505' title 'to blame', $blamed every 2 using "
        "1:(clean($1,$2)):(sprintf('#%%.0f',$1)) with labels offset 1.2,-0.2 left textcolor rgb "
        "'#050505' title 'to blame'",
        5 * dot, dot < 0.5 ? 1.0 : 2.0, 7 * dot, dot < 0.5 ? 8.0 : 11.0);
}

static int bin_count(const ql_json *counts)
{
    int count = ql_json_size(counts);
    return ql_json_is_array(counts) && count > 0 && count <= 1024 ? count : 0;
}

/* The outline of bars: two points a bin, so that lines and fills are steps. */
static void put_steps(ql_text *script, const char *name, const ql_json *counts, double low, double high)
{
    int bins = bin_count(counts), i = 0;
    ql_plot_open_block(script, name);
    for (const ql_json *count = ql_json_first(counts); count && bins; count = ql_json_next(count), i++) {
        double height = fmax(ql_json_number_or(count, 0), 0);
        ql_plot_put_point(script, low + (high - low) * i / bins, height);
        ql_plot_put_point(script, low + (high - low) * (i + 1) / bins, height);
    }
    ql_plot_close_block(script);
}

static void put_limit(ql_text *script, double at)
{
    ql_text_format(
        script,
        "set arrow from %.9g, graph 0 to %.9g, graph 1 nohead linewidth 1 dashtype 2 linecolor rgb "
        "'#070707'\n",
        at, at);
}

/* Both ends of an axis, with room for lines at `limits` that are not far outside. */
static void put_axis(ql_text *script, double low, double high, const double limits[2])
{
    double margin = (high - low) * 0.25, from = low, to = high;
    for (int i = 0; i < 2; i++) {
        if (limits[i] > low - margin && limits[i] < high + margin) {
            from = fmin(from, limits[i]);
            to = fmax(to, limits[i]);
            put_limit(script, limits[i]);
        }
    }
    double pad = (to - from) * 0.02;
    ql_text_format(script, "set xrange [%.9g:%.9g]\n", from - pad, to + pad);
}

bool ql_plot_is_range(double low, double high)
{
    return isfinite(low) && isfinite(high) && high > low && fabs(low) < 1e30 && fabs(high) < 1e30;
}

/* Counts go by their logarithm, so that tails can be seen; none is the foot of the axis. */
static void open_histogram(ql_plot *plot)
{
    plot->width = WIDTH;
    plot->height = HEIGHT;
    ql_text_put(&plot->script, "set xtics format '%g'\nset style fill solid 0.25 noborder\n"
                               "set logscale y\nset yrange [0.5:*]\nset ytics format '10^{%T}'\n"
                               "up(x,y) = x < -1e9 ? NaN : (y > 0.5 ? y : 0.5)\n");
}

bool ql_plot_values(ql_plot *plot, const ql_row *row)
{
    const ql_json *values = ql_json_get(ql_json_get(row->json, "histograms"), "values");
    double low = ql_json_get_number(values, "low", (double)NAN);
    double high = ql_json_get_number(values, "high", (double)NAN);
    const ql_json *reference = ql_json_get(values, "reference"),
                  *candidate = ql_json_get(values, "candidate");
    double limits[2] = {(double)NAN, (double)NAN};
    if (!ql_plot_is_range(low, high) || !bin_count(reference) || !bin_count(candidate)) {
        return false;
    }
    ql_row_limits(row, &limits[0], &limits[1]);
    open_histogram(plot);
    ql_text *s = &plot->script;
    put_steps(s, "reference", reference, low, high);
    put_steps(s, "candidate", candidate, low, high);
    put_axis(s, low, high, limits);
    ql_text_put(
        s,
        "plot $reference using 1:(up($1,$2)) with filledcurves y1=0.5 linecolor rgb '#030303' title "
        "'reference', "
        "$reference using 1:(up($1,$2)) with lines linewidth 1 linecolor rgb '#030303' title 'reference', "
        "$candidate using 1:(up($1,$2)) with lines linewidth 1.5 linecolor rgb '#040404' title 'candidate'");
    return true;
}

bool ql_plot_error(ql_plot *plot, const ql_row *row)
{
    const ql_json *error = ql_json_get(ql_json_get(row->json, "histograms"), "error");
    double low = ql_json_get_number(error, "low", (double)NAN);
    double high = ql_json_get_number(error, "high", (double)NAN);
    double half = ql_json_get_number(row->candidate, "scale", (double)NAN) / 2, limits[2] = {-half, half};
    const ql_json *counts = ql_json_get(error, "counts");
    if (!ql_plot_is_range(low, high) || !bin_count(counts)) {
        return false;
    }
    open_histogram(plot);
    ql_text *s = &plot->script;
    put_steps(s, "error", counts, low, high);
    put_axis(s, low, high, limits);
    ql_text_put(
        s, "plot $error using 1:(up($1,$2)) with filledcurves y1=0.5 linecolor rgb '#040404' title 'error', "
           "$error using 1:(up($1,$2)) with lines linewidth 1 linecolor rgb '#040404' title 'error'");
    return true;
}
