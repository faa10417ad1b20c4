#include "analyzer/calibrate/ranges.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

ql_code ql_ranges_init(ql_ranges *ranges, int tensor_count, ql_err *err)
{
    size_t count = (size_t)tensor_count;
    *ranges = (ql_ranges){.count = tensor_count, .tensors = calloc(count + 1, sizeof *ranges->tensors)};
    return ranges->tensors ? QL_OK : ql_fail_memory(err, count * sizeof *ranges->tensors);
}

void ql_ranges_free(ql_ranges *ranges)
{
    free(ranges->tensors);
    *ranges = (ql_ranges){0};
}

void ql_range_join(ql_tensor_range *into, ql_tensor_range other)
{
    if (!other.seen) {
        return;
    }
    if (!into->seen) {
        *into = other;
        return;
    }
    into->min = other.min < into->min ? other.min : into->min;
    into->max = other.max > into->max ? other.max : into->max;
}

ql_tensor_range ql_range_of(const float *values, size_t count)
{
    float min = INFINITY, max = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (isfinite(values[i])) {
            min = values[i] < min ? values[i] : min;
            max = values[i] > max ? values[i] : max;
        }
    }
    return min <= max ? (ql_tensor_range){true, min, max} : (ql_tensor_range){0};
}

enum { ADD = 0, MUL = 18, RESHAPE = 22, SUB = 41, DIV = 42, SQUEEZE = 43, EXPAND_DIMS = 70 };

typedef struct {
    const ql_model *model;
    const ql_subgraph *graph;
    int *readers; /* operators that read each tensor, graph outputs counted */
    int *home;    /* the tensor in whose memory each one lies */
} sharing;

static bool holds(const int32_t *list, int count, int t)
{
    for (int i = 0; i < count; i++) {
        if (list[i] == t) {
            return true;
        }
    }
    return false;
}

static size_t elements(const ql_tensor *tensor)
{
    size_t count;
    return ql_dims_count(tensor->shape, tensor->rank, &count) ? count : 0;
}

static bool may_share(const sharing *s, int in, int out, bool changed)
{
    const ql_tensor *a = &s->graph->tensors[in], *b = &s->graph->tensors[out];
    bool alone =
        elements(a) == elements(b) && elements(a) > 1 && s->readers[in] <= 1 && s->readers[s->home[in]] <= 1;
    return (alone || !changed) && !a->data && !a->variable &&
           !holds(s->graph->inputs, s->graph->input_count, in) &&
           !holds(s->graph->outputs, s->graph->output_count, out);
}

static void share(sharing *s, ql_ranges *ranges, const ql_operator *op)
{
    int code = s->model->opcodes[op->opcode].code;
    bool changed = code == ADD || code == SUB || code == MUL || code == DIV;
    bool passes = code == RESHAPE || code == SQUEEZE || code == EXPAND_DIMS;
    int operands = changed ? 2 : passes ? 1 : 0;
    for (int i = 0; i < operands && i < op->input_count && op->output_count; i++) {
        int in = op->inputs[i], out = op->outputs[0];
        if (in >= 0 && may_share(s, in, out, changed)) {
            s->home[out] = s->home[in];
            ql_range_join(&ranges->tensors[in], ranges->tensors[out]);
            return;
        }
    }
}

ql_code ql_ranges_widen(ql_ranges *ranges, const ql_model *model, int subgraph, ql_err *err)
{
    sharing s = {.model = model, .graph = &model->subgraphs[subgraph]};
    size_t count = (size_t)s.graph->tensor_count;
    s.readers = calloc(2 * count + 1, sizeof *s.readers);
    if (!s.readers) {
        return ql_fail_memory(err, 2 * count * sizeof *s.readers);
    }
    s.home = s.readers + count;
    for (size_t t = 0; t < count; t++) {
        s.home[t] = (int)t;
    }
    for (int i = 0; i < s.graph->operator_count; i++) {
        const ql_operator *op = &s.graph->operators[i];
        for (int k = 0; k < op->input_count; k++) {
            if (op->inputs[k] >= 0) {
                s.readers[op->inputs[k]]++;
            }
        }
    }
    for (int o = 0; o < s.graph->output_count; o++) {
        s.readers[s.graph->outputs[o]]++;
    }
    for (int i = 0; i < s.graph->operator_count; i++) {
        share(&s, ranges, &s.graph->operators[i]);
    }
    free(s.readers);
    return QL_OK;
}
