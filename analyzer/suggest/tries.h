/* What was measured so far: plans, each on some number of samples, and what came out. With a file it is
 * written there again and again, so that a search that was interrupted goes on from there: it asks the same
 * questions in the same order and gets the same answers. Kept inside analyzer/suggest. */
#ifndef QL_SUGGEST_TRIES_H
#define QL_SUGGEST_TRIES_H

#include "analyzer/whatif/bench.h"

typedef struct {
    const ql_layer_mode *modes; /* by candidate operator */
    uint64_t samples;
    int layers; /* not kept as they are */
    bool asked; /* by this search; the file may hold others */
    ql_bench_result result;
} ql_try;

/* What a layer in float takes more than one in integers, about. */
static const double QL_FLOAT_LAYER = 2;

typedef struct {
    ql_bench *bench;
    const char *path; /* NULL: no file */
    int operators;
    ql_try *list;
    int count, capacity;
    int *slots; /* by hash: index + 1, 0 = free */
    size_t slot_count;
    int asked; /* how many of them */
    /* Runs of samples that were done and that are under way, each weighing more where layers are float. */
    double work, at_work;
    struct {
        int64_t seconds; /* when the file was last written */
        int count;       /* entries then */
    } written;
    ql_arena arena;
} ql_tries;

/* Reads the file where there is one. FIT: it is about other models, data or samples; FORMAT: it is none. */
ql_code ql_tries_open(ql_tries *tries, ql_bench *bench, const char *path, ql_err *err);
void ql_tries_close(ql_tries *tries);

/* NULL: not measured. What was given up (result.lost) counts as measured. */
const ql_try *ql_tries_find(const ql_tries *tries, const ql_layer_mode *modes, uint64_t samples);

/* Measures those plans that were not, and writes the file now and then. After INTERRUPTED what is done is
 * there and in the file. */
ql_code ql_tries_measure(ql_tries *tries, const ql_layer_mode *const *plans, int count, uint64_t samples,
                         ql_err *err);

/* The noise over signal above which a plan of so many layers is of no interest; HUGE_VAL: it always is. Asked
 * anew before every batch of plans. */
typedef double (*ql_tries_bound)(void *user, int layers);

/* The same where plans may be given up. ql_tries_measure measures those that were. */
ql_code ql_tries_measure_until(ql_tries *tries, const ql_layer_mode *const *plans, int count,
                               uint64_t samples, ql_tries_bound bound, void *user, ql_err *err);

/* Writes the file. */
ql_code ql_tries_save(ql_tries *tries, ql_err *err);

#endif
