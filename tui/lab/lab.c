#include "tui/lab/lab.h"

#include "tui/lab/task.h"
#include "tui/lab/thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    ql_lab *lab;
    ql_task task;
    pthread_t thread;
    bool running; /* the thread */
    pthread_cond_t asked, answered;
    ql_question next, current; /* modes of their own */
    bool has_next, busy, has_answer;
    ql_answer answer;
    uint64_t done, total;
} desk;

struct ql_lab {
    pthread_mutex_t lock; /* of everything below */
    bool closing;
    desk desks[QL_ASK_COUNT];
};

void ql_question_free(ql_question *question)
{
    free((void *)(uintptr_t)question->modes);
    if (!question->lent) {
        ql_json_free(question->document);
    }
    *question = (ql_question){0};
}

void ql_answer_free(ql_answer *answer)
{
    ql_question_free(&answer->question);
    ql_json_free(answer->plans);
    ql_text_free(&answer->notes);
    *answer = (ql_answer){0};
}

bool ql_question_same(const ql_question *a, const ql_question *b)
{
    bool modes =
        a->ops == b->ops && (!a->ops || !memcmp(a->modes, b->modes, (size_t)a->ops * sizeof *a->modes));
    return modes && a->ask == b->ask && a->layers == b->layers && a->pair == b->pair &&
           a->sample == b->sample;
}

/* False without memory: the question is not asked. */
static bool copy(ql_question *to, const ql_question *from)
{
    ql_layer_mode *modes = from->ops ? malloc((size_t)from->ops * sizeof *modes) : NULL;
    if (from->ops && !modes) {
        return false;
    }
    if (modes) {
        memcpy(modes, from->modes, (size_t)from->ops * sizeof *modes);
    }
    *to = *from;
    to->modes = modes;
    return true;
}

static bool progress(void *user, uint64_t done, uint64_t total)
{
    desk *d = user;
    pthread_mutex_lock(&d->lab->lock);
    d->done = done;
    d->total = total;
    bool go_on = !d->task.stop;
    pthread_mutex_unlock(&d->lab->lock);
    return go_on;
}

/* Asked before every operator, from all threads: no lock for it. */
static bool is_stopped(void *user, uint64_t work)
{
    const desk *d = user;
    (void)work;
    return d->task.stop;
}

/* An answer nobody has taken gives way. */
static void hand_in(desk *d, ql_answer *answer)
{
    bool superseded = answer->code == QL_E_INTERRUPTED && d->has_next;
    d->busy = false;
    pthread_cond_broadcast(&d->answered);
    d->done = d->total = 0;
    if (superseded) {
        ql_answer_free(answer);
        return;
    }
    if (d->has_answer) {
        ql_answer_free(&d->answer);
    }
    d->answer = *answer;
    d->has_answer = true;
}

static void answer_next(desk *d)
{
    ql_answer answer = {.question = d->next};
    copy(&d->current, &d->next);
    d->current.document = NULL;
    d->next = (ql_question){0};
    d->has_next = d->task.stop = false;
    d->busy = true;
    pthread_mutex_unlock(&d->lab->lock);
    answer.code = ql_task_run(&d->task, &answer);
    pthread_mutex_lock(&d->lab->lock);
    ql_question_free(&d->current);
    hand_in(d, &answer);
}

static void *work(void *user)
{
    desk *d = user;
    ql_thread_lower();
    pthread_mutex_lock(&d->lab->lock);
    while (!d->lab->closing) {
        if (d->has_next) {
            answer_next(d);
        } else {
            pthread_cond_wait(&d->asked, &d->lab->lock);
        }
    }
    pthread_mutex_unlock(&d->lab->lock);
    return NULL;
}

ql_code ql_lab_open(ql_lab **out, const ql_engine_options *options, const ql_pairing *whole, ql_err *err)
{
    ql_lab *lab = *out = calloc(1, sizeof *lab);
    if (!lab) {
        return ql_fail_memory(err, sizeof *lab);
    }
    pthread_mutex_init(&lab->lock, NULL);
    for (int i = 0; i < QL_ASK_COUNT; i++) {
        desk *d = &lab->desks[i];
        d->lab = lab;
        pthread_cond_init(&d->asked, NULL);
        pthread_cond_init(&d->answered, NULL);
        d->task.options = options ? *options : (ql_engine_options){.threads = 1};
        d->task.options.pairing = whole && i != QL_ASK_ELEMENTS ? whole : d->task.options.pairing;
        d->task.options.progress = progress;
        d->task.options.stop = is_stopped;
        d->task.options.sampled = NULL;
        d->task.options.user = d;
    }
    return QL_OK;
}

void ql_lab_close(ql_lab *lab)
{
    if (!lab) {
        return;
    }
    pthread_mutex_lock(&lab->lock);
    lab->closing = true;
    for (int i = 0; i < QL_ASK_COUNT; i++) {
        lab->desks[i].task.stop = true;
        pthread_cond_signal(&lab->desks[i].asked);
    }
    pthread_mutex_unlock(&lab->lock);
    for (int i = 0; i < QL_ASK_COUNT; i++) {
        desk *d = &lab->desks[i];
        if (d->running) {
            pthread_join(d->thread, NULL);
        }
        ql_task_close(&d->task);
        ql_question_free(&d->next);
        ql_answer_free(&d->answer);
        pthread_cond_destroy(&d->asked);
        pthread_cond_destroy(&d->answered);
    }
    pthread_mutex_destroy(&lab->lock);
    free(lab);
}

bool ql_lab_enter(ql_lab *lab)
{
    return !pthread_mutex_trylock(&lab->lock);
}

void ql_lab_leave(ql_lab *lab)
{
    pthread_mutex_unlock(&lab->lock);
}

void ql_lab_put(ql_lab *lab, ql_question *question)
{
    desk *d = &lab->desks[question->ask];
    const ql_question *newest = d->has_next ? &d->next : d->busy ? &d->current : NULL;
    bool file = question->ask == QL_ASK_WRITE;
    if (!newest || file || !ql_question_same(newest, question)) {
        ql_question_free(&d->next);
        d->has_next = copy(&d->next, question);
        d->task.stop = d->busy && !file;
        d->running = d->running || !ql_thread_start(&d->thread, work, d);
        pthread_cond_signal(&d->asked);
    }
    if (file && !d->has_next && !question->lent) {
        ql_json_free(question->document);
    }
    question->document = NULL;
}

void ql_lab_stop(ql_lab *lab, ql_ask ask)
{
    lab->desks[ask].task.stop = lab->desks[ask].busy;
}

bool ql_lab_take(ql_lab *lab, ql_answer *answer)
{
    for (int i = 0; i < QL_ASK_COUNT; i++) {
        desk *d = &lab->desks[i];
        if (d->has_answer) {
            *answer = d->answer;
            d->answer = (ql_answer){0};
            d->has_answer = false;
            return true;
        }
    }
    return false;
}

bool ql_lab_busy(const ql_lab *lab, ql_ask ask, uint64_t *done, uint64_t *total)
{
    const desk *d = &lab->desks[ask];
    *done = d->done;
    *total = d->total;
    return d->busy || d->has_next;
}

bool ql_lab_finish(ql_lab *lab, ql_answer *answer)
{
    desk *d = &lab->desks[QL_ASK_WRITE];
    pthread_mutex_lock(&lab->lock);
    while (d->busy || d->has_next) {
        pthread_cond_wait(&d->answered, &lab->lock);
    }
    bool failed = d->has_answer && d->answer.code;
    if (failed) {
        *answer = d->answer;
        d->answer = (ql_answer){0};
        d->has_answer = false;
    }
    pthread_mutex_unlock(&lab->lock);
    return failed;
}
