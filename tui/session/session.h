/* The state behind the screen: a document, where the reader is in it, and what keys do to that. It draws into
 * grids and knows no terminal; tests drive it as the terminal does.
 *
 *     ql_session_open(&s, &options);  ql_session_document(&s, doc, &err);
 *     for (;;) { ql_session_draw(&s, &grid); ... if (ql_session_event(&s, event) & QL_DO_QUIT) break; }
 *     ql_session_close(&s);
 */
#ifndef QL_SESSION_SESSION_H
#define QL_SESSION_SESSION_H

#include "tui/grid/plot.h"
#include "tui/keys/keys.h"
#include "tui/session/list.h"
#include "tui/session/samples.h"
#include "tui/session/whatif.h"

/* What a key led to; the caller does it. */
enum {
    QL_DO_REDRAW = 1,
    QL_DO_QUIT = 2,
    QL_DO_STOP = 4, /* the comparison */
    QL_DO_COPY = 8  /* the first line of box_text, to the terminal's clipboard */
};

enum { QL_COLUMNS = 8, QL_HISTORY = 32, QL_INPUT = 256, QL_LOG_LINES = 400, QL_TYPED = 50 };

typedef struct {
    const ql_metric *metric;
    ql_figures which;
} ql_column;

typedef enum {
    QL_PROMPT_NONE,
    QL_PROMPT_SEARCH,
    QL_PROMPT_FILTER,
    QL_PROMPT_MARK,
    QL_PROMPT_COMMAND,
    QL_PROMPT_KINDS
} ql_prompt_kind;

typedef struct {
    ql_prompt_kind kind;
    char text[QL_INPUT]; /* UTF-8 */
    size_t length, at;   /* at: where the next character goes */
    int back;            /* how many lines back in what was typed before; 0: a new line */
    char kept[QL_INPUT]; /* the new line, while an old one is shown */
    ql_text choices;     /* what may follow, after Tab found several */
} ql_prompt;

/* Lines that were typed at a prompt, the oldest first. */
typedef struct {
    char *lines[QL_TYPED];
    int count;
} ql_typed;

typedef enum {
    QL_RUN_SAVED,
    QL_RUN_GOING,
    QL_RUN_STOPPING,
    QL_RUN_STOPPED,
    QL_RUN_DONE,
    QL_RUN_FAILED
} ql_run_state;

typedef struct {
    ql_tui_id view;
    int row; /* of the tensor view */
} ql_whereabouts;

typedef struct ql_session {
    ql_json *doc;
    ql_digest digest; /* empty while there is no document */
    const char *file; /* the document's, NULL: a comparison of this session; borrowed */

    ql_tui_id view;
    int row; /* which row of the digest the tensor view shows */
    ql_whereabouts history[QL_HISTORY];
    int depth;
    ql_list lists[QL_TUI_COUNT];

    ql_column columns[QL_COLUMNS];
    int column_count;
    ql_column sort; /* metric NULL: execution order */
    bool linear;    /* counts of histograms */
    bool elements;  /* the tensor view shows elements instead of figures */
    int culprit;    /* the next one that CULPRIT goes to */

    const ql_engine_options
        *engine;             /* the models at hand, so that plans can be measured; NULL: a saved result */
    const ql_pairing *whole; /* that plans go by */
    ql_whatif whatif;
    ql_json *plans; /* a document of plans to choose from (qloupe.plan/1), NULL: none */
    int suggest_layers;
    uint64_t suggest_done; /* plans tried by the search under way, or of the last one */
    bool suggesting, suggest_asked, stop_suggesting; /* asked: it has been handed over */
    ql_question writing;                             /* what is to be written; without document: nothing */
    bool is_writing;
    ql_json *held;                  /* a document that was replaced while it is written, NULL: none */
    uint64_t plan_done, plan_total; /* samples of the plan that is being measured */

    ql_samples samples;
    ql_sample_order sample_order;
    int64_t sample;        /* whose elements the tensor view shows; -1: the tensor's worst sample */
    ql_answer elements_of; /* the elements that are known; its question says of what */

    ql_prompt prompt;
    ql_typed typed[QL_PROMPT_KINDS];
    char search[QL_INPUT];
    char message[QL_INPUT];
    ql_role message_role;
    ql_text box_text; /* a box over the view until the next key; empty: none */

    ql_run_state run;
    uint64_t done, total;

    char *log[QL_LOG_LINES]; /* the oldest first */
    int log_count;

    const char *config; /* the file that keeps columns and sorting, NULL: none; borrowed */
    bool config_changed;
    int tab_cols[QL_TUI_COUNT + 1]; /* where the last drawn tabs begin */
    int list_row;                   /* the grid's row of the list's first row shown, -1: none */
} ql_session;

/* Reads the configuration file, if there is one. */
void ql_session_open(ql_session *session, const char *file, const char *config);

/* Writes the configuration where it changed. */
void ql_session_close(ql_session *session);

/* Shows another document (taken, also when refused): the first, or the same comparison with more in it.
 * FORMAT: not a comparison, the old one stays. */
ql_code ql_session_document(ql_session *session, ql_json *doc, ql_err *err);

/* Samples that the comparison has run. */
void ql_session_samples(ql_session *session, const ql_sample *list, int count);

/* The question of that kind that the screen waits for; false: none. A document in it is the caller's. */
bool ql_session_question(ql_session *session, ql_ask ask, ql_question *question);

/* An answer (taken). */
void ql_session_answer(ql_session *session, ql_answer *answer);

/* How far the comparison is. */
void ql_session_progress(ql_session *session, ql_run_state run, uint64_t done, uint64_t total);

unsigned ql_session_event(ql_session *session, ql_event event);
void ql_session_draw(ql_session *session, ql_grid *grid);

/* --- for views and commands --- */

/* Shows a view; the tensor view shows that row of the digest. Where the reader was is kept for BACK. */
void ql_session_go(ql_session *session, ql_tui_id view, int row);
void ql_session_go_op(ql_session *session, int op_index); /* the tensor of an operator of the candidate */

/* The view's list filled again: after another document, order or filter. The cursor stays on its row. */
void ql_session_fill(ql_session *session, ql_tui_id view);
void ql_session_fill_all(ql_session *session);
ql_list *ql_session_list(ql_session *session);

/* Wants a search for plans. */
void ql_session_suggest(ql_session *session);

void ql_session_say(ql_session *session, ql_role role, const char *format, ...) QL_PRINTF(3, 4);
void ql_session_error(ql_session *session, const ql_err *err); /* on the screen and in the log */
void ql_session_log(ql_session *session, const char *format, ...) QL_PRINTF(2, 3);

/* Another order of the layers; a column without metric: execution order. */
void ql_session_sort(ql_session *session, ql_column column);

/* "sqnr_db" or "local.rmse". USAGE. */
ql_code ql_column_read(ql_column *column, const char *name, ql_err *err);

/* "SQNR", "local SQNR"; out has QL_FIGURE_SIZE bytes. */
const char *ql_column_title(const ql_column *column, char *out);
const char *ql_column_name(const ql_column *column, char *out); /* "local.sqnr_db" */

/* The command line that gives what is seen. Appends. */
void ql_text_reproduce(ql_text *text, const ql_session *session);

/* Does the view's row match the filter of `matcher`? */
bool ql_session_row_matches(const ql_session *session, const ql_list *matcher, ql_tui_id view, int row);

/* Search from the cursor on, forwards or backwards, round the end. */
void ql_session_search(ql_session *session, int direction);

#endif
