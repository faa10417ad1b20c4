/* The op table: one line of ops.def an operator. */
#include "runtime/ops/op.h"

#include <stddef.h>

#define QL_OP(name) extern const ql_op ql_op_##name;
#include "runtime/ops/ops.def"
#undef QL_OP

static const ql_op *const table[] = {
#define QL_OP(name) &ql_op_##name,
#include "runtime/ops/ops.def"
#undef QL_OP
};
enum { OP_COUNT = sizeof table / sizeof *table, CUSTOM = 32 };

static const struct {
    const char *name;
    ql_type type; /* QL_TYPE_COUNT: no one type stands for it */
} slots[QL_S_COUNT] = {
    [QL_S_F32] = {"f32", QL_F32},
    [QL_S_I8] = {"i8", QL_I8},
    [QL_S_U8] = {"u8", QL_U8},
    [QL_S_I16] = {"i16x8", QL_I16},
    [QL_S_HYBRID] = {"hybrid", QL_TYPE_COUNT},
    [QL_S_I32] = {"i32", QL_I32},
    [QL_S_I64] = {"i64", QL_I64},
    [QL_S_BOOL] = {"bool", QL_BOOL},
    [QL_S_F16] = {"f16", QL_F16},
    [QL_S_U32] = {"u32", QL_U32},
    [QL_S_U16] = {"u16", QL_U16},
    [QL_S_U64] = {"u64", QL_U64},
    [QL_S_F64] = {"f64", QL_F64},
    [QL_S_I4] = {"i4", QL_I4},
    [QL_S_BF16] = {"bf16", QL_BF16},
    [QL_S_C64] = {"c64", QL_C64},
    [QL_S_STRING] = {"string", QL_STRING},
    [QL_S_RESOURCE] = {"resource", QL_RESOURCE},
};

const char *ql_slot_name(ql_slot slot)
{
    return slots[slot].name;
}

ql_slot ql_slot_of(ql_type type)
{
    int slot = 0;
    while (slot < QL_S_COUNT && slots[slot].type != type) {
        slot++;
    }
    return (ql_slot)slot;
}

const ql_op *ql_op_at(int i)
{
    return i >= 0 && i < OP_COUNT ? table[i] : NULL;
}

const ql_op *ql_op_find(const ql_model *model, const ql_operator *op)
{
    const ql_opcode *opcode = &model->opcodes[op->opcode];
    for (int i = 0; i < OP_COUNT; i++) {
        if (table[i]->code == opcode->code &&
            (opcode->code != CUSTOM || ql_str_is(opcode->custom, table[i]->name))) {
            return table[i];
        }
    }
    return NULL;
}

bool ql_op_supports(const ql_op *row, ql_slot slot)
{
    return row->run[slot] ||
           (row->run_any && slots[slot].type != QL_TYPE_COUNT && ql_type_bits(slots[slot].type) >= 8);
}
