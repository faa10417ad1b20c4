/* roundtrip [--keep FOLDER] MODEL...: reads each model, writes it, reads that and compares: the same model,
 * the same bytes when written once more, the same outputs where the runtime can run it; then all again with
 * the data behind the FlatBuffers part. --keep saves the first form as FOLDER/<number>.tflite and the other
 * one as FOLDER/<number>.far.tflite. A line a fault; the last line counts. */
#include "tests/support/same.h"

#include <stdio.h>
#include <stdlib.h>

static int ran;

/* Numbers that models take: others get zeros. */
static void fill(const ql_view *view, uint64_t seed)
{
    bool bytes = view->type == QL_I8 || view->type == QL_U8 || view->type == QL_I16;
    memset(view->data, 0, view->bytes);
    for (size_t i = 0; i < (bytes ? view->bytes : view->count); i++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        if (bytes) {
            ((uint8_t *)view->data)[i] = (uint8_t)(seed >> 56);
        } else if (view->type == QL_F32) {
            ((float *)view->data)[i] = (float)(seed >> 40) / (float)(1 << 23) - 1;
        }
    }
}

static ql_exec *run(const ql_model *model)
{
    ql_exec *exec;
    ql_err err;
    const ql_exec_options options = {.max_bytes = (size_t)1 << 30};
    if (ql_exec_open(&exec, model, &options, &err)) {
        return NULL;
    }
    for (int i = 0; i < model->subgraphs[0].input_count; i++) {
        if (ql_exec_input(exec, i)->data) {
            fill(ql_exec_input(exec, i), (uint64_t)i + 1);
        }
    }
    if (ql_exec_run(exec, NULL, NULL, &err)) {
        ql_exec_close(exec);
        return NULL;
    }
    return exec;
}

static const char *compare_outputs(const ql_model *a, const ql_model *b)
{
    ql_exec *x = run(a), *y = run(b);
    const char *fault = !x == !y ? NULL : "runs only once";
    for (int i = 0; x && y && !fault && i < a->subgraphs[0].output_count; i++) {
        const ql_view *p = ql_exec_output(x, i), *q = ql_exec_output(y, i);
        fault = same_bytes(p->data, p->bytes, q->data, q->bytes) ? NULL : "outputs";
    }
    ran += x != NULL;
    ql_exec_close(x);
    ql_exec_close(y);
    return fault;
}

static const char *keep_bytes(const char *path, const char *bytes, size_t count)
{
    ql_err err;
    return path && ql_file_write(path, bytes, count, &err) ? "cannot be kept" : NULL;
}

static const char *compare(const ql_model *model, const ql_model *again, size_t limit, const char *bytes,
                           size_t count)
{
    ql_err err;
    char *more;
    size_t more_count;
    const char *fault = same_model(model, again);
    if (fault || ql_model_write_within(again, limit, &more, &more_count, &err)) {
        return fault ? fault : "cannot be written twice";
    }
    fault = same_bytes(bytes, count, more, more_count) ? compare_outputs(model, again) : "bytes";
    free(more);
    return fault;
}

/* Through the writer and back; *size becomes what the file takes. */
static const char *through(const ql_model *model, size_t limit, const char *path, size_t *size)
{
    ql_model *again;
    ql_err err;
    char *bytes;
    static char text[1024];
    ql_err_clear(&err);
    if (ql_model_write_within(model, limit, &bytes, size, &err)) {
        return ql_err_text(&err, text, sizeof text);
    }
    const char *fault = keep_bytes(path, bytes, *size);
    if (!fault && ql_model_read(&again, bytes, *size, &err)) {
        fault = ql_err_text(&err, text, sizeof text);
    } else if (!fault) {
        fault = compare(model, again, limit, bytes, *size);
        ql_model_close(again);
    }
    free(bytes);
    return fault;
}

static size_t weigh(const ql_model *model)
{
    size_t bytes = 0;
    for (int i = 0; i < model->buffer_count; i++) {
        bytes += model->buffers[i].bytes;
    }
    return bytes;
}

static const char *check(const char *path, const char *folder, int number)
{
    ql_model *model;
    ql_err err;
    char near[1024], far[1024];
    size_t size, far_size;
    if (ql_model_open(&model, path, &err)) {
        return "cannot be opened";
    }
    snprintf(near, sizeof near, "%s/%d.tflite", folder ? folder : "", number);
    snprintf(far, sizeof far, "%s/%d.far.tflite", folder ? folder : "", number);
    const char *fault = through(model, INT32_MAX, folder ? near : NULL, &size);
    if (!fault && weigh(model) > 256) { /* enough to make room for the offsets */
        fault = through(model, size - 1, folder ? far : NULL, &far_size);
    }
    ql_model_close(model);
    return fault;
}

int main(int count, char **args)
{
    bool keep = count > 2 && strcmp(args[1], "--keep") == 0;
    int first = keep ? 3 : 1, faults = 0;
    for (int i = first; i < count; i++) {
        const char *fault = check(args[i], keep ? args[2] : NULL, i - first);
        if (fault) {
            printf("%s: %s\n", args[i], fault);
            faults++;
        }
    }
    printf("%d models, %d faults, %d runs compared\n", count - first, faults, ran);
    return faults != 0;
}
