/* What the files that turn verified bytes into a ql_model share. Not for others. */
#ifndef QL_MODEL_READER_H
#define QL_MODEL_READER_H

#include "runtime/model/model.h"
#include "runtime/model/verify.h"

typedef struct {
    ql_model *model;
    ql_arena scratch;
    size_t copies; /* bytes of misaligned data that may still be copied */
    ql_err *err;
} ql_reader;

/* `count` zeroed elements from the model's arena. */
ql_code ql_reader_take(ql_reader *reader, int count, size_t size, void **piece);

/* The elements of the vector in a table's slot, `size` bytes each: where they are in the file, or a copy when
 * they are misaligned there. NULL and 0 when absent; not NULL for a vector that is there but empty. */
ql_code ql_reader_vector(ql_reader *reader, const uint8_t *table, int slot, size_t size, const void **data,
                         int *count);

/* Moves `*data` into the arena unless it has that alignment. */
ql_code ql_reader_align(ql_reader *reader, const void **data, size_t bytes, size_t alignment);

/* A string field; "" when absent. */
ql_str ql_reader_string(const uint8_t *table, int slot);

/* The parts, each from its table in the file. */
ql_code ql_read_tensor(ql_reader *reader, const uint8_t *table, ql_tensor *tensor);
ql_code ql_read_quant(ql_reader *reader, const uint8_t *table, ql_tensor *tensor);
ql_code ql_read_sparsity(ql_reader *reader, const uint8_t *table, ql_tensor *tensor);
ql_code ql_read_options(ql_reader *reader, const uint8_t *op, ql_options *options);

#endif
