#include "runtime/model/options.h"

#include <limits.h>
#include <string.h>

#define SLOT(name, kind, fallback)                                                                           \
    {                                                                                                        \
#name, kind, fallback                                                                                \
    }
#define SKIP(name)           SLOT(name, QL_OPT_SKIP, 0)
#define BOOL(name)           SLOT(name, QL_OPT_BOOL, 0)
#define BOOL_OR(name, value) SLOT(name, QL_OPT_BOOL, value)
#define I8(name)             SLOT(name, QL_OPT_I8, 0)
#define I8_OR(name, value)   SLOT(name, QL_OPT_I8, value)
#define I32(name)            SLOT(name, QL_OPT_I32, 0)
#define I32_OR(name, value)  SLOT(name, QL_OPT_I32, value)
#define SUBGRAPH(name)       SLOT(name, QL_OPT_SUBGRAPH, 0)
#define U32(name)            SLOT(name, QL_OPT_U32, 0)
#define I64(name)            SLOT(name, QL_OPT_I64, 0)
#define F32(name)            SLOT(name, QL_OPT_F32, 0)
#define STRING(name)         SLOT(name, QL_OPT_STRING, 0)
#define I32S(name)           SLOT(name, QL_OPT_I32S, 0)
#define U32S(name)           SLOT(name, QL_OPT_U32S, 0)
#define I64S(name)           SLOT(name, QL_OPT_I64S, 0)
#define F32S(name)           SLOT(name, QL_OPT_F32S, 0)
#define U8S(name)            SLOT(name, QL_OPT_U8S, 0)
#define BOOLS(name)          SLOT(name, QL_OPT_BOOLS, 0)
#define SUBGRAPHS(name)      SLOT(name, QL_OPT_SUBGRAPHS, 0)
#define END                                                                                                  \
    {                                                                                                        \
        NULL, QL_OPT_END, 0                                                                                  \
    }
#define FIRST(id, name, ...)   [id] = {#name, id, false, {__VA_ARGS__, END}},
#define EMPTY_FIRST(id, name)  [id] = {#name, id, false, {END}},
#define SECOND(id, name, ...)  [id] = {#name, id, true, {__VA_ARGS__, END}},
#define EMPTY_SECOND(id, name) [id] = {#name, id, true, {END}},

static const ql_options_table first[] = {
#define QL_OPTIONS_FIRST
#include "runtime/model/options.def"
#undef QL_OPTIONS_FIRST
};

static const ql_options_table second[] = {
#define QL_OPTIONS_SECOND
#include "runtime/model/options.def"

#undef QL_OPTIONS_SECOND
};

static const ql_options_table *row(const ql_options_table *tables, size_t count, int id)
{
    return id > 0 && (size_t)id < count && tables[id].name ? &tables[id] : NULL;
}

const ql_options_table *ql_options_table_of(int union_id, bool in_second)
{
    return in_second ? row(second, sizeof second / sizeof *second, union_id)
                     : row(first, sizeof first / sizeof *first, union_id);
}

size_t ql_option_size(ql_option_kind kind)
{
    static const uint8_t sizes[] = {
        [QL_OPT_BOOL] = 1,     [QL_OPT_I8] = 1,   [QL_OPT_U8] = 1,    [QL_OPT_I32] = 4,
        [QL_OPT_SUBGRAPH] = 4, [QL_OPT_U32] = 4,  [QL_OPT_I64] = 8,   [QL_OPT_F32] = 4,
        [QL_OPT_STRING] = 1,   [QL_OPT_I32S] = 4, [QL_OPT_U32S] = 4,  [QL_OPT_I64S] = 8,
        [QL_OPT_F32S] = 4,     [QL_OPT_U8S] = 1,  [QL_OPT_BOOLS] = 1, [QL_OPT_SUBGRAPHS] = 4,
    };
    return sizes[kind];
}

int ql_options_slot_count(const ql_options_table *table)
{
    int count = 0;
    while (table->slots[count].kind != QL_OPT_END) {
        count++;
    }
    return count;
}

int64_t ql_opt_i64(const ql_options *options, int slot)
{
    return options->values ? options->values[slot].i : options->table->slots[slot].fallback;
}

int ql_opt_int(const ql_options *options, int slot)
{
    int64_t value = ql_opt_i64(options, slot);
    return value < INT_MIN ? INT_MIN : value > INT_MAX ? INT_MAX : (int)value;
}

float ql_opt_f32(const ql_options *options, int slot)
{
    return options->values ? (float)options->values[slot].f : (float)options->table->slots[slot].fallback;
}

bool ql_opt_bool(const ql_options *options, int slot)
{
    return ql_opt_i64(options, slot) != 0;
}

static size_t vector(const ql_options *options, int slot, const void **data)
{
    *data = options->values ? options->values[slot].data : NULL;
    return options->values ? options->values[slot].count : 0;
}

size_t ql_opt_i32s(const ql_options *options, int slot, const int32_t **data)
{
    const void *from;
    size_t count = vector(options, slot, &from);
    *data = from;
    return count;
}

size_t ql_opt_i64s(const ql_options *options, int slot, const int64_t **data)
{
    const void *from;
    size_t count = vector(options, slot, &from);
    *data = from;
    return count;
}

size_t ql_opt_f32s(const ql_options *options, int slot, const float **data)
{
    const void *from;
    size_t count = vector(options, slot, &from);
    *data = from;
    return count;
}

size_t ql_opt_u8s(const ql_options *options, int slot, const uint8_t **data)
{
    const void *from;
    size_t count = vector(options, slot, &from);
    *data = from;
    return count;
}

size_t ql_opt_string(const ql_options *options, int slot, const char **text)
{
    const void *from;
    size_t count = vector(options, slot, &from);
    *text = from ? from : "";
    return from ? count : 0;
}

int ql_opt_activation_slot(const ql_options *options)
{
    for (int i = 0; options->table && i < ql_options_slot_count(options->table); i++) {
        if (!strcmp(options->table->slots[i].name, "fused_activation_function")) {
            return i;
        }
    }
    return -1;
}

int ql_opt_activation(const ql_options *options)
{
    int slot = ql_opt_activation_slot(options);
    return slot < 0 ? QL_FUSED_NONE : ql_opt_int(options, slot);
}
