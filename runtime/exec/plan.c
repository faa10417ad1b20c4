/* Planning: what can be known before a sample is there is found out once. */
#include "runtime/exec/internal.h"
#include "runtime/model/debug.h"

#include <string.h>

static bool all_shaped(ql_view *const *views, int count)
{
    for (int i = 0; i < count; i++) {
        if (views[i] && !views[i]->shaped) {
            return false;
        }
    }
    return true;
}

static bool all_known(const ql_call *c)
{
    for (int i = 0; i < c->in_count; i++) {
        if (c->in[i] && !c->in[i]->known) {
            return false;
        }
    }
    return true;
}

static ql_code check_arity(const ql_call *c, ql_err *err)
{
    const ql_op *row = c->row;
    if (c->in_count < row->min_in || (row->max_in >= 0 && c->in_count > row->max_in)) {
        return ql_fail(err, QL_E_FORMAT, "%d inputs: must be %d to %d", c->in_count, row->min_in,
                       row->max_in);
    }
    if (c->out_count < row->min_out || (row->max_out >= 0 && c->out_count > row->max_out)) {
        return ql_fail(err, QL_E_FORMAT, "%d outputs: must be %d to %d", c->out_count, row->min_out,
                       row->max_out);
    }
    for (int i = 0; i < row->min_in; i++) {
        if (!c->in[i]) {
            return ql_fail(err, QL_E_FORMAT, "input %d is left out: it is not optional", i);
        }
    }
    for (int i = 0; i < c->in_count; i++) {
        if (c->in[i] && c->in[i]->tensor->sparsity && !row->sparse) {
            return ql_fail_in(c, i, QL_E_UNSUPPORTED, "a sparse tensor: this operator needs a dense one");
        }
    }
    for (int o = 0; o < c->out_count; o++) {
        if (!c->out[o]) {
            return ql_fail(err, QL_E_FORMAT, "output %d is left out: it is not optional", o);
        }
    }
    return QL_OK;
}

/* Float activations with integer weights have kernels of their own. */
static ql_slot default_slot(const ql_call *c)
{
    const ql_view *key = c->row->key < 0 ? c->out[0] : c->in[c->row->key];
    ql_slot slot = ql_slot_of(key->type);
    int weight = c->row->quant.weight;
    if (slot == QL_S_F32 && weight > 0 && ql_has(c, weight)) {
        ql_type type = c->in[weight]->type;
        if (type == QL_I8 || type == QL_U8 || type == QL_I4 || type == QL_I2) {
            return QL_S_HYBRID;
        }
    }
    return slot;
}

static ql_code choose_kernel(ql_call *c)
{
    if (c->row->key >= c->in_count || (c->row->key < 0 && !c->out_count)) {
        c->slot = QL_S_RESOURCE; /* operators without tensors, such as CALL_ONCE */
    } else {
        c->slot = c->row->pick ? c->row->pick(c) : default_slot(c);
    }
    if (c->slot < QL_S_COUNT && ql_op_supports(c->row, c->slot)) {
        c->run = c->row->run[c->slot] ? c->row->run[c->slot] : c->row->run_any;
        return QL_OK;
    }
    int key = c->row->key < 0 ? 0 : c->row->key;
    const ql_view *view = c->row->key < 0 ? c->out[0] : c->in[key];
    return ql_fail_in(c, key, QL_E_UNSUPPORTED, "type %s%s: this operator has no kernel for it",
                      c->slot == QL_S_HYBRID ? "float32 with integer weights, " : "",
                      ql_type_name(view->type));
}

static ql_view **views_of(ql_exec *exec, const int32_t *indices, int count)
{
    ql_view **views = QL_TAKE(&exec->plan, (size_t)count, ql_view *);
    for (int i = 0; views && i < count; i++) {
        views[i] = indices[i] >= 0 ? &exec->views[indices[i]] : NULL;
    }
    return views;
}

static ql_code init_call(ql_exec *exec, int op, ql_err *err)
{
    ql_call *c = &exec->calls[op];
    const ql_operator *use = &exec->graph->operators[op];
    *c = (ql_call){.op = use,
                   .numerics = exec->options.numerics,
                   .isa = exec->options.isa,
                   .threads = exec->options.threads > 1 ? exec->options.threads : 1,
                   .look_only = exec->options.look_only,
                   .arena = &exec->plan,
                   .exec = exec,
                   .err = err};
    c->row = ql_op_find(exec->model, use);
    c->in_count = use->input_count;
    c->out_count = use->output_count;
    c->in = views_of(exec, use->inputs, use->input_count);
    c->out = views_of(exec, use->outputs, use->output_count);
    c->intermediates = views_of(exec, use->intermediates, use->intermediate_count);
    ql_options *defaults = QL_TAKE(&exec->plan, 1, ql_options);
    if (!c->in || !c->out || !c->intermediates || !defaults) {
        return ql_fail_memory(err, sizeof(ql_view *));
    }
    if (!c->row) {
        return ql_fail(err, QL_E_UNSUPPORTED,
                       "this operator is not supported (qloupe ops lists those that are)");
    }
    int version = exec->model->opcodes[use->opcode].version;
    if (version > c->row->max_version) {
        return ql_fail(err, QL_E_UNSUPPORTED, "version %d: at most version %d is supported", version,
                       c->row->max_version);
    }
    defaults->table =
        c->row->options_id ? ql_options_table_of(c->row->options_id, c->row->options_second) : NULL;
    c->options = use->options.table == defaults->table ? &use->options : defaults;
    ql_code code = check_arity(c, err);
    return code ? code : choose_kernel(c);
}

bool ql_view_declared(ql_view *view)
{
    view->type = view->tensor->type;
    view->rank = view->tensor->rank;
    memcpy(view->dims, view->tensor->shape, (size_t)view->rank * sizeof *view->dims);
    return ql_dims_count(view->dims, view->rank, &view->count) &&
           ql_type_bytes(view->type, view->count, &view->bytes);
}

/* A variable has the memory that its declared shape needs: what prepare made of it is undone, and may not
 * differ. */
static ql_code keep_variables(const ql_call *c)
{
    ql_code code = QL_OK;
    for (int o = 0; o < c->out_count; o++) {
        ql_view *view = c->out[o], made = *view;
        if (!view->tensor->variable) {
            continue;
        }
        ql_view_declared(view);
        if (!code && made.shaped && (made.type != view->type || !ql_same_shape(&made, view))) {
            code = ql_fail_out(c, o, QL_E_FORMAT,
                               "a variable of %zu bytes: the operator gives it another shape or type",
                               view->bytes);
        }
    }
    return code;
}

static int variables_written(const ql_call *c)
{
    int count = 0;
    for (int o = 0; o < c->out_count; o++) {
        count += c->out[o]->tensor->variable;
    }
    return count;
}

ql_code ql_exec_prepare(ql_exec *exec, int op, ql_err *err)
{
    ql_call *c = &exec->calls[op];
    c->err = err;
    c->deferred = false;
    c->shapes_in_run = false;
    c->scratch_bytes = 0;
    ql_code code = c->row->prepare(c), kept = keep_variables(c);
    code = code ? code : kept;
    if (code || c->deferred || c->shapes_in_run) {
        return code;
    }
    for (int o = 0; o < c->out_count; o++) {
        if (!c->out[o]->shaped) {
            return ql_fail_out(c, o, QL_E_UNSUPPORTED,
                               "its shape cannot be found out: this operator needs it");
        }
    }
    return QL_OK;
}

/* What a file can make us compute before a run. What is beyond that is computed in the run. */
#define FOLD_WORK ((uint64_t)1 << 30)

static bool folds(const ql_exec *exec, const ql_call *c)
{
    return !c->row->impure && c->out_count && (c->row->shape_only || all_known(c)) &&
           ql_call_work(c) <= FOLD_WORK - exec->shared->folded;
}

/* Computes what follows from constants alone, once. */
static ql_code fold(ql_exec *exec, int op, ql_err *err)
{
    ql_call *c = &exec->calls[op];
    for (int o = 0; o < c->out_count; o++) {
        c->out[o]->data = ql_take(&exec->plan, c->out[o]->bytes, 1);
        if (!c->out[o]->data) {
            return ql_fail_memory(err, c->out[o]->bytes);
        }
    }
    ql_code code = ql_heap_need(exec, &exec->scratch, c->scratch_bytes, err);
    c->scratch = exec->scratch.data;
    exec->shared->folded += ql_call_work(c);
    code = code ? code : ql_exec_ask(exec, ql_call_work(c), err);
    code = code || ql_call_makes_nothing(c) ? code : c->run(c);
    for (int o = 0; o < c->out_count && !code; o++) {
        c->out[o]->known = true;
    }
    exec->when[op] = QL_FOLDED;
    return code;
}

/* Operators whose run only reads what prepare derived, and which derive much. */
static bool lends(const ql_op *row)
{
    enum { CONV_2D = 3, DEPTHWISE_CONV_2D = 4, FULLY_CONNECTED = 9 };
    return row->code == CONV_2D || row->code == DEPTHWISE_CONV_2D || row->code == FULLY_CONNECTED;
}

static bool same_input(const ql_view *a, const ql_view *b)
{
    bool both = a && b;
    return (!a && !b) || (both && a->type == b->type && a->known == b->known && a->shaped && b->shaped &&
                          ql_same_shape(a, b));
}

/* Takes over what another exec derived for the same operator; false where that does not do. */
static bool take_over(ql_exec *exec, int op)
{
    ql_call *c = &exec->calls[op];
    const ql_exec_options *o = &exec->options;
    ql_prepared from = o->like       ? (ql_prepared){o->like, op}
                       : o->prepared ? o->prepared[op]
                                     : (ql_prepared){0};
    const ql_call *d = from.exec ? &from.exec->calls[from.op] : NULL;
    if (!d || from.exec->when[from.op] != QL_AT_RUN || d->row != c->row || d->slot != c->slot ||
        !lends(c->row) || d->numerics != c->numerics || d->isa != c->isa || d->in_count != c->in_count ||
        d->out_count != 1 || c->out_count != 1 || c->out[0]->type != d->out[0]->type) {
        return false;
    }
    for (int i = 0; i < c->in_count; i++) {
        if (!same_input(c->in[i], d->in[i])) {
            return false;
        }
    }
    ql_view *out = c->out[0];
    const ql_view *made = d->out[0];
    out->rank = made->rank;
    memcpy(out->dims, made->dims, sizeof out->dims);
    out->count = made->count;
    out->bytes = made->bytes;
    out->shaped = made->shaped;
    c->state = d->state;
    c->run = d->run;
    c->scratch_bytes = d->scratch_bytes;
    return true;
}

/* Takes over what followed from the same constants in an exec of the same model. */
static bool take_folded(ql_exec *exec, int op)
{
    ql_call *c = &exec->calls[op];
    const ql_exec *like = exec->options.like;
    const ql_call *d = like && like->when[op] == QL_FOLDED ? &like->calls[op] : NULL;
    for (int i = 0; d && i < c->in_count; i++) {
        d = same_input(c->in[i], d->in[i]) ? d : NULL;
    }
    for (int o = 0; d && o < c->out_count; o++) {
        const ql_view *made = d->out[o];
        bool same = made->bytes == c->out[o]->bytes && ql_same_shape(made, c->out[o]);
        d = same ? d : NULL;
    }
    for (int o = 0; d && o < c->out_count; o++) {
        c->out[o]->data = d->out[o]->data;
        c->out[o]->known = true;
    }
    exec->when[op] = d ? QL_FOLDED : exec->when[op];
    return d;
}

static ql_code plan_op(ql_exec *exec, int op, ql_err *err)
{
    ql_call *c = &exec->calls[op];
    ql_code code = init_call(exec, op, err);
    if (code) {
        return code;
    }
    if (!all_shaped(c->in, c->in_count)) {
        c->deferred = true;
    } else if (!take_over(exec, op) && (code = ql_exec_prepare(exec, op, err))) {
        return code;
    }
    if (c->deferred) {
        exec->when[op] = QL_DEFERRED;
        for (int o = 0; o < c->out_count; o++) {
            c->out[o]->shaped = c->out[o]->tensor->variable;
        }
        return QL_OK;
    }
    exec->when[op] = QL_AT_RUN;
    if (!folds(exec, c)) {
        return QL_OK;
    }
    int variables = variables_written(c);
    if (variables == c->out_count) {
        exec->when[op] = QL_ONCE;
    }
    return variables || take_folded(exec, op) ? QL_OK : fold(exec, op, err);
}

static ql_code start_view(ql_exec *exec, int t, ql_err *err)
{
    const ql_tensor *tensor = &exec->graph->tensors[t];
    ql_view *view = &exec->views[t];
    void *kept = tensor->variable ? view->data : NULL;
    *view = (ql_view){.tensor = tensor, .index = t, .type = tensor->type};
    if (!tensor->data && !tensor->variable) {
        return QL_OK;
    }
    if (!ql_view_declared(view) && !tensor->data) {
        return ql_fail(err, QL_E_UNSUPPORTED, "a variable of type %s: numbers are required",
                       ql_type_name(view->type));
    }
    view->shaped = true;
    if (tensor->data) {
        /* kernels never write to their inputs */
        view->data = (void *)(uintptr_t)tensor->data;
        view->bytes = tensor->bytes;
        view->known = true;
        return QL_OK;
    }
    view->data = kept ? kept : ql_take(&exec->lasting, view->bytes, 1);
    return view->data ? QL_OK : ql_fail_memory(err, view->bytes);
}

static ql_code start_views(ql_exec *exec, ql_err *err)
{
    for (int t = 0; t < exec->graph->tensor_count; t++) {
        ql_code code = start_view(exec, t, err);
        if (code) {
            ql_at_tensor_of(err, &exec->graph->tensors[t], t);
            return code;
        }
    }
    for (int i = 0; i < exec->graph->input_count; i++) {
        ql_view *view = &exec->views[exec->graph->inputs[i]];
        if (!view->tensor->variable) {
            *view = exec->inputs[i];
        }
    }
    return QL_OK;
}

static ql_code plan(ql_exec *exec, ql_err *err)
{
    ql_arena_free(&exec->plan);
    exec->shared->packed -= exec->packed;
    exec->packed = 0;
    if (!exec->parent) {
        exec->shared->folded = 0;
    }
    ql_code code = start_views(exec, err);
    for (int op = 0; op < exec->graph->operator_count && !code; op++) {
        code = plan_op(exec, op, err);
        if (code) {
            ql_at_operator(err, exec->model, exec->options.subgraph, op);
        }
    }
    return code ? code : ql_exec_place(exec, err);
}

/* What may be taken at most to find that out. */
static const size_t ROOM = (size_t)1 << 24;

static ql_code measure_bare(const ql_exec *exec, size_t *least, ql_err *err)
{
    ql_exec *bare;
    ql_exec_options options = exec->options;
    options.memory = NULL;
    options.plan_only = options.pack_bound = true;
    options.pack_bytes = 0;
    options.max_bytes = exec->shared->memory->limit > ROOM ? exec->shared->memory->limit : ROOM;
    ql_code code = ql_exec_open_in(&bare, exec->model, &options, NULL, err);
    if (code) {
        return code;
    }
    if (exec->inputs) {
        memcpy(bare->inputs, exec->inputs, (size_t)exec->graph->input_count * sizeof *bare->inputs);
        code = ql_exec_plan(bare, err);
    }
    *least = ql_exec_need(bare);
    ql_exec_close(bare);
    return code;
}

ql_code ql_exec_least(const ql_exec *exec, size_t *least, ql_err *err)
{
    ql_memory *memory = exec->shared->memory;
    size_t others = ql_memory_used(memory) - exec->shared->bytes;
    ql_code code = measure_bare(exec, least, err);
    *least += others;
    if (!code && *least > memory->limit) {
        code = ql_fail(err, QL_E_NOMEM, "at least %zu bytes of memory are needed: at most %zu are allowed",
                       *least, memory->limit);
    }
    return code;
}

/* Not all that is to be packed can be: what fits is. */
static ql_code plan_within(ql_exec *exec, ql_err *err)
{
    size_t least;
    ql_code code = ql_exec_least(exec, &least, err);
    exec->options.pack_bound = true;
    exec->options.pack_bytes = code ? 0 : exec->shared->memory->limit - least;
    code = code ? code : plan(exec, err);
    exec->options.pack_bound = false;
    return code;
}

ql_code ql_exec_plan(ql_exec *exec, ql_err *err)
{
    const ql_exec_options *o = &exec->options;
    ql_err refused;
    ql_err_clear(&refused);
    ql_code code = plan(exec, &refused);
    bool bound = exec->shared->memory->limit && !exec->parent && !o->plan_only && !o->look_only;
    if (code == QL_E_NOMEM && bound && !o->pack_bound) {
        return plan_within(exec, err);
    }
    if (code && err) {
        *err = refused;
    }
    return code;
}
