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
    bool counted;              /* levels are those of the view, an 8-bit tensor */
    ql_floats_room floats, of; /* of the view, and of what it is compared with, where they are converted */
} ql_measured;

/* Takes the view, which stays as it is until the next is taken. */
ql_code ql_measured_take(ql_measured *m, const ql_view *view, ql_err *err);
void ql_measured_free(ql_measured *m);

/* Adds it against the reference's value. FIT: they differ in size. */
ql_code ql_measured_add(ql_measured *m, ql_stats *stats, uint64_t sample, const ql_view *reference,
                        ql_err *err);

/* The same to the cumulative figures, and to what only those have. Figures of outputs are what plans promise:
 * they agree to the last bit. */
ql_code ql_measured_add_cumulative(ql_measured *m, ql_pair_stats *stats, uint64_t sample,
                                   const ql_view *reference, bool is_output, ql_err *err);

/* FIT, naming the tensor: the candidate's has not as many elements as the reference's. */
ql_code ql_measured_fit(const ql_view *reference, const ql_view *candidate, ql_err *err);

#endif
