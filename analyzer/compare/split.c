#include "analyzer/compare/split.h"

#include "analyzer/pair/constants.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
#define QL_SPLIT_NAME(id, name) name,
    QL_SPLITS(QL_SPLIT_NAME)
#undef QL_SPLIT_NAME
};

const char *ql_split_name(ql_split_part part)
{
    return names[part];
}

typedef struct {
    bool quantized;
    bool plain; /* its limits are so many steps from 0 that an integer holds them */
    double scale, zero, lowest, highest;
} ql_grid;

static ql_grid grid_of(const ql_view *out)
{
    int32_t lowest, highest;
    ql_grid grid = {.quantized =
                        out->tensor->quant.scale_count == 1 && ql_type_range(out->type, &lowest, &highest)};
    if (grid.quantized) {
        grid.scale = (double)ql_scale(out);
        grid.zero = (double)ql_zero(out);
        grid.lowest = grid.scale * (lowest - grid.zero);
        grid.highest = grid.scale * (highest - grid.zero);
        grid.plain = grid.lowest < grid.highest && fabs(grid.lowest / grid.scale) < 0x1p50 &&
                     fabs(grid.highest / grid.scale) < 0x1p50;
    }
    return grid;
}

static double clip(const ql_grid *grid, double x)
{
    if (grid->plain) {
        x = x < grid->lowest ? grid->lowest : x;
        return x > grid->highest ? grid->highest : x;
    }
    return fmin(fmax(x, grid->lowest), grid->highest);
}

/* To the nearest step, halves away from 0: as round does, without a call an element. */
static double settle(const ql_grid *grid, double clipped)
{
    double steps = clipped / grid->scale;
    if (!grid->plain) {
        return grid->scale * round(steps);
    }
    double whole = (double)(int64_t)steps, rest = steps - whole;
    return grid->scale * (whole + (double)((rest >= 0.5) - (rest <= -0.5)));
}

void ql_split_add(ql_split *split, const float *y0, const float *y1, const float *y2, const float *q,
                  size_t n, const ql_view *out)
{
    double sum[QL_SPLIT_COUNT] = {0};
    ql_grid grid = grid_of(out);
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(y0[i]) || !isfinite(y1[i]) || !isfinite(y2[i]) || !isfinite(q[i])) {
            continue;
        }
        double full = (double)y2[i], clipped = full, rounded = full;
        if (grid.quantized) {
            clipped = clip(&grid, full);
            rounded = settle(&grid, clipped);
        }
        double parts[QL_SPLIT_COUNT] = {
            [QL_SPLIT_INPUT] = (double)y1[i] - (double)y0[i],
            [QL_SPLIT_WEIGHTS] = full - (double)y1[i],
            [QL_SPLIT_CLIPPING] = clipped - full,
            [QL_SPLIT_ROUNDING] = rounded - clipped,
            [QL_SPLIT_RESCALE] = (double)q[i] - rounded,
        };
        for (int part = 0; part < QL_SPLIT_COUNT; part++) {
            sum[part] += parts[part] * parts[part];
        }
        split->count++;
    }
    for (int part = 0; part < QL_SPLIT_COUNT; part++) {
        ql_exact_add(&split->square[part], sum[part]);
    }
}

void ql_split_merge(ql_split *into, const ql_split *from)
{
    into->count += from->count;
    for (int part = 0; part < QL_SPLIT_COUNT; part++) {
        ql_exact_merge(&into->square[part], &from->square[part]);
    }
}

double ql_split_rms(const ql_split *split, ql_split_part part)
{
    return split->count ? sqrt(ql_exact_value(&split->square[part]) / (double)split->count) : (double)NAN;
}

/* The constant's real values in memory of the model; false when refused. */
static bool put_values(ql_model *model, ql_tensor *to, const ql_tensor *from)
{
    size_t count = to->bytes / sizeof(float);
    float *values = QL_TAKE(&model->arena, count + 1, float);
    if (values) {
        ql_constant_floats(from, values);
        to->data = values;
    }
    return values != NULL;
}

static bool counterparts(const ql_tensor *f, const ql_tensor *q)
{
    size_t f_count, q_count;
    return f->data && f->type == QL_F32 && !f->sparsity && ql_constant_readable(q) &&
           ql_constant_is_real(q) && ql_dims_count(f->shape, f->rank, &f_count) &&
           ql_dims_count(q->shape, q->rank, &q_count) && f_count == q_count;
}

static ql_code put_constants(ql_model *model, ql_subgraph *graph, const ql_side *candidate,
                             const ql_pair *pair, ql_err *err)
{
    const ql_subgraph *other = &candidate->model->subgraphs[candidate->subgraph];
    const ql_operator *r = &graph->operators[pair->reference_op], *c = &other->operators[pair->candidate_op];
    for (int i = 0; i < r->input_count && i < c->input_count; i++) {
        int from = ql_constant_behind(candidate, c->inputs[i]);
        ql_tensor *to = r->inputs[i] < 0 ? NULL : &graph->tensors[r->inputs[i]];
        if (to && from >= 0 && counterparts(to, &other->tensors[from]) &&
            !put_values(model, to, &other->tensors[from])) {
            return ql_fail_memory(err, to->bytes);
        }
    }
    return QL_OK;
}

static ql_code build(ql_model *model, ql_side reference, ql_side candidate, const ql_pairing *pairing,
                     ql_err *err)
{
    size_t graphs = (size_t)reference.model->subgraph_count;
    model->subgraphs = ql_take_copy(&model->arena, reference.model->subgraphs, graphs * sizeof(ql_subgraph));
    if (!model->subgraphs) {
        return ql_fail_memory(err, graphs * sizeof(ql_subgraph));
    }
    ql_subgraph *graph = &model->subgraphs[reference.subgraph];
    graph->tensors =
        ql_take_copy(&model->arena, graph->tensors, (size_t)graph->tensor_count * sizeof *graph->tensors);
    if (!graph->tensors) {
        return ql_fail_memory(err, (size_t)graph->tensor_count * sizeof *graph->tensors);
    }
    ql_code code = QL_OK;
    for (int i = 0; i < pairing->pair_count && !code; i++) {
        const ql_pair *pair = &pairing->pairs[i];
        if (pair->reference_op >= 0 && pair->candidate_op >= 0 && !pair->alias) {
            code = put_constants(model, graph, &candidate, pair, err);
        }
    }
    return code;
}

ql_code ql_split_model_make(ql_model **out, ql_side reference, ql_side candidate, const ql_pairing *pairing,
                            ql_err *err)
{
    ql_model *model = *out = malloc(sizeof *model);
    if (!model) {
        return ql_fail_memory(err, sizeof *model);
    }
    *model = *reference.model;
    model->mapping = NULL;
    ql_arena_init(&model->arena, 0);
    ql_code code = build(model, reference, candidate, pairing, err);
    if (code) {
        ql_split_model_free(model);
        *out = NULL;
    }
    return code;
}

void ql_split_model_free(ql_model *model)
{
    if (model) {
        ql_arena_free(&model->arena);
        free(model);
    }
}
