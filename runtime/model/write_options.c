#include "runtime/model/schema.h"
#include "runtime/model/writer.h"

#include <string.h>

static int slot_of(const ql_options *options)
{
    return options->second ? QL_OP_OPTIONS2 : QL_OP_OPTIONS;
}

/* Options of an unknown kind were refused before. */
void ql_put_options(ql_slots *op, const ql_options *options)
{
    if (options->table) {
        ql_put_bytes(op, slot_of(options) - 1, 1, (uint64_t)options->table->union_id, 0);
        ql_put_ref(op, slot_of(options), true);
    }
}

static void put_value(ql_slots *row, int slot, const ql_option_slot *about, const ql_option *value)
{
    if (about->kind >= QL_OPT_STRING) {
        ql_put_ref(row, slot, value->data != NULL);
    } else if (about->kind == QL_OPT_F32) {
        float number = (float)value->f, fallback = (float)about->fallback;
        uint32_t bits, none;
        memcpy(&bits, &number, sizeof bits);
        memcpy(&none, &fallback, sizeof none);
        ql_put_bytes(row, slot, 4, bits, none);
    } else if (about->kind != QL_OPT_SKIP) {
        ql_put_bytes(row, slot, ql_option_size(about->kind), (uint64_t)value->i,
                     (uint64_t)(int64_t)about->fallback);
    }
}

static void write_value(ql_builder *b, const ql_slots *row, int slot, ql_option_kind kind,
                        const ql_option *value)
{
    if (kind == QL_OPT_STRING) {
        ql_build_string(b, row, slot, (ql_str){value->data, value->count});
    } else if (kind > QL_OPT_STRING) {
        size_t size = ql_option_size(kind);
        ql_build_vector(b, row, slot, value->data, value->count, size, size);
    }
}

void ql_write_options(ql_writer *w, const ql_slots *op, const ql_options *options)
{
    ql_slots row = {0};
    int count = options->table && options->values ? ql_options_slot_count(options->table) : 0;
    for (int i = 0; i < count; i++) {
        put_value(&row, i, &options->table->slots[i], &options->values[i]);
    }
    ql_build_child(&w->build, op, slot_of(options), &row);
    for (int i = 0; i < count; i++) {
        write_value(&w->build, &row, i, options->table->slots[i].kind, &options->values[i]);
    }
}
