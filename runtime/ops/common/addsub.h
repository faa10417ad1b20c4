/* ADD and SUB: one arithmetic, the second input's sign apart. */
#ifndef QL_OPS_COMMON_ADDSUB_H
#define QL_OPS_COMMON_ADDSUB_H

#include "runtime/ops/op.h"

/* `sign` is 1 or -1. UNSUPPORTED for types without a kernel; FORMAT where a rescale factor leaves the range
 * the arithmetic is defined in (the official interpreter aborts there). */
ql_code ql_prepare_add(ql_call *c, int activation, bool pot_scale_int16, int sign);

ql_code ql_run_add_f32(const ql_call *c);
ql_code ql_run_add_i8(const ql_call *c);
ql_code ql_run_add_u8(const ql_call *c);
ql_code ql_run_add_i16(const ql_call *c);
ql_code ql_run_add_i32(const ql_call *c);
ql_code ql_run_add_i64(const ql_call *c);

#define QL_RUN_ADD                                                                                           \
    {                                                                                                        \
        [QL_S_F32] = ql_run_add_f32, [QL_S_I8] = ql_run_add_i8, [QL_S_U8] = ql_run_add_u8,                   \
        [QL_S_I16] = ql_run_add_i16, [QL_S_I32] = ql_run_add_i32, [QL_S_I64] = ql_run_add_i64                \
    }

#endif
