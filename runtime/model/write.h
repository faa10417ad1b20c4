/* The writer: a model in memory, read from a file or made by others, to .tflite bytes that LiteRT, TFLM and
 * Netron load and that read back as the same model.
 *
 * What is written is what model.h holds: names, signatures, metadata, debug indices, shape signatures,
 * quantization of every kind, recorded ranges, sparsity, variables, custom options. Fields at their defaults
 * are left out; data that buffers share is stored once and 16-byte aligned; the same model gives the same
 * bytes. Old forms become today's: zero points are one a scale, sparse indices are as narrow as they fit,
 * operator codes above 127 are marked in the old one-byte code.
 *
 * A file whose FlatBuffers part would pass 2 GiB gets its buffers and custom options behind that part, found
 * by their place in the file; the metadata entry "buffer_location" that readers look for is then added, and
 * taken out of files that need it no more.
 */
#ifndef QL_MODEL_WRITE_H
#define QL_MODEL_WRITE_H

#include "runtime/model/model.h"

/* The model's bytes, aligned to 64, to be released with free. It is verified first, so the errors of
 * ql_verify_model are possible. QL_E_UNSUPPORTED: options or details of a kind that the schema does not have.
 * QL_E_FORMAT: a tensor whose data is not its buffer's. */
ql_code ql_model_write(const ql_model *model, char **bytes, size_t *count, ql_err *err);

/* The same with another limit than 2 GiB for the FlatBuffers part. */
ql_code ql_model_write_within(const ql_model *model, size_t limit, char **bytes, size_t *count, ql_err *err);

/* How many bytes that are; the weights are not copied for it. */
ql_code ql_model_size(const ql_model *model, size_t *count, ql_err *err);

/* Writes the file whole or not at all, the weights from where they are. */
ql_code ql_model_save(const ql_model *model, const char *path, ql_err *err);

#endif
