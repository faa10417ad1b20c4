#include "analyzer/ranks/ranks.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t STOP = UINT64_MAX; /* every other word counts samples */

bool ql_ranks_many(const ql_ranks *ranks)
{
    return ranks && ranks->size > 1;
}

bool ql_ranks_first(const ql_ranks *ranks)
{
    return ql_ranks_rank(ranks) == 0;
}

int ql_ranks_rank(const ql_ranks *ranks)
{
    return ranks ? ranks->rank : 0;
}

int ql_ranks_size(const ql_ranks *ranks)
{
    return ranks ? ranks->size : 1;
}

const char *ql_gathered_of(const ql_gathered *all, int rank, size_t *bytes)
{
    size_t from = rank ? all->ends[rank - 1] : 0;
    *bytes = all->ends[rank] - from;
    return all->bytes + from;
}

void ql_gathered_free(ql_gathered *all)
{
    free(all->bytes);
    free(all->ends);
    *all = (ql_gathered){0};
}

static ql_code fail_alike(ql_ranks *ranks, ql_err *err)
{
    if (err) {
        *err = ranks->err;
    }
    return ranks->code;
}

/* The others cannot be reached any more: from here on this rank is alone with what happened to it. */
static ql_code lose(ql_ranks *ranks, ql_code code, ql_err *err)
{
    if (code == QL_E_NOMEM) {
        ql_fail_memory(err, 1);
    } else if (!err->code) {
        ql_fail(err, code, "interrupted while waiting for the other ranks");
    }
    ranks->lost = true;
    ranks->code = err->code;
    ranks->err = *err;
    return ranks->code;
}

static ql_code gather(ql_ranks *ranks, const void *own, size_t bytes, ql_gathered *all, ql_err *err)
{
    *all = (ql_gathered){.ends = calloc((size_t)ranks->size, sizeof *all->ends)};
    ql_code code =
        all->ends ? ranks->way->gather(ranks->user, own, bytes, &all->bytes, all->ends) : QL_E_NOMEM;
    return code ? lose(ranks, code, err) : QL_OK;
}

/* The message of the first rank that failed; where it is not everyone's, it says whose it is. */
static void adopt(ql_ranks *ranks, const ql_gathered *all)
{
    int first = -1;
    bool alike = true;
    for (int r = 0; r < ranks->size; r++) {
        ql_err one;
        size_t bytes;
        const char *from = ql_gathered_of(all, r, &bytes);
        memcpy(&one, from, sizeof one);
        if (one.code && first < 0) {
            first = r;
            ranks->err = one;
        }
        alike = alike && one.code == ranks->err.code && !strcmp(one.text, ranks->err.text);
    }
    ranks->code = first < 0 ? QL_OK : ranks->err.code;
    size_t used = strlen(ranks->err.text);
    if (first > 0 && !alike && used + 20 < sizeof ranks->err.text) {
        ql_err whose;
        ql_fail(&whose, ranks->code, "%s (rank %d)", ranks->err.text, first);
        memcpy(ranks->err.text, whose.text, sizeof whose.text);
    }
}

ql_code ql_ranks_agree(ql_ranks *ranks, ql_code code, ql_err *err)
{
    ql_err own;
    ql_gathered all;
    if (!ql_ranks_many(ranks)) {
        return code;
    }
    if (ranks->code) {
        return fail_alike(ranks, err);
    }
    ql_err_clear(&own);
    if (code) {
        own = *err;
        own.code = code;
    }
    ql_code lost = gather(ranks, &own, sizeof own, &all, &own);
    if (!lost) {
        adopt(ranks, &all);
    }
    ql_gathered_free(&all);
    return ranks->code ? fail_alike(ranks, err) : QL_OK;
}

ql_code ql_ranks_share(ql_ranks *ranks, ql_code code, const void *own, size_t bytes, ql_gathered *all,
                       ql_err *err)
{
    *all = (ql_gathered){0};
    if (ql_ranks_many(ranks)) {
        code = ql_ranks_agree(ranks, code, err);
        return code ? code : gather(ranks, own, bytes, all, err);
    }
    if (code) {
        return code;
    }
    *all = (ql_gathered){.bytes = malloc(bytes + 1), .ends = malloc(sizeof *all->ends)};
    if (!all->bytes || !all->ends) {
        return ql_fail_memory(err, bytes);
    }
    memcpy(all->bytes, own, bytes);
    all->ends[0] = bytes;
    return QL_OK;
}

ql_code ql_ranks_send(ql_ranks *ranks, int to, const char *bytes, size_t count, ql_err *err)
{
    ql_code code = ranks->way->send(ranks->user, to, bytes, count);
    return code ? lose(ranks, code, err) : QL_OK;
}

ql_code ql_ranks_receive(ql_ranks *ranks, int from, char **bytes, size_t *count, ql_err *err)
{
    ql_code code = ranks->way->receive(ranks->user, from, bytes, count);
    return code ? lose(ranks, code, err) : QL_OK;
}

void ql_ranks_stop(ql_ranks *ranks)
{
    for (int r = 0; ql_ranks_many(ranks) && r < ranks->size; r++) {
        if (r != ranks->rank && !ranks->lost) {
            ranks->way->post(ranks->user, r, STOP);
        }
    }
}

static void hear(ql_ranks *ranks)
{
    int from;
    uint64_t word;
    while (ranks->way->next(ranks->user, &from, &word)) {
        ranks->stop = ranks->stop || word == STOP;
        if (word != STOP && from >= 0 && from < ranks->size) {
            ranks->of[from] = word;
        }
    }
}

bool ql_ranks_stopped(ql_ranks *ranks)
{
    if (!ql_ranks_many(ranks)) {
        return false;
    }
    hear(ranks);
    return ranks->stop;
}

uint64_t ql_ranks_advance(ql_ranks *ranks, uint64_t done)
{
    if (!ql_ranks_many(ranks)) {
        return done;
    }
    hear(ranks);
    ranks->of[ranks->rank] = done;
    if (ranks->rank) {
        ranks->way->post(ranks->user, 0, done);
    }
    uint64_t sum = 0;
    for (int r = 0; r < ranks->size; r++) {
        sum += ranks->of[r];
    }
    return sum;
}
