/* The tables of the .tflite schema as data, for the verifier to walk by, and their slot numbers, for the
 * reader and the writer. Options tables are in options.def. The schema refers to no table from within itself,
 * so a walk is never deeper than seven tables.
 */
#ifndef QL_MODEL_SCHEMA_H
#define QL_MODEL_SCHEMA_H

#include <stdbool.h>

typedef enum {
    QL_FIELD_SCALAR,
    QL_FIELD_STRING,
    QL_FIELD_VECTOR, /* of scalars */
    QL_FIELD_TABLE,
    QL_FIELD_TABLES, /* a vector of tables */
    QL_FIELD_UNION,  /* the type byte; the value is the next slot */
    QL_FIELD_OPTIONS,
    QL_FIELD_OPTIONS2,
    QL_FIELD_VALUE,  /* of the union in the slot before */
    QL_FIELD_UNIONS, /* a vector of type bytes; the values' is the next slot */
    QL_FIELD_SKIP
} ql_field_kind;

typedef struct ql_schema_table ql_schema_table;
typedef struct {
    const char *name; /* "Tensor.shape" */
    ql_field_kind kind;
    int size; /* bytes of the scalar or of one element */
    const ql_schema_table *table;
    const ql_schema_table *const *members; /* of a union: by type, NULL = unknown; ends with NULL */
} ql_field;

struct ql_schema_table {
    const char *name;
    int count;
    const ql_field *fields; /* by slot */
};

extern const ql_schema_table ql_schema_model;

/* Of the metadata entry "debug_metadata", FlatBuffers bytes of its own. */
extern const ql_schema_table ql_schema_debug;

enum {
    QL_MODEL_VERSION,
    QL_MODEL_OPCODES,
    QL_MODEL_SUBGRAPHS,
    QL_MODEL_DESCRIPTION,
    QL_MODEL_BUFFERS,
    QL_MODEL_METADATA_BUFFERS,
    QL_MODEL_METADATA,
    QL_MODEL_SIGNATURES,
    QL_MODEL_EXTERNAL_GROUPS,
    QL_MODEL_EXTERNAL_BUFFERS
};
enum { QL_OPCODE_OLD_CODE, QL_OPCODE_CUSTOM, QL_OPCODE_VERSION, QL_OPCODE_CODE };
enum {
    QL_SUBGRAPH_TENSORS,
    QL_SUBGRAPH_INPUTS,
    QL_SUBGRAPH_OUTPUTS,
    QL_SUBGRAPH_OPERATORS,
    QL_SUBGRAPH_NAME,
    QL_SUBGRAPH_DEBUG
};
enum {
    QL_TENSOR_SHAPE,
    QL_TENSOR_TYPE,
    QL_TENSOR_BUFFER,
    QL_TENSOR_NAME,
    QL_TENSOR_QUANT,
    QL_TENSOR_VARIABLE,
    QL_TENSOR_SPARSITY,
    QL_TENSOR_SIGNATURE,
    QL_TENSOR_HAS_RANK,
    QL_TENSOR_VARIANTS,
    QL_TENSOR_EXTERNAL
};
enum {
    QL_QUANT_MIN,
    QL_QUANT_MAX,
    QL_QUANT_SCALE,
    QL_QUANT_ZERO_POINT,
    QL_QUANT_DETAILS_TYPE,
    QL_QUANT_DETAILS,
    QL_QUANT_AXIS
};
/* MultiAxisQuantization starts as BlockwiseQuantization. */
enum { QL_BLOCKWISE_SCALES, QL_BLOCKWISE_ZERO_POINTS, QL_BLOCKWISE_SIZE, QL_MULTI_AXIS_AXES };
enum { QL_VARIANT_SHAPE, QL_VARIANT_TYPE, QL_VARIANT_HAS_RANK };
enum { QL_SPARSITY_ORDER, QL_SPARSITY_BLOCK_MAP, QL_SPARSITY_DIMS };
enum {
    QL_DIM_FORMAT,
    QL_DIM_DENSE_SIZE,
    QL_DIM_SEGMENTS_TYPE,
    QL_DIM_SEGMENTS,
    QL_DIM_INDICES_TYPE,
    QL_DIM_INDICES
};
enum { QL_BUFFER_DATA, QL_BUFFER_OFFSET, QL_BUFFER_SIZE };
enum {
    QL_OP_OPCODE,
    QL_OP_INPUTS,
    QL_OP_OUTPUTS,
    QL_OP_OPTIONS_TYPE,
    QL_OP_OPTIONS,
    QL_OP_CUSTOM,
    QL_OP_CUSTOM_FORMAT,
    QL_OP_MUTATING,
    QL_OP_INTERMEDIATES,
    QL_OP_LARGE_OFFSET,
    QL_OP_LARGE_SIZE,
    QL_OP_OPTIONS2_TYPE,
    QL_OP_OPTIONS2,
    QL_OP_DEBUG
};
enum { QL_METADATA_NAME, QL_METADATA_BUFFER };
enum {
    QL_SIGNATURE_INPUTS,
    QL_SIGNATURE_OUTPUTS,
    QL_SIGNATURE_KEY,
    QL_SIGNATURE_OLD_TAG,
    QL_SIGNATURE_SUBGRAPH
};
enum { QL_MAP_NAME, QL_MAP_TENSOR };

/* Of the debug metadata. Locations refer to each other by their index in the list of attributes. */
enum { QL_DEBUG_TYPES, QL_DEBUG_VALUES };
enum { QL_CONVERSION_SUBGRAPHS, QL_CONVERSION_ATTRIBUTE_TYPES, QL_CONVERSION_ATTRIBUTES };
enum { QL_LOCATION_TYPE, QL_LOCATION_VALUE };
enum { QL_CALL_SITE_CALLEE, QL_CALL_SITE_CALLER };
enum { QL_FILE_NAME, QL_FILE_LINE, QL_FILE_COLUMN };
enum { QL_NAMED_NAME, QL_NAMED_CHILD }; /* of names and of opaque locations */

/* Values of its unions. */
enum { QL_DEBUG_CONVERSION = 1 };
enum { QL_ATTRIBUTE_LOCATION = 1, QL_ATTRIBUTE_ITEM };
enum {
    QL_AT_CALL_SITE = 1,
    QL_AT_FILE,
    QL_AT_FUSED,
    QL_AT_NAME,
    QL_AT_OPAQUE,
    QL_AT_UNKNOWN,
};

/* Values of details_type, and of the sparse index unions. */
enum { QL_DETAILS_CUSTOM = 1, QL_DETAILS_BLOCKWISE, QL_DETAILS_MULTI_AXIS };
enum { QL_INDEX_I32 = 1, QL_INDEX_U16, QL_INDEX_U8 };

#endif
