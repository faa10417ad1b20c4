#include "tui/views/tensor.h"

#include <math.h>
#include <stdio.h>

static int width_of(const ql_box *box)
{
    return box->cols > 52 ? 13 : box->cols > 43 ? 11 : 9;
}

static const ql_row *shown(const ql_session *session)
{
    bool wanted = session->view == QL_TUI_tensor && session->elements;
    return wanted && session->row < session->digest.row_count ? &session->digest.rows[session->row] : NULL;
}

/* The sample that was chosen, else the one with the tensor's worst element; -1: nobody knows. */
static double sample_of(const ql_session *session, const ql_row *r)
{
    return session->sample >= 0 ? (double)session->sample
                                : ql_json_get_number(ql_json_get(r->json, "worst"), "sample", -1);
}

static bool is_known(const ql_session *session, const ql_row *r, double sample)
{
    const ql_question *of = &session->elements_of.question;
    return of->ask == QL_ASK_ELEMENTS && of->pair == r->number && sample >= 0 &&
           of->sample == (uint64_t)sample;
}

bool ql_tensor_question(const ql_session *session, ql_question *question)
{
    const ql_row *r = session->engine ? shown(session) : NULL;
    double sample = r ? sample_of(session, r) : -1;
    if (!(sample >= 0 && sample < 1e15) || r->integer || r->number >= session->engine->pairing->pair_count ||
        is_known(session, r, sample)) {
        return false;
    }
    *question = (ql_question){.ask = QL_ASK_ELEMENTS, .pair = r->number, .sample = (uint64_t)sample};
    return true;
}

static bool differs(const ql_element *e)
{
    bool same = e->candidate >= e->reference && e->candidate <= e->reference;
    return !same && !(isnan(e->candidate) && isnan(e->reference));
}

static void draw_heads(ql_grid *grid, int row, const ql_box *box)
{
    static const char *const heads[] = {"ref", "cand", "error"};
    int width = width_of(box);
    ql_grid_put(grid, row, box->col + 1, box->cols - 1, QL_ROLE_DIM, "element");
    for (int i = 0; i < 3; i++) {
        ql_grid_right(grid, row, box->col + box->cols - (3 - i) * width, width, QL_ROLE_DIM, heads[i]);
    }
}

static void draw_element(ql_grid *grid, int row, const ql_box *box, const ql_row *r, const ql_element *e)
{
    ql_text place = {0};
    char figure[QL_FIGURE_SIZE];
    int width = width_of(box);
    double values[] = {(double)e->reference, (double)e->candidate,
                       (double)e->candidate - (double)e->reference};
    static const ql_role roles[] = {QL_ROLE_BAR, QL_ROLE_ACCENT, QL_ROLE_WARN};
    ql_text_place(&place, ql_json_get(r->candidate, "shape"), (double)e->element);
    ql_grid_cut(grid, row, box->col, box->cols - 3 * width, QL_ROLE_NORMAL, ql_text_bytes(&place));
    for (int i = 0; i < 3; i++) {
        const char *text = isnan(values[i])   ? "NaN"
                           : isinf(values[i]) ? "inf"
                                              : ql_value_text(figure, values[i]);
        ql_grid_right(grid, row, box->col + box->cols - (3 - i) * width, width, roles[i], text);
    }
    ql_text_free(&place);
}

/* What stands there while the elements are not known. */
static const char *excuse(const ql_session *session, const ql_row *r, double sample)
{
    const ql_answer *known = &session->elements_of;
    if (!is_known(session, r, sample)) {
        return r->integer || sample < 0 ? "Nothing is known of this tensor's error."
               : !session->engine       ? "Values need the models: a saved result has none."
                                        : "Running the sample ...";
    }
    bool some = known->element_count && differs(known->elements);
    return known->code ? known->err.text : some ? NULL : "No element of this sample differs.";
}

void ql_tensor_elements(const ql_session *session, ql_grid *grid, const ql_box *box, const ql_row *r)
{
    double sample = sample_of(session, r);
    const char *why = excuse(session, r, sample);
    char title[80];
    int row = box->row, last = box->row + box->rows;
    snprintf(title, sizeof title, sample < 0 ? "worst elements" : "worst elements of sample %.0f", sample);
    ql_draw_section(grid, row++, box->col, box->cols, title);
    if (why) {
        ql_grid_wrap(grid, row, box->col + 1, last - row, box->cols - 1, QL_ROLE_DIM, why);
        return;
    }
    draw_heads(grid, row++, box);
    const ql_element *elements = session->elements_of.elements;
    for (int i = 0; i < session->elements_of.element_count && differs(&elements[i]) && row < last; i++) {
        draw_element(grid, row++, box, r, &elements[i]);
    }
}
