/* Element types, numbered as in the .tflite file (schema TensorType). */
#ifndef QL_TENSOR_TYPE_H
#define QL_TENSOR_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(id, value in the file, name, bits an element; 0: no fixed size) */
#define QL_TYPES(X)                                                                                          \
    X(F32, 0, "float32", 32)                                                                                 \
    X(F16, 1, "float16", 16)                                                                                 \
    X(I32, 2, "int32", 32)                                                                                   \
    X(U8, 3, "uint8", 8)                                                                                     \
    X(I64, 4, "int64", 64)                                                                                   \
    X(STRING, 5, "string", 0)                                                                                \
    X(BOOL, 6, "bool", 8)                                                                                    \
    X(I16, 7, "int16", 16)                                                                                   \
    X(C64, 8, "complex64", 64)                                                                               \
    X(I8, 9, "int8", 8)                                                                                      \
    X(F64, 10, "float64", 64)                                                                                \
    X(C128, 11, "complex128", 128)                                                                           \
    X(U64, 12, "uint64", 64)                                                                                 \
    X(RESOURCE, 13, "resource", 32)                                                                          \
    X(VARIANT, 14, "variant", 0)                                                                             \
    X(U32, 15, "uint32", 32)                                                                                 \
    X(U16, 16, "uint16", 16)                                                                                 \
    X(I4, 17, "int4", 4)                                                                                     \
    X(BF16, 18, "bfloat16", 16)                                                                              \
    X(I2, 19, "int2", 2)                                                                                     \
    X(U4, 20, "uint4", 4)                                                                                    \
    X(F8E4M3, 21, "float8_e4m3fn", 8)                                                                        \
    X(F8E5M2, 22, "float8_e5m2", 8)

typedef enum {
#define QL_TYPE_ENUM(id, value, name, bits) QL_##id = (value),
    QL_TYPES(QL_TYPE_ENUM)
#undef QL_TYPE_ENUM
        QL_TYPE_COUNT
} ql_type;

const char *ql_type_name(ql_type type);

/* Bits an element takes; 0 for string and variant. A resource is the int32 id of a variable. */
int ql_type_bits(ql_type type);

/* The type of that name; QL_TYPE_COUNT when there is none. */
ql_type ql_type_named(const char *name);

/* The bytes that `count` elements take, sub-byte types packed (int4: two a byte, low nibble first; int2:
 * four). False when that overflows or the type has no fixed size. */
bool ql_type_bytes(ql_type type, size_t count, size_t *bytes);

/* The whole range an integer type of at most 32 bits stores (int4 -8..7 ...); false for other types. */
bool ql_type_range(ql_type type, int32_t *lowest, int32_t *highest);

/* The product of `rank` dimensions (1 for rank 0). False when one is negative or the product overflows; with
 * a 0 among them, when the others come to more than 2^31-1: loops over them would still take that long. */
bool ql_dims_count(const int32_t *dims, int rank, size_t *count);

#endif
