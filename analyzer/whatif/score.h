/* What a plan's outputs are worth against the reference's. Kept inside analyzer/whatif. */
#ifndef QL_WHATIF_SCORE_H
#define QL_WHATIF_SCORE_H

#include "analyzer/compare/floats.h"
#include "analyzer/compare/side.h"
#include "analyzer/compare/task.h"
#include "analyzer/whatif/whatif.h"

/* The outputs that have a counterpart: place among the candidate's, and tensor of the reference. The first
 * outputs of both decide about classes. */
typedef struct {
    int count;
    int *output, *compared;
} ql_score_outputs;

/* Memory of `arena`. FIT: there is none. */
ql_code ql_score_outputs_find(ql_score_outputs *outputs, const ql_engine_options *options, ql_arena *arena,
                              ql_err *err);

typedef struct {
    const ql_score_outputs *outputs;
    const ql_engine_options *options;
    ql_noise *noise; /* one an output */
    ql_task_stats task;
    uint64_t samples;
    /* by sample, over all outputs */
    double *signal_of, *noise_of;
    ql_floats_room room[QL_COMPARED_SIDES];
} ql_score;

/* Empty; the two lists, one entry a sample, may be shared by scores that get different samples. */
ql_code ql_score_make(ql_score *score, const ql_score_outputs *outputs, const ql_engine_options *options,
                      double *signal_of, double *noise_of, ql_err *err);
void ql_score_free(ql_score *score);

/* Adds sample i: `reference[k]` stands for outputs->compared[k] and `first` for the reference's first output;
 * `exec` holds the candidate's outputs. FIT: they differ in size. */
ql_code ql_score_add(ql_score *score, uint64_t i, const ql_view *reference, const ql_view *first,
                     const ql_exec *exec, ql_err *err);
void ql_score_merge(ql_score *into, const ql_score *from);

/* The same by way of bytes, as they are in memory, with the lists of samples from .. upto-1: how many,
 * written to `out`, and added to a score; those must be as many. */
size_t ql_score_bytes(const ql_score *score, uint64_t from, uint64_t upto);
void ql_score_pack(const ql_score *score, uint64_t from, uint64_t upto, char *out);
void ql_score_unpack(ql_score *into, uint64_t from, uint64_t upto, const char *bytes);

ql_whatif_figures ql_score_figures(const ql_score *score);

#endif
