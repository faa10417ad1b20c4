/* The rules a .tflite file is held to, each with its own reason. Two passes:
 *
 *   ql_verify_bytes  the FlatBuffers encoding: every table, vector and string lies inside the file, so that
 *                    flatbuffer.h may read it without checks;
 *   ql_verify_model  what the decoded model says of itself: indices, constants, quantization, order of the
 *                    operators. Models made in memory can be checked with it too.
 *
 * A few rules belong to neither because decoding needs them; they are in read_*.c.
 */
#ifndef QL_MODEL_VERIFY_H
#define QL_MODEL_VERIFY_H

#include "runtime/model/model.h"

/* X(name, code, sentence for up to four integers). The field or place comes before it where there is one. */
#define QL_RULES(X)                                                                                          \
    X(FILE_SIZE, FORMAT, "%lld bytes: a model has at least %lld")                                            \
    X(IDENTIFIER, FORMAT, "must be TFL3")                                                                    \
    X(OFFSET, FORMAT, "offset %lld at byte %lld: must lead forward, to before byte %lld")                    \
    X(TABLE_START, FORMAT, "table at byte %lld: the file ends at byte %lld")                                 \
    X(VTABLE_START, FORMAT, "vtable at byte %lld: must be inside the file of %lld bytes")                    \
    X(VTABLE_SIZE, FORMAT, "vtable of %lld bytes at byte %lld: must be even, at least 4, end by byte %lld")  \
    X(TABLE_END, FORMAT, "table of %lld bytes at byte %lld: must have 4 and end by byte %lld")               \
    X(FIELD, FORMAT, "%lld bytes at %lld of a table of %lld bytes: must be inside it, from 4 on")            \
    X(VECTOR, FORMAT, "%lld elements of %lld bytes from byte %lld: the file ends at byte %lld")              \
    X(STRING, FORMAT, "%lld characters from byte %lld: a NUL must follow before byte %lld")                  \
    X(OVERLAP, FORMAT, "parts of more than %lld bytes in all: too many share the %lld bytes of the file")    \
    X(VERSION, FORMAT, "schema version %lld: must be %lld")                                                  \
    X(NO_SUBGRAPH, FORMAT, "no subgraph: one at least is required")                                          \
    X(OPCODE, FORMAT, "operator code #%lld: builtin code %lld: must not be negative")                        \
    X(CUSTOM_NAME, FORMAT, "operator code #%lld: a custom operator without a name: one is required")         \
    X(BUFFER_PLACE, FORMAT, "%lld bytes from byte %lld: must be inside the file of %lld bytes")              \
    X(METADATA_BUFFER, FORMAT, "metadata #%lld: buffer %lld: must be from 0 to %lld")                        \
    X(SIGNATURE_SUBGRAPH, FORMAT, "signature #%lld: subgraph %lld: must be from 0 to %lld")                  \
    X(SIGNATURE_TENSOR, FORMAT, "signature #%lld: tensor %lld: must be from 0 to %lld")                      \
    X(GRAPH_INPUT, FORMAT, "subgraph #%lld: input tensor %lld: must be from 0 to %lld")                      \
    X(GRAPH_OUTPUT, FORMAT, "subgraph #%lld: output tensor %lld: must be from 0 to %lld")                    \
    X(OP_CODE, FORMAT, "subgraph #%lld: operator code %lld: must be from 0 to %lld")                         \
    X(OP_INPUT, FORMAT, "subgraph #%lld: input tensor %lld: must be from -1 to %lld")                        \
    X(OP_OUTPUT, FORMAT, "subgraph #%lld: output tensor %lld: must be from 0 to %lld")                       \
    X(OP_INTERMEDIATE, FORMAT, "subgraph #%lld: intermediate tensor %lld: must be from -1 to %lld")          \
    X(OP_SUBGRAPH, FORMAT, "names subgraph %lld: must be from 0 to %lld")                                    \
    X(CALL_DEPTH, UNSUPPORTED, "subgraph #%lld is called through more than %lld others, or by itself")       \
    X(UNWRITTEN, FORMAT, "input tensor %lld: no constant, variable, graph input or earlier output")          \
    X(NO_RESULT, FORMAT, "subgraph #%lld: output tensor %lld: nothing gives it a value")                     \
    X(WRITES_CONSTANT, FORMAT, "output tensor %lld is a constant: must not be written")                      \
    X(WRITES_INPUT, FORMAT, "output tensor %lld is an input of the graph: must not be written")              \
    X(WRITES_TWICE, FORMAT, "output tensor %lld: an earlier operator already writes it")                     \
    X(TYPE, FORMAT, "element type %lld: must be from 0 to %lld")                                             \
    X(RANK, UNSUPPORTED, "rank %lld: at most %lld is supported")                                             \
    X(DIMENSION, FORMAT, "dimension #%lld is %lld: must be at least 0")                                      \
    X(SHAPE_SIZE, FORMAT, "shape of rank %lld: its size in bytes passes what fits in memory")                \
    X(SHAPE_SIGNATURE, FORMAT, "shape signature of %lld dimensions: the shape has %lld")                     \
    X(TENSOR_BUFFER, FORMAT, "buffer %lld: must be from 0 to %lld")                                          \
    X(EXTERNAL_BUFFER, UNSUPPORTED, "external buffer %lld: data in other files is not supported")            \
    X(CONSTANT_SIZE, FORMAT, "constant of %lld bytes: its shape and type require %lld")                      \
    X(CONSTANT_TYPE, FORMAT, "constant of %lld bytes: its type has no constants")                            \
    X(VARIABLE_DATA, FORMAT, "variable with %lld bytes of data: must have none")                             \
    X(STRINGS_HEAD, FORMAT, "strings: %lld of them in %lld bytes: their offsets require %lld")               \
    X(STRINGS_COUNT, FORMAT, "strings: %lld of them: the shape has %lld elements")                           \
    X(STRINGS_OFFSET, FORMAT, "strings: offset #%lld is %lld: must be from %lld to %lld")                    \
    X(ZERO_POINTS, FORMAT, "%lld zero points: %lld scales require none, 1 or as many")                       \
    X(SCALE_AXIS, FORMAT, "%lld scales along axis %lld: must be below the rank %lld")                        \
    X(SCALE_COUNT, FORMAT, "%lld scales along axis %lld: its size is %lld")                                  \
    X(BLOCK_SIZE, FORMAT, "quantization block of %lld elements: must be at least 1")                         \
    X(BLOCK_TENSOR, FORMAT, "blockwise scales or zero points in tensor %lld: must be from %lld to %lld")     \
    X(SPARSE_RANK, FORMAT, "sparsity: %lld traversed, %lld described, %lld block dimensions of rank %lld")   \
    X(SPARSE_ORDER, FORMAT,                                                                                  \
      "sparsity: traversal #%lld is %lld: every dimension must come once, blocks last")                      \
    X(SPARSE_BLOCK, FORMAT,                                                                                  \
      "sparsity: block #%lld of %lld along dimension %lld: must divide its %lld, once")                      \
    X(SPARSE_FORMAT, FORMAT, "sparsity: level #%lld has format %lld, index types %lld and %lld")             \
    X(SPARSE_DENSE, FORMAT, "sparsity: level #%lld has %lld entries: its dimension has %lld")                \
    X(SPARSE_COUNT, FORMAT, "sparsity: %lld elements down to level #%lld: must be at most %lld")             \
    X(SPARSE_SEGMENTS, FORMAT, "sparsity: level #%lld has %lld segment bounds: %lld are required")           \
    X(SPARSE_BOUND, FORMAT,                                                                                  \
      "sparsity: level #%lld, segment bound #%lld is %lld: must be from %lld on, rising")                    \
    X(SPARSE_INDICES, FORMAT, "sparsity: level #%lld has %lld indices: its segments end at %lld")            \
    X(SPARSE_INDEX, FORMAT, "sparsity: level #%lld, index #%lld is %lld: must be below %lld")                \
    X(SPARSE_SIZE, FORMAT, "sparsity: %lld elements in %lld bytes: %lld are required")

typedef enum {
#define QL_RULE_ENUM(name, code, sentence) QL_RULE_##name,
    QL_RULES(QL_RULE_ENUM)
#undef QL_RULE_ENUM
        QL_RULE_COUNT
} ql_rule;

/* Fails for `rule`; `what` (may be NULL) is put before its sentence, `a` to `d` are its numbers. */
ql_code ql_broken(ql_err *err, ql_rule rule, const char *what, int64_t a, int64_t b, int64_t c, int64_t d);

/* Structure only. The work is linear in `count` also for files made to have their parts shared. */
ql_code ql_verify_bytes(const uint8_t *bytes, size_t count, ql_err *err);

/* The same for a debug_metadata entry, which is FlatBuffers bytes of its own. */
ql_code ql_verify_debug_bytes(const uint8_t *bytes, size_t count, ql_err *err);

/* The whole model. `scratch` is used on the way. */
ql_code ql_verify_model(const ql_model *model, ql_arena *scratch, ql_err *err);

#endif
