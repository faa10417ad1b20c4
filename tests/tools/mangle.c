/* mangle MODEL SEED CUTS FLIPS: opens the model cut short at CUTS places and FLIPS times with one random byte
 * changed, each time from memory. Whatever comes out is fine as long as it comes out. Prints the counts.
 * What opens is planned and run too, within bounds.
 */
#include "tests/support/exercise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 4 << 20 };

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return *state >> 33;
}

typedef struct {
    int opened, ran;
} ql_count;

static void try(ql_count *count, const uint8_t *bytes, size_t size)
{
    ql_model *model;
    ql_err err;
    void *copy;
    if (posix_memalign(&copy, 16, size ? size : 1)) {
        return;
    }
    memcpy(copy, bytes, size); /* ends where the file does, so that reading past it is seen */
    ql_code code = ql_model_read(&model, copy, size, &err);
    count->opened += !code;
    count->ran += !code && exercise_once(model, 0, STEPS);
    ql_model_close(model);
    free(copy);
}

static uint8_t *load(const char *path, size_t *size)
{
    ql_model *model;
    ql_err err;
    char text[1024];
    ql_err_clear(&err);
    if (ql_model_open(&model, path, &err)) {
        fprintf(stderr, "%s\n", ql_err_text(&err, text, sizeof text));
        return NULL;
    }
    uint8_t *bytes = malloc(model->byte_count);
    *size = model->byte_count;
    if (bytes) {
        memcpy(bytes, model->bytes, *size);
    }
    ql_model_close(model);
    return bytes;
}

int main(int arg_count, char **args)
{
    size_t size;
    uint8_t *bytes = arg_count == 5 ? load(args[1], &size) : NULL;
    if (!bytes) {
        fprintf(stderr, "usage: mangle MODEL SEED CUTS FLIPS\n");
        return 2;
    }
    uint64_t state = strtoull(args[2], NULL, 10);
    int cuts = atoi(args[3]), flips = atoi(args[4]);
    ql_count count = {0};
    for (int i = 0; i < cuts; i++) {
        try(&count, bytes, (size_t)(next(&state) % size));
    }
    for (int i = 0; i < flips; i++) {
        /* Half of them where the structure is dense: the first 16 KiB. */
        size_t at = (size_t)(next(&state) % (i % 2 && size > 16384 ? 16384 : size));
        uint8_t was = bytes[at];
        bytes[at] = (uint8_t)next(&state);
        try(&count, bytes, size);
        bytes[at] = was;
    }
    printf("%d mangled, %d opened, %d ran\n", cuts + flips, count.opened, count.ran);
    free(bytes);
    return 0;
}
