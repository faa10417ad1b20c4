/* What the files that turn a ql_model into bytes share. Not for others. */
#ifndef QL_MODEL_WRITER_H
#define QL_MODEL_WRITER_H

#include "runtime/model/build.h"
#include "runtime/model/model.h"

/* Bytes that go behind the FlatBuffers part, and the field that is to hold their offset. */
typedef struct {
    size_t place;
    const void *data;
    size_t bytes;
    size_t twin; /* the first entry with the same data; its own number when it is that */
} ql_far;

typedef struct {
    const ql_model *model;
    ql_builder build;
    ql_arena scratch;
    bool far; /* data goes behind the FlatBuffers part */
    ql_far *fars;
    size_t far_count;
} ql_writer;

/* Puts the two slots from `slot` on for an offset and a size in a row; nothing for no bytes. */
void ql_put_far(ql_slots *row, int slot, size_t bytes);

/* Notes the data for ql_put_far's slots; the table must be laid out. `twin` as in ql_far. */
void ql_writer_far(ql_writer *w, const ql_slots *row, int slot, const void *data, size_t bytes, size_t twin);

/* The parts, each into its parent. */
void ql_write_tensor(ql_writer *w, size_t tensors, int i, const ql_tensor *tensor);
void ql_write_sparsity(ql_writer *w, const ql_slots *tensor, const ql_sparsity *sparsity);
void ql_write_buffers(ql_writer *w, const ql_slots *root);

/* An operator's options, in two steps around its table. */
void ql_put_options(ql_slots *op, const ql_options *options);
void ql_write_options(ql_writer *w, const ql_slots *op, const ql_options *options);

#endif
