/* Running models that nobody vouches for: every subgraph is planned, run and resized within bounds. */
#ifndef QL_TESTS_EXERCISE_H
#define QL_TESTS_EXERCISE_H

#include "runtime/runtime.h"

#include <stdlib.h>
#include <string.h>

enum { EXERCISE_BYTES = 32 << 20, EXERCISE_PERIOD = 10007 };

typedef struct {
    uint64_t steps; /* that may still be taken */
} ql_exercise;

static inline bool exercise_stop(void *user, uint64_t work)
{
    ql_exercise *left = user;
    /* Every call costs something, whatever it computes. */
    uint64_t cost = work < UINT64_MAX - 64 ? work + 64 : work;
    bool stop = cost > left->steps;
    left->steps = stop ? 0 : left->steps - cost;
    return stop;
}

/* The same values for the same seed: small numbers for floats, any bits for integers; again after so many. */
static inline void exercise_fill(ql_view *view, uint64_t seed)
{
    uint64_t state = seed * 2654435761U + (uint64_t)view->index;
    uint8_t *bytes = view->data;
    size_t period = view->bytes < EXERCISE_PERIOD ? view->bytes : EXERCISE_PERIOD;
    for (size_t i = 0; i < period; i++) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        bytes[i] = (uint8_t)(state >> 40);
        if (view->type == QL_BOOL) {
            bytes[i] &= 1;
        } else if (view->type == QL_F32 && i % 4 == 3 && state >> 60) {
            bytes[i] = (uint8_t)((bytes[i] & 0x80) | 0x3f); /* mostly 0.5 to 2 */
        }
    }
    for (size_t i = period; i < view->bytes; i += period) {
        memcpy(bytes + i, bytes, period < view->bytes - i ? period : view->bytes - i);
    }
}

static inline ql_code exercise_run(ql_exec *exec, uint64_t seed)
{
    ql_err err;
    ql_exec_reset(exec);
    for (int i = 0; i < ql_exec_input_count(exec); i++) {
        ql_view *view = ql_exec_input(exec, i);
        if (view->bytes && view->data && !view->known) {
            exercise_fill(view, seed);
        }
    }
    ql_err_clear(&err);
    return ql_exec_run(exec, NULL, NULL, &err);
}

/* The outputs' bytes as one number. */
static inline uint64_t exercise_sum(const ql_exec *exec)
{
    uint64_t sum = 14695981039346656037U;
    for (int o = 0; o < ql_exec_output_count(exec); o++) {
        const ql_view *view = ql_exec_output(exec, o);
        for (size_t i = 0; view->shaped && view->data && i < view->bytes; i += sizeof(uint64_t)) {
            uint64_t word = 0;
            size_t left = view->bytes - i;
            memcpy(&word, (const uint8_t *)view->data + i, left < sizeof word ? left : sizeof word);
            sum = (sum ^ word) * 1099511628211U;
        }
    }
    return sum;
}

/* Dynamic dimensions of every input become 3, the first dimension of the others grows by one. */
static inline ql_code exercise_resize(ql_exec *exec, const ql_subgraph *graph)
{
    ql_code code = QL_OK;
    for (int i = 0; i < graph->input_count && !code; i++) {
        const ql_tensor *tensor = &graph->tensors[graph->inputs[i]];
        int32_t dims[QL_MAX_RANK];
        ql_err err;
        for (int d = 0; d < tensor->rank; d++) {
            bool dynamic = tensor->signature && tensor->signature[d] < 0;
            dims[d] = dynamic ? 3 : tensor->shape[d] + (!d && !tensor->signature && tensor->shape[d] < 1000);
        }
        ql_err_clear(&err);
        code = ql_exec_resize(exec, i, tensor->rank, dims, &err);
    }
    return code;
}

/* Opens a subgraph and runs it twice on the same data, which must give the same, then with other shapes.
 * `sum` becomes the first run's outputs, if it came to its end: then true. */
static inline bool exercise_subgraph(const ql_model *model, int g, bool keep_all, uint64_t steps,
                                     uint64_t *sum)
{
    ql_exercise left = {steps};
    ql_exec_options options = {.subgraph = g,
                               .keep_all = keep_all,
                               .max_bytes = EXERCISE_BYTES,
                               .stop = exercise_stop,
                               .stop_user = &left};
    ql_exec *exec;
    ql_err err;
    ql_err_clear(&err);
    if (ql_exec_open(&exec, model, &options, &err)) {
        return false;
    }
    bool done = !exercise_run(exec, 1);
    if (done) {
        *sum = exercise_sum(exec);
        left.steps = steps;
        if (exercise_run(exec, 1) || exercise_sum(exec) != *sum) {
            abort(); /* the same model on the same data */
        }
    }
    left.steps = steps;
    if (!exercise_resize(exec, &model->subgraphs[g])) {
        exercise_run(exec, 2);
    }
    ql_exec_close(exec);
    return done;
}

/* Opens subgraph g and runs it once; true when it came to its end. */
static inline bool exercise_once(const ql_model *model, int g, uint64_t steps)
{
    ql_exercise left = {steps};
    ql_exec_options options = {
        .subgraph = g, .max_bytes = EXERCISE_BYTES, .stop = exercise_stop, .stop_user = &left};
    ql_exec *exec;
    ql_err err;
    ql_err_clear(&err);
    bool done = !ql_exec_open(&exec, model, &options, &err) && !exercise_run(exec, 1);
    ql_exec_close(exec);
    return done;
}

/* Every subgraph: memory that is used again and memory of each tensor's own must come to the same. Returns
 * how many ran to their end. */
static inline int exercise(const ql_model *model, uint64_t steps)
{
    int ran = 0;
    for (int g = 0; g < model->subgraph_count && g < 8; g++) {
        uint64_t shared = 0, own = 0;
        bool done = exercise_subgraph(model, g, false, steps, &shared);
        /* The memory bound may refuse what keeps everything. */
        if (done && exercise_subgraph(model, g, true, steps, &own) && own != shared) {
            abort();
        }
        ran += done;
    }
    return ran;
}

#endif
