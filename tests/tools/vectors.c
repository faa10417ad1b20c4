/* Runs vector files and says what differs from the official interpreter's answers.
 *
 *     tool_vectors FILE.npz [--json] [-v]
 *
 * --json prints one object: {"<case>": {"error", "elements", "unequal", "max_abs", "ulps", "wrong"} ..}; -v
 * every case, else only the wrong ones. Status 1 when one is wrong.
 */
#include "tests/support/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(ql_doc *d, ql_json *root, const ql_vector *c, const ql_vector_result *r, const char *error)
{
    ql_json *row = ql_put_object(d, root, c->name);
    ql_put_text(d, row, "error", error);
    ql_put_text(d, row, "wrong", r->text);
    ql_put_count(d, row, "elements", r->elements);
    ql_put_count(d, row, "unequal", r->unequal);
    ql_put_number(d, row, "max_abs", r->worst_abs);
    ql_put_number(d, row, "ulps", r->worst_ulps);
}

static int run_file(const char *path, bool json, bool verbose)
{
    ql_vectors v;
    ql_err err;
    char text[1024];
    ql_doc d = {0};
    int wrong = 0;
    if (ql_vectors_open(&v, path, &err)) {
        fprintf(stderr, "%s\n", ql_err_text(&err, text, sizeof text));
        return 4;
    }
    ql_json *root = ql_json_object(&d);
    for (int i = 0; i < v.count; i++) {
        ql_vector_result r;
        ql_err_clear(&err);
        ql_code code = ql_vector_run(&v, i, NULL, NULL, &r, &err);
        const char *error = code ? ql_err_text(&err, text, sizeof text) : "";
        put(&d, root, &v.cases[i], &r, error);
        bool fine = !code && !*r.text;
        wrong += !fine;
        if (!json && (!fine || verbose)) {
            printf("%s: %s\n", v.cases[i].name, code ? error : fine ? "equal" : r.text);
        }
    }
    if (json) {
        char *out = ql_json_print(root);
        fputs(out ? out : "{}\n", stdout);
        free(out);
    } else {
        printf("%s: %d cases, %d wrong\n", path, v.count, wrong);
    }
    ql_json_free(root);
    ql_vectors_close(&v);
    return wrong ? 1 : 0;
}

int main(int argc, char **argv)
{
    bool json = false, verbose = false;
    const char *path = NULL;
    for (int i = 1; i < argc; i++) {
        json |= !strcmp(argv[i], "--json");
        verbose |= !strcmp(argv[i], "-v");
        path = argv[i][0] == '-' ? path : argv[i];
    }
    if (!path) {
        fputs("usage: tool_vectors FILE.npz [--json] [-v]\n", stderr);
        return 2;
    }
    return run_file(path, json, verbose);
}
