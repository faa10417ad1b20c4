/* Prints how two models pair: one JSON object.
 *
 * usage: tool_pairs REFERENCE CANDIDATE [--json] [--ignore-names] [--map RULE] [--include REGEX]
 *                   [--exclude REGEX] [--subgraph N]
 */
#include "analyzer/analyzer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_MAPS = 16 };

typedef struct {
    const char *path[2];
    int paths, subgraph;
    ql_pair_rules rules;
    const char *maps[MOST_MAPS];
} ql_arguments;

static bool read_arguments(int count, char **text, ql_arguments *a)
{
    *a = (ql_arguments){0};
    for (int i = 1; i < count; i++) {
        const char *value = i + 1 < count ? text[i + 1] : NULL;
        if (!strcmp(text[i], "--ignore-names")) {
            a->rules.ignore_names = true;
        } else if (!strcmp(text[i], "--json")) {
            continue;
        } else if (text[i][0] == '-' && !value) {
            return false;
        } else if (!strcmp(text[i], "--map") && a->rules.map_count < MOST_MAPS) {
            a->maps[a->rules.map_count++] = text[++i];
        } else if (!strcmp(text[i], "--include")) {
            a->rules.include = text[++i];
        } else if (!strcmp(text[i], "--exclude")) {
            a->rules.exclude = text[++i];
        } else if (!strcmp(text[i], "--subgraph")) {
            a->subgraph = atoi(text[++i]);
        } else if (text[i][0] != '-' && a->paths < 2) {
            a->path[a->paths++] = text[i];
        } else {
            return false;
        }
    }
    a->rules.maps = a->maps;
    return a->paths == 2;
}

static void print_pairs(const ql_pairing *p)
{
    printf("{\"left_out\":%d,\"pairs\":[", p->left_out);
    for (int i = 0; i < p->pair_count; i++) {
        const ql_pair *x = &p->pairs[i];
        printf("%s[%d,%d,%d,%d,%s,\"%s\"]", i ? "," : "", x->candidate, x->reference, x->candidate_op,
               x->reference_op, x->alias ? "true" : "false", ql_pair_how_text(x->how));
    }
    printf("],\"unpaired\":[");
    for (int i = 0; i < p->unpaired_count; i++) {
        const ql_unpaired *x = &p->unpaired[i];
        printf("%s[\"%s\",%d,%d,\"%s\"]", i ? "," : "", x->in_candidate ? "candidate" : "reference",
               x->tensor, x->op, x->reason);
    }
    printf("]}\n");
}

static ql_code pair_files(const ql_arguments *a, ql_model **models, ql_arena *arena, ql_err *err)
{
    ql_pairing pairing;
    for (int i = 0; i < 2; i++) {
        ql_code code = ql_model_open(&models[i], a->path[i], err);
        if (code) {
            return code;
        }
        if (a->subgraph < 0 || a->subgraph >= models[i]->subgraph_count) {
            return ql_fail(err, QL_E_USAGE, "no subgraph %d", a->subgraph);
        }
    }
    ql_side reference = {models[0], a->subgraph}, candidate = {models[1], a->subgraph};
    ql_code code = ql_pair_models_by(&a->rules, reference, candidate, arena, &pairing, err);
    if (!code) {
        print_pairs(&pairing);
    }
    return code;
}

int main(int count, char **text)
{
    ql_arguments a;
    ql_err err;
    ql_arena arena;
    ql_model *models[2] = {NULL, NULL};
    char message[1024];
    if (!read_arguments(count, text, &a)) {
        fputs("usage: tool_pairs REFERENCE CANDIDATE [--json] [--ignore-names] [--map RULE] ...\n", stderr);
        return 2;
    }
    ql_err_clear(&err);
    ql_arena_init(&arena, 0);
    ql_code code = pair_files(&a, models, &arena, &err);
    if (code) {
        fprintf(stderr, "%s\n", ql_err_text(&err, message, sizeof message));
    }
    ql_arena_free(&arena);
    ql_model_close(models[0]);
    ql_model_close(models[1]);
    return ql_exit_status(code);
}
