/* Ranks: the processes that share one command's work, on one machine or many. Each runs the same program with
 * the same arguments; what moves bytes between them is a ql_ranks_way, given by who started them. NULL stands
 * everywhere for a process that is alone.
 *
 * All ranks call ql_ranks_share and ql_ranks_agree in the same order. Where one of them has failed meanwhile
 * all get that failure, from then on: whatever a rank does then, it never waits for the others again, and all
 * end with the same code. So a rank that fails just ends, by way of ql_ranks_agree. */
#ifndef QL_RANKS_RANKS_H
#define QL_RANKS_RANKS_H

#include "runtime/runtime.h"

/* How bytes get from rank to rank. One thread at a time calls these. QL_OK; INTERRUPTED: it was told to wait
 * no longer, and no call will get through any more; NOMEM. */
typedef struct {
    /* Everyone's bytes, one rank's after the other, to all of them: (*all)[ends[r-1]..ends[r]] are rank r's.
     * `ends` has an entry a rank; *all is released with free. */
    ql_code (*gather)(void *user, const void *own, size_t bytes, char **all, size_t *ends);
    ql_code (*send)(void *user, int to, const void *bytes, size_t count);
    ql_code (*receive)(void *user, int from, char **bytes, size_t *count); /* release with free */
    /* A word that nobody waits for, and the next of those that came; false: none. From any thread. */
    void (*post)(void *user, int to, uint64_t word);
    bool (*next)(void *user, int *from, uint64_t *word);
} ql_ranks_way;

typedef struct ql_ranks {
    int rank, size;
    const ql_ranks_way *way;
    void *user;
    ql_code code; /* what one of them has failed with */
    ql_err err;
    bool lost;    /* the others do not answer: what failed is known to this rank alone */
    bool stop;    /* another one has told to stop */
    uint64_t *of; /* samples done, by rank; as far as they told */
} ql_ranks;

/* Lists of `size` pieces of bytes, by rank. */
typedef struct {
    char *bytes;
    size_t *ends;
} ql_gathered;

/* Is work shared at all, and is this the one that writes? */
bool ql_ranks_many(const ql_ranks *ranks);
bool ql_ranks_first(const ql_ranks *ranks);

/* Rank 0 .. size-1; 0 and 1 for one that is alone. */
int ql_ranks_rank(const ql_ranks *ranks);
int ql_ranks_size(const ql_ranks *ranks);

/* Waits for all ranks. The failure of the first rank that has one, `err` with its message (and which rank);
 * QL_OK: none has. */
ql_code ql_ranks_agree(ql_ranks *ranks, ql_code code, ql_err *err);

/* ql_ranks_agree, and everyone's bytes to everyone. Release with ql_gathered_free, also after an error. */
ql_code ql_ranks_share(ql_ranks *ranks, ql_code code, const void *own, size_t bytes, ql_gathered *all,
                       ql_err *err);
const char *ql_gathered_of(const ql_gathered *all, int rank, size_t *bytes);
void ql_gathered_free(ql_gathered *all);

/* From one rank to another; each has a receive for each send, and all have agreed before. */
ql_code ql_ranks_send(ql_ranks *ranks, int to, const char *bytes, size_t count, ql_err *err);
ql_code ql_ranks_receive(ql_ranks *ranks, int from, char **bytes, size_t *count, ql_err *err);

/* Tells the others to end what they do and agree; has one of them told so? */
void ql_ranks_stop(ql_ranks *ranks);
bool ql_ranks_stopped(ql_ranks *ranks);

/* Tells how many samples this rank has done; returns how many all have, as far as is known here (rank 0). */
uint64_t ql_ranks_advance(ql_ranks *ranks, uint64_t done);

#endif
