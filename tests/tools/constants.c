/* constants MODEL OUT.npz: every constant of the first subgraph that NumPy can hold, under its tensor's
 * index. */
#include "analyzer/analyzer.h"

#include <stdio.h>

static ql_code write_all(const ql_model *model, ql_npz_writer *out, ql_err *err)
{
    const ql_subgraph *graph = &model->subgraphs[0];
    ql_code code = QL_OK;
    for (int t = 0; t < graph->tensor_count && !code; t++) {
        const ql_tensor *tensor = &graph->tensors[t];
        char name[16];
        snprintf(name, sizeof name, "%d", t);
        if (tensor->data && !tensor->sparsity) {
            code = ql_npz_add(out, name, tensor->type, tensor->rank, tensor->shape, tensor->data, err);
            code = code == QL_E_UNSUPPORTED ? QL_OK : code;
        }
    }
    return code;
}

int main(int argc, char **argv)
{
    ql_model *model = NULL;
    ql_npz_writer *out = NULL;
    ql_err err = {0};
    char text[1024];
    if (argc != 3) {
        fputs("usage: constants MODEL OUT.npz\n", stderr);
        return 2;
    }
    ql_code code = ql_model_open(&model, argv[1], &err);
    code = code ? code : ql_npz_create(&out, argv[2], &err);
    code = code ? code : write_all(model, out, &err);
    code = code ? code : ql_npz_finish(out, &err);
    ql_model_close(model);
    if (code) {
        fprintf(stderr, "constants: %s\n", ql_err_text(&err, text, sizeof text));
    }
    return ql_exit_status(code);
}
