#include "runtime/tensor/type.h"

#include <string.h>

static const struct {
    const char *name;
    int bits;
} types[QL_TYPE_COUNT] = {
#define QL_TYPE_ROW(id, value, name, bits) [value] = {name, bits},
    QL_TYPES(QL_TYPE_ROW)
#undef QL_TYPE_ROW
};

const char *ql_type_name(ql_type type)
{
    return (unsigned)type < QL_TYPE_COUNT ? types[type].name : "unknown";
}

int ql_type_bits(ql_type type)
{
    return (unsigned)type < QL_TYPE_COUNT ? types[type].bits : 0;
}

ql_type ql_type_named(const char *name)
{
    int type = 0;
    while (type < QL_TYPE_COUNT && strcmp(types[type].name, name) != 0) {
        type++;
    }
    return (ql_type)type;
}

bool ql_type_bytes(ql_type type, size_t count, size_t *bytes)
{
    size_t bits = (size_t)ql_type_bits(type);
    if (!bits) {
        return false;
    }
    if (bits < 8) {
        size_t per_byte = 8 / bits;
        *bytes = count / per_byte + (count % per_byte != 0);
        return true;
    }
    if (count > SIZE_MAX / (bits / 8)) {
        return false;
    }
    *bytes = count * (bits / 8);
    return true;
}

bool ql_type_range(ql_type type, int32_t *lowest, int32_t *highest)
{
    switch (type) {
    case QL_I2:
    case QL_I4:
    case QL_I8:
    case QL_I16:
    case QL_I32: {
        int64_t half = (int64_t)1 << (ql_type_bits(type) - 1);
        *lowest = (int32_t)-half;
        *highest = (int32_t)(half - 1);
        return true;
    }
    case QL_U4:
    case QL_U8:
    case QL_U16:
        *lowest = 0;
        *highest = (int32_t)((1u << ql_type_bits(type)) - 1);
        return true;
    default:
        return false;
    }
}

bool ql_dims_count(const int32_t *dims, int rank, size_t *count)
{
    size_t product = 1;
    bool empty = false;
    for (int i = 0; i < rank; i++) {
        if (dims[i] < 0) {
            return false;
        }
        if (dims[i] == 0) {
            empty = true;
        } else if (product > SIZE_MAX / (size_t)dims[i]) {
            return false;
        } else {
            product *= (size_t)dims[i];
        }
    }
    *count = empty ? 0 : product;
    return !empty || product <= INT32_MAX;
}
