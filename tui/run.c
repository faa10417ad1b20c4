/* The loop of screen and keys, beside a comparison in its own thread and a lab that answers questions. */
#include "tui/lab/lab.h"
#include "tui/lab/thread.h"
#include "tui/session/session.h"
#include "tui/term/term.h"
#include "tui/tui.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct ql_tui_feed {
    const ql_tui_options *options;
    pthread_mutex_t lock; /* of what follows */
    ql_json *doc;         /* the newest that the screen has not taken yet */
    uint64_t done, total;
    ql_samples samples; /* that the screen has not taken yet */
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

void ql_tui_sample(ql_tui_feed *feed, const ql_sample_scores *scores)
{
    ql_sample sample = ql_sample_of(scores);
    pthread_mutex_lock(&feed->lock);
    ql_samples_add(&feed->samples, &sample);
    feed->changed = true;
    pthread_mutex_unlock(&feed->lock);
}

static void *work(void *user)
{
    ql_tui_feed *feed = user;
    ql_err err = {0};
    ql_thread_lower();
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

/* Takes over what the comparison has to show; false when there was nothing new. Keys do not wait for a thread
 * that is just handing something in. */
static bool take(ql_tui_feed *feed, ql_session *session, bool *running)
{
    ql_err err = {0};
    if (pthread_mutex_trylock(&feed->lock)) {
        return false;
    }
    ql_tui_feed seen = *feed;
    feed->doc = NULL;
    feed->samples = (ql_samples){0};
    feed->changed = false;
    pthread_mutex_unlock(&feed->lock);
    if (!seen.changed) {
        return false;
    }
    ql_session_samples(session, seen.samples.list, seen.samples.count);
    ql_samples_free(&seen.samples);
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

/* How far the lab is; true when that is news. */
static bool look(const ql_lab *lab, ql_session *session, bool *busy)
{
    uint64_t plan = session->plan_done, tried = session->suggest_done, done, none;
    *busy = false;
    for (int ask = 0; ask < QL_ASK_COUNT; ask++) {
        *busy = ql_lab_busy(lab, (ql_ask)ask, &done, &none) || *busy;
    }
    ql_lab_busy(lab, QL_ASK_PLAN, &session->plan_done, &session->plan_total);
    if (ql_lab_busy(lab, QL_ASK_SUGGEST, &done, &none)) {
        session->suggest_done = done;
    }
    return plan != session->plan_done || tried != session->suggest_done;
}

/* Takes over the lab's answers and asks what the session wants to know; true when there was something new. */
static bool consult(ql_lab *lab, ql_session *session, bool *busy)
{
    ql_answer answer;
    ql_question question;
    bool news = false;
    if (!ql_lab_enter(lab)) {
        *busy = true;
        return false;
    }
    while (ql_lab_take(lab, &answer)) {
        ql_session_answer(session, &answer);
        news = true;
    }
    for (int ask = 0; ask < QL_ASK_COUNT; ask++) {
        if (ql_session_question(session, (ql_ask)ask, &question)) {
            ql_lab_put(lab, &question);
        }
    }
    if (session->stop_suggesting) {
        ql_lab_stop(lab, QL_ASK_SUGGEST);
        session->stop_suggesting = false;
    }
    news = look(lab, session, busy) || news;
    ql_lab_leave(lab);
    return news;
}

typedef struct {
    ql_session *session;
    ql_term *term;
    ql_tui_feed *feed;
    ql_lab *lab;
    bool running; /* the comparison */
} screen;

/* Does what a key led to; false: leave. */
static bool follow(screen *s, unsigned led)
{
    if (led & QL_DO_STOP) {
        stop(s->feed);
        ql_session_progress(s->session, QL_RUN_STOPPING, s->session->done, s->session->total);
    }
    if (led & QL_DO_COPY) {
        ql_term_copy(s->term, ql_text_bytes(&s->session->box_text));
    }
    return !(led & QL_DO_QUIT);
}

/* A key, and those that have come meanwhile: the screen is drawn once for all. False: leave. */
static bool follow_keys(screen *s, ql_event event, bool *redraw)
{
    enum { MOST = 100 };
    bool on = true;
    *redraw = false;
    for (int i = 0; i < MOST && on; i++) {
        unsigned led = ql_session_event(s->session, event);
        *redraw = *redraw || (led & QL_DO_REDRAW);
        on = follow(s, led);
        event = on && event.key != QL_KEY_NONE ? ql_term_read(s->term, 0) : (ql_event){QL_KEY_NONE, 0, 0};
        if (event.key == QL_KEY_NONE) {
            break;
        }
    }
    return on;
}

static ql_code loop(screen *s, ql_err *err)
{
    bool redraw = true, busy = false;
    ql_code code = QL_OK;
    while (!code) {
        redraw = (s->running && take(s->feed, s->session, &s->running)) || redraw;
        redraw = consult(s->lab, s->session, &busy) || redraw;
        code = redraw ? draw(s->session, s->term, err) : QL_OK;
        ql_event event = ql_term_read(s->term, busy ? 20 : s->running ? 100 : 1000);
        if (event.key == QL_KEY_NONE && !isatty(STDIN_FILENO)) {
            break; /* the terminal has gone */
        }
        if (!follow_keys(s, event, &redraw)) {
            break;
        }
    }
    return code;
}

static ql_code start(pthread_t *thread, screen *s, ql_err *err)
{
    const ql_tui_options *options = s->feed->options;
    ql_code code = ql_lab_open(&s->lab, options->engine, options->whole, err);
    if (!code && options->run) {
        s->running = !ql_thread_start(thread, work, s->feed);
        code = s->running ? QL_OK : ql_fail(err, QL_E_NOMEM, "a thread could not be started");
        ql_session_progress(s->session, QL_RUN_GOING, 0, 0);
    }
    return code;
}

/* What was to be written is written before the end; the caller hears of what could not be. */
static ql_code finish(ql_lab *lab, ql_err *err)
{
    ql_answer answer;
    ql_code code = QL_OK;
    if (ql_lab_finish(lab, &answer)) {
        code = answer.code;
        *err = answer.err;
        ql_answer_free(&answer);
    }
    return code;
}

static ql_code show(const ql_tui_options *options, ql_session *session, ql_err *err)
{
    ql_tui_feed feed = {.options = options, .lock = PTHREAD_MUTEX_INITIALIZER};
    screen s = {.session = session, .feed = &feed};
    pthread_t thread;
    ql_code code = ql_term_open(&s.term, err);
    code = code ? code : start(&thread, &s, err);
    bool started = s.running;
    code = code ? code : loop(&s, err);
    ql_term_close(s.term);
    code = s.lab && !code ? finish(s.lab, err) : code;
    ql_lab_close(s.lab);
    if (started) {
        stop(&feed);
        pthread_join(thread, NULL);
    }
    ql_json_free(feed.doc);
    ql_samples_free(&feed.samples);
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
    session.engine = options->engine;
    session.whole = options->whole ? options->whole : options->engine ? options->engine->pairing : NULL;
    ql_code code = options->doc ? ql_session_document(&session, options->doc, err) : QL_OK;
    code = code ? code : show(options, &session, err);
    ql_session_close(&session);
    return code;
}
