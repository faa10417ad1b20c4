/* The header of a .npy member: magic, version, and a Python dictionary that says type, order and shape. */
#ifndef QL_DATA_NPY_H
#define QL_DATA_NPY_H

#include "analyzer/data/npz.h"

/* Bytes before the header's text in any version; enough to know how long the text is. */
enum { QL_NPY_PREFIX = 12, QL_NPY_MAX_HEADER = 1 << 16 };

/* How long the whole header is (prefix and text) by the first QL_NPY_PREFIX bytes; FORMAT when they do not
 * begin a header, or one longer than QL_NPY_MAX_HEADER. */
ql_code ql_npy_header_length(const uint8_t *prefix, size_t *length, ql_err *err);

/* Reads the header, `length` bytes, into type, rank, dims, count and bytes of `array`; *fortran: the first
 * dimension runs fastest. */
ql_code ql_npy_header(const uint8_t *header, size_t length, ql_array *array, bool *fortran, ql_err *err);

/* Writes a version 1.0 header into `out` (256 bytes) and returns its length, a multiple of 64; 0 when NumPy
 * has no such type. */
size_t ql_npy_write_header(uint8_t *out, ql_type type, int rank, const int32_t *dims);

/* Brings `from`, stored first dimension fastest, into C order at `to`. */
void ql_npy_transpose(const ql_array *array, const void *from, void *to);

#endif
