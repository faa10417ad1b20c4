/* The loop of screen and keys, beside a comparison in its own thread. */
#include "tui/session/session.h"
#include "tui/term/term.h"
#include "tui/tui.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct ql_tui_feed {
    const ql_tui_options *options;
    pthread_mutex_t lock; /* of what follows */
    ql_json *doc;         /* the newest that the screen has not taken yet */
    uint64_t done, total;
    bool stop, ended, changed;
    ql_code code;
    ql_err err;
};

void ql_tui_show(ql_tui_feed *feed, ql_json *doc)
{
    pthread_mutex_lock(&feed->lock);
    ql_json *old = feed->doc;
    feed->doc = doc;
    feed->changed = true;
    pthread_mutex_unlock(&feed->lock);
    ql_json_free(old);
}

bool ql_tui_progress(ql_tui_feed *feed, uint64_t done, uint64_t total)
{
    pthread_mutex_lock(&feed->lock);
    feed->done = done;
    feed->total = total;
    feed->changed = true;
    bool go_on = !feed->stop;
    pthread_mutex_unlock(&feed->lock);
    return go_on;
}

static void *work(void *user)
{
    ql_tui_feed *feed = user;
    ql_err err = {0};
    ql_code code = feed->options->run(feed->options->user, feed, &err);
    pthread_mutex_lock(&feed->lock);
    feed->ended = feed->changed = true;
    feed->code = code;
    feed->err = err;
    pthread_mutex_unlock(&feed->lock);
    return NULL;
}

static void end(ql_session *session, const ql_tui_feed *seen)
{
    ql_run_state state = seen->code == QL_E_INTERRUPTED ? QL_RUN_STOPPED
                         : seen->code                   ? QL_RUN_FAILED
                                                        : QL_RUN_DONE;
    ql_session_progress(session, state, seen->done, seen->total);
    if (state == QL_RUN_FAILED) {
        ql_session_error(session, &seen->err);
    } else {
        ql_session_log(session, "comparison %s after %llu of %llu samples",
                       state == QL_RUN_DONE ? "done" : "stopped", (unsigned long long)seen->done,
                       (unsigned long long)seen->total);
    }
}

/* Takes over what the comparison has to show; false when there was nothing new. */
static bool take(ql_tui_feed *feed, ql_session *session, bool *running)
{
    ql_err err = {0};
    pthread_mutex_lock(&feed->lock);
    ql_tui_feed seen = *feed;
    feed->doc = NULL;
    feed->changed = false;
    pthread_mutex_unlock(&feed->lock);
    if (!seen.changed) {
        return false;
    }
    if (seen.doc && ql_session_document(session, seen.doc, &err)) {
        ql_session_error(session, &err);
    }
    if (!seen.ended) {
        ql_session_progress(session, seen.stop ? QL_RUN_STOPPING : QL_RUN_GOING, seen.done, seen.total);
    } else if (*running) {
        *running = false;
        end(session, &seen);
    }
    return true;
}

static ql_code draw(ql_session *session, ql_term *term, ql_err *err)
{
    int rows, cols;
    ql_grid grid;
    ql_term_size(term, &rows, &cols);
    ql_code code = ql_grid_make(&grid, rows, cols, ql_term_is_ascii(term), err);
    if (!code) {
        ql_session_draw(session, &grid);
        ql_term_draw(term, &grid);
        ql_grid_free(&grid);
    }
    return code;
}

static void stop(ql_tui_feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    feed->stop = true;
    pthread_mutex_unlock(&feed->lock);
}

static ql_code loop(ql_session *session, ql_term *term, ql_tui_feed *feed, bool running, ql_err *err)
{
    bool redraw = true;
    ql_code code = QL_OK;
    while (!code) {
        redraw = (running && take(feed, session, &running)) || redraw;
        code = redraw ? draw(session, term, err) : QL_OK;
        ql_event event = ql_term_read(term, running ? 100 : 1000);
        if (event.key == QL_KEY_NONE && !isatty(STDIN_FILENO)) {
            break; /* the terminal has gone */
        }
        unsigned led = ql_session_event(session, event);
        if (led & QL_DO_STOP) {
            stop(feed);
            ql_session_progress(session, QL_RUN_STOPPING, session->done, session->total);
        }
        if (led & QL_DO_QUIT) {
            break;
        }
        redraw = led & QL_DO_REDRAW;
    }
    return code;
}

/* The thread takes no signals: those that end the program are for the one that holds the terminal. */
static ql_code start(pthread_t *thread, ql_tui_feed *feed, ql_err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGFPE);
    sigdelset(&all, SIGILL);
    sigdelset(&all, SIGABRT);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int refused = pthread_create(thread, NULL, work, feed);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return refused ? ql_fail(err, QL_E_NOMEM, "a thread could not be started") : QL_OK;
}

static ql_code show(const ql_tui_options *options, ql_session *session, ql_err *err)
{
    ql_tui_feed feed = {.options = options, .lock = PTHREAD_MUTEX_INITIALIZER};
    ql_term *term = NULL;
    pthread_t thread;
    ql_code code = ql_term_open(&term, err);
    bool running = !code && options->run;
    if (running && (code = start(&thread, &feed, err))) {
        running = false;
    }
    if (running) {
        ql_session_progress(session, QL_RUN_GOING, 0, 0);
    }
    code = code ? code : loop(session, term, &feed, running, err);
    ql_term_close(term);
    if (running) {
        stop(&feed);
        pthread_join(thread, NULL);
    }
    ql_json_free(feed.doc);
    pthread_mutex_destroy(&feed.lock);
    return code;
}

ql_code ql_tui_check(ql_err *err)
{
    return ql_term_check(err);
}

ql_code ql_tui_run(const ql_tui_options *options, ql_err *err)
{
    ql_session session;
    ql_session_open(&session, options->file, options->config);
    ql_code code = options->doc ? ql_session_document(&session, options->doc, err) : QL_OK;
    code = code ? code : show(options, &session, err);
    ql_session_close(&session);
    return code;
}
