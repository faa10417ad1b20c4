#include "reports/config/keras.h"

#include <string.h>

/* Of each operator the node that computes it; others in its name are activations, normalizations and sums
 * that were fused, or constants that happened to be shared. */
static const struct {
    const char *op, *node;
} kernels[] = {
    {"CONV_2D", "Conv2D"},         {"DEPTHWISE_CONV_2D", "depthwise"},
    {"FULLY_CONNECTED", "MatMul"}, {"TRANSPOSE_CONV", "conv2d_transpose"},
    {"CONV_3D", "Conv3D"},
};

static bool begins(ql_str text, const char *with)
{
    size_t length = strlen(with);
    return text.length >= length && !memcmp(text.text, with, length);
}

/* The next part of a path, without what calls of functions put before it. */
static ql_str next_part(ql_str *path)
{
    size_t length = 0;
    while (length < path->length && path->text[length] != '/') {
        length++;
    }
    ql_str part = {path->text, length};
    size_t step = length < path->length ? length + 1 : length;
    *path = (ql_str){path->text + step, path->length - step};
    return part;
}

static bool is_kernel(const char *op_name, ql_str node)
{
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        if (!strcmp(kernels[i].op, op_name) && begins(node, kernels[i].node)) {
            return true;
        }
    }
    return false;
}

static void add(ql_keras_layers *layers, ql_str name, bool kernel)
{
    for (int i = 0; i < layers->count; i++) {
        if (layers->names[i].length == name.length &&
            !memcmp(layers->names[i].text, name.text, name.length)) {
            layers->kernels[i] = layers->kernels[i] || kernel;
            return;
        }
    }
    if (layers->count < QL_KERAS_LAYERS) {
        layers->kernels[layers->count] = kernel;
        layers->names[layers->count++] = name;
    }
}

/* "model/layer/node" */
static void read_node(ql_keras_layers *layers, ql_str path, const char *op_name)
{
    ql_str model = next_part(&path);
    while (begins(model, "StatefulPartitionedCall") || begins(model, "PartitionedCall")) {
        if (!path.length) {
            return;
        }
        model = next_part(&path);
    }
    ql_str layer = next_part(&path), node = path;
    if (begins(layer, "quant_")) {
        layer = (ql_str){layer.text + 6, layer.length - 6};
    }
    if (model.length && layer.length && node.length) {
        add(layers, layer, is_kernel(op_name, node));
    }
}

static void read_names(ql_keras_layers *layers, ql_str name, const char *op_name)
{
    for (size_t at = 0, end; at < name.length; at = end + 1) {
        for (end = at; end < name.length && name.text[end] != ';'; end++) {
        }
        read_node(layers, (ql_str){name.text + at, end - at}, op_name);
    }
}

ql_code ql_keras_find(ql_export *c, ql_keras_layers **layers, ql_err *err)
{
    ql_debug *debug = NULL;
    char op_name[64];
    int subgraph = c->source->reference.subgraph;
    *layers = QL_TAKE(&c->arena, (size_t)c->graph->operator_count + 1, ql_keras_layers);
    ql_code code = *layers ? QL_OK : ql_fail_memory(err, sizeof **layers);
    if (!code && ql_debug_open(c->model, &debug, NULL)) {
        debug = NULL; /* malformed metadata is none */
    }
    for (int i = 0; i < c->graph->operator_count && !code; i++) {
        ql_origin origin = {0};
        ql_keras_layers *own = &(*layers)[i];
        read_names(own, ql_export_name(c, i), ql_export_op_name(c, i, op_name));
        if (!own->count) {
            code = ql_debug_origin(debug, subgraph, i, &c->arena, &origin, err);
        }
        for (int k = 0; k < origin.name_count && !code; k++) {
            read_names(own, origin.names[k], ql_export_op_name(c, i, op_name));
        }
    }
    ql_debug_close(debug);
    return code;
}
