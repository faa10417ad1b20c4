#include "analyzer/whatif/values.h"

#include <stdlib.h>
#include <string.h>

typedef ql_value_id hash;

bool ql_value_known(ql_value_id id)
{
    return id.low || id.high;
}

int ql_value_order(ql_value_id a, ql_value_id b)
{
    if (a.high != b.high) {
        return a.high < b.high ? -1 : 1;
    }
    return a.low < b.low ? -1 : a.low > b.low;
}

static uint64_t turn(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

/* Two lanes that feed each other: each word changes both. */
static void add(hash *h, uint64_t word)
{
    h->low = turn(h->low ^ word * 0x9e3779b97f4a7c15, 29) * 0xbf58476d1ce4e5b9 + h->high;
    h->high = turn(h->high ^ word * 0xc2b2ae3d27d4eb4f, 33) * 0x94d049bb133111eb + h->low;
}

static void add_bytes(hash *h, const void *data, size_t bytes)
{
    const unsigned char *from = data;
    uint64_t word;
    add(h, bytes);
    for (; bytes >= sizeof word; bytes -= sizeof word, from += sizeof word) {
        memcpy(&word, from, sizeof word);
        add(h, word);
    }
    word = 0;
    if (bytes) {
        memcpy(&word, from, bytes);
    }
    add(h, word);
}

static void add_id(hash *h, hash id)
{
    add(h, id.low);
    add(h, id.high);
}

static hash finished(hash h)
{
    add(&h, 1);
    add(&h, 2);
    h.low |= !ql_value_known(h);
    return h;
}

static void add_int(hash *h, int64_t value)
{
    add(h, (uint64_t)value);
}

/* Is this quantization hashed in full below? */
static bool plain(const ql_quant *quant)
{
    return !quant->block_size && !quant->other_details;
}

static void add_form(hash *h, const ql_tensor *tensor)
{
    add_int(h, (int64_t)tensor->type);
    add_int(h, tensor->rank);
    add_bytes(h, tensor->shape, (size_t)tensor->rank * sizeof *tensor->shape);
    const ql_quant *quant = &tensor->quant;
    add_bytes(h, quant->scale, (size_t)quant->scale_count * sizeof *quant->scale);
    add_bytes(h, quant->zero_point, (size_t)quant->scale_count * sizeof *quant->zero_point);
    add_int(h, quant->scale_count > 1 ? quant->axis : 0);
}

static int by_address(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)((const ql_value_constant *)a)->data,
              y = (uintptr_t)((const ql_value_constant *)b)->data;
    return x < y ? -1 : x > y;
}

/* Weights are many: four lanes that do not wait for one another, then what is left. */
static hash of_bytes(const ql_tensor *tensor)
{
    enum { LANES = 4 };
    hash lanes[LANES] = {{13, 14}, {15, 16}, {17, 18}, {19, 20}}, h = {1, 2};
    const unsigned char *from = tensor->data;
    size_t left = tensor->bytes;
    uint64_t words[LANES];
    for (; left >= sizeof words; left -= sizeof words, from += sizeof words) {
        memcpy(words, from, sizeof words);
        for (int i = 0; i < LANES; i++) {
            add(&lanes[i], words[i]);
        }
    }
    add(&h, tensor->bytes);
    for (int i = 0; i < LANES; i++) {
        add_id(&h, lanes[i]);
    }
    add_bytes(&h, from, left);
    return finished(h);
}

static hash with_form(hash bytes, const ql_tensor *tensor)
{
    hash h = {3, 4};
    add_id(&h, bytes);
    add_form(&h, tensor);
    return finished(h);
}

ql_code ql_value_constants_make(ql_value_constants *constants, const ql_model *const *models,
                                const int *subgraphs, int count, ql_arena *arena, ql_err *err)
{
    size_t room = 0;
    for (int m = 0; m < count; m++) {
        room += (size_t)models[m]->subgraphs[subgraphs[m]].tensor_count;
    }
    *constants = (ql_value_constants){.list = QL_TAKE(arena, room, ql_value_constant)};
    if (!constants->list) {
        return ql_fail_memory(err, room * sizeof *constants->list);
    }
    for (int m = 0; m < count; m++) {
        const ql_subgraph *graph = &models[m]->subgraphs[subgraphs[m]];
        for (int t = 0; t < graph->tensor_count; t++) {
            const ql_tensor *tensor = &graph->tensors[t];
            if (tensor->data) {
                hash bytes = of_bytes(tensor);
                constants->list[constants->count++] =
                    (ql_value_constant){tensor->data, bytes, with_form(bytes, tensor), tensor};
            }
        }
    }
    qsort(constants->list, (size_t)constants->count, sizeof *constants->list, by_address);
    return QL_OK;
}

/* The very lists, as in a model made from another one. */
static bool same_form(const ql_tensor *a, const ql_tensor *b)
{
    const ql_quant *p = &a->quant, *q = &b->quant;
    return a->type == b->type && a->rank == b->rank && a->shape == b->shape && p->scale == q->scale &&
           p->zero_point == q->zero_point && p->scale_count == q->scale_count && p->axis == q->axis;
}

static hash of_constant(const ql_tensor *tensor, const ql_value_constants *known)
{
    const ql_value_constant key = {.data = tensor->data};
    const ql_value_constant *found =
        known->count ? bsearch(&key, known->list, (size_t)known->count, sizeof key, by_address) : NULL;
    return found && same_form(found->form, tensor)
               ? found->id
               : with_form(found ? found->bytes : of_bytes(tensor), tensor);
}

static void add_option(hash *h, const ql_options *options, int i)
{
    const ql_option_slot *slot = &options->table->slots[i];
    if (slot->kind == QL_OPT_F32) {
        float value = ql_opt_f32(options, i);
        add_bytes(h, &value, sizeof value);
    } else if (slot->kind < QL_OPT_STRING && slot->kind != QL_OPT_SKIP) {
        add_int(h, ql_opt_i64(options, i));
    } else if (slot->kind >= QL_OPT_STRING && options->values && options->values[i].data) {
        add_bytes(h, options->values[i].data, options->values[i].count * ql_option_size(slot->kind));
    } else {
        add_int(h, -1);
    }
}

/* Everything about the operator but its inputs. */
static void add_operator(hash *h, const ql_model *model, const ql_operator *op)
{
    const ql_opcode *opcode = &model->opcodes[op->opcode];
    add_int(h, opcode->code);
    add_int(h, opcode->version);
    add_bytes(h, opcode->custom.text, opcode->custom.length);
    add_int(h, op->options.union_id);
    add_int(h, op->options.second);
    for (int i = 0; op->options.table && i < ql_options_slot_count(op->options.table); i++) {
        add_option(h, &op->options, i);
    }
    add_bytes(h, op->custom_options, op->custom_options_bytes);
}

ql_value_id ql_value_of_input(const ql_tensor *tensor, int side, int i)
{
    hash h = {5, 6};
    add_int(&h, side);
    add_int(&h, i);
    add_form(&h, tensor);
    return finished(h);
}

typedef struct {
    const ql_model *model;
    const ql_subgraph *graph;
    ql_values *values;
} numbering;

/* What the operator reads is in the hash; false when something in it is not known. */
static bool add_inputs(const numbering *n, const ql_operator *op, hash *h, bool *steady)
{
    bool known = true;
    *steady = true;
    for (int i = 0; i < op->input_count; i++) {
        int t = op->inputs[i];
        hash id = t >= 0 ? n->values->id[t] : (hash){7, 8};
        known = known && ql_value_known(id);
        *steady = *steady && (t < 0 || n->values->steady[t]);
        add_id(h, id);
    }
    for (int i = 0; i < op->intermediate_count; i++) {
        if (op->intermediates[i] >= 0) {
            add_form(h, &n->graph->tensors[op->intermediates[i]]);
        }
    }
    return known;
}

static void number_outputs(const numbering *n, const ql_operator *op)
{
    const ql_op *row = ql_op_find(n->model, op);
    hash h = {9, 10};
    bool steady;
    add_operator(&h, n->model, op);
    bool known = add_inputs(n, op, &h, &steady);
    for (int o = 0; o < op->output_count; o++) {
        const ql_tensor *tensor = &n->graph->tensors[op->outputs[o]];
        hash own = h;
        add_int(&own, o);
        add_form(&own, tensor);
        n->values->id[op->outputs[o]] = known && plain(&tensor->quant) ? finished(own) : (hash){0};
        n->values->steady[op->outputs[o]] = steady || (row && row->shape_only);
    }
}

static void add_type(hash *h, const ql_tensor *tensor)
{
    ql_tensor flat = *tensor;
    flat.rank = 0;
    add_form(h, &flat);
}

ql_value_id ql_value_of_operator(const ql_model *model, int subgraph, const ql_operator *op,
                                 const ql_values *values, const ql_value_constants *known)
{
    const ql_subgraph *graph = &model->subgraphs[subgraph];
    hash h = {11, 12};
    add_operator(&h, model, op);
    for (int i = 0; i < op->input_count; i++) {
        const ql_tensor *tensor = op->inputs[i] >= 0 ? &graph->tensors[op->inputs[i]] : NULL;
        if (tensor && (!plain(&tensor->quant) || tensor->sparsity ||
                       (!tensor->data && values->steady && values->steady[op->inputs[i]]))) {
            return (ql_value_id){0};
        }
        add_int(&h, tensor != NULL);
        if (tensor && tensor->data) {
            add_id(&h, of_constant(tensor, known));
        } else if (tensor) {
            add_type(&h, tensor);
        }
    }
    for (int o = 0; o < op->output_count; o++) {
        add_type(&h, &graph->tensors[op->outputs[o]]);
    }
    return finished(h);
}

static bool has_state(const numbering *n)
{
    for (int op = 0; op < n->graph->operator_count; op++) {
        const ql_op *row = ql_op_find(n->model, &n->graph->operators[op]);
        if (!row || row->impure) {
            return true;
        }
    }
    for (int t = 0; t < n->graph->tensor_count; t++) {
        if (n->graph->tensors[t].variable) {
            return true;
        }
    }
    return false;
}

ql_code ql_values_make(ql_values *values, const ql_model *model, int subgraph, const ql_value_id *inputs,
                       const ql_value_constants *known, ql_arena *arena, ql_err *err)
{
    numbering n = {model, &model->subgraphs[subgraph], values};
    size_t tensors = (size_t)n.graph->tensor_count;
    *values =
        (ql_values){.id = QL_TAKE(arena, tensors, ql_value_id), .steady = QL_TAKE(arena, tensors, bool)};
    if (!values->id || !values->steady) {
        return ql_fail_memory(err, tensors * sizeof *values->id);
    }
    values->stateful = has_state(&n);
    if (values->stateful) {
        return QL_OK;
    }
    for (size_t t = 0; t < tensors; t++) {
        const ql_tensor *tensor = &n.graph->tensors[t];
        values->steady[t] = tensor->data != NULL;
        if (tensor->data && plain(&tensor->quant) && !tensor->sparsity) {
            values->id[t] = of_constant(tensor, known);
        }
    }
    for (int i = 0; i < n.graph->input_count; i++) {
        values->id[n.graph->inputs[i]] = inputs[i];
    }
    for (int op = 0; op < n.graph->operator_count; op++) {
        number_outputs(&n, &n.graph->operators[op]);
    }
    return QL_OK;
}
