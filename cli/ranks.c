#include "cli/ranks.h"

#include "cli/mpi/door.h"
#include "cli/progress.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How many ranks there are, and which this one is, in the words of who started them. */
static const struct {
    const char *size, *rank;
} launchers[] = {
    {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"}, /* Open MPI's mpirun */
    {"PMI_SIZE", "PMI_RANK"},                         /* MPICH's, and srun --mpi=pmi2 */
    {"SLURM_STEP_NUM_TASKS", "SLURM_PROCID"},         /* srun, by whatever means */
};
static const double PATIENCE = 0.2; /* seconds: mpirun kills one second after it asked to end */

/* What each rank tells the others of itself. */
typedef struct {
    char line[65];    /* SHA-256 of its arguments */
    char version[32]; /* of the program */
    char host[256];
    char processors[512]; /* that it may run on, as the system lists them */
    long process;
} card;

typedef struct {
    ql_ranks ranks;
    const ql_mpi_door *door;
    ql_gathered cards;
    struct timespec interrupted;
    bool counting; /* time since `interrupted` */
} joined;

static int number_of(const char *name, int fallback)
{
    const char *text = getenv(name);
    return text && *text ? atoi(text) : fallback;
}

bool ql_launched(int *rank)
{
    for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++) {
        if (number_of(launchers[i].size, 1) > 1) {
            *rank = number_of(launchers[i].rank, 0);
            return true;
        }
    }
    *rank = 0;
    return false;
}

/* Asked while waiting: those who are to end do not wait long for one that may be dead. */
static bool waits(void *user)
{
    joined *all = user;
    struct timespec now;
    if (!ql_progress_stop(NULL, 0)) {
        return true;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!all->counting) {
        all->counting = true;
        all->interrupted = now;
        ql_ranks_stop(&all->ranks);
    }
    return (double)(now.tv_sec - all->interrupted.tv_sec) +
               (double)(now.tv_nsec - all->interrupted.tv_nsec) * 1e-9 <
           PATIENCE;
}

/* --- The module --- */

static void *open_module(char *where, size_t size)
{
    static const char *const places[] = {".", QL_MODULE_PLACE};
    char own[4000];
    ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    own[length > 0 ? length : 0] = 0;
    char *slash = strrchr(own, '/');
    for (size_t i = 0; slash && i < sizeof places / sizeof *places; i++) {
        *slash = 0;
        snprintf(where, size, "%s/%s/libqloupe_mpi.so", own, places[i]);
        if (!access(where, F_OK)) {
            return dlopen(where, RTLD_NOW | RTLD_LOCAL);
        }
    }
    where[0] = 0;
    return NULL;
}

static ql_code load(const ql_mpi_door **door, ql_err *err)
{
    char where[4096];
    void *module = open_module(where, sizeof where);
    if (!module && !where[0]) {
        return ql_fail(err, QL_E_UNSUPPORTED,
                       "started as one of several ranks, but built without MPI: build it with Open MPI "
                       "(scripts/setup --mpi), or start it without mpirun and srun");
    }
    if (!module) {
        return ql_fail(err, QL_E_UNSUPPORTED, "%.300s: Open MPI's libraries are required", dlerror());
    }
    *door = dlsym(module, "ql_mpi_door_of_qloupe");
    if (!*door || strncmp((*door)->version, QL_VERSION, sizeof(*door)->version) != 0) {
        return ql_fail(err, QL_E_UNSUPPORTED, "%.200s is of another version: %s is required", where,
                       QL_VERSION);
    }
    return QL_OK;
}

/* --- Joining and leaving --- */

static card card_of(const joined *all, int rank)
{
    card one = {.process = 0};
    size_t bytes;
    const char *from = ql_gathered_of(&all->cards, rank, &bytes);
    if (bytes == sizeof one) {
        memcpy(&one, from, sizeof one);
    }
    return one;
}

static void list_processors(char *list, size_t size)
{
    static const char key[] = "Cpus_allowed_list:";
    char line[600];
    FILE *status = fopen("/proc/self/status", "r");
    list[0] = 0;
    while (status && !list[0] && fgets(line, sizeof line, status)) {
        if (!strncmp(line, key, sizeof key - 1)) {
            snprintf(list, size, "%s", line + sizeof key - 1 + strspn(line + sizeof key - 1, " \t"));
        }
    }
    if (status) {
        fclose(status);
    }
}

static card own_card(const ql_line *line)
{
    card own = {.version = QL_VERSION, .process = (long)getpid()};
    ql_sha256 sha;
    ql_sha256_start(&sha);
    for (int i = 1; i < line->argc; i++) {
        ql_sha256_add(&sha, line->argv[i], strlen(line->argv[i]) + 1);
    }
    ql_sha256_hex(&sha, own.line);
    gethostname(own.host, sizeof own.host - 1);
    list_processors(own.processors, sizeof own.processors);
    return own;
}

/* Where everyone was told something else they are not one command. */
static ql_code introduce(joined *all, const ql_line *line, ql_err *err)
{
    card own = own_card(line);
    ql_code code = ql_ranks_share(&all->ranks, QL_OK, &own, sizeof own, &all->cards, err);
    for (int r = 0; r < all->ranks.size && !code; r++) {
        card other = card_of(all, r);
        if (strcmp(other.version, own.version) != 0) {
            code = ql_fail(err, QL_E_USAGE, "the ranks are of different versions: one for all is required");
        } else if (strcmp(other.line, own.line) != 0) {
            code = ql_fail(err, QL_E_USAGE, "the ranks' command lines differ: one for all is required");
        }
    }
    return code;
}

static ql_code start(joined *all, ql_err *err)
{
    ql_ranks *ranks = &all->ranks;
    ql_code code = load(&all->door, err);
    if (code) {
        return code;
    }
    if (!all->door->start(&ranks->rank, &ranks->size, waits, all)) {
        all->door = NULL;
        return ql_fail(err, QL_E_UNSUPPORTED, "MPI cannot be started");
    }
    if (ranks->size < 2) {
        return ql_fail(err, QL_E_UNSUPPORTED,
                       "started as one of several ranks that Open MPI knows nothing of: with srun, give "
                       "--mpi=pmix");
    }
    ranks->way = all->door->way;
    ranks->of = calloc((size_t)ranks->size, sizeof *ranks->of);
    return ranks->of ? QL_OK : ql_fail_memory(err, (size_t)ranks->size * sizeof *ranks->of);
}

ql_code ql_ranks_join(ql_ranks **ranks, const ql_line *line, ql_err *err)
{
    int rank;
    *ranks = NULL;
    if (!ql_launched(&rank)) {
        return QL_OK;
    }
    if (!line->command->ranks) {
        return ql_fail(err, QL_E_USAGE,
                       "%s is not shared by several ranks (compare and suggest are): start it without "
                       "mpirun and srun",
                       line->command->name);
    }
    joined *all = calloc(1, sizeof *all);
    if (!all) {
        return ql_fail_memory(err, sizeof *all);
    }
    ql_err_clear(&all->ranks.err);
    ql_code code = start(all, err);
    if (code) {
        if (all->door) {
            all->door->end();
        }
        free(all->ranks.of);
        free(all);
        return code;
    }
    *ranks = &all->ranks;
    ql_catch_signals(true);
    return introduce(all, line, err);
}

/* Of those that are left on a machine, one speaks. */
bool ql_ranks_speaks(const ql_ranks *ranks)
{
    if (!ranks || !ranks->rank || !ranks->lost) {
        return ql_ranks_first(ranks);
    }
    const joined *all = (const joined *)(const void *)ranks;
    card own = card_of(all, ranks->rank);
    for (int r = 0; all->cards.ends && r < ranks->rank; r++) {
        card other = card_of(all, r);
        if (!strcmp(other.host, own.host) && (!kill((pid_t)other.process, 0) || errno != ESRCH)) {
            return false;
        }
    }
    return true;
}

bool ql_ranks_leave(ql_ranks *ranks, ql_code *code, ql_err *err)
{
    int rank;
    joined *all = (joined *)(void *)ranks; /* its first member */
    if (!ranks) {
        ql_launched(&rank);
        return rank == 0;
    }
    *code = ql_ranks_agree(ranks, *code, err);
    bool speaks = ql_ranks_speaks(ranks);
    if (!ranks->lost) {
        all->door->end();
    }
    ql_gathered_free(&all->cards);
    free(ranks->of);
    free(all);
    return speaks;
}

/* --- Processors --- */

/* "0-3,8": 5. Whoever starts ranks may have tied each to a few processors. */
static int count_list(const char *list)
{
    int count = 0, first, last, used;
    for (const char *at = list; sscanf(at, "%d%n", &first, &used) == 1;) {
        at += used;
        last = first;
        if (*at == '-' && sscanf(at + 1, "%d%n", &last, &used) == 1) {
            at += 1 + used;
        }
        count += last >= first ? last - first + 1 : 0;
        if (*at != ',') {
            break;
        }
        at++;
    }
    return count;
}

int ql_ranks_threads(const ql_ranks *ranks)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    int processors = online > 0 && online < 1024 ? (int)online : 1, sharers = 0;
    if (!ranks) {
        return processors;
    }
    const joined *all = (const joined *)(const void *)ranks;
    card own = card_of(all, ranks->rank);
    for (int r = 0; r < ranks->size; r++) {
        card other = card_of(all, r);
        sharers += !strcmp(other.host, own.host) && !strcmp(other.processors, own.processors);
    }
    int allowed = count_list(own.processors);
    processors = allowed > 0 && allowed < processors ? allowed : processors;
    return processors > sharers ? processors / (sharers ? sharers : 1) : 1;
}
