/* What was diagnosed: the evidence and the remedy. */
#include "tui/views/common.h"

#include <string.h>

static const ql_json *findings_of(const ql_session *session)
{
    return ql_json_get(session->doc, "findings");
}

static int count(const ql_session *session)
{
    return ql_json_size(findings_of(session));
}

static const char *where(const ql_json *finding)
{
    return ql_json_get_text(ql_json_first(ql_json_get(finding, "ops")), "name",
                            ql_json_text(ql_json_first(ql_json_get(finding, "tensors"))));
}

static void text(const ql_session *session, int row, ql_text *out)
{
    const ql_json *finding = ql_json_at(findings_of(session), row);
    const char *place = where(finding);
    static const char *const members[] = {"severity", "code", "evidence", "remedy"};
    for (int i = 0; i < 4; i++) {
        ql_text_put(out, ql_json_get_text(finding, members[i], ""));
        ql_text_put(out, " ");
    }
    ql_text_put(out, place ? place : "");
}

static const char *label_of(const ql_session *session, const ql_json *finding)
{
    const ql_json *op = ql_json_first(ql_json_get(finding, "ops"));
    const ql_row *row = ql_digest_row_of_op(&session->digest, ql_digest_int(op, "op_index", -1));
    return row ? ql_digest_short(&session->digest, row->label) : where(finding);
}

static void draw_row(const ql_session *session, ql_grid *grid, int row, int cols, const ql_json *finding)
{
    const char *severity = ql_json_get_text(finding, "severity", "");
    int name = cols / 3;
    ql_grid_put(grid, row, 1, 8, ql_severity_role(severity), severity);
    ql_grid_cut(grid, row, 10, 20, QL_ROLE_STRONG, ql_json_get_text(finding, "code", "?"));
    ql_grid_cut(grid, row, 31, name, QL_ROLE_NORMAL, label_of(session, finding));
    ql_grid_cut(grid, row, 32 + name, cols - 33 - name, QL_ROLE_DIM,
                ql_json_get_text(finding, "evidence", ""));
}

static int draw_text(ql_grid *grid, const ql_box *box, int row, const char *label, ql_role role,
                     const char *said)
{
    int left = box->row + box->rows - row;
    ql_grid_put(grid, row, box->col + 1, 10, QL_ROLE_DIM, label);
    int used = left > 0 ? ql_grid_wrap(grid, row, box->col + 12, left, box->cols - 13, role, said) : 0;
    return row + (used ? used : 1);
}

/* The whole of the one under the cursor. */
static void draw_details(const ql_session *session, ql_grid *grid, const ql_box *box, const ql_json *finding)
{
    int row = box->row + 1;
    ql_draw_section(grid, box->row, box->col + 1, box->cols - 2, ql_json_get_text(finding, "code", "?"));
    row = draw_text(grid, box, row, "evidence", QL_ROLE_NORMAL, ql_json_get_text(finding, "evidence", ""));
    row = draw_text(grid, box, row, "remedy", QL_ROLE_STRONG, ql_json_get_text(finding, "remedy", ""));
    const ql_json *ops = ql_json_get(finding, "ops");
    for (const ql_json *op = ql_json_first(ops); op && row < box->row + box->rows; op = ql_json_next(op)) {
        ql_text name = {0};
        int index = ql_digest_int(op, "op_index", -1);
        const ql_row *r = ql_digest_row_of_op(&session->digest, index);
        ql_text_op(&name, r ? r->op : "operator", index);
        ql_text_format(&name, "  %s", r ? r->label : ql_json_get_text(op, "name", ""));
        row = draw_text(grid, box, row, op == ql_json_first(ops) ? "at" : "", QL_ROLE_NORMAL,
                        ql_text_bytes(&name));
        ql_text_free(&name);
    }
}

static void draw(ql_session *session, ql_grid *grid, const ql_box *box)
{
    int details = box->rows >= 14 ? box->rows / 2 > 12 ? 12 : box->rows / 2 : 0;
    ql_list *list = ql_list_on(session, box->row, box->rows - details);
    for (int i = 0; i < list->page && list->top + i < list->count; i++) {
        draw_row(session, grid, box->row + i, box->cols,
                 ql_json_at(findings_of(session), list->rows[list->top + i]));
    }
    ql_draw_cursor(list, grid, box, box->row, "Nothing was found to be wrong.");
    if (details && list->count) {
        ql_box below = {box->row + box->rows - details, box->col, details, box->cols};
        draw_details(session, grid, &below, ql_json_at(findings_of(session), ql_list_row(list)));
    }
}

static int op(const ql_session *session)
{
    const ql_json *finding = ql_json_at(findings_of(session), ql_list_row(&session->lists[QL_TUI_findings]));
    return ql_digest_int(ql_json_first(ql_json_get(finding, "ops")), "op_index", -1);
}

static unsigned handle(ql_session *session, ql_action action)
{
    const ql_json *finding = ql_json_at(findings_of(session), ql_list_row(&session->lists[QL_TUI_findings]));
    const ql_json *op = ql_json_first(ql_json_get(finding, "ops"));
    if (action != QL_ACTION_OPEN) {
        return 0;
    }
    if (op) {
        ql_session_go_op(session, ql_digest_int(op, "op_index", -1));
    }
    return QL_DO_REDRAW;
}

const ql_tui_view ql_tui_view_findings = {
    .name = "findings",
    .title = "what went wrong, the evidence and the remedy",
    .count = count,
    .op = op,
    .text = text,
    .draw = draw,
    .handle = handle,
};
