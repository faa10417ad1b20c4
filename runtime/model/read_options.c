#include "runtime/model/flatbuffer.h"
#include "runtime/model/reader.h"
#include "runtime/model/schema.h"

static ql_code read_vector(ql_reader *reader, const uint8_t *table, int slot, size_t size, ql_option *value)
{
    int count;
    ql_code code = ql_reader_vector(reader, table, slot, size, &value->data, &count);
    value->count = (size_t)count;
    return code;
}

static ql_code read_value(ql_reader *reader, const uint8_t *table, int slot, const ql_option_slot *row,
                          ql_option *value)
{
    value->i = row->fallback;
    switch (row->kind) {
    case QL_OPT_BOOL:
    case QL_OPT_U8:
        value->i = ql_fb_u8(table, slot, row->fallback);
        return QL_OK;
    case QL_OPT_I8:
        value->i = ql_fb_i8(table, slot, row->fallback);
        return QL_OK;
    case QL_OPT_I32:
    case QL_OPT_SUBGRAPH:
        value->i = ql_fb_i32(table, slot, row->fallback);
        return QL_OK;
    case QL_OPT_U32:
        value->i = (uint32_t)ql_fb_i32(table, slot, row->fallback);
        return QL_OK;
    case QL_OPT_I64:
        value->i = (int64_t)ql_fb_u64(table, slot, (uint64_t)(int64_t)row->fallback);
        return QL_OK;
    case QL_OPT_F32:
        value->f = (double)ql_fb_f32(table, slot, (float)row->fallback);
        return QL_OK;
    case QL_OPT_STRING:
    case QL_OPT_U8S:
    case QL_OPT_BOOLS:
        return read_vector(reader, table, slot, 1, value);
    case QL_OPT_I64S:
        return read_vector(reader, table, slot, 8, value);
    case QL_OPT_I32S:
    case QL_OPT_U32S:
    case QL_OPT_F32S:
    case QL_OPT_SUBGRAPHS:
        return read_vector(reader, table, slot, 4, value);
    case QL_OPT_SKIP:
    case QL_OPT_END:
        break;
    }
    return QL_OK;
}

ql_code ql_read_options(ql_reader *reader, const uint8_t *op, ql_options *options)
{
    int type = ql_fb_u8(op, QL_OP_OPTIONS_TYPE, 0), slot = QL_OP_OPTIONS;
    if (!type) {
        type = ql_fb_u8(op, QL_OP_OPTIONS2_TYPE, 0);
        slot = QL_OP_OPTIONS2;
        options->second = type != 0;
    }
    options->union_id = type;
    options->table = ql_options_table_of(type, options->second);
    const uint8_t *table = ql_fb_ref(op, slot);
    if (!table || !options->table) {
        return QL_OK;
    }
    void *memory;
    int count = ql_options_slot_count(options->table);
    ql_code code = ql_reader_take(reader, count, sizeof(ql_option), &memory);
    options->values = memory;
    for (int i = 0; !code && i < count; i++) {
        code = read_value(reader, table, i, &options->table->slots[i], (ql_option *)memory + i);
    }
    return code;
}
