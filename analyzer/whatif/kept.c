#include "analyzer/whatif/kept.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64 };

static const ql_subgraph *graph_of(const ql_kept *kept, int side)
{
    const ql_side *graph = ql_side_of(kept->options, side);
    return &graph->model->subgraphs[graph->subgraph];
}

bool ql_kept_fixed(const ql_view *view)
{
    size_t bytes;
    return view->shaped && ql_type_bytes(view->type, view->count, &bytes) && bytes == view->bytes;
}

static bool fixed(const ql_kept *kept, int side, int tensor)
{
    return ql_kept_fixed(ql_exec_tensor(kept->plan[side], tensor));
}

static void add_source(ql_kept *kept, const ql_values *values, int side, int tensor)
{
    if (!values->steady || !values->steady[tensor]) {
        kept->sources.list[kept->sources.count++] =
            (ql_source){.id = values->stateful ? (ql_value_id){0} : values->id[tensor],
                        .side = side,
                        .tensor = tensor,
                        .view = ql_exec_tensor(kept->plan[side], tensor)};
    }
}

/* Inputs, and operators' outputs: all of an operator's or none. */
static void add_sources(ql_kept *kept, const ql_values *values, int side)
{
    const ql_subgraph *graph = graph_of(kept, side);
    for (int i = 0; i < graph->input_count; i++) {
        if (fixed(kept, side, graph->inputs[i])) {
            add_source(kept, values, side, graph->inputs[i]);
        }
    }
    for (int op = 0; op < graph->operator_count; op++) {
        const ql_operator *use = &graph->operators[op];
        bool all = true;
        for (int o = 0; o < use->output_count; o++) {
            all = all && fixed(kept, side, use->outputs[o]);
        }
        for (int o = 0; o < use->output_count && all; o++) {
            add_source(kept, values, side, use->outputs[o]);
        }
    }
}

int ql_source_order(const void *a, const void *b)
{
    const ql_source *x = a, *y = b;
    int order = ql_value_order(x->id, y->id);
    order = order ? order : y->side - x->side;
    return order ? order : x->tensor - y->tensor;
}

static ql_code make_lists(ql_kept *kept, const ql_values values[], ql_err *err)
{
    size_t room = 0;
    for (int side = 0; side < QL_COMPARED_SIDES; side++) {
        size_t tensors = (size_t)graph_of(kept, side)->tensor_count;
        kept->at[side] = QL_TAKE(&kept->arena, tensors, int);
        room += tensors;
        if (!kept->at[side]) {
            return ql_fail_memory(err, tensors * sizeof(int));
        }
    }
    kept->sources.list = QL_TAKE(&kept->arena, room, ql_source);
    kept->offset = QL_TAKE(&kept->arena, room, size_t);
    kept->block = QL_TAKE(&kept->arena, kept->samples, char *);
    if (!kept->sources.list || !kept->offset || !kept->block) {
        return ql_fail_memory(err, room * sizeof *kept->sources.list);
    }
    for (int side = 0; side < QL_COMPARED_SIDES; side++) {
        kept->stateful[side] = values[side].stateful;
        add_sources(kept, &values[side], side);
    }
    qsort(kept->sources.list, (size_t)kept->sources.count, sizeof *kept->sources.list, ql_source_order);
    for (int i = 0; i < kept->sources.count; i++) {
        kept->at[kept->sources.list[i].side][kept->sources.list[i].tensor] = i + 1;
        kept->offset[i] = SIZE_MAX;
    }
    return QL_OK;
}

static int by_operator(const void *a, const void *b)
{
    const ql_kept_operator *x = a, *y = b;
    int order = ql_value_order(x->id, y->id);
    return order ? order : x->prepared.op - y->prepared.op;
}

static ql_code list_operators(ql_kept *kept, const ql_values values[], const ql_value_constants *constants,
                              ql_err *err)
{
    size_t room = 0;
    for (int side = 0; side < QL_COMPARED_SIDES; side++) {
        room += (size_t)graph_of(kept, side)->operator_count;
    }
    kept->operators = QL_TAKE(&kept->arena, room, ql_kept_operator);
    if (!kept->operators) {
        return ql_fail_memory(err, room * sizeof *kept->operators);
    }
    for (int side = 0; side < QL_COMPARED_SIDES; side++) {
        const ql_side *own = ql_side_of(kept->options, side);
        for (int op = 0; op < graph_of(kept, side)->operator_count && !values[side].stateful; op++) {
            ql_value_id id = ql_value_of_operator(
                own->model, own->subgraph, &graph_of(kept, side)->operators[op], &values[side], constants);
            if (ql_value_known(id)) {
                kept->operators[kept->operator_count++] = (ql_kept_operator){id, {kept->plan[side], op}};
            }
        }
    }
    qsort(kept->operators, (size_t)kept->operator_count, sizeof *kept->operators, by_operator);
    return QL_OK;
}

ql_prepared ql_kept_prepared(const ql_kept *kept, ql_value_id id)
{
    int low = 0, high = kept->operator_count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (ql_value_order(kept->operators[middle].id, id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found =
        low < kept->operator_count && ql_value_known(id) && !ql_value_order(kept->operators[low].id, id);
    return found ? kept->operators[low].prepared : (ql_prepared){0};
}

ql_code ql_kept_open(ql_kept *kept, const ql_engine_options *options, const ql_values values[],
                     const ql_value_constants *constants, uint64_t samples, const ql_bench_budget *budget,
                     ql_err *err)
{
    *kept = (ql_kept){.options = options, .capacity = budget->kept, .samples = samples};
    ql_side_use use = {.plan_only = true, .pack_bound = budget->bound, .pack_bytes = budget->packed};
    ql_arena_init(&kept->arena, 0);
    ql_code code = QL_OK;
    for (int side = 0; side < QL_COMPARED_SIDES && !code; side++) {
        code = ql_side_open_as(options, side, &use, &kept->plan[side], err);
        use.pack_bytes -= code || !budget->bound ? 0 : ql_exec_packed(kept->plan[side]);
    }
    code = code ? code : make_lists(kept, values, err);
    return code ? code : list_operators(kept, values, constants, err);
}

void ql_kept_drop(ql_kept *kept, uint64_t i)
{
    free(kept->block[i]);
    kept->block[i] = NULL;
}

static void drop_all(ql_kept *kept)
{
    for (uint64_t i = 0; kept->block && i < kept->samples; i++) {
        ql_kept_drop(kept, i);
    }
}

void ql_kept_close(ql_kept *kept)
{
    drop_all(kept);
    for (int side = 0; side < QL_COMPARED_SIDES; side++) {
        ql_exec_close(kept->plan[side]);
    }
    ql_arena_free(&kept->arena);
    *kept = (ql_kept){0};
}

size_t ql_kept_room(const ql_view *view)
{
    return (view->bytes + ALIGN) / ALIGN * ALIGN;
}

static size_t room_for(const ql_source *source)
{
    return ql_kept_room(source->view);
}

static size_t length(const ql_kept *kept, const bool *wanted, bool with_old)
{
    size_t bytes = 0;
    for (int i = 0; i < kept->sources.count; i++) {
        bool keep = wanted[i] || (with_old && kept->offset[i] != SIZE_MAX);
        bytes += keep ? room_for(&kept->sources.list[i]) : 0;
    }
    return bytes;
}

static void lay_out(ql_kept *kept, const bool *wanted, bool with_old)
{
    kept->stride = 0;
    for (int i = 0; i < kept->sources.count; i++) {
        bool keep = wanted[i] || (with_old && kept->offset[i] != SIZE_MAX);
        kept->offset[i] = keep ? kept->stride : SIZE_MAX;
        kept->stride += keep ? room_for(&kept->sources.list[i]) : 0;
    }
}

uint64_t ql_kept_want(ql_kept *kept, const bool *wanted, uint64_t samples)
{
    bool there = true;
    for (int i = 0; i < kept->sources.count; i++) {
        there = there && (!wanted[i] || kept->offset[i] != SIZE_MAX);
    }
    size_t both = length(kept, wanted, true) + kept->beside;
    bool fits = !both || kept->capacity / both >= samples;
    if (!there || !fits) {
        drop_all(kept);
        lay_out(kept, wanted, fits);
    }
    size_t each = kept->stride + kept->beside;
    return each ? kept->capacity / each : samples;
}

typedef struct {
    ql_kept *kept;
    char *block;
    int side;
} capture;

static void keep(const capture *c, const ql_view *view)
{
    int source = c->kept->at[c->side][view->index] - 1;
    if (source >= 0 && c->kept->offset[source] != SIZE_MAX && view->bytes) {
        memcpy(c->block + c->kept->offset[source], view->data, view->bytes);
    }
}

static ql_code tap(void *user, int op, const ql_view *view, ql_err *err)
{
    (void)op;
    (void)err;
    keep(user, view);
    return QL_OK;
}

static bool any_of(const ql_kept *kept, int side)
{
    for (int i = 0; i < kept->sources.count; i++) {
        if (kept->sources.list[i].side == side && kept->offset[i] != SIZE_MAX) {
            return true;
        }
    }
    return false;
}

static ql_code capture_side(capture *c, ql_exec **exec, uint64_t sample, ql_err *err)
{
    const ql_subgraph *graph = graph_of(c->kept, c->side);
    const ql_engine_options *o = c->kept->options;
    const ql_side_use use = {.like = c->kept->plan[c->side], .pack_bound = o->memory};
    ql_code code = *exec ? QL_OK : ql_side_open_as(o, c->side, &use, exec, err);
    code = code ? code : ql_side_feed(o, c->side, *exec, sample, err);
    for (int i = 0; i < graph->input_count && !code; i++) {
        keep(c, ql_exec_input(*exec, i));
    }
    code = code ? code : ql_exec_run(*exec, tap, c, err);
    if (code) {
        ql_at_file(err, ql_side_of(o, c->side)->model->path);
    }
    return code;
}

ql_code ql_kept_capture(ql_kept *kept, ql_exec *exec[], uint64_t i, ql_err *err)
{
    void *block;
    ql_code code = QL_OK;
    if (posix_memalign(&block, ALIGN, kept->stride + ALIGN)) {
        return ql_fail_memory(err, kept->stride);
    }
    for (int side = 0; side < QL_COMPARED_SIDES && !code; side++) {
        capture c = {.kept = kept, .block = block, .side = side};
        code = any_of(kept, side)
                   ? capture_side(&c, &exec[side], ql_dataset_sample(kept->options->data, i), err)
                   : QL_OK;
    }
    if (code) {
        free(block);
        return code;
    }
    kept->block[i] = block;
    return QL_OK;
}

void *ql_kept_value(const ql_kept *kept, int source, uint64_t i)
{
    return kept->block[i] + kept->offset[source];
}
