/* origins MODEL...: prints what the debug metadata of each model says of its operators: a line an operator,
 * its node names, then its call stack, frames that are not the user's in brackets. */
#include "runtime/runtime.h"

#include <stdio.h>

static void print(const ql_model *model, const ql_debug *debug, int g, int op)
{
    char name[64];
    ql_origin origin;
    ql_arena arena;
    ql_err err;
    ql_arena_init(&arena, 0);
    printf("%d.%d %s:", g, op, ql_operator_name(model, &model->subgraphs[g].operators[op], name));
    if (!ql_debug_origin(debug, g, op, &arena, &origin, &err)) {
        for (int i = 0; i < origin.name_count; i++) {
            printf("%s%.*s", i ? "; " : " ", (int)origin.names[i].length, origin.names[i].text);
        }
        printf(" <-");
        for (int i = 0; i < origin.source_count; i++) {
            const ql_frame *frame = &origin.sources[i];
            printf(frame->user ? " %.*s:%u" : " [%.*s:%u]", (int)frame->file.length, frame->file.text,
                   frame->line);
        }
    }
    putchar('\n');
    ql_arena_free(&arena);
}

static int print_model(const char *path)
{
    ql_model *model;
    ql_debug *debug;
    ql_err err;
    char text[1024];
    ql_err_clear(&err);
    ql_code code = ql_model_open(&model, path, &err);
    code = code ? code : ql_debug_open(model, &debug, &err);
    if (code) {
        printf("%s\n", ql_err_text(&err, text, sizeof text));
        return 1;
    }
    for (int g = 0; g < model->subgraph_count; g++) {
        for (int op = 0; op < model->subgraphs[g].operator_count; op++) {
            print(model, debug, g, op);
        }
    }
    ql_debug_close(debug);
    ql_model_close(model);
    return 0;
}

int main(int count, char **paths)
{
    int failed = 0;
    for (int i = 1; i < count; i++) {
        failed += print_model(paths[i]);
    }
    return failed != 0;
}
