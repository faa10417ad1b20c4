#include "analyzer/pair/fake.h"

#include <math.h>

enum { DEQUANTIZE = 6, FAKE_QUANT = 80, QUANTIZE = 114 };
enum { MIN, MAX, NUM_BITS, OPTIONS = 58 }; /* options of FAKE_QUANT, and their kind in the schema */

typedef struct {
    double low, high; /* the real values at the ends */
    double step;
} grid;

static bool grid_of(const ql_tensor *tensor, grid *of)
{
    int32_t lowest, highest;
    const ql_quant *quant = &tensor->quant;
    if (quant->scale_count != 1 || !ql_type_range(tensor->type, &lowest, &highest)) {
        return false;
    }
    double scale = (double)quant->scale[0], zero = (double)quant->zero_point[0];
    *of = (grid){scale * (lowest - zero), scale * (highest - zero), scale};
    return scale > 0 && isfinite(scale);
}

static bool is_one_step(const grid *a, const grid *b)
{
    return fabs(a->low - b->low) < a->step && fabs(a->high - b->high) < a->step;
}

/* The single-input operator of that kind that makes the tensor; NULL: another does. */
static const ql_operator *maker_of(const ql_pair_graph *g, int tensor, int code)
{
    int at = g->of_tensor[tensor];
    const ql_activation *x = at >= 0 ? &g->activations[at] : NULL;
    return x && x->alias && x->face[0].code == code ? &g->graph->operators[x->op] : NULL;
}

/* The range of a FAKE_QUANT, moved so that 0 is one of its levels, is within a step of what its options say.
 */
static bool fake_quant_of(const ql_pair_graph *g, int tensor, int from, grid *of)
{
    const ql_operator *op = maker_of(g, tensor, FAKE_QUANT);
    if (!op || op->inputs[0] != from || op->options.table != ql_options_table_of(OPTIONS, false)) {
        return false;
    }
    double low = (double)ql_opt_f32(&op->options, MIN), high = (double)ql_opt_f32(&op->options, MAX);
    double levels = ldexp(1, ql_opt_int(&op->options, NUM_BITS)) - 1;
    *of = (grid){low, high, (high - low) / levels};
    return levels > 0;
}

/* QUANTIZE, then DEQUANTIZE: *middle is the tensor between them. */
static bool quantized_of(const ql_pair_graph *g, int tensor, int from, grid *of, int *middle)
{
    const ql_operator *after = maker_of(g, tensor, DEQUANTIZE);
    const ql_operator *before = after ? maker_of(g, after->inputs[0], QUANTIZE) : NULL;
    *middle = after ? after->inputs[0] : -1;
    return before && before->inputs[0] == from && grid_of(&g->graph->tensors[*middle], of);
}

static bool fits(const ql_pair_graph *g, int tensor, const grid *wanted, ql_pair *pair)
{
    grid of;
    int middle;
    int last = g->maker[tensor];
    if (fake_quant_of(g, tensor, pair->reference, &of) && is_one_step(&of, wanted)) {
        pair->fake_count = 1;
        pair->fakes[0] = last;
    } else if (quantized_of(g, tensor, pair->reference, &of, &middle) && is_one_step(&of, wanted)) {
        pair->fake_count = 2;
        pair->fakes[0] = g->maker[middle];
        pair->fakes[1] = last;
    }
    return pair->fake_count > 0;
}

void ql_pair_find_fake(const ql_pair_graph *reference, const ql_tensor *candidate, ql_pair *pair)
{
    grid wanted;
    pair->fake_count = 0;
    pair->compared = pair->reference;
    if (reference->graph->tensors[pair->reference].type != QL_F32 || !grid_of(candidate, &wanted)) {
        return;
    }
    for (int i = 0; i < reference->count; i++) {
        const ql_activation *x = &reference->activations[i];
        if (x->alias && reference->graph->tensors[x->tensor].type == QL_F32 &&
            fits(reference, x->tensor, &wanted, pair)) {
            pair->compared = x->tensor;
            return;
        }
    }
}
