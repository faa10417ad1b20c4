#include "analyzer/compare/elements.h"

#include "analyzer/compare/floats.h"
#include "analyzer/compare/side.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static ql_code run_side(const ql_engine_options *o, int side, uint64_t sample, ql_exec **exec, ql_err *err)
{
    ql_code code = ql_side_open(o, side, NULL, exec, true, err);
    code = code ? code : ql_side_feed(o, side, *exec, sample, err);
    code = code ? code : ql_exec_run(*exec, NULL, NULL, err);
    if (code) {
        ql_at_file(err, ql_side_of(o, side)->model->path);
    }
    return code;
}

static double error_of(const ql_element *e)
{
    double error = fabs((double)e->candidate - (double)e->reference);
    bool same = e->candidate >= e->reference && e->candidate <= e->reference;
    return same || (isnan(e->candidate) && isnan(e->reference)) ? 0 : isnan(error) ? HUGE_VAL : error;
}

/* Puts it in its place among the worst so far. */
static void keep(ql_element *worst, int room, int *count, const ql_element *next)
{
    int at = *count;
    while (at > 0 && error_of(&worst[at - 1]) < error_of(next)) {
        at--;
    }
    if (at < room) {
        *count += *count < room;
        memmove(worst + at + 1, worst + at, (size_t)(*count - 1 - at) * sizeof *worst);
        worst[at] = *next;
    }
}

static ql_code gather(const ql_view *reference, const ql_view *candidate, ql_element *worst, int room,
                      int *count, ql_err *err)
{
    if (reference->count != candidate->count || !ql_comparable(candidate->type) ||
        !ql_comparable(reference->type)) {
        ql_fail(err, QL_E_FIT, "%zu elements where the reference has %zu: they cannot be compared",
                candidate->count, reference->count);
        return ql_at_tensor_of(err, candidate->tensor, candidate->index);
    }
    size_t bytes = (candidate->count + 1) * sizeof(float);
    float *memory[QL_COMPARED_SIDES] = {malloc(bytes), malloc(bytes)};
    if (memory[QL_REFERENCE_SIDE] && memory[QL_CANDIDATE_SIDE]) {
        const float *f = ql_floats(reference, memory[QL_REFERENCE_SIDE]),
                    *q = ql_floats(candidate, memory[QL_CANDIDATE_SIDE]);
        for (size_t i = 0; i < candidate->count; i++) {
            keep(worst, room, count, &(ql_element){i, f[i], q[i]});
        }
    } else {
        ql_fail_memory(err, bytes);
    }
    bool refused = !memory[QL_REFERENCE_SIDE] || !memory[QL_CANDIDATE_SIDE];
    free(memory[QL_REFERENCE_SIDE]);
    free(memory[QL_CANDIDATE_SIDE]);
    return refused ? QL_E_NOMEM : QL_OK;
}

ql_code ql_worst_elements(const ql_engine_options *options, int pair, uint64_t sample, ql_element *elements,
                          int room, int *count, ql_err *err)
{
    ql_exec *exec[QL_COMPARED_SIDES] = {NULL, NULL};
    *count = 0;
    ql_code code = QL_OK;
    for (int side = 0; side < QL_COMPARED_SIDES && !code; side++) {
        code = run_side(options, side, sample, &exec[side], err);
    }
    if (!code) {
        const ql_pair *one = &options->pairing->pairs[pair];
        code = gather(ql_exec_tensor(exec[QL_REFERENCE_SIDE], one->compared),
                      ql_exec_tensor(exec[QL_CANDIDATE_SIDE], one->candidate), elements, room, count, err);
    }
    ql_exec_close(exec[QL_REFERENCE_SIDE]);
    ql_exec_close(exec[QL_CANDIDATE_SIDE]);
    return code;
}
