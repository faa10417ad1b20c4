#include "tui/lab/task.h"

#include "tui/plan/draft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds_since(const struct timespec *begun)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begun->tv_sec) + 1e-9 * (double)(now.tv_nsec - begun->tv_nsec);
}

/* What the plan's model would take on disk. */
static ql_code measure_bytes(const ql_task *task, const ql_layer_mode *modes, size_t *bytes, ql_err *err)
{
    const ql_engine_options *o = &task->options;
    ql_model *mixed;
    ql_code code = ql_rewrite_mixed(&mixed, o->reference, o->candidate, o->pairing, modes, NULL, err);
    code = code ? code : ql_model_size(mixed, bytes, err);
    ql_model_close(mixed);
    return code;
}

static ql_code evaluate(ql_task *task, const ql_layer_mode *modes, ql_worth *worth, ql_err *err)
{
    ql_bench_result result = {0};
    ql_code code = ql_bench_evaluate(task->bench, modes, 0, &result, err);
    worth->figures = result.figures;
    worth->cost = result.cost;
    return code;
}

/* The model as given is measured once, before the first plan; what plans begin with is kept meanwhile. */
static ql_code measure_base(ql_task *task, const ql_layer_mode *none, ql_err *err)
{
    ql_worth worth = {0};
    struct timespec begun;
    if (task->has_base) {
        return QL_OK;
    }
    clock_gettime(CLOCK_MONOTONIC, &begun);
    ql_code code = task->bench ? QL_OK : ql_bench_open(&task->bench, &task->options, err);
    code = code ? code : ql_bench_warm(task->bench, err);
    code = code ? code : evaluate(task, none, &worth, err);
    if (!code) {
        task->base = worth.figures;
        task->base_seconds = seconds_since(&begun);
        task->has_base = true;
    }
    return code;
}

static ql_code answer_plan(ql_task *task, ql_answer *answer)
{
    const ql_side *own = &task->options.candidate;
    int ops = own->model->subgraphs[own->subgraph].operator_count;
    const ql_question *q = &answer->question;
    struct timespec begun;
    ql_layer_mode *modes = calloc(2 * (size_t)ops + 1, sizeof *modes); /* the plan, and one that keeps all */
    if (!modes) {
        return ql_fail_memory(&answer->err, 2 * (size_t)ops * sizeof *modes);
    }
    memcpy(modes, q->modes, (size_t)(q->ops < ops ? q->ops : ops) * sizeof *modes);
    ql_code code = measure_base(task, modes + ops, &answer->err);
    clock_gettime(CLOCK_MONOTONIC, &begun);
    ql_worth *worth = &answer->worth;
    bool same = ql_modes_keep_all(modes, ops);
    worth->figures = task->base;
    worth->bytes = own->model->byte_count;
    code = code || same ? code : evaluate(task, modes, worth, &answer->err);
    worth->seconds = seconds_since(&begun);
    code = code || same ? code : measure_bytes(task, modes, &worth->bytes, &answer->err);
    worth->base = task->base;
    worth->base_seconds = task->base_seconds;
    free(modes);
    return code;
}

static ql_code answer_suggest(ql_task *task, ql_answer *answer)
{
    double none = (double)NAN;
    ql_suggest_goal goal = {.allowed = {false, true, true},
                            .max_layers = answer->question.layers,
                            .target_sqnr = none,
                            .target_agreement = none,
                            .target_accuracy = none,
                            .max_float_macs = none};
    ql_suggestion suggestion;
    ql_code code = ql_suggest(&task->options, &goal, &suggestion, &answer->err);
    bool some = !code || (code == QL_E_INTERRUPTED && suggestion.pareto_count);
    if (some) {
        code = ql_suggestion_document(&suggestion, &task->options, NULL, &answer->plans, &answer->err);
    }
    ql_suggestion_free(&suggestion);
    return code;
}

static ql_code answer_elements(ql_task *task, ql_answer *answer)
{
    return ql_worst_elements(&task->options, answer->question.pair, answer->question.sample, answer->elements,
                             QL_ELEMENTS, &answer->element_count, &answer->err);
}

ql_code ql_task_run(ql_task *task, ql_answer *answer)
{
    static ql_code (*const kinds[QL_ASK_COUNT])(ql_task *, ql_answer *) = {
        [QL_ASK_PLAN] = answer_plan,
        [QL_ASK_SUGGEST] = answer_suggest,
        [QL_ASK_ELEMENTS] = answer_elements,
        [QL_ASK_WRITE] = ql_answer_write,
    };
    return kinds[answer->question.ask](task, answer);
}

void ql_task_close(ql_task *task)
{
    ql_bench_close(task->bench);
}
