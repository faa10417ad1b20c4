/* How names of a float model and of its quantized twin relate. */
#ifndef QL_PAIR_NAMES_H
#define QL_PAIR_NAMES_H

#include "runtime/runtime.h"

/* `name` without what converters add, written to `out` (name.length + 1 bytes are enough): suffixes such as
 * _int8 and _dequantize, and "quant_" before a layer. Returns the length. */
size_t ql_name_normalize(ql_str name, char *out);

/* Do the normalized names agree, up to uniquing digits at the end of one of them? */
bool ql_names_agree(const char *a, size_t a_length, const char *b, size_t b_length);

/* Of the ';'-joined parts of two normalized names, the share that occurs in both (0 .. 1), by the smaller
 * count. */
double ql_names_shared(const char *a, size_t a_length, const char *b, size_t b_length);

#endif
