/* qloupe ops: what the runtime supports, read from the op table. */
#include "cli/facts.h"

#include <stdio.h>
#include <string.h>

/* The schemes that have a column of their own; the other slots are "types". */
static const ql_slot schemes[] = {QL_S_F32, QL_S_I8, QL_S_U8, QL_S_I16, QL_S_HYBRID};
enum { SCHEME_COUNT = sizeof schemes / sizeof *schemes };

static bool is_scheme(ql_slot slot)
{
    for (int i = 0; i < SCHEME_COUNT; i++) {
        if (schemes[i] == slot) {
            return true;
        }
    }
    return false;
}

static void put_row(ql_doc *d, ql_json *list, const ql_op *row)
{
    ql_json *op = ql_put_object(d, list, NULL);
    ql_put_text(d, op, "name", row->name);
    ql_put_int(d, op, "code", row->code);
    ql_put_int(d, op, "max_version", row->max_version);
    ql_json *kernels = ql_put_object(d, op, "kernels"), *types = ql_put_object(d, op, "types");
    for (int i = 0; i < SCHEME_COUNT; i++) {
        ql_put_bool(d, kernels, ql_slot_name(schemes[i]), ql_op_supports(row, schemes[i]));
    }
    for (int slot = 0; slot < QL_S_COUNT; slot++) {
        if (!is_scheme((ql_slot)slot)) {
            ql_put_bool(d, types, ql_slot_name((ql_slot)slot), ql_op_supports(row, (ql_slot)slot));
        }
    }
}

static ql_code write_json(const ql_line *line, const ql_clock *clock, const char *path, ql_err *err)
{
    ql_doc d = {0};
    ql_json *root = ql_json_object(&d);
    ql_put_text(&d, root, "schema", "qloupe.ops/1");
    ql_json *list = ql_put_array(&d, root, "ops");
    for (int i = 0; ql_op_at(i); i++) {
        put_row(&d, list, ql_op_at(i));
    }
    ql_code code = ql_doc_check(&d, err);
    code = code ? code : ql_clock_sign(clock, line, NULL, root, err);
    code = code ? code : ql_json_write(root, path, err);
    ql_json_free(root);
    return code;
}

static void print_row(const ql_op *row)
{
    printf("%-30s %7d", row->name, row->max_version);
    for (int i = 0; i < SCHEME_COUNT; i++) {
        printf(" %6s", ql_op_supports(row, schemes[i]) ? "yes" : ".");
    }
    printf(" ");
    for (int slot = 0; slot < QL_S_COUNT; slot++) {
        if (!is_scheme((ql_slot)slot) && ql_op_supports(row, (ql_slot)slot)) {
            printf(" %s", ql_slot_name((ql_slot)slot));
        }
    }
    putchar('\n');
}

static void print_table(void)
{
    int count = 0;
    printf("%-30s %7s", "operator", "version");
    for (int i = 0; i < SCHEME_COUNT; i++) {
        printf(" %6s", ql_slot_name(schemes[i]));
    }
    puts("  other types");
    for (; ql_op_at(count); count++) {
        print_row(ql_op_at(count));
    }
    printf("%d operators\n", count);
}

static ql_code run(const ql_line *line, ql_err *err)
{
    ql_clock clock;
    const char *path = ql_line_value(line, "json");
    ql_clock_start(&clock);
    if (!path || strcmp(path, "-") != 0) {
        print_table();
    }
    return path ? write_json(line, &clock, path, err) : QL_OK;
}

static const ql_option_row options[] = {
    {"json", 0, "FILE", "write the table as JSON (schema qloupe.ops/1)", false},
    {0},
};

const ql_command ql_command_ops = {
    .name = "ops",
    .operands = "",
    .summary = "List the operators the runtime supports, and for which types",
    .text =
        "version: the highest operator version whose meaning is covered. hybrid: float activations, integer\n"
        "weights. i16x8: 16-bit activations, 8-bit weights.",
    .options = options,
    .run = run,
};
