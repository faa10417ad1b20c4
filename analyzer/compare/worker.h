/* One thread's share of a comparison: interpreters of its own, statistics of its own. */
#ifndef QL_COMPARE_WORKER_H
#define QL_COMPARE_WORKER_H

#include "analyzer/compare/engine.h"

typedef struct ql_worker ql_worker;

/* How a worker uses memory; all bytes zero: as it likes. */
typedef struct {
    bool plan_only;  /* only to say what it needs: it takes no samples */
    bool pack_bound; /* it packs at most pack_bytes of weights */
    size_t pack_bytes;
    int threads; /* that share its work; 0: one */
} ql_worker_room;

/* `split` is the reference with the candidate's weights (NULL: errors are not split). `part` takes the
 * statistics. What `like` (NULL: none), a worker of the same options, prepared is taken over. All three must
 * outlive the worker. */
ql_code ql_worker_open(ql_worker **worker, const ql_engine_options *options, const ql_model *split,
                       const ql_worker *like, ql_worker_room room, ql_comparison *part, ql_err *err);

/* The memory that it needs, statistics left out. */
size_t ql_worker_need(const ql_worker *worker);
ql_code ql_worker_sample(ql_worker *worker, uint64_t sample, ql_err *err);
void ql_worker_close(ql_worker *worker); /* NULL is allowed */

#endif
