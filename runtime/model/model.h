/* The model: a graph in memory. ql_model_open reads one from a .tflite file, the quantizer makes others; all
 * the rest of the program works on these structures and never on file bytes.
 *
 * Ownership, once for all: what ql_model_open gives is yours, release it with ql_model_close. Everything
 * reached from it (names, shapes, constants, options) is borrowed and lives as long as the model; constants
 * stay in the mapped file unless they had to be moved for alignment.
 *
 * A model that was opened has been verified wholly (see verify.h): indices are in range, vectors lie inside
 * the file, strings end, constants have the bytes their shapes say, each operator reads only what is already
 * there. Readers need no checks of their own for those. Two exceptions, both seen in real models: a custom
 * operator may have inputs that nobody writes (its scratch memory), and debug_index is only a number.
 *
 * Source of the format: the TFLite schema, version 3 (docs/format.md).
 */
#ifndef QL_MODEL_MODEL_H
#define QL_MODEL_MODEL_H

#include "runtime/base/arena.h"
#include "runtime/base/error.h"
#include "runtime/model/options.h"
#include "runtime/tensor/type.h"

enum { QL_MAX_RANK = 8 }; /* a model with a tensor of higher rank is refused (QL_E_UNSUPPORTED) */

/* Text from the file: `length` bytes, then a NUL that is not counted; may hold any byte. "" when absent. */
typedef struct {
    const char *text;
    size_t length;
} ql_str;

/* What the two rarer kinds of quantization details hold. */
typedef struct {
    const uint8_t *custom; /* of details_type 1 */
    size_t custom_bytes;
    int scales, zero_points, block_size; /* of details_type 3: tensors, as for blockwise */
    const int32_t *axes;
    int axis_count;
} ql_details;

/* The schema's own quantization of a tensor; scale_count 0 = none.
 * real = scale[c] * (q - zero_point[c]), c the index along `axis`, 0 when there is one scale. */
typedef struct {
    int scale_count;
    const float *scale;
    const int64_t
        *zero_point; /* scale_count entries: a single one in the file is repeated, none gives zeros */
    int axis;        /* of the shape; meaningful when scale_count > 1 */
    int min_count, max_count; /* recorded ranges, informative */
    const float *min, *max;
    /* Blockwise (details_type 2): scales and zero points are tensors of the subgraph (-1: none). */
    int block_size; /* 0: not blockwise */
    int block_scales, block_zero_points;
    int other_details;         /* details_type in the file when it is neither none nor blockwise, else 0 */
    const ql_details *details; /* of other_details 1 and 3; NULL when the file has none */
} ql_quant;

typedef struct {
    bool csr; /* false: dense */
    int dense_size;
    size_t segment_count, index_count;
    const int32_t *segments, *indices; /* widened from whatever width the file has */
} ql_sparse_dim;

typedef struct {
    int dim_count, block_count;
    const int32_t *order;     /* dim_count entries: traversal_order */
    const int32_t *block_map; /* block_count entries */
    const ql_sparse_dim *dims;
} ql_sparsity;

/* The type of what a VARIANT or RESOURCE tensor holds. */
typedef struct {
    int rank;
    const int32_t *shape;
    ql_type type;
    bool has_rank;
} ql_variant;

typedef struct {
    ql_str name;
    ql_type type;
    int rank;
    bool has_rank;            /* as the file says; false also in files that have a shape all the same */
    const int32_t *shape;     /* `rank` entries >= 0 */
    const int32_t *signature; /* `rank` entries, -1 = dynamic; NULL when the file has none */
    int buffer;               /* index into the model's buffers; 0 = no data */
    const void
        *data; /* constant's bytes, aligned to its element (may be 0 of them); NULL when it is no constant */
    size_t bytes; /* of `data` */
    bool variable;
    ql_quant quant;
    const ql_sparsity *sparsity; /* NULL: dense */
    int variant_count;
    const ql_variant *variants;
} ql_tensor;

typedef struct {
    int code; /* BuiltinOperator; 32 = custom */
    int version;
    ql_str custom; /* name of a custom operator, else "" */
} ql_opcode;

typedef struct {
    int opcode; /* index into the model's opcodes */
    int input_count, output_count, intermediate_count;
    const int32_t *inputs; /* tensor indices; -1 = optional input left out */
    const int32_t *outputs, *intermediates;
    ql_options options;            /* decoded, see options.h */
    const uint8_t *custom_options; /* bytes of a custom operator (FlexBuffers by convention) */
    size_t custom_options_bytes;
    int custom_options_format; /* 0: FlexBuffers */
    size_t mutating_count;
    const uint8_t *mutating; /* one an input: whether the operator changes that variable; NULL: no list */
    int debug_index;         /* operator's entry in its subgraph's debug metadata, -1 = none */
} ql_operator;

typedef struct {
    ql_str name;
    int tensor_count, input_count, output_count, operator_count;
    ql_tensor *tensors;
    const int32_t *inputs, *outputs;
    ql_operator *operators; /* in execution order */
    int debug_index;
} ql_subgraph;

typedef struct {
    const uint8_t *data; /* NULL: empty */
    size_t bytes;
} ql_buffer;

typedef struct {
    ql_str name;
    int buffer;
} ql_metadata;

typedef struct {
    ql_str name;
    int tensor; /* of the signature's subgraph */
} ql_tensor_map;

typedef struct {
    ql_str key;
    int subgraph, input_count, output_count;
    const ql_tensor_map *inputs, *outputs;
} ql_signature;

typedef struct ql_model {
    int version; /* 3 */
    ql_str description;
    int opcode_count, subgraph_count, buffer_count, metadata_count, signature_count;
    const ql_opcode *opcodes;
    ql_subgraph *subgraphs; /* at least one */
    const ql_buffer *buffers;
    const ql_metadata *metadata;
    const ql_signature *signatures;
    int metadata_buffer_count;
    const int32_t *metadata_buffers; /* an older form of metadata, kept as it is */
    const uint8_t *bytes;            /* the file; NULL for a model that was made in memory */
    size_t byte_count;
    char *path; /* as it was opened; NULL for ql_model_read and for a model made in memory */
    ql_arena arena;
    void *mapping; /* what ql_model_close unmaps; NULL for a model that borrows its bytes */
} ql_model;

/* Maps and verifies the file, then reads it. QL_E_IO: cannot be opened or mapped; QL_E_FORMAT: a rule is
 * broken (the sentence names it); QL_E_UNSUPPORTED: legal but beyond this program (rank, external buffer
 * files). */
ql_code ql_model_open(ql_model **model, const char *path, ql_err *err);

/* The same for bytes in memory, which must outlive the model and be 16-byte aligned. */
ql_code ql_model_read(ql_model **model, const void *bytes, size_t count, ql_err *err);

/* NULL is allowed. */
void ql_model_close(ql_model *model);

/* The schema's name of a builtin code ("CONV_2D"); NULL when there is no such code. */
const char *ql_builtin_name(int code);

/* The operator's name: the schema's for a builtin, the custom name (escaped, cut) for a custom one,
 * "BUILTIN_<code>" for a code the schema does not have. `buffer` must hold 64 bytes; returns either a
 * constant or `buffer`. */
const char *ql_operator_name(const ql_model *model, const ql_operator *op, char *buffer);

/* The bytes of the first metadata entry called `name`; false when there is none. */
bool ql_model_metadata(const ql_model *model, const char *name, const uint8_t **bytes, size_t *count);

/* The signature called `key`; NULL when there is none. */
const ql_signature *ql_model_signature(const ql_model *model, const char *key);

bool ql_str_is(ql_str str, const char *text);

/* Adds the tensor's name (or "#index" when it has none) to `err`; returns err's code. */
ql_code ql_at_tensor_of(ql_err *err, const ql_tensor *tensor, int index);

#endif
