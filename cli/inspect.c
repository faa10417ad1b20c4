/* qloupe inspect: what a model is made of. The text is printed from the document. */
#include "cli/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *escaped(char *out, size_t size, const char *text)
{
    return ql_escape(out, size, text, strlen(text));
}

static double number(const ql_json *of, const char *key)
{
    return ql_json_get_number(of, key, 0);
}

/* "[1,28,28,1]", a dimension that the model leaves open as "?". */
static const char *shape(char *out, size_t size, const ql_json *tensor)
{
    const ql_json *dims = ql_json_get(tensor, "shape"), *open = ql_json_get(tensor, "shape_signature");
    size_t used = (size_t)snprintf(out, size, "[");
    for (int i = 0; i < ql_json_size(dims) && used + 16 < size; i++) {
        bool is_open = ql_json_number_or(ql_json_at(open, i), 0) < 0;
        used += (size_t)snprintf(out + used, size - used, is_open ? "%s?" : "%s%.0f", i ? "," : "",
                                 ql_json_number_or(ql_json_at(dims, i), 0));
    }
    snprintf(out + used, size - used, "]");
    return out;
}

/* "scale 0.0039 zero -128", "32 scales on axis 0, 0.001 .. 0.02", "" without. */
static const char *quantization(char *out, size_t size, const ql_json *tensor)
{
    const ql_json *q = ql_json_get(tensor, "quantization"), *scales = ql_json_get(q, "scale");
    int count = ql_json_size(scales);
    double low = ql_json_number_or(ql_json_at(scales, 0), 0), high = low;
    out[0] = 0;
    for (int i = 1; i < count; i++) {
        double scale = ql_json_number_or(ql_json_at(scales, i), 0);
        low = scale < low ? scale : low;
        high = scale > high ? scale : high;
    }
    if (count == 1) {
        snprintf(out, size, "scale %.6g zero %.0f", low,
                 ql_json_number_or(ql_json_at(ql_json_get(q, "zero_point"), 0), 0));
    } else if (count) {
        snprintf(out, size, "%d scales on axis %.0f, %.4g .. %.4g", count, number(q, "axis"), low, high);
    } else if (!ql_json_is_null(q)) {
        snprintf(out, size, "blocks of %.0f", number(q, "block_size"));
    }
    return out;
}

static void print_tensor(const ql_json *tensor)
{
    char name[160], dims[96], quant[96], size[40] = "";
    const char *kind = ql_json_is_true(ql_json_get(tensor, "constant"))   ? "constant"
                       : ql_json_is_true(ql_json_get(tensor, "variable")) ? "variable"
                                                                          : "";
    if (*kind == 'c') {
        snprintf(size, sizeof size, " %.0f bytes", number(tensor, "bytes"));
    }
    printf("  %4.0f  %-8s %-18s %-44s %s%s%s'%s'\n", number(tensor, "index"),
           ql_json_get_text(tensor, "dtype", ""), shape(dims, sizeof dims, tensor),
           quantization(quant, sizeof quant, tensor), kind, size, *kind ? " " : "",
           escaped(name, sizeof name, ql_json_get_text(tensor, "name", "")));
}

static void print_operator(const ql_json *op)
{
    char list[160] = "";
    size_t used = 0;
    for (int side = 0; side < 2; side++) {
        const ql_json *tensors = ql_json_get(op, side ? "outputs" : "inputs");
        used += (size_t)snprintf(list + used, sizeof list - used, side ? " ->" : "");
        for (int i = 0; i < ql_json_size(tensors) && used + 20 < sizeof list; i++) {
            double t = ql_json_number_or(ql_json_at(tensors, i), -1);
            used += (size_t)snprintf(list + used, sizeof list - used, t < 0 ? " -" : " %.0f", t);
        }
    }
    const char *kernel = ql_json_get_text(op, "kernel", "");
    bool supported = ql_json_is_true(ql_json_get(op, "supported"));
    printf("  %4.0f  %-28s v%-3.0f %-9s %12.0f %s\n", number(op, "index"), ql_json_get_text(op, "op", ""),
           number(op, "version"),
           *kernel     ? kernel
           : supported ? "-"
                       : "none",
           number(op, "macs"), list);
}

static void print_subgraph(const ql_json *graph, int index)
{
    char name[120];
    const char *refused = ql_json_get_text(graph, "refused", NULL);
    const ql_json *operators = ql_json_get(graph, "operators"), *tensors = ql_json_get(graph, "tensors");
    printf("\nsubgraph %d '%s': %d operators, %d tensors, %.0f multiply-accumulates, %.0f bytes of "
           "activations\n",
           index, escaped(name, sizeof name, ql_json_get_text(graph, "name", "")), ql_json_size(operators),
           ql_json_size(tensors), number(graph, "macs"), number(graph, "activation_bytes"));
    if (refused) {
        printf("  cannot be run: %s\n", refused);
    }
    printf("\n  %4s  %-28s %-4s %-9s %12s  %s\n", "#", "operator", "ver", "kernel", "MACs",
           "inputs -> outputs");
    for (const ql_json *op = ql_json_first(operators); op; op = ql_json_next(op)) {
        print_operator(op);
    }
    printf("\n  %4s  %-8s %-18s %-44s %s\n", "#", "type", "shape", "quantization", "name");
    for (const ql_json *tensor = ql_json_first(tensors); tensor; tensor = ql_json_next(tensor)) {
        print_tensor(tensor);
    }
}

static void print_names(const char *label, const ql_json *maps)
{
    char name[120];
    printf("%s", label);
    for (const ql_json *map = ql_json_first(maps); map; map = ql_json_next(map)) {
        printf(" '%s' #%.0f", escaped(name, sizeof name, ql_json_get_text(map, "name", "")),
               number(map, "tensor"));
    }
}

static void print_head(const ql_json *root)
{
    char text[256];
    printf("%s\n", escaped(text, sizeof text, ql_json_get_text(root, "file", "")));
    printf("  %.0f bytes, of them %.0f in %d buffers; schema version %.0f\n", number(root, "bytes"),
           number(root, "buffer_bytes"), ql_json_size(ql_json_get(root, "buffers")), number(root, "version"));
    printf("  description: %s\n", escaped(text, sizeof text, ql_json_get_text(root, "description", "")));
    for (const ql_json *m = ql_json_first(ql_json_get(root, "metadata")); m; m = ql_json_next(m)) {
        printf("  metadata: %s, %.0f bytes\n", escaped(text, sizeof text, ql_json_get_text(m, "name", "")),
               number(m, "bytes"));
    }
    for (const ql_json *s = ql_json_first(ql_json_get(root, "signatures")); s; s = ql_json_next(s)) {
        printf("  signature '%s', subgraph %.0f:", escaped(text, sizeof text, ql_json_get_text(s, "key", "")),
               number(s, "subgraph"));
        print_names("", ql_json_get(s, "inputs"));
        print_names(" ->", ql_json_get(s, "outputs"));
        putchar('\n');
    }
}

static void print(const ql_json *root)
{
    int index = 0;
    print_head(root);
    for (const ql_json *g = ql_json_first(ql_json_get(root, "subgraphs")); g; g = ql_json_next(g)) {
        print_subgraph(g, index++);
    }
}

static ql_code run(const ql_line *line, ql_err *err)
{
    ql_clock clock;
    ql_model *model;
    ql_json *document = NULL;
    size_t max_bytes;
    const char *path = ql_line_value(line, "json");
    ql_clock_start(&clock);
    ql_code code = ql_line_size(line, "max-memory", &max_bytes, err);
    code = code ? code : ql_model_open(&model, line->operands[0], err);
    if (code) {
        return code;
    }
    code = ql_inspect(&document, model, path != NULL, max_bytes, err);
    if (!code && (!path || strcmp(path, "-") != 0)) {
        print(document);
    }
    code = code || !path ? code : ql_clock_sign(&clock, line, NULL, document, err);
    code = code || !path ? code : ql_json_write(document, path, err);
    ql_json_free(document);
    ql_model_close(model);
    return code;
}

static const ql_option_row options[] = {
    {"json", 0, "FILE", "write everything as JSON (schema qloupe.inspect/1)", false},
    {"max-memory", 0, "SIZE", "refuse to take more for planning a run, e.g. 512M", false},
    {0},
};

const ql_command ql_command_inspect = {
    .name = "inspect",
    .operands = "MODEL",
    .summary = "Show a model's operators, tensors, quantization, sizes and names",
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .run = run,
};
