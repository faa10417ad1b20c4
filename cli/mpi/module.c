#include "cli/mpi/door.h"

#include <mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TAG_BYTES = 1, TAG_WORD, POSTS = 64 };
static const size_t CHUNK = (size_t)1 << 30; /* MPI counts are ints */

/* A process has one MPI: state of the process, as its own. */
static struct {
    MPI_Comm all, words;
    int rank, size;
    bool threads; /* calls from other threads are allowed, one at a time */
    bool (*waits)(void *user);
    void *user;
    MPI_Request posts[POSTS];
    uint64_t posted[POSTS];
    int next_post;
} mpi;

static void rest(int round)
{
    static const int SPINS = 50, SHORT = 400;
    struct timespec nap = {0, round < SHORT ? 50000 : 1000000};
    if (round < SPINS) {
        sched_yield();
    } else {
        nanosleep(&nap, NULL);
    }
}

/* Not MPI_Wait: that would keep a processor busy, and could not be interrupted. */
static ql_code wait_for(MPI_Request *request)
{
    int done = 0;
    for (int round = 0;; round++) {
        if (MPI_Test(request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) {
            return QL_E_INTERRUPTED;
        }
        if (done) {
            return QL_OK;
        }
        if (mpi.waits && !mpi.waits(mpi.user)) {
            return QL_E_INTERRUPTED;
        }
        rest(round);
    }
}

/* To or from a rank: one of `out` and `in` is NULL. */
static ql_code move_chunks(int other, const char *out, char *in, size_t count)
{
    ql_code code = QL_OK;
    for (size_t done = 0; done < count && !code;) {
        size_t part = count - done < CHUNK ? count - done : CHUNK;
        MPI_Request request;
        int begun = out ? MPI_Isend(out + done, (int)part, MPI_BYTE, other, TAG_BYTES, mpi.all, &request)
                        : MPI_Irecv(in + done, (int)part, MPI_BYTE, other, TAG_BYTES, mpi.all, &request);
        code = begun == MPI_SUCCESS ? wait_for(&request) : QL_E_INTERRUPTED;
        done += part;
    }
    return code;
}

static ql_code send_bytes(void *user, int to, const void *bytes, size_t count)
{
    uint64_t length = count;
    (void)user;
    ql_code code = move_chunks(to, (const char *)&length, NULL, sizeof length);
    return code ? code : move_chunks(to, bytes, NULL, count);
}

static ql_code receive_bytes(void *user, int from, char **bytes, size_t *count)
{
    uint64_t length;
    (void)user;
    *bytes = NULL;
    ql_code code = move_chunks(from, NULL, (char *)&length, sizeof length);
    if (code) {
        return code;
    }
    *count = (size_t)length;
    *bytes = malloc(*count + 1);
    return *bytes ? move_chunks(from, NULL, *bytes, *count) : QL_E_NOMEM;
}

static ql_code gather_parts(const void *own, const int *counts, const int *starts, char *all)
{
    MPI_Request request;
    bool begun = MPI_Iallgatherv(own, counts[mpi.rank], MPI_BYTE, all, counts, starts, MPI_BYTE, mpi.all,
                                 &request) == MPI_SUCCESS;
    return begun ? wait_for(&request) : QL_E_INTERRUPTED;
}

static ql_code gather_sizes(size_t bytes, uint64_t *sizes)
{
    uint64_t own = bytes;
    MPI_Request request;
    bool begun =
        MPI_Iallgather(&own, 1, MPI_UINT64_T, sizes, 1, MPI_UINT64_T, mpi.all, &request) == MPI_SUCCESS;
    return begun ? wait_for(&request) : QL_E_INTERRUPTED;
}

static ql_code gather(void *user, const void *own, size_t bytes, char **all, size_t *ends)
{
    size_t ranks = (size_t)mpi.size, total = 0;
    uint64_t *sizes = calloc(ranks, sizeof *sizes);
    int *counts = calloc(2 * ranks, sizeof *counts), *starts = counts + ranks;
    (void)user;
    *all = NULL;
    ql_code code = sizes && counts ? gather_sizes(bytes, sizes) : QL_E_NOMEM;
    for (size_t r = 0; r < ranks && !code; r++) {
        code = sizes[r] > CHUNK || total > CHUNK ? QL_E_NOMEM : QL_OK;
        counts[r] = (int)(code ? 0 : sizes[r]);
        starts[r] = (int)(code ? 0 : total);
        total += (size_t)counts[r];
        ends[r] = total;
    }
    *all = code ? NULL : malloc(total + 1);
    code = code ? code : *all ? gather_parts(own, counts, starts, *all) : QL_E_NOMEM;
    free(sizes);
    free(counts);
    return code;
}

/* Words may be lost: one that is still under way when its place is needed again is waited for by nobody. */
static void post(void *user, int to, uint64_t word)
{
    int at = mpi.next_post, free_again = 1;
    (void)user;
    if (!mpi.threads) {
        return;
    }
    MPI_Test(&mpi.posts[at], &free_again, MPI_STATUS_IGNORE);
    if (free_again) {
        mpi.posted[at] = word;
        MPI_Isend(&mpi.posted[at], 1, MPI_UINT64_T, to, TAG_WORD, mpi.words, &mpi.posts[at]);
        mpi.next_post = (at + 1) % POSTS;
    }
}

static bool next(void *user, int *from, uint64_t *word)
{
    int any = 0;
    MPI_Status status;
    (void)user;
    if (!mpi.threads || MPI_Iprobe(MPI_ANY_SOURCE, TAG_WORD, mpi.words, &any, &status) != MPI_SUCCESS ||
        !any) {
        return false;
    }
    *from = status.MPI_SOURCE;
    return MPI_Recv(word, 1, MPI_UINT64_T, *from, TAG_WORD, mpi.words, MPI_STATUS_IGNORE) == MPI_SUCCESS;
}

static const ql_ranks_way way = {
    .gather = gather, .send = send_bytes, .receive = receive_bytes, .post = post, .next = next};

static bool start(int *rank, int *size, bool (*waits)(void *user), void *user)
{
    int level = MPI_THREAD_SINGLE;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level) != MPI_SUCCESS) {
        return false;
    }
    for (int i = 0; i < POSTS; i++) {
        mpi.posts[i] = MPI_REQUEST_NULL;
    }
    mpi.threads = level >= MPI_THREAD_SERIALIZED;
    MPI_Comm_dup(MPI_COMM_WORLD, &mpi.all);
    MPI_Comm_dup(MPI_COMM_WORLD, &mpi.words);
    MPI_Comm_set_errhandler(mpi.all, MPI_ERRORS_RETURN);
    MPI_Comm_set_errhandler(mpi.words, MPI_ERRORS_RETURN);
    MPI_Comm_rank(mpi.all, &mpi.rank);
    MPI_Comm_size(mpi.all, &mpi.size);
    *rank = mpi.rank;
    *size = mpi.size;
    mpi.waits = waits;
    mpi.user = user;
    return true;
}

static void end(void)
{
    int from;
    uint64_t word;
    mpi.waits = NULL;
    MPI_Barrier(mpi.all);
    while (next(NULL, &from, &word)) {
    }
    MPI_Finalize();
}

const ql_mpi_door ql_mpi_door_of_qloupe = {.version = QL_VERSION, .start = start, .way = &way, .end = end};
