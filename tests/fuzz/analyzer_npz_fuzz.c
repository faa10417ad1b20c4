/* NumPy files from nowhere: opened, and every array brought in, or refused with a sentence. */
#include "analyzer/analyzer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 22 }; /* bytes of one array: what a small file may expand to */

static void touch(ql_npz *npz, int i)
{
    const void *values;
    ql_err err;
    ql_err_clear(&err);
    if (ql_npz_load(npz, i, &values, &err)) {
        return;
    }
    const ql_array *array = ql_npz_at(npz, i);
    volatile uint8_t sum = 0;
    for (size_t k = 0; k < array->bytes; k++) {
        sum = (uint8_t)(sum + ((const uint8_t *)values)[k]);
    }
    size_t bytes;
    if (!ql_type_bytes(array->type, array->count, &bytes) || bytes != array->bytes) {
        abort();
    }
    ql_npz_drop(npz, i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ql_npz *npz;
    ql_err err;
    ql_err_clear(&err);
    if (ql_npz_read(&npz, data, size, MOST, &err)) {
        if (!err.text[0]) {
            abort(); /* a refusal says why */
        }
        return 0;
    }
    for (int i = 0; i < ql_npz_count(npz); i++) {
        touch(npz, i);
    }
    ql_npz_close(npz);
    return 0;
}
