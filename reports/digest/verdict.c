#include "reports/digest/verdict.h"

#include "reports/digest/figure.h"
#include "reports/text/escape.h"

#include <math.h>

static const struct {
    const char *word, *sentence;
} levels[] = {
    [QL_LEVEL_EQUAL] = {"equal", "The candidate's outputs equal the reference's"},
    [QL_LEVEL_CLOSE] = {"close", "The candidate follows the reference closely"},
    [QL_LEVEL_DRIFTS] = {"drifts", "The candidate drifts visibly from the reference"},
    [QL_LEVEL_FAR] = {"far", "The candidate is far from the reference"},
    [QL_LEVEL_BROKEN] = {"broken", "The candidate does not follow the reference"},
    [QL_LEVEL_UNKNOWN] = {"unknown", "No output of the two models could be compared"},
};

const char *ql_level_word(ql_level level)
{
    return levels[level].word;
}

const char *ql_level_sentence(ql_level level)
{
    return levels[level].sentence;
}

ql_level ql_level_of(double sqnr, bool exact)
{
    return exact         ? QL_LEVEL_EQUAL
           : isnan(sqnr) ? QL_LEVEL_UNKNOWN
           : sqnr >= 30  ? QL_LEVEL_CLOSE
           : sqnr >= 20  ? QL_LEVEL_DRIFTS
           : sqnr >= 10  ? QL_LEVEL_FAR
                         : QL_LEVEL_BROKEN;
}

/* Of an accuracy that fell by so much; NaN: no labels, nothing lost. */
static ql_level level_of_loss(double loss)
{
    return loss > 0.1    ? QL_LEVEL_BROKEN
           : loss > 0.03 ? QL_LEVEL_FAR
           : loss > 0.01 ? QL_LEVEL_DRIFTS
                         : QL_LEVEL_EQUAL;
}

static bool any_output(const ql_digest *digest)
{
    const ql_json *outputs = ql_json_get(digest->doc, "outputs");
    for (const ql_json *output = ql_json_first(outputs); output; output = ql_json_next(output)) {
        if (ql_json_is_object(output)) {
            return true;
        }
    }
    return false;
}

ql_verdict ql_verdict_of(const ql_digest *digest)
{
    const ql_json *whole = ql_json_get(digest->doc, "whole"),
                  *agreement = ql_json_get(digest->doc, "agreement");
    const ql_json *accuracy = ql_json_get(agreement, "accuracy");
    ql_verdict v = {
        .sqnr = ql_json_get_number(whole, "sqnr_db", (double)NAN),
        .top1 = ql_json_get_number(agreement, "top1", (double)NAN),
        .reference = ql_json_get_number(accuracy, "reference", (double)NAN),
        .candidate = ql_json_get_number(accuracy, "candidate", (double)NAN),
        .samples = ql_json_get_number(digest->doc, "samples", 0),
        .random = ql_json_is_true(ql_json_get(ql_json_get(digest->doc, "data"), "random")),
    };
    v.noise = pow(10, -v.sqnr / 20);
    v.level = ql_level_of(v.sqnr, any_output(digest) && ql_json_is_true(ql_json_get(whole, "exact")));
    ql_level lost = level_of_loss(v.reference - v.candidate);
    v.level = v.level < lost ? lost : v.level;
    return v;
}

void ql_text_verdict_figures(ql_text *text, const ql_verdict *v)
{
    char a[QL_FIGURE_SIZE], b[QL_FIGURE_SIZE];
    const char *between = "";
    if (!isnan(v->sqnr)) {
        ql_text_format(text,
                       "output SQNR %s\xc2\xa0"
                       "dB (errors are %.3g\xc2\xa0%% of the signal)",
                       ql_figure_text(a, "sqnr_db", v->sqnr), 100 * v->noise);
        between = ", ";
    }
    if (!isnan(v->top1)) {
        ql_text_format(text, "%stop-1 agreement %s", between, ql_percent_text(a, v->top1));
        between = ", ";
    }
    if (!isnan(v->reference) && !isnan(v->candidate)) {
        ql_text_format(text, "%saccuracy %s \xe2\x86\x92 %s", between, ql_percent_text(a, v->reference),
                       ql_percent_text(b, v->candidate));
    }
}

void ql_text_pairing(ql_text *text, const ql_digest *digest)
{
    ql_text_format(text, "%d of %d activations paired", digest->row_count,
                   digest->row_count + digest->unpaired_candidate);
    for (int i = 0; i < digest->how_count; i++) {
        ql_text_put(text, i ? ", " : " (");
        ql_text_escaped(text, &ql_escape_plain, digest->hows[i].how);
        ql_text_format(text, " %d%s", digest->hows[i].count, i + 1 == digest->how_count ? ")" : "");
    }
    if (digest->unpaired_reference) {
        ql_text_format(text, "; %d of the reference's unpaired", digest->unpaired_reference);
    }
    int left_out = (int)ql_json_get_number(digest->doc, "left_out", 0);
    if (left_out) {
        ql_text_format(text, "; %d pairs left out", left_out);
    }
}

void ql_text_input_warning(ql_text *text, const ql_digest *digest)
{
    char sqnr[QL_FIGURE_SIZE];
    if (digest->input >= 0) {
        const ql_row *row = &digest->rows[digest->input];
        ql_text_format(
            text,
            "Already the input '%s' has an SQNR of %s\xc2\xa0"
            "dB only: the data go beyond what the candidate's input can hold. Check their scaling.",
            row->label, ql_figure_text(sqnr, "sqnr_db", ql_row_figure(row, QL_CUMULATIVE, "sqnr_db")));
    }
}
