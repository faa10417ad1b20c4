#include "analyzer/compare/pace.h"

#include <stdlib.h>

ql_code ql_pace_make(ql_pace *pace, ql_exec *exec, const ql_subgraph *graph, ql_err *err)
{
    size_t tensors = (size_t)graph->tensor_count + 1;
    *pace = (ql_pace){.exec = exec, .graph = graph, .maker = malloc(tensors * sizeof *pace->maker)};
    if (!pace->maker) {
        return ql_fail_memory(err, tensors * sizeof *pace->maker);
    }
    for (int t = 0; t < graph->tensor_count; t++) {
        pace->maker[t] = -1;
    }
    for (int op = 0; op < graph->operator_count; op++) {
        const ql_operator *made = &graph->operators[op];
        for (int o = 0; o < made->output_count; o++) {
            if (made->outputs[o] >= 0) {
                pace->maker[made->outputs[o]] = op;
            }
        }
    }
    return QL_OK;
}

void ql_pace_free(ql_pace *pace)
{
    free(pace->maker);
    *pace = (ql_pace){0};
}

ql_code ql_pace_start(ql_pace *pace, ql_err *err)
{
    pace->ran = 0;
    return ql_exec_start(pace->exec, err);
}

static ql_code run_to(ql_pace *pace, int end, ql_err *err)
{
    ql_code code = QL_OK;
    for (; pace->ran < end && !code; pace->ran++) {
        code = ql_exec_run_op(pace->exec, pace->ran, err);
    }
    return code;
}

ql_code ql_pace_reach(ql_pace *pace, int tensor, ql_err *err)
{
    return run_to(pace, pace->maker[tensor] + 1, err);
}

ql_code ql_pace_finish(ql_pace *pace, ql_err *err)
{
    return run_to(pace, pace->graph->operator_count, err);
}
