#include "runtime/model/schema.h"

#include <stddef.h>

#define SCALAR(name, size)                                                                                   \
    {                                                                                                        \
        name, QL_FIELD_SCALAR, size, NULL, NULL                                                              \
    }
#define STRING(name)                                                                                         \
    {                                                                                                        \
        name, QL_FIELD_STRING, 1, NULL, NULL                                                                 \
    }
#define VECTOR(name, size)                                                                                   \
    {                                                                                                        \
        name, QL_FIELD_VECTOR, size, NULL, NULL                                                              \
    }
#define SUBTABLE(name, of)                                                                                   \
    {                                                                                                        \
        name, QL_FIELD_TABLE, 4, &(of), NULL                                                                 \
    }
#define TABLES(name, of)                                                                                     \
    {                                                                                                        \
        name, QL_FIELD_TABLES, 4, &(of), NULL                                                                \
    }
#define UNION(name, of)                                                                                      \
    {                                                                                                        \
        name, QL_FIELD_UNION, 1, NULL, of                                                                    \
    }
#define VALUE(name)                                                                                          \
    {                                                                                                        \
        name, QL_FIELD_VALUE, 4, NULL, NULL                                                                  \
    }
#define SKIP(name)                                                                                           \
    {                                                                                                        \
        name, QL_FIELD_SKIP, 0, NULL, NULL                                                                   \
    }
#define UNIONS(name, of)                                                                                     \
    {                                                                                                        \
        name, QL_FIELD_UNIONS, 1, NULL, of                                                                   \
    }
#define OPTIONS(name, kind)                                                                                  \
    {                                                                                                        \
        name, kind, 1, NULL, NULL                                                                            \
    }
#define TABLE(id, name, fields)                                                                              \
    static const ql_schema_table id = {name, sizeof fields / sizeof *fields, fields}

static const ql_field opcode_fields[] = {
    SCALAR("OperatorCode.deprecated_builtin_code", 1),
    STRING("OperatorCode.custom_code"),
    SCALAR("OperatorCode.version", 4),
    SCALAR("OperatorCode.builtin_code", 4),
};
TABLE(opcode, "OperatorCode", opcode_fields);

static const ql_field custom_quant_fields[] = {VECTOR("CustomQuantization.custom", 1)};
TABLE(custom_quant, "CustomQuantization", custom_quant_fields);

static const ql_field blockwise_fields[] = {
    SCALAR("BlockwiseQuantization.scales", 4),
    SCALAR("BlockwiseQuantization.zero_points", 4),
    SCALAR("BlockwiseQuantization.block_size", 4),
};
TABLE(blockwise, "BlockwiseQuantization", blockwise_fields);

static const ql_field multi_axis_fields[] = {
    SCALAR("MultiAxisQuantization.scales", 4),
    SCALAR("MultiAxisQuantization.zero_points", 4),
    SCALAR("MultiAxisQuantization.block_size", 4),
    VECTOR("MultiAxisQuantization.quantized_dimensions", 4),
};
TABLE(multi_axis, "MultiAxisQuantization", multi_axis_fields);

static const ql_schema_table *const details[] = {&custom_quant, &blockwise, &multi_axis, NULL};

static const ql_field quant_fields[] = {
    VECTOR("QuantizationParameters.min", 4),
    VECTOR("QuantizationParameters.max", 4),
    VECTOR("QuantizationParameters.scale", 4),
    VECTOR("QuantizationParameters.zero_point", 8),
    UNION("QuantizationParameters.details_type", details),
    VALUE("QuantizationParameters.details"),
    SCALAR("QuantizationParameters.quantized_dimension", 4),
};
TABLE(quant, "QuantizationParameters", quant_fields);

static const ql_field i32s_fields[] = {VECTOR("Int32Vector.values", 4)};
TABLE(i32s, "Int32Vector", i32s_fields);
static const ql_field u16s_fields[] = {VECTOR("Uint16Vector.values", 2)};
TABLE(u16s, "Uint16Vector", u16s_fields);
static const ql_field u8s_fields[] = {VECTOR("Uint8Vector.values", 1)};
TABLE(u8s, "Uint8Vector", u8s_fields);

static const ql_schema_table *const index_vectors[] = {&i32s, &u16s, &u8s, NULL};

static const ql_field dim_fields[] = {
    SCALAR("DimensionMetadata.format", 1),
    SCALAR("DimensionMetadata.dense_size", 4),
    UNION("DimensionMetadata.array_segments_type", index_vectors),
    VALUE("DimensionMetadata.array_segments"),
    UNION("DimensionMetadata.array_indices_type", index_vectors),
    VALUE("DimensionMetadata.array_indices"),
};
TABLE(dim, "DimensionMetadata", dim_fields);

static const ql_field sparsity_fields[] = {
    VECTOR("SparsityParameters.traversal_order", 4),
    VECTOR("SparsityParameters.block_map", 4),
    TABLES("SparsityParameters.dim_metadata", dim),
};
TABLE(sparsity, "SparsityParameters", sparsity_fields);

static const ql_field variant_fields[] = {
    VECTOR("VariantSubType.shape", 4),
    SCALAR("VariantSubType.type", 1),
    SCALAR("VariantSubType.has_rank", 1),
};
TABLE(variant, "VariantSubType", variant_fields);

static const ql_field tensor_fields[] = {
    VECTOR("Tensor.shape", 4),
    SCALAR("Tensor.type", 1),
    SCALAR("Tensor.buffer", 4),
    STRING("Tensor.name"),
    SUBTABLE("Tensor.quantization", quant),
    SCALAR("Tensor.is_variable", 1),
    SUBTABLE("Tensor.sparsity", sparsity),
    VECTOR("Tensor.shape_signature", 4),
    SCALAR("Tensor.has_rank", 1),
    TABLES("Tensor.variant_tensors", variant),
    SCALAR("Tensor.external_buffer", 4),
};
TABLE(tensor, "Tensor", tensor_fields);

static const ql_field operator_fields[] = {
    SCALAR("Operator.opcode_index", 4),
    VECTOR("Operator.inputs", 4),
    VECTOR("Operator.outputs", 4),
    OPTIONS("Operator.builtin_options_type", QL_FIELD_OPTIONS),
    VALUE("Operator.builtin_options"),
    VECTOR("Operator.custom_options", 1),
    SCALAR("Operator.custom_options_format", 1),
    VECTOR("Operator.mutating_variable_inputs", 1),
    VECTOR("Operator.intermediates", 4),
    SCALAR("Operator.large_custom_options_offset", 8),
    SCALAR("Operator.large_custom_options_size", 8),
    OPTIONS("Operator.builtin_options_2_type", QL_FIELD_OPTIONS2),
    VALUE("Operator.builtin_options_2"),
    SCALAR("Operator.debug_metadata_index", 4),
};
TABLE(operation, "Operator", operator_fields);

static const ql_field subgraph_fields[] = {
    TABLES("SubGraph.tensors", tensor),
    VECTOR("SubGraph.inputs", 4),
    VECTOR("SubGraph.outputs", 4),
    TABLES("SubGraph.operators", operation),
    STRING("SubGraph.name"),
    SCALAR("SubGraph.debug_metadata_index", 4),
};
TABLE(subgraph, "SubGraph", subgraph_fields);

static const ql_field buffer_fields[] = {
    VECTOR("Buffer.data", 1),
    SCALAR("Buffer.offset", 8),
    SCALAR("Buffer.size", 8),
};
TABLE(buffer, "Buffer", buffer_fields);

static const ql_field metadata_fields[] = {STRING("Metadata.name"), SCALAR("Metadata.buffer", 4)};
TABLE(metadata, "Metadata", metadata_fields);

static const ql_field map_fields[] = {STRING("TensorMap.name"), SCALAR("TensorMap.tensor_index", 4)};
TABLE(map, "TensorMap", map_fields);

static const ql_field signature_fields[] = {
    TABLES("SignatureDef.inputs", map),       TABLES("SignatureDef.outputs", map),
    STRING("SignatureDef.signature_key"),     SKIP("SignatureDef.deprecated_tag"),
    SCALAR("SignatureDef.subgraph_index", 4),
};
TABLE(signature, "SignatureDef", signature_fields);

/* The external buffers at slots 8 and 9 are not read: a tensor that uses one is refused. */
static const ql_field model_fields[] = {
    SCALAR("Model.version", 4),          TABLES("Model.operator_codes", opcode),
    TABLES("Model.subgraphs", subgraph), STRING("Model.description"),
    TABLES("Model.buffers", buffer),     VECTOR("Model.metadata_buffer", 4),
    TABLES("Model.metadata", metadata),  TABLES("Model.signature_defs", signature),
};
const ql_schema_table ql_schema_model = {"Model", sizeof model_fields / sizeof *model_fields, model_fields};

static const ql_field call_site_fields[] = {SCALAR("CallSiteLoc.callee_index", 4),
                                            SCALAR("CallSiteLoc.caller_index", 4)};
TABLE(call_site, "CallSiteLoc", call_site_fields);

static const ql_field file_fields[] = {STRING("FileLineColLoc.filename"), SCALAR("FileLineColLoc.line", 4),
                                       SCALAR("FileLineColLoc.column", 4)};
TABLE(file, "FileLineColLoc", file_fields);

static const ql_field fused_fields[] = {VECTOR("FusedLoc.location_indexes", 4)};
TABLE(fused, "FusedLoc", fused_fields);

static const ql_field name_fields[] = {STRING("NameLoc.name"), SCALAR("NameLoc.child_index", 4)};
TABLE(name, "NameLoc", name_fields);

static const ql_field opaque_fields[] = {STRING("OpaqueLoc.identifier"),
                                         SCALAR("OpaqueLoc.fallback_location_index", 4)};
TABLE(opaque, "OpaqueLoc", opaque_fields);

static const ql_schema_table *const locations[] = {&call_site, &file, &fused, &name, &opaque, NULL};

static const ql_field location_fields[] = {UNION("Location.location_type", locations),
                                           VALUE("Location.location")};
TABLE(location, "Location", location_fields);

static const ql_field item_fields[] = {STRING("DictItem.key"), STRING("DictItem.val")};
TABLE(item, "DictItem", item_fields);

static const ql_schema_table *const attributes[] = {&location, &item, NULL};

static const ql_field debug_operator_fields[] = {
    VECTOR("OperatorDebugMetadata.attribute_metadata_indexes", 4)};
TABLE(debug_operator, "OperatorDebugMetadata", debug_operator_fields);

static const ql_field debug_subgraph_fields[] = {
    TABLES("SubgraphDebugMetadata.operators_debug_metadata", debug_operator)};
TABLE(debug_subgraph, "SubgraphDebugMetadata", debug_subgraph_fields);

static const ql_field conversion_fields[] = {
    TABLES("ConversionDebugMetadata.subgraphs_debug_metadata", debug_subgraph),
    UNIONS("ConversionDebugMetadata.attributes_type", attributes),
    VALUE("ConversionDebugMetadata.attributes"),
};
TABLE(conversion, "ConversionDebugMetadata", conversion_fields);

static const ql_schema_table *const debug_kinds[] = {&conversion, NULL};

static const ql_field debug_fields[] = {UNIONS("DebugMetadata.debug_metadata_type", debug_kinds),
                                        VALUE("DebugMetadata.debug_metadata")};
const ql_schema_table ql_schema_debug = {"DebugMetadata", sizeof debug_fields / sizeof *debug_fields,
                                         debug_fields};
