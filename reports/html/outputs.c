/* The models' outputs: their errors, agreement, accuracy, confusion. */
#include "reports/html/html.h"

#include <math.h>
#include <stdio.h>

static void put_output(ql_page *page, const ql_row *row)
{
    static const char *const metrics[] = {"sqnr_db", "rmse", "max_abs", "mean_error", "cosine", "kl"};
    ql_text_put(page->out, "<tr><th scope=\"row\" class=\"name\">");
    ql_page_link(page, row, row->label, 110);
    ql_text_put(page->out, "</th>");
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        ql_page_cell(page, metrics[i], ql_row_figure(row, QL_CUMULATIVE, metrics[i]));
    }
    ql_text_put(page->out, "</tr>\n");
}

static void put_shares(ql_page *page, const ql_json *agreement)
{
    static const struct {
        const char *member, *title;
    } shares[] = {
        {"top1", "Rows whose largest element is the same (top-1 agreement)"},
        {"top5", "Mean overlap of the five largest"},
        {"top1_in_5", "Rows where the reference's largest is among the candidate's five"},
        {"mean_iou", "Mean intersection over union of both models' classes"},
    };
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        char text[QL_FIGURE_SIZE];
        ql_percent_text(text, ql_json_get_number(agreement, shares[i].member, (double)NAN));
        if (*text) {
            ql_text_format(page->out, "<li>%s: <strong>%s</strong> of %.0f rows</li>\n", shares[i].title,
                           text, ql_json_get_number(agreement, "rows", 0));
        }
    }
}

/* "96.2 % (94.1 % to 97.5 %)" */
static void put_accuracy_of(ql_page *page, const ql_json *accuracy, const char *side, const char *member)
{
    char share[QL_FIGURE_SIZE], low[QL_FIGURE_SIZE], high[QL_FIGURE_SIZE];
    const ql_json *interval = ql_json_first(ql_json_get(accuracy, member));
    ql_percent_text(share, ql_json_get_number(accuracy, side, (double)NAN));
    ql_percent_text(low, ql_json_number_or(interval, (double)NAN));
    ql_percent_text(high, ql_json_number_or(ql_json_next(interval), (double)NAN));
    ql_text_format(page->out, "%s <strong>%s</strong>", side, share);
    if (*low && *high) {
        ql_text_format(page->out, " (%s to %s)", low, high);
    }
}

static void put_difference(ql_page *page, const ql_json *difference)
{
    char p[QL_FIGURE_SIZE];
    if (!ql_json_is_object(difference)) {
        return;
    }
    ql_value_text(p, ql_json_get_number(difference, "p_value", (double)NAN));
    ql_text_format(page->out,
                   "<li>Both are right on %.0f samples, only the reference on %.0f, only the candidate on "
                   "%.0f: %s (McNemar's test, p %s)</li>\n",
                   ql_json_get_number(difference, "both_right", 0),
                   ql_json_get_number(difference, "only_reference_right", 0),
                   ql_json_get_number(difference, "only_candidate_right", 0),
                   ql_json_is_true(ql_json_get(difference, "within_noise")) ? "chance explains the difference"
                                                                            : "no chance",
                   *p ? p : "unknown");
}

static void put_agreement(ql_page *page, const ql_json *agreement, const ql_json *accuracy)
{
    ql_text_put(page->out, "<ul class=\"facts\">\n");
    put_shares(page, agreement);
    if (ql_json_is_object(accuracy)) {
        ql_text_put(page->out, "<li>Accuracy: ");
        put_accuracy_of(page, accuracy, "reference", "reference_interval");
        ql_text_put(page->out, ", ");
        put_accuracy_of(page, accuracy, "candidate", "candidate_interval");
        ql_text_format(page->out, ", on %.0f labelled samples; 95 %% intervals</li>\n",
                       ql_json_get_number(accuracy, "labelled", 0));
        put_difference(page, ql_json_get(accuracy, "difference"));
    }
    ql_text_put(page->out, "</ul>\n");
}

static double sum_of(const ql_json *counts)
{
    double sum = 0;
    for (const ql_json *count = ql_json_first(counts); count; count = ql_json_next(count)) {
        sum += fmax(0, ql_json_number_or(count, 0));
    }
    return sum;
}

/* A cell's count of its label's samples, with the shade that share of them gives it. */
static void put_count(ql_page *page, double count, double all, bool right)
{
    int shade = all > 0 ? (int)ceil(10 * fmin(1, count / all)) : 0;
    if (count > 0) {
        ql_text_format(page->out, "<td class=\"%s%d\">%.0f</td>", right ? "ok" : "no", shade, count);
    } else {
        ql_text_put(page->out, "<td>0</td>");
    }
}

static void put_label_row(ql_page *page, const ql_json *counts, int label)
{
    double all = sum_of(counts);
    int taken = 0;
    ql_text_format(page->out, "<tr><th scope=\"row\">%d</th>", label);
    for (const ql_json *count = ql_json_first(counts); count; count = ql_json_next(count), taken++) {
        put_count(page, fmin(fmax(0, ql_json_number_or(count, 0)), 1e15), all, taken == label);
    }
    ql_text_put(page->out, "</tr>\n");
}

static void put_matrix(ql_page *page, const ql_json *matrix, const char *side)
{
    int label = 0, classes = ql_json_size(matrix);
    ql_text_format(page->out,
                   "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Confusion of the "
                   "%s\"><table class=\"confusion\"><caption>Confusion of the %s: a row a label, a column "
                   "what it was taken for</caption><thead><tr><th scope=\"col\">label</th>",
                   side, side);
    for (int i = 0; i < classes; i++) {
        ql_text_format(page->out, "<th scope=\"col\">%d</th>", i);
    }
    ql_text_put(page->out, "</tr></thead><tbody>\n");
    for (const ql_json *row = ql_json_first(matrix); row; row = ql_json_next(row)) {
        put_label_row(page, row, label++);
    }
    ql_text_put(page->out, "</tbody></table></div>\n");
}

static void put_matrices(ql_page *page, const ql_json *confusion)
{
    static const char *const sides[] = {"reference", "candidate"};
    ql_text_put(page->out, "<div class=\"pair gap\">\n");
    for (int i = 0; i < 2; i++) {
        const ql_json *matrix = ql_json_get(confusion, sides[i]);
        if (ql_json_is_array(matrix) && ql_json_size(matrix) <= 64) {
            put_matrix(page, matrix, sides[i]);
        }
    }
    ql_text_put(page->out, "</div>\n");
}

/* Where there are too many classes for a matrix: what is confused most. */
static void put_confusions(ql_page *page, const ql_json *list)
{
    static const char *const heads[] = {"#label", "#taken for", "#by the reference", "#by the candidate",
                                        NULL};
    static const char *const members[] = {"label", "taken_for", "reference", "candidate"};
    if (ql_json_size(list) <= 0) {
        return;
    }
    ql_page_open_table(page, "confusions", "What the candidate confuses most, in samples.", heads);
    for (const ql_json *one = ql_json_first(list); one; one = ql_json_next(one)) {
        ql_text_put(page->out, "<tr>");
        for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
            ql_text_format(page->out, "<td class=\"n\">%.0f</td>", ql_json_get_number(one, members[i], 0));
        }
        ql_text_put(page->out, "</tr>\n");
    }
    ql_page_close_table(page);
}

void ql_page_outputs(ql_page *page)
{
    static const char *const heads[] = {"output",      "#SQNR, dB", "#RMSE", "#max |e|",
                                        "#mean error", "#cosine",   "#KL",   NULL};
    const ql_json *places = ql_json_get(page->digest->doc, "output_pairs"),
                  *agreement = ql_json_get(page->digest->doc, "agreement"),
                  *accuracy = ql_json_get(agreement, "accuracy"),
                  *confusion = ql_json_get(accuracy, "confusion");
    ql_page_open_part(page, "outputs", "The models' outputs");
    put_agreement(page, agreement, accuracy);
    ql_page_open_table(page, "outputs", "Errors of every output, over all samples.", heads);
    for (const ql_json *place = ql_json_first(places); place; place = ql_json_next(place)) {
        double i = ql_json_number_or(place, -1);
        if (i >= 0 && i < page->digest->row_count) {
            put_output(page, &page->digest->rows[(int)i]);
        } else {
            ql_text_put(page->out, "<tr><th scope=\"row\">(not paired)</th><td colspan=\"6\">nothing to "
                                   "compare it with</td></tr>\n");
        }
    }
    ql_page_close_table(page);
    if (ql_json_is_object(confusion)) {
        put_matrices(page, confusion);
    } else {
        put_confusions(page, ql_json_get(accuracy, "confusions"));
    }
    ql_page_close_part(page);
}
