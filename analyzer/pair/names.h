/* How names of a float model and of its quantized twin relate. Names are hashed once; comparing two costs no
 * string work. */
#ifndef QL_PAIR_NAMES_H
#define QL_PAIR_NAMES_H

#include "runtime/runtime.h"

/* `name` without what converters add, written to `out` (name.length + 1 bytes are enough): suffixes such as
 * _int8 and _dequantize, and "quant_" before a layer. Returns the length. */
size_t ql_name_normalize(ql_str name, char *out);

enum { QL_NAME_FORMS = 4 };

/* A text's hash, and those of it without its last digit, its last two and its last three. */
typedef struct {
    int count; /* of forms; 0 = empty */
    uint64_t form[QL_NAME_FORMS];
} ql_name_forms;

typedef struct {
    uint64_t exact;      /* hash of the name as it is, 0 = empty */
    ql_name_forms whole; /* of the normalized name */
    int part_count;
    ql_name_forms *parts; /* of its ';'-joined parts */
} ql_name_key;

/* Memory of `arena`; `scratch` holds name.length + 1 bytes. */
ql_code ql_name_key_make(ql_name_key *key, ql_str name, char *scratch, ql_arena *arena, ql_err *err);

/* Do the texts agree, up to at most three uniquing digits at the end of one of them? */
bool ql_names_agree(const ql_name_forms *a, const ql_name_forms *b);

/* Of the ';'-joined parts of two normalized names, the share that occurs in both (0 .. 1), by the smaller
 * count. */
double ql_names_shared(const ql_name_key *a, const ql_name_key *b);

/* How strongly two names speak for being the same: 3 equal, 2 equal when normalized, 0.5 .. 1 that share of
 * fused parts, 0 not at all. */
double ql_names_strength(const ql_name_key *a, const ql_name_key *b);

#endif
