/* Drawings of single elements, channels and plans. */
#include "reports/digest/channels.h"
#include "reports/digest/verdict.h"
#include "reports/plot/points.h"

#include <math.h>

enum { WIDTH = 540, HEIGHT = 220, LEVELS = 5 };

static void open_drawing(ql_plot *plot)
{
    plot->width = WIDTH;
    plot->height = HEIGHT;
    ql_text_put(&plot->script, "clean(x,y) = x < -1e9 ? NaN : y\nset style fill solid 1 noborder\n");
}

static void put_label(ql_text *script, const char *axis, const char *text)
{
    ql_text_format(script, "set %slabel '%s' offset 0,0 textcolor rgb '#010101'\n", axis, text);
}

/* Lines across the drawing at the ends of what the candidate's integers reach. */
static void put_limits(ql_text *script, const ql_row *row, double low, double high)
{
    double limits[2];
    if (!ql_row_limits(row, &limits[0], &limits[1])) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (limits[i] >= low && limits[i] <= high) {
            ql_text_format(script,
                           "set arrow from graph 0, first %.9g to graph 1, first %.9g nohead linewidth 1 "
                           "dashtype 2 linecolor rgb '#070707'\n",
                           limits[i], limits[i]);
        }
    }
}

/* Both ends of all values. */
static void find_ends(const ql_json *list, double *low, double *high)
{
    for (const ql_json *one = ql_json_first(list); one; one = ql_json_next(one)) {
        *low = fmin(*low, ql_json_number_or(one, (double)NAN));
        *high = fmax(*high, ql_json_number_or(one, (double)NAN));
    }
}

static void put_elements(ql_text *script, const ql_json *f, const ql_json *q, double reach)
{
    ql_plot_open_block(script, "points");
    for (; f && q; f = ql_json_next(f), q = ql_json_next(q)) {
        double x = ql_json_number_or(f, (double)NAN), y = ql_json_number_or(q, (double)NAN);
        ql_plot_put_dot(script, x, y, reach);
    }
    ql_plot_close_block(script);
}

bool ql_plot_scatter(ql_plot *plot, const ql_row *row)
{
    const ql_json *scatter = ql_json_get(row->json, "scatter");
    const ql_json *f = ql_json_get(scatter, "reference"), *q = ql_json_get(scatter, "candidate");
    double low = (double)NAN, high = (double)NAN;
    find_ends(f, &low, &high);
    find_ends(q, &low, &high);
    if (!ql_plot_is_range(low, high)) {
        return false;
    }
    double pad = (high - low) * 0.04, from = low - pad, to = high + pad;
    open_drawing(plot);
    ql_text *s = &plot->script;
    put_elements(s, ql_json_first(f), ql_json_first(q), high - low);
    ql_text_format(s, "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\nset format '%%g'\n", from, to, from,
                   to);
    put_label(s, "x", "reference");
    put_label(s, "y", "candidate");
    put_limits(s, row, from, to);
    ql_text_put(s, "plot x with lines linewidth 1 linecolor rgb '#060606' title 'equal', $points using "
                   "1:(clean($1,$2)) with lines linewidth 4 linecolor rgb '#040404' title 'elements'");
    return true;
}

/* Its place among the five colours of a drawing. */
static int colour_of(double sqnr)
{
    ql_level level = ql_level_of(sqnr, false);
    return level == QL_LEVEL_UNKNOWN ? LEVELS - 1 : (int)level - QL_LEVEL_CLOSE;
}

bool ql_plot_channels(ql_plot *plot, const ql_row *row)
{
    ql_channel_strip strip;
    if (!ql_row_channels(row, &strip) || !ql_plot_is_range(strip.low, strip.high)) {
        return false;
    }
    open_drawing(plot);
    ql_text *s = &plot->script;
    int each = strip.count > 1 ? strip.columns[1].first : 1;
    double pad = (strip.high - strip.low) * 0.04, least = (strip.high - strip.low) / 250;
    for (int level = 0; level < LEVELS; level++) {
        ql_text_format(s, "$level%d << EOD\n-9e9 0 0\n", level);
        for (int i = 0; i < strip.count; i++) {
            const ql_channel_column *c = &strip.columns[i];
            if (colour_of(c->sqnr) == level && isfinite(c->low) && isfinite(c->high)) {
                ql_text_format(s, "%d %.9g %.9g\n", c->first, c->low, fmax(c->high, c->low + least));
            }
        }
        ql_plot_close_block(s);
    }
    ql_text_format(s, "set xrange [-0.5:%g]\nset yrange [%.9g:%.9g]\nset format '%%g'\n",
                   strip.count * each - 0.5, strip.low - pad, strip.high + pad);
    put_label(s, "x", "channel");
    put_limits(s, row, strip.low - pad, strip.high + pad);
    for (int level = 0; level < LEVELS; level++) {
        ql_text_format(s,
                       "%s$level%d using 1:(clean($1,$2)):($1-0.4):($1+%g):2:3 with boxxyerror linecolor rgb "
                       "'#0%x0%x0%x' title 'channels'",
                       level ? ", " : "plot ", level, each - 0.6, 9 + level, 9 + level, 9 + level);
    }
    return true;
}

/* How much of the model a plan takes out of int8. */
static double share_of(const ql_json *plan)
{
    return ql_json_get_number(plan, "float_macs_pct", 0) + ql_json_get_number(plan, "int16x8_macs_pct", 0);
}

static int put_plans(ql_text *script, const ql_json *plans, const char *name, double *most)
{
    int count = 0;
    ql_plot_open_block(script, name);
    for (; plans; plans = ql_json_next(plans)) {
        double x = share_of(plans);
        double y = ql_json_get_number(plans, "sqnr_db", (double)NAN);
        if (isfinite(x) && isfinite(y)) {
            ql_text_format(script, "%.9g %.9g %d\n", x, y, ql_digest_int(plans, "layer_count", 0));
            *most = fmax(*most, x);
            count++;
        }
    }
    ql_plot_close_block(script);
    return count;
}

bool ql_plot_pareto(ql_plot *plot, const ql_json *plan)
{
    if (ql_json_size(ql_json_get(plan, "pareto")) < 2) {
        return false;
    }
    plot->width = 1180;
    plot->height = HEIGHT + 20;
    ql_text *s = &plot->script;
    ql_text_put(s, "clean(x,y) = x < -1e9 ? NaN : y\nset style fill solid 1 noborder\n");
    double most = 1;
    int count = put_plans(s, ql_json_first(ql_json_get(plan, "pareto")), "plans", &most);
    if (count < 2) {
        ql_text_free(s);
        return false;
    }
    ql_plot_open_block(s, "base");
    ql_plot_put_point(s, 0, ql_json_get_number(ql_json_get(plan, "base"), "sqnr_db", (double)NAN));
    ql_plot_close_block(s);
    put_label(s, "x", "multiplications in float or 16x8, %");
    put_label(s, "y", "output SQNR, dB");
    ql_text_format(s, "set offsets 0, 0, graph 0.15, graph 0.1\nset xrange [%.4g:%.4g]\n", -0.03 * most,
                   1.05 * most);
    ql_text_format(
        s,
        "plot $plans using 1:(clean($1,$2)) with lines linewidth 1.5 linecolor rgb '#030303' title "
        "'front', $plans using 1:(clean($1,$2)):(%.4g) with circles linecolor rgb '#030303' title "
        "'plans', $plans using 1:(clean($1,$2)):(sprintf('%%d',$3)) with labels offset 0,0.8 "
        "textcolor rgb '#010101' title 'layers', $base using 1:(clean($1,$2)):(%.4g) with circles "
        "linecolor rgb '#040404' title 'base'",
        most / 260, most / 260);
    return true;
}
