/* Python for TensorFlow's converter. Its quantizer leaves an operator in float when the operator's location
 * is in denylisted_nodes: the whole name of any of its outputs, letter by letter. Anything else matches
 * nothing, silently, so each name is held against those of all operators first. */
#include "reports/config/mangle.h"
#include "reports/config/targets.h"

#include <stdlib.h>
#include <string.h>

/* Operators that compute in their input's scale (the converter's SameScalesOpInterface) and can have fewer
 * elements after than before: behind an int8 tensor its op-order pass moves the DEQUANTIZE below them. */
static const char *const sinking[] = {
    "AVERAGE_POOL_2D",
    "BATCH_TO_SPACE_ND",
    "GATHER",
    "GATHER_ND",
    "MAX_POOL_2D",
    "REDUCE_MAX",
    "REDUCE_MIN",
    "RESIZE_BILINEAR",
    "SLICE",
    "SPLIT",
    "SPLIT_V",
    "STRIDED_SLICE",
    "SUM",
    "UNPACK",
    "DEPTH_TO_SPACE",
    "RESIZE_NEAREST_NEIGHBOR",
};

typedef struct {
    ql_str name;
    int op;
} owner;

typedef struct {
    ql_export *config;
    owner *owners; /* of every output name, verbatim and un-mangled, sorted by name */
    int owner_count;
    bool *whole_type; /* by operator: its type is denylisted as a whole */
} denylist;

static int by_name(const void *a, const void *b)
{
    const owner *x = a, *y = b;
    size_t shorter = x->name.length < y->name.length ? x->name.length : y->name.length;
    int order = memcmp(x->name.text, y->name.text, shorter);
    return order ? order : (x->name.length > y->name.length) - (x->name.length < y->name.length);
}

static ql_code list_owners(denylist *d, ql_err *err)
{
    ql_export *c = d->config;
    size_t most = 0;
    for (int i = 0; i < c->graph->operator_count; i++) {
        most += 2 * (size_t)c->graph->operators[i].output_count;
    }
    d->owners = QL_TAKE(&c->arena, most, owner);
    d->whole_type = QL_TAKE(&c->arena, (size_t)c->graph->operator_count, bool);
    ql_code code = d->owners && d->whole_type ? QL_OK : ql_fail_memory(err, most * sizeof *d->owners);
    for (int i = 0; i < c->graph->operator_count && !code; i++) {
        const ql_operator *op = &c->graph->operators[i];
        for (int k = 0; k < op->output_count && !code; k++) {
            if (op->outputs[k] >= 0) {
                ql_str name = c->graph->tensors[op->outputs[k]].name, plain;
                code = ql_name_unmangle(name, &plain, &c->arena, err);
                d->owners[d->owner_count++] = (owner){name, i};
                d->owners[d->owner_count++] = (owner){code ? name : plain, i};
            }
        }
    }
    if (!code) {
        qsort(d->owners, (size_t)d->owner_count, sizeof *d->owners, by_name);
    }
    return code;
}

/* An operator of that name that is not to be in float; -1: there is none. */
static int bystander(const denylist *d, ql_str name)
{
    owner key = {name, 0};
    owner *found =
        d->owner_count ? bsearch(&key, d->owners, (size_t)d->owner_count, sizeof key, by_name) : NULL;
    while (found && found > d->owners && !by_name(found - 1, &key)) {
        found--;
    }
    for (; found && found < d->owners + d->owner_count && !by_name(found, &key); found++) {
        if (!ql_export_is_float(d->config, found->op)) {
            return found->op;
        }
    }
    return -1;
}

static int type_of(const ql_export *c, int op)
{
    return c->model->opcodes[c->graph->operators[op].opcode].code;
}

/* Types with several operators, all of them in float: said in one word. */
static void find_whole_types(denylist *d)
{
    ql_export *c = d->config;
    for (int i = 0; i < c->graph->operator_count; i++) {
        int all = 0, wanted = 0;
        for (int k = 0; k < c->graph->operator_count; k++) {
            all += type_of(c, k) == type_of(c, i);
            wanted += type_of(c, k) == type_of(c, i) && c->ops[k].layer && ql_export_is_float(c, k);
        }
        d->whole_type[i] = all > 1 && all == wanted && ql_builtin_name(type_of(c, i)) && type_of(c, i) != 32;
    }
}

static bool sinks(const ql_export *c, int op)
{
    char buffer[64];
    const char *name = ql_export_op_name(c, op, buffer);
    for (size_t i = 0; i < sizeof sinking / sizeof *sinking; i++) {
        if (!strcmp(sinking[i], name)) {
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

static bool is_output(const ql_export *c, int tensor)
{
    for (int i = 0; i < c->graph->output_count; i++) {
        if (c->graph->outputs[i] == tensor) {
            return true;
        }
    }
    return false;
}

/* How many would read the one DEQUANTIZE of that tensor. */
static int float_readers(const ql_export *c, int tensor)
{
    int count = is_output(c, tensor) && c->output == QL_F32;
    for (int i = 0; i < c->graph->operator_count; i++) {
        const ql_operator *op = &c->graph->operators[i];
        for (int k = 0; k < op->input_count && ql_export_is_float(c, i); k++) {
            count += op->inputs[k] == tensor;
        }
    }
    return count;
}

/* Is the tensor int8 in the converted model? `sunk`: operators that were moved back to int8. */
static bool made_int8(const ql_export *c, const bool *sunk, int tensor)
{
    int maker = c->maker[tensor];
    if (maker < 0) {
        return !c->graph->tensors[tensor].data && c->input != QL_F32;
    }
    return c->ops[maker].format == QL_FORMAT_INT8 || sunk[maker];
}

/* A float pool behind an int8 operator is pulled back to int8, whatever the denylist says. */
static ql_code check_sinking(const denylist *d, ql_err *err)
{
    ql_export *c = d->config;
    bool *sunk = QL_TAKE(&c->arena, (size_t)c->graph->operator_count, bool);
    if (!sunk) {
        return ql_fail_memory(err, (size_t)c->graph->operator_count);
    }
    for (int i = 0; i < c->graph->operator_count; i++) {
        const ql_operator *op = &c->graph->operators[i];
        if (!ql_export_is_float(c, i) || !sinks(c, i) || op->output_count != 1 || !op->input_count) {
            continue;
        }
        for (int k = 0; k < op->input_count && !sunk[i]; k++) {
            int in = op->inputs[k];
            sunk[i] = in >= 0 && c->graph->tensors[in].type == QL_F32 && made_int8(c, sunk, in) &&
                      elements(&c->graph->tensors[in]) > elements(&c->graph->tensors[op->outputs[0]]) &&
                      float_readers(c, in) == 1;
        }
        if (sunk[i] && c->ops[i].layer) {
            return ql_export_refuse(c, i, err,
                                    "float behind an int8 operator: TensorFlow's converter takes it back to "
                                    "int8 (it moves the DEQUANTIZE below): the operator before it in float "
                                    "too, or another target, is required");
        }
    }
    return QL_OK;
}

static ql_code check_layer(const denylist *d, int op, ql_err *err)
{
    ql_export *c = d->config;
    ql_str name = ql_export_name(c, op);
    if (c->ops[op].format == QL_FORMAT_INT16X8) {
        return ql_export_refuse(c, op, err,
                                "16x8: TensorFlow's converter quantizes single layers to int8 only: float, "
                                "or target ai-edge-quantizer, is required");
    }
    if (!ql_export_is_float(c, op) || d->whole_type[op]) {
        return QL_OK;
    }
    if (!name.length) {
        return ql_export_refuse(c, op, err, "its output has no name: denylisted_nodes needs one");
    }
    if (!ql_export_is_text(name)) {
        return ql_export_refuse(c, op, err, "its output's name is not UTF-8 text: Python cannot pass it on");
    }
    int other = bystander(d, name);
    return other < 0
               ? QL_OK
               : ql_export_refuse(c, op, err,
                                  "operator #%d has the same name: the denylist would put both in float",
                                  other);
}

static ql_code check(denylist *d, ql_err *err)
{
    ql_export *c = d->config;
    ql_code code = QL_OK;
    for (int i = 0; i < c->graph->operator_count && !code; i++) {
        code = c->ops[i].layer ? check_layer(d, i, err) : QL_OK;
    }
    for (int i = 0; i < c->graph->operator_count && !code; i++) {
        if (!c->ops[i].layer && c->ops[i].format == QL_FORMAT_INT16X8) {
            code = ql_export_refuse(c, i, err,
                                    "16x8 in the candidate: TensorFlow's debugger makes int8 models only");
        }
    }
    return code ? code : check_sinking(d, err);
}

static void put_types(ql_text *out, const denylist *d)
{
    char name[64];
    ql_text_put(out, "DENYLISTED_OPS = [\n");
    for (int i = 0; i < d->config->graph->operator_count; i++) {
        bool first = d->whole_type[i];
        for (int k = 0; k < i && first; k++) {
            first = type_of(d->config, k) != type_of(d->config, i);
        }
        if (first) {
            ql_text_format(out, "    \"%s\",\n", ql_export_op_name(d->config, i, name));
        }
    }
    ql_text_put(out, "]\n");
}

static void put_name(ql_text *out, const denylist *d, int op, ql_str name)
{
    ql_text_put(out, "    ");
    ql_export_put_python(out, name);
    ql_text_put(out, ",  ");
    ql_export_put_comment(out, d->config, op);
    ql_text_put(out, "\n");
}

/* The name and, where newer converters read it otherwise, what they read: a name more does no harm as long as
 * nobody else has it. */
static ql_code put_node(ql_text *out, const denylist *d, int op, ql_err *err)
{
    ql_str name = ql_export_name(d->config, op), plain;
    if (!name.length || !ql_export_is_text(name) || bystander(d, name) >= 0) {
        ql_export_note(d->config, op, "float in the candidate, but has no name of its own: left out");
        return QL_OK;
    }
    put_name(out, d, op, name);
    ql_code code = ql_name_unmangle(name, &plain, &d->config->arena, err);
    if (!code && plain.text != name.text) {
        if (bystander(d, plain) < 0) {
            put_name(out, d, op, plain);
        } else {
            ql_export_note(d->config, op,
                           "newer converters shorten its name to one that another operator "
                           "has: check their result");
        }
    }
    return code;
}

static ql_code put_nodes(ql_text *out, const denylist *d, ql_err *err)
{
    ql_code code = QL_OK;
    ql_text_put(out, "DENYLISTED_NODES = [\n");
    for (int i = 0; i < d->config->graph->operator_count && !code; i++) {
        if (ql_export_is_float(d->config, i) && !d->whole_type[i]) {
            code = put_node(out, d, i, err);
        }
    }
    ql_text_put(out, "]\n");
    return code;
}

static const char head[] =
    "# Layers to leave in float, for TensorFlow's converter (2.21). Use it as\n"
    "#\n"
    "#     import FILE_WITHOUT_PY as plan\n"
    "#     converter = tf.lite.TFLiteConverter.from_keras_model(model)\n"
    "#     converter.optimizations = [tf.lite.Optimize.DEFAULT]\n"
    "#     converter.representative_dataset = representative_dataset\n"
    "#     open(\"mixed.tflite\", \"wb\").write(plan.convert(converter))\n"
    "#\n"
    "# Names are matched letter by letter. convert() raises ValueError when one matched nothing.\n"
    "import re\n\nimport tensorflow as tf\n\n";

static const char body[] =
    "\n\n"
    "def debug_options(**more):\n"
    "    \"\"\"QuantizationDebugOptions with the denylist; `more` are options of your own.\"\"\"\n"
    "    return tf.lite.experimental.QuantizationDebugOptions(\n"
    "        denylisted_ops=DENYLISTED_OPS, denylisted_nodes=DENYLISTED_NODES, "
    "fully_quantize=FULLY_QUANTIZE, **more)\n"
    "\n\n"
    "def check(model):\n"
    "    \"\"\"Raises ValueError unless every node of the denylist is in float in the model (bytes).\"\"\"\n"
    "    interpreter = tf.lite.Interpreter(model_content=model)\n"
    "    made = [t[\"name\"] for t in interpreter.get_tensor_details() if t[\"dtype\"].__name__ == "
    "\"float32\"]\n"
    "    for node in FLOAT_NODES:\n"
    "        if not any(re.fullmatch(re.escape(node) + \"[0-9]*\", name) for name in made):\n"
    "            raise ValueError(\"still quantized: \" + node)\n"
    "\n\n"
    "def convert(converter, debug_dataset=None):\n"
    "    \"\"\"The mixed model (bytes) of a converter with optimizations and representative_dataset.\"\"\"\n"
    "    debugger = tf.lite.experimental.QuantizationDebugger(\n"
    "        converter=converter, debug_dataset=debug_dataset or converter.representative_dataset,\n"
    "        debug_options=debug_options())\n"
    "    model = debugger.get_nondebug_quantized_model()\n"
    "    check(model)\n"
    "    return model\n";

static bool makes_floats(const ql_export *c, int op)
{
    const ql_operator *o = &c->graph->operators[op];
    return o->output_count && o->outputs[0] >= 0 && c->graph->tensors[o->outputs[0]].type == QL_F32;
}

/* What check() looks for: each float layer's name, also of those denylisted by type. */
static void put_checks(ql_text *out, const denylist *d)
{
    ql_text_put(out, "FLOAT_NODES = [\n");
    for (int i = 0; i < d->config->graph->operator_count; i++) {
        ql_str name = ql_export_name(d->config, i);
        if (d->config->ops[i].layer && ql_export_is_float(d->config, i) && makes_floats(d->config, i) &&
            name.length && ql_export_is_text(name)) {
            ql_text_put(out, "    ");
            ql_export_put_python(out, name);
            ql_text_put(out, ",\n");
        }
    }
    ql_text_put(out, "]\n");
}

ql_code ql_export_tf_debugger(ql_export *c, ql_text *out, ql_err *err)
{
    denylist d = {.config = c};
    ql_code code = list_owners(&d, err);
    if (!code) {
        find_whole_types(&d);
        code = check(&d, err);
    }
    if (code) {
        return code;
    }
    if (c->input == QL_U8 || c->output == QL_U8 || c->input != c->output) {
        ql_export_note(c, -1,
                       "the debugger makes float or int8 inputs and outputs: not those of the candidate");
    }
    ql_text_put(out, head);
    put_types(out, &d);
    code = put_nodes(out, &d, err);
    put_checks(out, &d);
    ql_text_format(out, "FULLY_QUANTIZE = %s  # int8 inputs and outputs\n",
                   c->input != QL_F32 ? "True" : "False");
    ql_text_put(out, body);
    return code;
}
