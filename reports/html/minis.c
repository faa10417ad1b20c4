/* Small drawings of our own: for tensors that gnuplot does not draw, and where there is no gnuplot. */
#include "reports/digest/channels.h"
#include "reports/html/html.h"

#include <math.h>

enum { WIDTH = 256, HEIGHT = 100, POINTS = 60 };

/* Where a value lies between two, in the drawing's units from the top. */
static double up(double value, double low, double high)
{
    return HEIGHT - HEIGHT * fmin(1, fmax(0, (value - low) / (high - low)));
}

static void open_mini(ql_page *page, const char *alt)
{
    ql_text_format(page->out,
                   "<svg class=\"mini\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" "
                   "aria-label=\"%s\">",
                   WIDTH, HEIGHT, alt);
}

static void put_span(ql_page *page, double low, double high)
{
    char a[QL_FIGURE_SIZE], b[QL_FIGURE_SIZE];
    ql_text_format(page->out, "<span class=\"mono\">%s to %s</span> ", ql_value_text(a, low),
                   ql_value_text(b, high));
}

/* The columns of one level in one path: thousands of them are in a page. */
static void put_columns(ql_page *page, const ql_channel_strip *strip, ql_level level)
{
    const char *before = "<path class=\"c-";
    double step = (double)WIDTH / strip->count;
    for (int i = 0; i < strip->count; i++) {
        const ql_channel_column *c = &strip->columns[i];
        if (!isfinite(c->low) || !isfinite(c->high) || ql_level_of(c->sqnr, false) != level) {
            continue;
        }
        if (*before) {
            ql_text_format(page->out, "%s%s\" stroke-width=\"%.3g\" d=\"", before, ql_level_word(level),
                           0.8 * step);
            before = "";
        }
        double top = up(c->high, strip->low, strip->high), foot = up(c->low, strip->low, strip->high);
        ql_text_format(page->out, "M%.0f %.0fV%.0f", (i + 0.5) * step, fmin(top, foot - 1), foot);
    }
    ql_text_put(page->out, *before ? "" : "\"/>");
}

void ql_page_mini_channels(ql_page *page, const ql_row *row, const char *alt)
{
    ql_channel_strip strip;
    if (!ql_row_channels(row, &strip) || !(strip.high > strip.low) || !isfinite(strip.high - strip.low)) {
        return;
    }
    open_mini(page, alt);
    for (ql_level level = QL_LEVEL_CLOSE; level <= QL_LEVEL_UNKNOWN; level++) {
        put_columns(page, &strip, level);
    }
    ql_text_put(page->out, "</svg>\n");
    put_span(page, strip.low, strip.high);
}

static double reach(const ql_json *list, double reached, double (*further)(double, double))
{
    for (const ql_json *one = ql_json_first(list); one; one = ql_json_next(one)) {
        reached = further(reached, ql_json_number_or(one, (double)NAN));
    }
    return reached;
}

bool ql_page_mini_scatter(ql_page *page, const ql_row *row, const char *alt)
{
    const ql_json *scatter = ql_json_get(row->json, "scatter");
    const ql_json *all_f = ql_json_get(scatter, "reference"), *all_q = ql_json_get(scatter, "candidate");
    double low = reach(all_q, reach(all_f, (double)NAN, fmin), fmin);
    double high = reach(all_q, reach(all_f, (double)NAN, fmax), fmax);
    if (!(high > low) || !isfinite(high - low)) {
        return false;
    }
    const ql_json *f = ql_json_first(all_f), *q = ql_json_first(all_q);
    open_mini(page, alt);
    ql_text_put(page->out, "<path class=\"even\" d=\"M0 100L256 0\"/><path class=\"dots\" d=\"");
    for (int left = POINTS; f && q && left; f = ql_json_next(f), q = ql_json_next(q), left--) {
        double x = ql_json_number_or(f, (double)NAN), y = ql_json_number_or(q, (double)NAN);
        if (isfinite(x) && isfinite(y)) {
            ql_text_format(page->out, "M%.0f %.0fh0", WIDTH * (x - low) / (high - low), up(y, low, high));
        }
    }
    ql_text_put(page->out, "\"/></svg>\n");
    put_span(page, low, high);
    return true;
}

void ql_page_spark(ql_page *page, const ql_json *list)
{
    int count = ql_json_size(list), i = 0, each = (count + 63) / 64;
    double lowest = (double)NAN;
    if (!ql_json_is_array(list) || count < 2) {
        return;
    }
    ql_text_put(page->out, "<svg class=\"spark\" viewBox=\"0 0 64 20\" preserveAspectRatio=\"none\" "
                           "aria-hidden=\"true\"><path d=\"");
    double width = 64.0 * each / count;
    for (const ql_json *one = ql_json_first(list); one; one = ql_json_next(one)) {
        lowest = fmin(lowest, ql_json_number_or(one, (double)NAN));
        if (++i % each == 0 || i == count) {
            double tall = isnan(lowest) ? 20 : 20 * fmin(1, fmax(0.05, lowest / 60));
            ql_text_format(page->out, "M%.3g 20v-%.3g", ((i - 1) / each + 0.5) * width, tall);
            lowest = (double)NAN;
        }
    }
    ql_text_format(page->out, "\" stroke-width=\"%.3g\"/></svg>", 0.8 * width);
}
