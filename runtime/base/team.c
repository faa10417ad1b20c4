#include "runtime/base/team.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

/* Looks taken at what another thread is about to change, some tens of microseconds, before going to sleep for
 * it: the next operator mostly comes at once. */
enum { LOOKS = 1 << 16 };

struct ql_team {
    pthread_mutex_t lock; /* of the rest, but for the two that are looked at */
    pthread_cond_t begun, done;
    ql_team_work work;
    void *user;
    int next, parts;
    bool end;
    atomic_int left;    /* parts that are not done */
    atomic_uint rounds; /* pieces of work begun */
    int count;
    pthread_t threads[]; /* besides the caller's */
};

/* Holds the lock before and after, not during the work. */
static void take_parts(ql_team *team)
{
    while (team->next < team->parts) {
        int part = team->next++;
        pthread_mutex_unlock(&team->lock);
        team->work(team->user, part);
        pthread_mutex_lock(&team->lock);
        if (atomic_fetch_sub(&team->left, 1) == 1) {
            pthread_cond_signal(&team->done);
        }
    }
}

static void *serve(void *argument)
{
    ql_team *team = argument;
    unsigned seen = 0;
    bool end = false;
    while (!end) {
        for (int i = 0; i < LOOKS && atomic_load_explicit(&team->rounds, memory_order_relaxed) == seen; i++) {
        }
        pthread_mutex_lock(&team->lock);
        while (!team->end && team->next >= team->parts) {
            pthread_cond_wait(&team->begun, &team->lock);
        }
        take_parts(team);
        seen = atomic_load_explicit(&team->rounds, memory_order_relaxed);
        end = team->end;
        pthread_mutex_unlock(&team->lock);
    }
    return NULL;
}

ql_team *ql_team_open(int threads)
{
    ql_team *team = threads > 1 ? calloc(1, sizeof *team + (size_t)threads * sizeof *team->threads) : NULL;
    if (!team) {
        return NULL;
    }
    atomic_init(&team->left, 0);
    atomic_init(&team->rounds, 0);
    bool lock = !pthread_mutex_init(&team->lock, NULL);
    bool begun = lock && !pthread_cond_init(&team->begun, NULL);
    bool done = begun && !pthread_cond_init(&team->done, NULL);
    while (done && team->count < threads - 1 &&
           !pthread_create(&team->threads[team->count], NULL, serve, team)) {
        team->count++;
    }
    if (team->count) {
        return team;
    }
    if (done) {
        pthread_cond_destroy(&team->done);
    }
    if (begun) {
        pthread_cond_destroy(&team->begun);
    }
    if (lock) {
        pthread_mutex_destroy(&team->lock);
    }
    free(team);
    return NULL;
}

void ql_team_close(ql_team *team)
{
    if (!team) {
        return;
    }
    pthread_mutex_lock(&team->lock);
    team->end = true;
    pthread_cond_broadcast(&team->begun);
    pthread_mutex_unlock(&team->lock);
    for (int i = 0; i < team->count; i++) {
        pthread_join(team->threads[i], NULL);
    }
    pthread_cond_destroy(&team->done);
    pthread_cond_destroy(&team->begun);
    pthread_mutex_destroy(&team->lock);
    free(team);
}

static void run_here(int parts, ql_team_work work, void *user)
{
    for (int part = 0; part < parts; part++) {
        work(user, part);
    }
}

void ql_team_run(ql_team *team, int parts, ql_team_work work, void *user)
{
    if (!team || parts < 2) {
        run_here(parts, work, user);
        return;
    }
    pthread_mutex_lock(&team->lock);
    team->work = work;
    team->user = user;
    team->next = 0;
    team->parts = parts;
    atomic_store(&team->left, parts);
    atomic_fetch_add(&team->rounds, 1);
    pthread_cond_broadcast(&team->begun);
    take_parts(team);
    pthread_mutex_unlock(&team->lock);
    for (int i = 0; i < LOOKS && atomic_load_explicit(&team->left, memory_order_relaxed); i++) {
    }
    pthread_mutex_lock(&team->lock);
    while (atomic_load(&team->left)) {
        pthread_cond_wait(&team->done, &team->lock);
    }
    pthread_mutex_unlock(&team->lock);
}
