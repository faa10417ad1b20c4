/* LSTM: one step of an LSTM. Two kernels by the option kernel_type:
 *
 *   FULL   inputs and arithmetic of UNIDIRECTIONAL_SEQUENCE_LSTM, x [batch, n], y [batch, outputs]
 *   BASIC  in 0 x [batch, n], 1 previous output [batch, cells], 2 weights [4 * cells, n + cells], 3 biases
 *          [4 * cells], 4 previous state [batch, cells]; out 0 output, 1 state, 2 x and previous output side
 * by side, 3 the gates before activation: input, cell, forget, output. f32; or u8 with i32 bias and i16 state
 * of scale 2^-11. Common/lstm_basic.h.
 *
 * Source: TFLite kernels/lstm.cc.
 */
#include "runtime/ops/common/lstm_basic.h"
#include "runtime/ops/common/lstm_full.h"

enum { ACTIVATION, CELL_CLIP, PROJ_CLIP, KERNEL_TYPE, ASYMMETRIC };

static bool is_basic(const ql_call *c)
{
    return ql_opt_int(c->options, KERNEL_TYPE) == 1;
}

/* The weights are input 4 of the full kernel and input 2 of the basic one. */
static ql_slot pick(const ql_call *c)
{
    if (!c->in[0]) {
        return QL_S_COUNT;
    }
    ql_slot slot = ql_slot_of(c->in[0]->type);
    bool integer = !is_basic(c) && ql_has(c, 4) && (c->in[4]->type == QL_I8 || c->in[4]->type == QL_U8);
    return slot == QL_S_F32 && integer ? QL_S_HYBRID : slot;
}

static ql_code prepare(ql_call *c)
{
    if (is_basic(c)) {
        return ql_lstm_basic_prepare(c);
    }
    if (c->slot == QL_S_U8) {
        return ql_fail_in(c, 0, QL_E_UNSUPPORTED, "type uint8: only the basic kernel has it");
    }
    ql_code code = ql_need_rank(c, 0, 2, 2);
    ql_lstm_options options = {
        .activation = ql_opt_int(c->options, ACTIVATION),
        .cell_clip = ql_opt_f32(c->options, CELL_CLIP),
        .projection_clip = ql_opt_f32(c->options, PROJ_CLIP),
        .asymmetric = ql_opt_bool(c->options, ASYMMETRIC),
    };
    return code ? code : ql_lstm_full_prepare(c, &options, true);
}

static ql_code run_f32(const ql_call *c)
{
    return is_basic(c) ? ql_lstm_basic_run_f32(c) : ql_lstm_full_run_float(c);
}

static uint64_t macs(const ql_call *c)
{
    return is_basic(c) ? (uint64_t)c->out[3]->count * (uint64_t)c->out[2]->dims[1] : ql_lstm_full_macs(c);
}

const ql_op ql_op_lstm = {
    .name = "LSTM",
    .code = 16,
    .max_version = 4,
    .options_id = 14,
    .min_in = 1,
    .max_in = 24,
    .min_out = 1,
    .max_out = 4,
    .impure = true,
    .pick = pick,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_HYBRID] = ql_lstm_full_run_float,
            [QL_S_I8] = ql_lstm_full_run_i8,
            [QL_S_U8] = ql_lstm_basic_run_u8},
    .macs = macs,
    .quant = {.kind = QL_Q_FREE,
              .weight = 4,
              .no_i8 = true,
              .no_i16 = true,
              .hybrid = true,
              .dynamic = 0x10ffe /* 1 to 11, 16 */},
};
