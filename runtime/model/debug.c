#include "runtime/model/debug.h"

#include "runtime/model/flatbuffer.h"
#include "runtime/model/schema.h"
#include "runtime/model/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 64, MAX_VISITS = 4096, MAX_NAMES = 64, MAX_SOURCES = 256 };

struct ql_debug {
    const ql_model *model;
    const uint8_t *subgraphs; /* vector of tables */
    const uint8_t *types, *attributes;
    uint32_t attribute_count;
};

/* A location under way: what was collected, and how much more of a tangle is followed. */
typedef struct {
    const ql_debug *debug;
    int visits, name_count, source_count;
    ql_str names[MAX_NAMES];
    ql_frame sources[MAX_SOURCES];
} trail;

static uint32_t field(const uint8_t *table, int slot)
{
    return (uint32_t)ql_fb_i32(table, slot, 0);
}

static ql_str text_of(const uint8_t *table, int slot)
{
    const uint8_t *string = ql_fb_ref(table, slot);
    return string ? (ql_str){(const char *)string + 4, ql_fb_load_u32(string)} : (ql_str){"", 0};
}

static ql_code bad_index(const ql_debug *debug, uint32_t at, uint32_t index, ql_err *err)
{
    return ql_fail(err, QL_E_FORMAT, "debug_metadata: attribute #%u refers to #%u: there are %u", at, index,
                   debug->attribute_count);
}

/* The kind of location that attribute `index` is, and its table; 0 for whatever else. */
static int location(const ql_debug *debug, uint32_t index, const uint8_t **table)
{
    *table = NULL;
    if (debug->types[4 + index] != QL_ATTRIBUTE_LOCATION) {
        return 0;
    }
    const uint8_t *about = ql_fb_table(debug->attributes, (int)index);
    *table = ql_fb_ref(about, QL_LOCATION_VALUE);
    return *table ? ql_fb_u8(about, QL_LOCATION_TYPE, 0) : 0;
}

static ql_code check_list(const ql_debug *debug, uint32_t at, const uint8_t *list, ql_err *err)
{
    for (int i = 0; i < ql_fb_count(list); i++) {
        uint32_t index = ql_fb_load_u32(list + 4 + 4 * (ptrdiff_t)i);
        if (index >= debug->attribute_count) {
            return bad_index(debug, at, index, err);
        }
    }
    return QL_OK;
}

static ql_code check_attribute(const ql_debug *debug, uint32_t at, ql_err *err)
{
    const uint8_t *table;
    int kind = location(debug, at, &table), slots = 0, first = 0;
    if (kind == QL_AT_FUSED) {
        return check_list(debug, at, ql_fb_ref(table, 0), err);
    }
    if (kind == QL_AT_CALL_SITE) {
        slots = 2;
    } else if (kind == QL_AT_NAME || kind == QL_AT_OPAQUE) {
        first = QL_NAMED_CHILD;
        slots = 2;
    }
    for (int slot = first; slot < slots; slot++) {
        if (field(table, slot) >= debug->attribute_count) {
            return bad_index(debug, at, field(table, slot), err);
        }
    }
    return QL_OK;
}

static ql_code check_operators(const ql_debug *debug, ql_err *err)
{
    for (int g = 0; g < ql_fb_count(debug->subgraphs); g++) {
        const uint8_t *operators = ql_fb_ref(ql_fb_table(debug->subgraphs, g), 0);
        for (int i = 0; i < ql_fb_count(operators); i++) {
            const uint8_t *list = ql_fb_ref(ql_fb_table(operators, i), 0);
            for (int k = 0; k < ql_fb_count(list); k++) {
                uint32_t index = ql_fb_load_u32(list + 4 + 4 * (ptrdiff_t)k);
                if (index >= debug->attribute_count) {
                    return ql_fail(err, QL_E_FORMAT,
                                   "debug_metadata: subgraph #%d, operator #%d: attribute %u: there are %u",
                                   g, i, index, debug->attribute_count);
                }
            }
        }
    }
    return QL_OK;
}

static ql_code check_indices(const ql_debug *debug, ql_err *err)
{
    ql_code code = check_operators(debug, err);
    for (uint32_t i = 0; !code && i < debug->attribute_count; i++) {
        code = check_attribute(debug, i, err);
    }
    return code;
}

/* The first part of a kind that is known here; NULL when there is none. */
static const uint8_t *conversion(const uint8_t *bytes)
{
    const uint8_t *root = ql_fb_follow(bytes), *types = ql_fb_ref(root, QL_DEBUG_TYPES);
    for (int i = 0; i < ql_fb_count(types); i++) {
        if (types[4 + i] == QL_DEBUG_CONVERSION) {
            return ql_fb_table(ql_fb_ref(root, QL_DEBUG_VALUES), i);
        }
    }
    return NULL;
}

static ql_code verify_entry(const uint8_t *bytes, size_t count, ql_err *err)
{
    ql_err why;
    ql_code code = ql_verify_debug_bytes(bytes, count, &why);
    return code ? ql_fail(err, code, "debug_metadata: %s", why.text) : QL_OK;
}

ql_code ql_debug_open(const ql_model *model, ql_debug **debug, ql_err *err)
{
    const uint8_t *bytes;
    size_t count;
    *debug = NULL;
    if (!ql_model_metadata(model, "debug_metadata", &bytes, &count)) {
        return QL_OK;
    }
    ql_code code = verify_entry(bytes, count, err);
    const uint8_t *table = code ? NULL : conversion(bytes);
    if (!table) {
        return code;
    }
    ql_debug *made = malloc(sizeof *made);
    if (!made) {
        return ql_fail_memory(err, sizeof *made);
    }
    *made = (ql_debug){.model = model,
                       .subgraphs = ql_fb_ref(table, QL_CONVERSION_SUBGRAPHS),
                       .types = ql_fb_ref(table, QL_CONVERSION_ATTRIBUTE_TYPES),
                       .attributes = ql_fb_ref(table, QL_CONVERSION_ATTRIBUTES)};
    made->attribute_count = (uint32_t)ql_fb_count(made->attributes);
    code = check_indices(made, err);
    if (code) {
        free(made);
        return code;
    }
    *debug = made;
    return QL_OK;
}

void ql_debug_close(ql_debug *debug)
{
    free(debug);
}

/* "block/conv@__inference_call_12" is node block/conv in a function; "Conv2D:" is only a type. */
static void add_name(trail *t, ql_str name)
{
    const char *in = name.length ? memchr(name.text, '@', name.length) : NULL;
    name.length = in && in != name.text ? (size_t)(in - name.text) : name.length;
    if (!name.length || name.text[name.length - 1] == ':' || t->name_count == MAX_NAMES) {
        return;
    }
    for (int i = 0; i < t->name_count; i++) {
        if (t->names[i].length == name.length && !memcmp(t->names[i].text, name.text, name.length)) {
            return;
        }
    }
    t->names[t->name_count++] = name;
}

static bool same_source(const ql_frame *a, const ql_frame *b)
{
    return a->line == b->line && a->column == b->column && a->file.length == b->file.length &&
           !memcmp(a->file.text, b->file.text, a->file.length);
}

static void add_source(trail *t, const uint8_t *table)
{
    const ql_frame source = {.file = text_of(table, QL_FILE_NAME),
                             .line = field(table, QL_FILE_LINE),
                             .column = field(table, QL_FILE_COLUMN)};
    for (int i = 0; i < t->source_count; i++) {
        if (same_source(&t->sources[i], &source)) {
            return;
        }
    }
    if (source.file.length && t->source_count < MAX_SOURCES) {
        t->sources[t->source_count++] = source;
    }
}

/* TensorFlow hangs a node's Python stack on its name: the outermost frame below it, the others in a chain of
 * callers that ends with the innermost. Elsewhere callees are the inner ones. Gives the frames of such a
 * stack as it has them; 0 for anything else. */
static int node_stack(const trail *t, uint32_t callee, uint32_t caller, const uint8_t **frames)
{
    const uint8_t *table, *of;
    int count = 0;
    if (location(t->debug, callee, &table) != QL_AT_NAME ||
        location(t->debug, field(table, QL_NAMED_CHILD), &frames[count++]) != QL_AT_FILE) {
        return 0;
    }
    int kind = location(t->debug, caller, &table);
    while (kind == QL_AT_CALL_SITE && count < MAX_SOURCES - 1) {
        if (location(t->debug, field(table, QL_CALL_SITE_CALLEE), &of) != QL_AT_FILE) {
            return 0;
        }
        frames[count++] = of;
        kind = location(t->debug, field(table, QL_CALL_SITE_CALLER), &table);
    }
    frames[count] = table;
    return kind == QL_AT_FILE ? count + 1 : 0;
}

static void follow(trail *t, uint32_t index, bool names, int depth);

static void follow_call(trail *t, const uint8_t *table, bool names, int depth)
{
    uint32_t callee = field(table, QL_CALL_SITE_CALLEE), caller = field(table, QL_CALL_SITE_CALLER);
    const uint8_t *frames[MAX_SOURCES], *name;
    int count = node_stack(t, callee, caller, frames);
    if (!count) {
        follow(t, callee, names, depth + 1);
        follow(t, caller, false, depth + 1); /* who calls is context, not the node */
        return;
    }
    if (names && location(t->debug, callee, &name)) {
        add_name(t, text_of(name, QL_NAMED_NAME));
    }
    t->visits += count;
    while (count--) {
        add_source(t, frames[count]);
    }
}

static void follow_fused(trail *t, const uint8_t *table, bool names, int depth)
{
    const uint8_t *list = ql_fb_ref(table, 0);
    for (int i = 0; i < ql_fb_count(list) && t->visits < MAX_VISITS; i++) {
        follow(t, ql_fb_load_u32(list + 4 + 4 * (ptrdiff_t)i), names, depth + 1);
    }
}

/* What lies below a name are the functions it was called in: no names of nodes. */
static void follow(trail *t, uint32_t index, bool names, int depth)
{
    const uint8_t *table;
    if (depth > MAX_DEPTH || t->visits++ >= MAX_VISITS) {
        return;
    }
    switch (location(t->debug, index, &table)) {
    case QL_AT_CALL_SITE:
        follow_call(t, table, names, depth);
        return;
    case QL_AT_FILE:
        add_source(t, table);
        return;
    case QL_AT_FUSED:
        follow_fused(t, table, names, depth);
        return;
    case QL_AT_NAME:
        if (names) {
            add_name(t, text_of(table, QL_NAMED_NAME));
        }
        follow(t, field(table, QL_NAMED_CHILD), false, depth + 1);
        return;
    case QL_AT_OPAQUE:
        follow(t, field(table, QL_NAMED_CHILD), names, depth + 1);
        return;
    default:
        return;
    }
}

static bool starts_with(ql_str text, size_t at, const char *start)
{
    size_t length = strlen(start);
    return text.length - at >= length && !memcmp(text.text + at, start, length);
}

/* Whether a path from `at` on lies in one of the packages whose frames are nobody's own code. */
static bool in_framework(ql_str file, size_t at)
{
    static const char *const packages[] = {
        "tensorflow/", "keras/", "tf_keras/",      "tensorflow_model_optimization/", "jax/", "absl/",
        "torch/",      "flax/",  "ai_edge_torch/",
    };
    for (size_t i = 0; i < sizeof packages / sizeof *packages; i++) {
        if (starts_with(file, at, packages[i])) {
            return true;
        }
    }
    return false;
}

/* Installed packages are somewhere below .../lib/python3.x/; what is there and in no package folder is
 * Python's own. */
static bool is_internal(ql_str file)
{
    bool library = false;
    for (size_t at = 0; at < file.length; at++) {
        if (starts_with(file, at, "-packages/")) {
            return in_framework(file, at + strlen("-packages/"));
        }
        library = library || starts_with(file, at, "/lib/python3");
    }
    return library || starts_with(file, 0, "<frozen ") || in_framework(file, 0);
}

static void mark_users(trail *t)
{
    bool any = false;
    for (int i = 0; i < t->source_count; i++) {
        t->sources[i].user = !is_internal(t->sources[i].file);
        any = any || t->sources[i].user;
    }
    for (int i = 0; i < t->source_count; i++) {
        t->sources[i].user = t->sources[i].user || !any;
    }
}

/* The attributes of an operator; NULL when the entry has none for it. */
static const uint8_t *attributes_of(const ql_debug *debug, int subgraph, int op)
{
    const ql_subgraph *graph = &debug->model->subgraphs[subgraph];
    int g = graph->debug_index, o = graph->operators[op].debug_index;
    if (g < 0 || g >= ql_fb_count(debug->subgraphs)) {
        return NULL;
    }
    const uint8_t *operators = ql_fb_ref(ql_fb_table(debug->subgraphs, g), 0);
    return o >= 0 && o < ql_fb_count(operators) ? ql_fb_ref(ql_fb_table(operators, o), 0) : NULL;
}

static ql_code keep(const trail *t, ql_arena *arena, ql_origin *origin, ql_err *err)
{
    size_t names = (size_t)t->name_count * sizeof *t->names;
    size_t sources = (size_t)t->source_count * sizeof *t->sources;
    *origin = (ql_origin){t->name_count, ql_take_copy(arena, t->names, names), t->source_count,
                          ql_take_copy(arena, t->sources, sources)};
    return origin->names && origin->sources ? QL_OK : ql_fail_memory(err, names + sources);
}

ql_code ql_debug_origin(const ql_debug *debug, int subgraph, int op, ql_arena *arena, ql_origin *origin,
                        ql_err *err)
{
    *origin = (ql_origin){0};
    const uint8_t *list = debug ? attributes_of(debug, subgraph, op) : NULL;
    if (!list) {
        return QL_OK;
    }
    trail *t = calloc(1, sizeof *t);
    if (!t) {
        return ql_fail_memory(err, sizeof *t);
    }
    t->debug = debug;
    for (int i = 0; i < ql_fb_count(list) && t->visits < MAX_VISITS; i++) {
        follow(t, ql_fb_load_u32(list + 4 + 4 * (ptrdiff_t)i), true, 0);
    }
    mark_users(t);
    ql_code code = keep(t, arena, origin, err);
    free(t);
    return code;
}

/* "node, file:line", or as much of it as there is. */
static void tell_origin(ql_err *err, const ql_origin *origin)
{
    char text[sizeof err->source], line[16] = "";
    const ql_frame *source = NULL;
    for (int i = 0; i < origin->source_count && !source; i++) {
        source = origin->sources[i].user ? &origin->sources[i] : NULL;
    }
    ql_str name = origin->name_count ? origin->names[0] : (ql_str){"", 0};
    ql_str file = source ? source->file : (ql_str){"", 0};
    /* the end of a path says more than its start */
    size_t room = 96, skip = file.length > room ? file.length - room : 0;
    if (source) {
        snprintf(line, sizeof line, ":%u", source->line);
    }
    int length = snprintf(text, sizeof text, "%.*s%s%s%.*s%s", (int)(name.length < 72 ? name.length : 72),
                          name.text, name.length && source ? ", " : "", skip ? "..." : "",
                          (int)(file.length - skip), file.text + skip, line);
    if (length > 0) {
        ql_at_source(err, text, strlen(text));
    }
}

/* A tensor to find the operator by, where the failure is about none in particular. */
static void tell_result(ql_err *err, const ql_subgraph *graph, const ql_operator *use)
{
    int tensor = use->output_count ? use->outputs[0] : -1;
    if (tensor >= 0 && err->code != QL_E_INTERRUPTED) {
        ql_at_tensor_of(err, &graph->tensors[tensor], tensor);
    }
}

ql_code ql_at_operator(ql_err *err, const ql_model *model, int subgraph, int op)
{
    if (!err || err->op >= 0) {
        return err ? err->code : QL_OK;
    }
    char name[64];
    ql_debug *debug;
    ql_origin origin;
    ql_arena arena;
    const ql_subgraph *graph = &model->subgraphs[subgraph];
    ql_at_op(err, op, ql_operator_name(model, &graph->operators[op], name));
    tell_result(err, graph, &graph->operators[op]);
    ql_arena_init(&arena, 0);
    if (!ql_debug_open(model, &debug, NULL) && !ql_debug_origin(debug, subgraph, op, &arena, &origin, NULL)) {
        tell_origin(err, &origin);
        ql_debug_close(debug);
    }
    ql_arena_free(&arena);
    return err->code;
}
