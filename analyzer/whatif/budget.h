/* How a bench divides the memory that it is allowed. Kept inside analyzer/whatif. */
#ifndef QL_WHATIF_BUDGET_H
#define QL_WHATIF_BUDGET_H

#include "analyzer/compare/side.h"

typedef struct {
    bool bound;         /* all below counts only then */
    int threads;        /* that there is room for, at most the options' */
    size_t kept;        /* bytes of tensors of the models as they are */
    size_t packed;      /* weights of these */
    size_t plan_packed; /* other weights, a thread at work on a plan */
} ql_bench_budget;

/* Without a bound (options->memory), what is kept stays below 512 MB. NOMEM, saying how much is needed, when
 * there is not room for one thread that keeps and packs nothing. */
ql_code ql_bench_budget_make(ql_bench_budget *budget, const ql_engine_options *options, ql_err *err);

#endif
