/* Prints what the reader made of each model named on the command line: one JSON object a line,
 * {"path", "error"} or the decoded model. tests/tools/check_models.py compares it with what other readers
 * say. */
#include "runtime/runtime.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void string(ql_str str)
{
    putchar('"');
    for (size_t i = 0; i < str.length; i++) {
        unsigned char c = (unsigned char)str.text[i];
        if (c < 0x20 || c == '"' || c == '\\') {
            printf("\\u%04x", c);
        } else {
            putchar(c);
        }
    }
    putchar('"');
}

static void ints(const char *key, const int32_t *values, size_t count)
{
    printf(",\"%s\":[", key);
    for (size_t i = 0; i < count; i++) {
        printf("%s%" PRId32, i ? "," : "", values[i]);
    }
    putchar(']');
}

static void longs(const char *key, const int64_t *values, size_t count)
{
    printf(",\"%s\":[", key);
    for (size_t i = 0; i < count; i++) {
        printf("%s%" PRId64, i ? "," : "", values[i]);
    }
    putchar(']');
}

static void floats(const char *key, const float *values, size_t count)
{
    printf(",\"%s\":[", key);
    for (size_t i = 0; i < count; i++) {
        printf("%s%.9g", i ? "," : "", (double)values[i]);
    }
    putchar(']');
}

static void option(const ql_options *options, int slot)
{
    const ql_option_slot *row = &options->table->slots[slot];
    const ql_option none = {0}, *value = options->values ? &options->values[slot] : &none;
    switch (row->kind) {
    case QL_OPT_SKIP:
        return;
    case QL_OPT_F32:
        printf(",\"%s\":%.9g", row->name, (double)ql_opt_f32(options, slot));
        return;
    case QL_OPT_STRING:
        printf(",\"%s\":", row->name);
        string((ql_str){value->data, value->count});
        return;
    case QL_OPT_I32S:
    case QL_OPT_U32S:
    case QL_OPT_SUBGRAPHS:
        ints(row->name, value->data, value->count);
        return;
    case QL_OPT_I64S:
        longs(row->name, value->data, value->count);
        return;
    case QL_OPT_F32S:
        floats(row->name, value->data, value->count);
        return;
    case QL_OPT_U8S:
    case QL_OPT_BOOLS:
        printf(",\"%s\":%zu", row->name, value->count);
        return;
    default:
        printf(",\"%s\":%" PRId64, row->name, ql_opt_i64(options, slot));
    }
}

static void tensor(const ql_tensor *t)
{
    printf("{\"name\":");
    string(t->name);
    printf(",\"type\":\"%s\",\"buffer\":%d,\"bytes\":%zu,\"constant\":%s,\"variable\":%s,\"sparse\":%s,"
           "\"axis\":%d",
           ql_type_name(t->type), t->buffer, t->bytes, t->data ? "true" : "false",
           t->variable ? "true" : "false", t->sparsity ? "true" : "false", t->quant.axis);
    ints("shape", t->shape, (size_t)t->rank);
    if (t->signature) {
        ints("shape_signature", t->signature, (size_t)t->rank);
    }
    floats("scales", t->quant.scale, (size_t)t->quant.scale_count);
    longs("zero_points", t->quant.zero_point, (size_t)t->quant.scale_count);
    putchar('}');
}

static void operation(const ql_model *model, const ql_operator *op)
{
    char name[64];
    const char *text = ql_operator_name(model, op, name);
    printf("{\"op\":\"%s\",\"version\":%d", text, model->opcodes[op->opcode].version);
    ints("inputs", op->inputs, (size_t)op->input_count);
    ints("outputs", op->outputs, (size_t)op->output_count);
    ints("intermediates", op->intermediates, (size_t)op->intermediate_count);
    printf(",\"options\":{\"_\":\"%s\"", op->options.table ? op->options.table->name : "");
    for (int i = 0; op->options.table && i < ql_options_slot_count(op->options.table); i++) {
        option(&op->options, i);
    }
    printf("}}");
}

static void subgraph(const ql_model *model, const ql_subgraph *graph)
{
    printf("{\"name\":");
    string(graph->name);
    ints("inputs", graph->inputs, (size_t)graph->input_count);
    ints("outputs", graph->outputs, (size_t)graph->output_count);
    printf(",\"tensors\":[");
    for (int i = 0; i < graph->tensor_count; i++) {
        fputs(i ? "," : "", stdout);
        tensor(&graph->tensors[i]);
    }
    printf("],\"operators\":[");
    for (int i = 0; i < graph->operator_count; i++) {
        fputs(i ? "," : "", stdout);
        operation(model, &graph->operators[i]);
    }
    printf("]}");
}

static void dump(const ql_model *model)
{
    printf(",\"version\":%d,\"buffers\":%d,\"description\":", model->version, model->buffer_count);
    string(model->description);
    printf(",\"metadata\":[");
    for (int i = 0; i < model->metadata_count; i++) {
        fputs(i ? "," : "", stdout);
        string(model->metadata[i].name);
    }
    printf("],\"signatures\":[");
    for (int i = 0; i < model->signature_count; i++) {
        fputs(i ? "," : "", stdout);
        string(model->signatures[i].key);
    }
    printf("],\"subgraphs\":[");
    for (int i = 0; i < model->subgraph_count; i++) {
        fputs(i ? "," : "", stdout);
        subgraph(model, &model->subgraphs[i]);
    }
    putchar(']');
}

int main(int count, char **paths)
{
    int refused = 0;
    for (int i = 1; i < count; i++) {
        ql_model *model;
        ql_err err;
        char text[1024];
        ql_err_clear(&err);
        ql_code code = ql_model_open(&model, paths[i], &err);
        printf("{\"path\":");
        string((ql_str){paths[i], strlen(paths[i])});
        if (code) {
            printf(",\"error\":");
            ql_err_text(&err, text, sizeof text);
            string((ql_str){text, strlen(text)});
            refused++;
        } else {
            dump(model);
            ql_model_close(model);
        }
        printf("}\n");
    }
    return refused != 0;
}
