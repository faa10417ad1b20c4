/* What keys do in every view. */
#include "tui/session/complete.h"
#include "tui/session/out.h"
#include "tui/session/prompt.h"
#include "tui/session/session.h"
#include "tui/views/view.h"

#include <stdio.h>
#include <string.h>

static void back(ql_session *session)
{
    if (session->depth) {
        ql_whereabouts place = session->history[--session->depth];
        session->view = place.view;
        session->row = place.row < session->digest.row_count ? place.row : 0;
        ql_session_fill(session, place.view);
    }
}

/* Another view by its number or Tab; the tensor is that of the layer under the cursor. */
static void show(ql_session *session, int view)
{
    const ql_tui_view *own = ql_tui_views[session->view];
    const ql_row *row = own->op ? ql_digest_row_of_op(&session->digest, own->op(session)) : NULL;
    int listed = session->view == QL_TUI_layers ? ql_list_row(ql_session_list(session)) : -1;
    ql_session_go(session, (ql_tui_id)view, listed >= 0 ? listed : row ? row->number : session->row);
}

static void turn(ql_session *session, int by)
{
    show(session, ((int)session->view + by + QL_TUI_COUNT) % QL_TUI_COUNT);
}

/* The next layer to blame: in the tensor view its tensor, elsewhere its row in the list. */
static void go_culprit(ql_session *session)
{
    const ql_row *row = ql_digest_culprit(&session->digest, session->culprit);
    session->culprit = row ? session->culprit + 1 : 0;
    row = row ? row : ql_digest_culprit(&session->digest, session->culprit++);
    if (!row) {
        session->culprit = 0;
        ql_session_say(session, QL_ROLE_GOOD, "no layer stands out");
    } else if (session->view == QL_TUI_tensor) {
        ql_session_go(session, QL_TUI_tensor, row->number);
    } else {
        ql_session_go(session, QL_TUI_layers, session->row);
        if (!ql_list_seek(&session->lists[QL_TUI_layers], row->number)) {
            ql_session_say(session, QL_ROLE_WARN, "the filter hides it: & and Enter show all layers");
        }
    }
}

void ql_session_suggest(ql_session *session)
{
    if (!session->engine) {
        ql_session_say(session, QL_ROLE_WARN,
                       "a saved result has no models to search with: :plan FILE shows plans");
        return;
    }
    session->suggesting = true;
    session->suggest_asked = false;
    session->suggest_done = 0;
    ql_session_say(session, QL_ROLE_NORMAL, "searching for plans of at most %d layers; X stops",
                   session->suggest_layers);
}

static unsigned move(ql_session *session, ql_action action)
{
    ql_list *list = ql_session_list(session);
    int page = list->page > 1 ? list->page - 1 : 1;
    switch ((int)action) {
    case QL_ACTION_UP:
        ql_list_move(list, -1);
        break;
    case QL_ACTION_DOWN:
        ql_list_move(list, 1);
        break;
    case QL_ACTION_PAGE_UP:
        ql_list_move(list, -page);
        break;
    case QL_ACTION_PAGE_DOWN:
        ql_list_move(list, page);
        break;
    case QL_ACTION_TOP:
        list->cursor = 0;
        break;
    case QL_ACTION_BOTTOM:
        ql_list_move(list, list->count);
        break;
    default:
        return 0;
    }
    return QL_DO_REDRAW;
}

static unsigned ask(ql_session *session, ql_action action)
{
    switch ((int)action) {
    case QL_ACTION_SEARCH:
        ql_prompt_start(session, QL_PROMPT_SEARCH, "");
        break;
    case QL_ACTION_SEARCH_NEXT:
        ql_session_search(session, 1);
        break;
    case QL_ACTION_SEARCH_PREVIOUS:
        ql_session_search(session, -1);
        break;
    case QL_ACTION_FILTER:
        ql_prompt_start(session, QL_PROMPT_FILTER, "");
        break;
    case QL_ACTION_COMMAND:
        ql_prompt_start(session, QL_PROMPT_COMMAND, "");
        break;
    case QL_ACTION_MARK_MATCHING:
        ql_prompt_start(session, QL_PROMPT_MARK, "");
        break;
    case QL_ACTION_REPORT:
        ql_out_propose(session, "");
        break;
    case QL_ACTION_PLAN:
        ql_out_propose(session, "plan");
        break;
    case QL_ACTION_CONFIG:
        ql_prompt_start(session, QL_PROMPT_COMMAND, "write config ");
        ql_prompt_complete(session);
        break;
    case QL_ACTION_REPRODUCE:
        ql_text_reproduce(&session->box_text, session);
        return QL_DO_REDRAW | QL_DO_COPY;
    default:
        return 0;
    }
    return QL_DO_REDRAW;
}

static unsigned change_plan(ql_session *session, ql_action action)
{
    switch ((int)action) {
    case QL_ACTION_CYCLE:
    case QL_ACTION_CYCLE_AROUND:
        ql_whatif_cycle(session, action == QL_ACTION_CYCLE_AROUND);
        break;
    case QL_ACTION_MARK:
        ql_whatif_mark(session);
        break;
    case QL_ACTION_UNDO:
    case QL_ACTION_REDO:
        ql_whatif_undo(session, action == QL_ACTION_REDO);
        break;
    case QL_ACTION_OTHER_PLAN:
        ql_whatif_other(session);
        break;
    case QL_ACTION_SUGGEST:
        ql_session_suggest(session);
        break;
    default:
        return 0;
    }
    return QL_DO_REDRAW;
}

static unsigned stop(ql_session *session)
{
    if (session->run == QL_RUN_GOING) {
        return QL_DO_STOP | QL_DO_REDRAW;
    }
    if (session->suggesting) {
        session->stop_suggesting = true;
        return QL_DO_REDRAW;
    }
    ql_session_say(session, QL_ROLE_NORMAL, "nothing is running that could be stopped");
    return QL_DO_REDRAW;
}

static unsigned travel(ql_session *session, ql_action action)
{
    switch ((int)action) {
    case QL_ACTION_QUIT:
        return QL_DO_QUIT;
    case QL_ACTION_STOP:
        return stop(session);
    case QL_ACTION_BACK:
        back(session);
        break;
    case QL_ACTION_NEXT_VIEW:
        turn(session, 1);
        break;
    case QL_ACTION_PREVIOUS_VIEW:
        turn(session, -1);
        break;
    case QL_ACTION_CULPRIT:
        go_culprit(session);
        break;
    case QL_ACTION_HELP:
        ql_session_go(session, QL_TUI_help, session->row);
        break;
    default:
        return 0;
    }
    return QL_DO_REDRAW;
}

static unsigned act(ql_session *session, ql_action action)
{
    const ql_tui_view *view = ql_tui_views[session->view];
    unsigned led = view->handle ? view->handle(session, action) : 0;
    led = led ? led : move(session, action);
    led = led ? led : ask(session, action);
    led = led ? led : change_plan(session, action);
    return led ? led : travel(session, action);
}

static unsigned click(ql_session *session, ql_event event)
{
    if (event.row == 1) {
        for (int i = 0; i < QL_TUI_COUNT; i++) {
            if (event.col >= session->tab_cols[i] && event.col < session->tab_cols[i + 1]) {
                ql_session_go(session, (ql_tui_id)i, session->row);
            }
        }
        return QL_DO_REDRAW;
    }
    ql_list *list = ql_session_list(session);
    int64_t at = (int64_t)event.row - session->list_row;
    if (session->list_row < 0 || at < 0 || at >= list->page || at + list->top >= list->count) {
        return 0;
    }
    bool again = list->cursor == list->top + (int)at;
    list->cursor = list->top + (int)at;
    return again ? act(session, QL_ACTION_OPEN) : QL_DO_REDRAW;
}

static unsigned wheel(ql_session *session, int by)
{
    ql_list_move(ql_session_list(session), by);
    return QL_DO_REDRAW;
}

unsigned ql_session_event(ql_session *session, ql_event event)
{
    if (event.key == QL_KEY_RESIZE || event.key == QL_KEY_NONE) {
        return event.key ? QL_DO_REDRAW : 0;
    }
    unsigned cleared = *session->message ? QL_DO_REDRAW : 0;
    session->message[0] = 0;
    if (session->box_text.length) {
        ql_text_free(&session->box_text);
        return QL_DO_REDRAW;
    }
    if (session->prompt.kind) {
        return ql_prompt_event(session, event.key);
    }
    switch (event.key) {
    case QL_KEY_CLICK:
        return click(session, event);
    case QL_KEY_WHEEL_UP:
        return wheel(session, -3);
    case QL_KEY_WHEEL_DOWN:
        return wheel(session, 3);
    default:
        break;
    }
    if (event.key >= '0' && event.key <= '9') {
        show(session, (event.key - '0' + 9) % 10);
        return QL_DO_REDRAW;
    }
    ql_action action = ql_key_action(session->view, event.key == '\n' ? QL_KEY_ENTER : event.key);
    return (action ? act(session, action) : 0) | cleared;
}
