#include "analyzer/whatif/crew.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct {
    ql_crew_work work;
    void *user;
    pthread_mutex_t lock; /* of the rest */
    uint64_t next, jobs;
    ql_code code;
    ql_err err;
} crew;

typedef struct {
    crew *crew;
    int index;
    pthread_t thread;
} hand;

static bool take(crew *c, uint64_t *job)
{
    pthread_mutex_lock(&c->lock);
    bool any = !c->code && c->next < c->jobs;
    *job = c->next;
    c->next += any;
    pthread_mutex_unlock(&c->lock);
    return any;
}

static void *labour(void *argument)
{
    const hand *h = argument;
    crew *c = h->crew;
    for (uint64_t job; take(c, &job);) {
        ql_err err;
        ql_err_clear(&err);
        ql_code code = c->work(c->user, h->index, job, &err);
        pthread_mutex_lock(&c->lock);
        if (code && !c->code) {
            c->code = code;
            c->err = err;
        }
        pthread_mutex_unlock(&c->lock);
    }
    return NULL;
}

/* The caller's thread is one of them, so a refused thread only makes it slower. */
static void run_hands(crew *c, hand *hands, int count)
{
    int started = 1;
    for (; started < count; started++) {
        hands[started] = (hand){.crew = c, .index = started};
        if (pthread_create(&hands[started].thread, NULL, labour, &hands[started])) {
            break;
        }
    }
    hands[0] = (hand){.crew = c};
    labour(&hands[0]);
    for (int i = 1; i < started; i++) {
        pthread_join(hands[i].thread, NULL);
    }
}

ql_code ql_crew_run(int hands, uint64_t jobs, ql_crew_work work, void *user, ql_err *err)
{
    crew c = {.work = work, .user = user, .jobs = jobs};
    int count = jobs < (uint64_t)hands ? (int)jobs : hands;
    if (count < 1) {
        return QL_OK;
    }
    hand *list = calloc((size_t)count, sizeof *list);
    if (!list || pthread_mutex_init(&c.lock, NULL)) {
        free(list);
        return ql_fail_memory(err, (size_t)count * sizeof *list);
    }
    run_hands(&c, list, count);
    pthread_mutex_destroy(&c.lock);
    free(list);
    if (c.code && err) {
        *err = c.err;
    }
    return c.code;
}
