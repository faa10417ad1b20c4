/* A candidate's tensor made ready for figures: what can be found out once serves cumulative and local ones.
 */
#ifndef QL_COMPARE_MEASURED_H
#define QL_COMPARE_MEASURED_H

#include "analyzer/compare/engine.h"
#include "analyzer/compare/floats.h"

/* All bytes zero is ready for the first tensor; release with ql_measured_free. */
typedef struct {
    const ql_view *view;
    ql_raw values;
    ql_levels levels;
    bool counted;                       /* levels are those of the view, an 8-bit tensor */
    ql_scatter_draws draws;             /* of the sample last drawn; least 0: of none */
    ql_floats_room floats, of, of_made; /* of the view, and of what it is compared with, if converted */
} ql_measured;

/* Takes the view, which stays as it is until the next is taken. */
ql_code ql_measured_take(ql_measured *m, const ql_view *view, ql_err *err);
void ql_measured_free(ql_measured *m);

/* Adds it to the local figures, whose histograms are folded, against the reference's value. FIT: they differ
 * in size. */
ql_code ql_measured_add_local(ql_measured *m, ql_pair_stats *stats, uint64_t sample, const ql_view *reference,
                              ql_err *err);

/* What a pair's tensor is compared with. Figures of outputs are what plans promise: they agree to the last
 * bit. */
typedef struct {
    const ql_view *reference; /* the reference's value, for cumulative figures */
    const ql_view *made;      /* what its own operator made of the candidate's inputs; NULL: none */
    bool is_output;
} ql_measured_with;

/* Adds to all figures of the pair, local ones where `made` is there, in one pass. FIT: they differ in size.
 */
ql_code ql_measured_add_pair(ql_measured *m, ql_pair_stats *stats, uint64_t sample,
                             const ql_measured_with *with, ql_err *err);

/* FIT, naming the tensor: the candidate's has not as many elements as the reference's. */
ql_code ql_measured_fit(const ql_view *reference, const ql_view *candidate, ql_err *err);

#endif
