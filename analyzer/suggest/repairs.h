/* Where better parameters are the cure: ranges and per-channel weights that help, measured by running the
 * model that has them. It stays quantized wholly, so they cost nothing at run time. */
#ifndef QL_SUGGEST_REPAIRS_H
#define QL_SUGGEST_REPAIRS_H

#include "analyzer/rewrite/repair.h"
#include "analyzer/whatif/bench.h"

typedef struct {
    ql_repair repair;
    int reference;             /* tensor of the float model that it is about */
    const char *why;           /* constant text */
    ql_whatif_figures figures; /* of the candidate with this one alone */
    ql_whatif_figures proof;   /* the same, measured on the written model; no samples: not asked */
} ql_mending;

typedef struct {
    int count; /* those that belong together, best first; 0: nothing helps */
    ql_mending *list;
    ql_whatif_figures base, figures; /* of the candidate as it is, and with all of them */
    ql_whatif_figures proof;
    int done, total; /* models measured while it is under way, and how many there will be at most */
    ql_arena arena;
} ql_mendings;

/* Tries, for each activation whose range is not that of the float model's values, what calibration of the
 * float model on `calib` (samples for the reference as its first model) gives: all values, all but 1 in
 * 10,000, least square error; and per-channel scales for weights with one. Keeps those that gain at least
 * half a decibel on the first `samples` samples (0: all) and goes on gaining with them, best first. `prove`:
 * also measures what is written. INTERRUPTED: as told. Release with ql_mendings_free, also after an error. */
ql_code ql_mend(ql_bench *bench, const ql_dataset *calib, uint64_t samples, bool prove, ql_mendings *mendings,
                ql_err *err);
void ql_mendings_free(ql_mendings *mendings);

/* Puts them as "repairs", and with all of them "repaired", into a plan's document. `mendings` may be NULL. */
void ql_put_mendings(ql_doc *d, ql_json *to, const ql_mendings *mendings, const ql_engine_options *options);

#endif
