/* Operator options as data. One row of options.def describes one options table of the schema, slot by slot;
 * reader, verifier, writer and `inspect` work from it, and kernels read decoded values by slot:
 *
 *     enum { PADDING, STRIDE_W, STRIDE_H };
 *     int stride = ql_opt_int(c->options, STRIDE_W);
 */
#ifndef QL_MODEL_OPTIONS_H
#define QL_MODEL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    QL_OPT_END,  /* ends a table's slots */
    QL_OPT_SKIP, /* a deprecated slot that is passed over */
    QL_OPT_BOOL,
    QL_OPT_I8,
    QL_OPT_U8,
    QL_OPT_I32,
    QL_OPT_SUBGRAPH, /* an int32 that is the index of a subgraph */
    QL_OPT_U32,
    QL_OPT_I64,
    QL_OPT_F32,
    QL_OPT_STRING,
    QL_OPT_I32S, /* vectors from here on */
    QL_OPT_U32S,
    QL_OPT_I64S,
    QL_OPT_F32S,
    QL_OPT_U8S,
    QL_OPT_BOOLS,
    QL_OPT_SUBGRAPHS /* int32 */
} ql_option_kind;

typedef struct {
    const char *name; /* as in the schema */
    ql_option_kind kind;
    int32_t fallback; /* value of an absent slot; floats default to 0 */
} ql_option_slot;

enum { QL_MAX_OPTION_SLOTS = 17 };

typedef struct {
    const char *name; /* "Conv2DOptions" */
    int union_id;     /* in BuiltinOptions, or in BuiltinOptions2 when `second` */
    bool second;
    ql_option_slot slots[QL_MAX_OPTION_SLOTS + 1];
} ql_options_table;

/* One decoded slot. For vectors and strings `count` elements at `data` (aligned to the element), NULL when
 * absent. */
typedef struct {
    int64_t i;
    double f;
    size_t count;
    const void *data;
} ql_option;

typedef struct {
    const ql_options_table *table; /* NULL: the file has no options, or of a kind unknown here */
    const ql_option *values;       /* one a slot of `table`; NULL: all at their defaults */
    int union_id;                  /* what the file says, also of an unknown kind; 0 = none */
    bool second;
} ql_options;

/* Bytes of a scalar of that kind, or of one element of a vector or string; 0 for END and SKIP. */
size_t ql_option_size(ql_option_kind kind);

/* The table for a union id; NULL when it is unknown. */
const ql_options_table *ql_options_table_of(int union_id, bool second);

/* How many slots the table has. */
int ql_options_slot_count(const ql_options_table *table);

/* A slot's value, the schema's default where the file has none. `options->table` must not be NULL. */
int64_t ql_opt_i64(const ql_options *options, int slot);
int ql_opt_int(const ql_options *options, int slot); /* saturated to int */
float ql_opt_f32(const ql_options *options, int slot);
bool ql_opt_bool(const ql_options *options, int slot);

/* The slot of the fused activation function, -1 = the table has none; and its value, ActivationFunctionType
 * of the schema, 0 = none. */
int ql_opt_activation_slot(const ql_options *options);
int ql_opt_activation(const ql_options *options);

enum { QL_FUSED_NONE, QL_FUSED_RELU, QL_FUSED_RELU_N1_TO_1, QL_FUSED_RELU6, QL_FUSED_TANH };

/* A vector slot: the element count, and its elements in *data (NULL when absent). */
size_t ql_opt_i32s(const ql_options *options, int slot, const int32_t **data);
size_t ql_opt_i64s(const ql_options *options, int slot, const int64_t **data);
size_t ql_opt_f32s(const ql_options *options, int slot, const float **data);
size_t ql_opt_u8s(const ql_options *options, int slot, const uint8_t **data);

/* A string slot: its length, and its characters in *text ("" when absent). */
size_t ql_opt_string(const ql_options *options, int slot, const char **text);

#endif
