/* Python for TensorFlow Model Optimization: quantization-aware training of all layers but the plan's. It
 * works on layers of the Keras model, of which an operator may be several and share one with another. */
#include "reports/config/keras.h"
#include "reports/config/targets.h"

#include <string.h>

static bool same(ql_str a, ql_str b)
{
    return a.length == b.length && !memcmp(a.text, b.text, a.length);
}

/* An operator that is to be quantized and has that layer too; -1: none. */
static int sharer(const ql_export *c, const ql_keras_layers *layers, ql_str name)
{
    for (int i = 0; i < c->graph->operator_count; i++) {
        for (int k = 0; k < layers[i].count && c->ops[i].format == QL_FORMAT_INT8; k++) {
            if (same(layers[i].names[k], name)) {
                return i;
            }
        }
    }
    return -1;
}

/* Is that layer the one whose node computes the operator: the only such of its name, or the only one that is
 * no other operator's? */
static bool is_own_kernel(const ql_keras_layers *own, int k)
{
    int count = 0;
    for (int i = 0; i < own->count; i++) {
        count += own->kernels[i];
    }
    return own->kernels[k] && count == 1;
}

/* What names of fused operators have in common is not theirs, except the one layer that computes it. */
static bool belongs(const ql_export *c, const ql_keras_layers *layers, int op, int k)
{
    return sharer(c, layers, layers[op].names[k]) < 0 || is_own_kernel(&layers[op], k);
}

/* Another operator, to be quantized, that the layer computes as well. */
static ql_code check_sharing(const ql_export *c, const ql_keras_layers *layers, int op, int k, ql_err *err)
{
    char name[100];
    for (int i = 0; i < c->graph->operator_count; i++) {
        for (int other = 0; other < layers[i].count && c->ops[i].format == QL_FORMAT_INT8; other++) {
            bool theirs = layers[i].count == 1 || is_own_kernel(&layers[i], other);
            if (theirs && same(layers[i].names[other], layers[op].names[k])) {
                return ql_export_refuse(
                    c, op, err,
                    "the Keras layer '%s' is also operator #%d, which is to be quantized: "
                    "layers are annotated whole",
                    ql_escape(name, sizeof name, layers[op].names[k].text, layers[op].names[k].length), i);
            }
        }
    }
    return QL_OK;
}

static ql_code put_layer(ql_text *out, ql_export *c, const ql_keras_layers *layers, int op, ql_err *err)
{
    int put = 0;
    ql_code code = QL_OK;
    for (int k = 0; k < layers[op].count && !code; k++) {
        if (belongs(c, layers, op, k)) {
            code = check_sharing(c, layers, op, k, err);
            ql_text_put(out, "    ");
            ql_export_put_python(out, layers[op].names[k]);
            ql_text_put(out, ",  ");
            ql_export_put_comment(out, c, op);
            ql_text_put(out, "\n");
            put++;
        }
    }
    return code || put
               ? code
               : ql_export_refuse(c, op, err,
                                  "its name tells of no Keras layer of its own (model/layer/node): a float "
                                  "model converted with serialize_debug_metadata may");
}

static ql_code put_layers(ql_text *out, ql_export *c, const ql_keras_layers *layers, ql_err *err)
{
    for (int i = 0; i < c->graph->operator_count; i++) {
        if (c->ops[i].format == QL_FORMAT_INT16X8) {
            return ql_export_refuse(
                c, i, err, "16x8: the default scheme of TensorFlow Model Optimization has 8 bits only");
        }
        if (!ql_export_is_float(c, i) || !c->ops[i].layer) {
            continue;
        }
        if (!ql_export_is_text(ql_export_name(c, i))) {
            return ql_export_refuse(c, i, err,
                                    "its output's name is not UTF-8 text: Python cannot pass it on");
        }
        ql_code code = put_layer(out, c, layers, i, err);
        if (code) {
            return code;
        }
    }
    return QL_OK;
}

static const char head[] = "# Quantization-aware training (TensorFlow Model Optimization, Keras 2) with "
                           "these layers left in float. Use it as\n"
                           "#\n"
                           "#     import FILE_WITHOUT_PY as plan\n"
                           "#     model = plan.quantize_aware(model)   # then compile, train and convert it\n"
                           "import tensorflow_model_optimization as tfmot\n\n"
                           "FLOAT_LAYERS = {\n";

static const char body[] =
    "}\n\n\n"
    "def annotate(layer):\n"
    "    \"\"\"For clone_model: every layer but those in float is to be quantized.\"\"\"\n"
    "    if layer.name in FLOAT_LAYERS:\n"
    "        return layer\n"
    "    return tfmot.quantization.keras.quantize_annotate_layer(layer)\n"
    "\n\n"
    "def quantize_aware(model):\n"
    "    \"\"\"The model with fake quantization. ValueError when it lacks a layer of the list.\"\"\"\n"
    "    missing = FLOAT_LAYERS - {layer.name for layer in model.layers}\n"
    "    if missing:\n"
    "        raise ValueError(\"no such layers: \" + \", \".join(sorted(missing)))\n"
    "    import tf_keras\n\n"
    "    annotated = tf_keras.models.clone_model(model, clone_function=annotate)\n"
    "    with tfmot.quantization.keras.quantize_scope():\n"
    "        return tfmot.quantization.keras.quantize_apply(annotated)\n";

ql_code ql_export_tfmot(ql_export *c, ql_text *out, ql_err *err)
{
    ql_keras_layers *layers;
    ql_code code = ql_keras_find(c, &layers, err);
    ql_text_put(out, head);
    code = code ? code : put_layers(out, c, layers, err);
    ql_text_put(out, body);
    return code;
}
