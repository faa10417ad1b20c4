#include "analyzer/whatif/budget.h"

static const size_t KEPT = (size_t)512 << 20;

/* What both sides take to be run with nothing packed: once, and where that is shared. */
typedef struct {
    size_t first, more;
} needs;

static ql_code add_need(const ql_engine_options *options, int side, needs *both, ql_err *err)
{
    ql_engine_options free_of = *options;
    ql_side_use use = {.plan_only = true, .pack_bound = true};
    ql_exec *first = NULL, *more = NULL;
    free_of.memory = NULL;
    ql_code code = ql_side_open_as(&free_of, side, &use, &first, err);
    use.like = first;
    code = code ? code : ql_side_open_as(&free_of, side, &use, &more, err);
    both->first += code ? 0 : ql_exec_need(first);
    both->more += code ? 0 : ql_exec_need(more);
    ql_exec_close(more);
    ql_exec_close(first);
    return code;
}

ql_code ql_bench_budget_make(ql_bench_budget *budget, const ql_engine_options *o, ql_err *err)
{
    *budget = (ql_bench_budget){.threads = o->threads < 1 ? 1 : o->threads, .kept = KEPT};
    if (!o->memory) {
        return QL_OK;
    }
    needs both = {0};
    size_t limit = o->memory->limit, used = ql_memory_used(o->memory);
    ql_code code = add_need(o, QL_REFERENCE_SIDE, &both, err);
    code = code ? code : add_need(o, QL_CANDIDATE_SIDE, &both, err);
    /* a thread's runs of both as they are, of two plans with layers of either, and both as they are planned
     */
    size_t hand = 3 * both.more, least = used + hand + both.first;
    if (!code && least > limit) {
        code = ql_fail(err, QL_E_NOMEM, "at least %zu bytes of memory are needed: at most %zu are allowed",
                       least, limit);
    }
    if (code) {
        return code;
    }
    size_t left = limit - least, more = left / 2 / hand;
    int threads = more + 1 < (size_t)budget->threads ? (int)more + 1 : budget->threads;
    left -= (size_t)(threads - 1) * hand;
    *budget = (ql_bench_budget){.bound = true,
                                .threads = threads,
                                .kept = left / 4,
                                .packed = left / 2,
                                .plan_packed = left / 8 / (size_t)threads};
    return QL_OK;
}
