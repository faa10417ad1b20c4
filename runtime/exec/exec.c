#include "runtime/exec/internal.h"
#include "runtime/model/debug.h"

#include <stdlib.h>
#include <string.h>

static ql_code start_inputs(ql_exec *exec, ql_err *err)
{
    for (int i = 0; i < exec->graph->input_count; i++) {
        int t = exec->graph->inputs[i];
        const ql_tensor *tensor = &exec->graph->tensors[t];
        ql_view *view = &exec->inputs[i];
        *view = (ql_view){
            .tensor = tensor, .index = t, .type = tensor->type, .rank = tensor->rank, .shaped = true};
        memcpy(view->dims, tensor->shape, (size_t)tensor->rank * sizeof *tensor->shape);
        if (!ql_dims_count(view->dims, view->rank, &view->count) || view->count > INT32_MAX) {
            ql_fail(err, QL_E_FORMAT, "input shape has more than 2^31-1 elements: that is the limit");
            return ql_at_tensor_of(err, tensor, t);
        }
        if (!ql_type_bytes(view->type, view->count, &view->bytes)) {
            view->bytes = 0;
        }
    }
    return QL_OK;
}

static ql_code start(ql_exec *exec, ql_err *err)
{
    size_t tensors = (size_t)exec->graph->tensor_count, ops = (size_t)exec->graph->operator_count;
    exec->views = QL_TAKE(&exec->lasting, tensors, ql_view);
    exec->heap = QL_TAKE(&exec->lasting, tensors, ql_heap);
    exec->calls = QL_TAKE(&exec->lasting, ops, ql_call);
    exec->when = QL_TAKE(&exec->lasting, ops, ql_when);
    exec->inputs = QL_TAKE(&exec->lasting, (size_t)exec->graph->input_count, ql_view);
    if (!exec->views || !exec->heap || !exec->calls || !exec->when || !exec->inputs) {
        size_t least;
        bool bound = exec->shared->memory->limit && !exec->parent && !exec->options.plan_only;
        exec->inputs = NULL;
        ql_code code = bound ? ql_exec_least(exec, &least, err) : QL_OK;
        return code ? code : ql_fail_memory(err, tensors * sizeof(ql_view) + ops * sizeof(ql_call));
    }
    ql_code code = start_inputs(exec, err);
    return code ? code : ql_exec_plan(exec, err);
}

/* May so many bytes of packed weights be kept? */
static bool may_pack(ql_call *c, size_t bytes)
{
    ql_exec *exec = c->exec;
    const ql_exec_options *o = &exec->options;
    if (c->arena != &exec->plan) { /* weights that are known only in the run */
        return !o->pack_bound;
    }
    if (o->pack_bound && (bytes > o->pack_bytes || exec->shared->packed > o->pack_bytes - bytes)) {
        return false;
    }
    exec->packed += bytes;
    exec->shared->packed += bytes;
    return true;
}

void *ql_pack_take(ql_call *c, size_t count, size_t size, bool *left)
{
    *left = size && count <= SIZE_MAX / 2 / size && !may_pack(c, ql_apart_bytes(count * size));
    void *memory = *left ? NULL : ql_take_apart(c->arena, count, size);
    if (!memory && !*left) {
        ql_fail_memory(c->err, size && count > SIZE_MAX / size ? SIZE_MAX : count * size);
    }
    return memory;
}

static bool start_shared(ql_exec *exec, ql_shared *shared)
{
    exec->shared = shared ? shared : calloc(1, sizeof *shared);
    exec->owns_shared = !shared;
    if (!exec->shared) {
        return false;
    }
    if (!shared) {
        exec->shared->called = calloc((size_t)exec->model->subgraph_count, sizeof(bool));
        ql_memory_init(&exec->shared->own, exec->options.max_bytes);
        exec->shared->memory = exec->options.memory ? exec->options.memory : &exec->shared->own;
    }
    ql_arena *const arenas[] = {&exec->lasting, &exec->plan, &exec->run};
    for (size_t i = 0; i < sizeof arenas / sizeof *arenas; i++) {
        ql_arena_init(arenas[i], 0);
        ql_arena_share(arenas[i], &exec->shared->bytes, exec->shared->memory);
    }
    return exec->shared->called;
}

ql_code ql_exec_open_in(ql_exec **out, const ql_model *model, const ql_exec_options *options,
                        const ql_exec *parent, ql_err *err)
{
    ql_shared *shared = parent ? parent->shared : NULL;
    const ql_isa *isa = options->isa;
    *out = NULL;
    if (!isa && ql_isa_choose(&isa, err)) {
        return err ? err->code : QL_E_USAGE;
    }
    if (options->subgraph < 0 || options->subgraph >= model->subgraph_count) {
        return ql_fail(err, QL_E_FIT, "subgraph %d: the model has %d", options->subgraph,
                       model->subgraph_count);
    }
    ql_exec *exec = calloc(1, sizeof *exec);
    if (!exec) {
        return ql_fail_memory(err, sizeof *exec);
    }
    exec->model = model;
    exec->graph = &model->subgraphs[options->subgraph];
    exec->options = *options;
    exec->options.isa = isa;
    exec->options.prepared = parent ? NULL : options->prepared;
    exec->options.like = parent ? NULL : options->like;
    exec->parent = parent;
    exec->depth = parent ? parent->depth + 1 : 0;
    if (!exec->options.numerics) {
        exec->options.numerics = ql_numerics_at(0);
    }
    ql_code code = start_shared(exec, shared) ? start(exec, err) : ql_fail_memory(err, sizeof(ql_shared));
    if (code) {
        ql_exec_close(exec);
        return code;
    }
    ql_exec_reset(exec);
    *out = exec;
    return QL_OK;
}

ql_code ql_exec_open(ql_exec **exec, const ql_model *model, const ql_exec_options *options, ql_err *err)
{
    return ql_exec_open_in(exec, model, options, NULL, err);
}

void ql_exec_close(ql_exec *exec)
{
    if (!exec) {
        return;
    }
    for (int i = 0; i < exec->child_count; i++) {
        ql_exec_close(exec->children[i].exec);
    }
    free(exec->children);
    for (int t = 0; exec->heap && t < exec->graph->tensor_count; t++) {
        ql_heap_free(exec, &exec->heap[t]);
    }
    ql_heap_free(exec, &exec->block);
    ql_heap_free(exec, &exec->scratch);
    ql_arena_free(&exec->lasting);
    ql_arena_free(&exec->plan);
    ql_arena_free(&exec->run);
    if (exec->owns_shared) {
        ql_shared_free(exec->shared);
    }
    free(exec);
}

ql_code ql_exec_set_input(ql_exec *exec, int i, int rank, const int32_t *dims, ql_err *err)
{
    ql_view *view = &exec->inputs[i];
    size_t count, bytes;
    if (rank < 0 || rank > QL_MAX_RANK || !ql_dims_count(dims, rank, &count) || count > INT32_MAX ||
        !ql_type_bytes(view->type, count, &bytes)) {
        ql_fail(err, QL_E_FIT, "an input of rank %d cannot be given that shape", rank);
        return ql_at_tensor_of(err, view->tensor, view->index);
    }
    ql_view given = {.rank = rank};
    memcpy(given.dims, dims, (size_t)rank * sizeof *dims);
    if (view->tensor->variable && !ql_same_shape(&given, view)) {
        ql_fail(err, QL_E_FIT, "an input that is a variable: its shape cannot be another");
        return ql_at_tensor_of(err, view->tensor, view->index);
    }
    view->rank = rank;
    memcpy(view->dims, dims, (size_t)rank * sizeof *dims);
    view->count = count;
    view->bytes = bytes;
    return QL_OK;
}

ql_code ql_exec_resize(ql_exec *exec, int i, int rank, const int32_t *dims, ql_err *err)
{
    ql_code code = ql_exec_set_input(exec, i, rank, dims, err);
    return code ? code : ql_exec_plan(exec, err);
}

int ql_exec_input_count(const ql_exec *exec)
{
    return exec->graph->input_count;
}

int ql_exec_output_count(const ql_exec *exec)
{
    return exec->graph->output_count;
}

ql_view *ql_exec_input(ql_exec *exec, int i)
{
    return &exec->views[exec->graph->inputs[i]];
}

const ql_view *ql_exec_output(const ql_exec *exec, int i)
{
    return &exec->views[exec->graph->outputs[i]];
}

const ql_view *ql_exec_tensor(const ql_exec *exec, int t)
{
    return &exec->views[t];
}

const ql_call *ql_exec_call(const ql_exec *exec, int op)
{
    return &exec->calls[op];
}

/* What no operator has given a shape by now has no value, unless it needs none. */
static ql_code check_written(const ql_call *c)
{
    for (int i = 0; i < c->in_count; i++) {
        ql_view *view = c->in[i];
        if (view && !view->shaped && !(ql_view_declared(view) && !view->count)) {
            return ql_fail_in(c, i, QL_E_FORMAT, "an input that nothing writes: it must have a value");
        }
    }
    return QL_OK;
}

/* Prepares a deferred operator, now that its inputs hold values, and finds memory for its outputs. */
static ql_code prepare_late(ql_exec *exec, int op, ql_err *err)
{
    ql_call *c = &exec->calls[op];
    c->arena = &exec->run;
    c->values_ready = true;
    ql_code code = check_written(c);
    code = code ? code : ql_exec_prepare(exec, op, err);
    if (!code && c->deferred) {
        code = ql_fail(err, QL_E_UNSUPPORTED, "its shape cannot be found out even from values");
    }
    for (int o = 0; o < c->out_count && !code && !c->shapes_in_run; o++) {
        ql_heap *heap = &exec->heap[c->out[o]->index];
        if (c->out[o]->tensor->variable) {
            continue;
        }
        code = ql_heap_need(exec, heap, c->out[o]->bytes, err);
        c->out[o]->data = heap->data;
    }
    return code;
}

static ql_code run_op(ql_exec *exec, int op, ql_err *err)
{
    ql_call *c = &exec->calls[op];
    c->err = err;
    c->team = exec->options.team ? exec->options.team : exec->shared->team;
    if (exec->when[op] == QL_FOLDED || exec->when[op] == QL_ONCE_DONE) {
        return QL_OK;
    }
    ql_code code = exec->when[op] == QL_DEFERRED ? prepare_late(exec, op, err) : QL_OK;
    if (!code) {
        code = ql_heap_need(exec, &exec->scratch, c->scratch_bytes, err);
        c->scratch = exec->scratch.data;
    }
    if (code || ql_call_makes_nothing(c)) {
        return code;
    }
    code = ql_exec_ask(exec, ql_call_work(c), err);
    code = code ? code : c->run(c);
    if (!code && exec->when[op] == QL_ONCE) {
        exec->when[op] = QL_ONCE_DONE;
    }
    return code;
}

ql_code ql_exec_run_op(ql_exec *exec, int op, ql_err *err)
{
    ql_code code = run_op(exec, op, err);
    if (code) {
        ql_at_operator(err, exec->model, exec->options.subgraph, op);
    }
    return code;
}

static ql_code show(const ql_call *c, int op, ql_tap tap, void *user, ql_err *err)
{
    for (int o = 0; tap && o < c->out_count; o++) {
        ql_code code = tap(user, op, c->out[o], err);
        if (code) {
            return code;
        }
    }
    return QL_OK;
}

ql_code ql_exec_start(ql_exec *exec, ql_err *err)
{
    if (exec->options.look_only || exec->options.plan_only) {
        return ql_fail(err, QL_E_UNSUPPORTED, "opened to be looked at: it cannot be run");
    }
    if (exec->options.threads > 1 && !exec->options.team && !exec->shared->team) {
        exec->shared->team = ql_team_open(exec->options.threads);
    }
    ql_arena_free(&exec->run);
    return ql_exec_ask(exec, 1, err);
}

ql_code ql_exec_run(ql_exec *exec, ql_tap tap, void *user, ql_err *err)
{
    ql_code code = ql_exec_start(exec, err);
    for (int op = 0; op < exec->graph->operator_count && !code; op++) {
        code = ql_exec_run_op(exec, op, err);
        code = code ? code : show(&exec->calls[op], op, tap, user, err);
    }
    return code;
}

void ql_exec_reset(ql_exec *exec)
{
    for (int t = 0; t < exec->graph->tensor_count; t++) {
        ql_view *view = &exec->views[t];
        if (view->tensor->variable && view->data) {
            /* as the official interpreter: int8 states start at their zero point */
            memset(view->data, view->type == QL_I8 ? (int)ql_zero(view) : 0, view->bytes);
        }
    }
    for (int op = 0; op < exec->graph->operator_count; op++) {
        exec->when[op] = exec->when[op] == QL_ONCE_DONE ? QL_ONCE : exec->when[op];
    }
    for (int i = 0; i < exec->child_count; i++) {
        ql_exec_reset(exec->children[i].exec);
    }
    if (exec->owns_shared) {
        ql_shared_reset(exec->shared, exec->model->subgraph_count);
    }
}

static uint64_t macs_of(const ql_call *c)
{
    bool ready = c->row && c->row->macs;
    for (int o = 0; ready && o < c->out_count; o++) {
        ready = c->out[o]->shaped;
    }
    return ready ? c->row->macs(c) : 0;
}

uint64_t ql_exec_macs(const ql_exec *exec, int op)
{
    return macs_of(&exec->calls[op]);
}

/* Loops over the other dimensions run even where one is 0. */
static uint64_t positions(const ql_view *view)
{
    uint64_t product = view && view->shaped;
    for (int d = 0; product && d < view->rank; d++) {
        product *= view->dims[d] > 0 ? (uint64_t)view->dims[d] : 1;
    }
    return product;
}

uint64_t ql_call_work(const ql_call *c)
{
    uint64_t work = macs_of(c);
    for (int i = 0; i < c->in_count; i++) {
        work += positions(c->in[i]);
    }
    for (int o = 0; o < c->out_count; o++) {
        work += positions(c->out[o]);
    }
    return c->row->work ? work + c->row->work(c) : work;
}

bool ql_call_makes_nothing(const ql_call *c)
{
    bool nothing = c->out_count && !c->row->impure;
    for (int o = 0; nothing && o < c->out_count; o++) {
        nothing = c->out[o]->shaped && !c->out[o]->count;
    }
    return nothing;
}

ql_code ql_exec_ask(const ql_exec *exec, uint64_t work, ql_err *err)
{
    const ql_exec_options *o = &exec->options;
    return o->stop && o->stop(o->stop_user, work) ? ql_fail(err, QL_E_INTERRUPTED, "interrupted") : QL_OK;
}

size_t ql_exec_need(const ql_exec *exec)
{
    return exec->shared->bytes + exec->shared->planned;
}

size_t ql_exec_packed(const ql_exec *exec)
{
    return exec->shared->packed;
}

size_t ql_exec_memory(const ql_exec *exec)
{
    size_t bytes = exec->block.capacity + exec->scratch.capacity + exec->plan.used + exec->lasting.used;
    for (int i = 0; i < exec->child_count; i++) {
        bytes += ql_exec_memory(exec->children[i].exec);
    }
    return bytes;
}
