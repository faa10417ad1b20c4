/* The op table's row: everything the rest of the program asks about an operator.
 *
 * An operator is one file runtime/ops/<name>.c ending in one const ql_op, plus one line in ops.def. Its work
 * is split in two:
 *
 *   prepare  looks at types, shapes and quantization, says what is wrong with them, gives every output its
 * shape and derives what the arithmetic needs (multipliers, clamps, packed weights) into c->state. run
 * arithmetic only. It fails (ql_fail_in) on nothing but values that no answer exists for, such as an index
 * out of range. One function a slot; an empty slot means "not supported".
 *
 * A prepare that needs the value of an input (a shape, an axis) asks ql_known; when that is not known before
 * the run it returns ql_defer(c) and is called again when the value is there.
 *
 * Kernels never look at the tensors of the model: they see views, which know their shape and memory, and
 * through view->tensor the name and quantization.
 */
#ifndef QL_OPS_OP_H
#define QL_OPS_OP_H

#include "runtime/base/arena.h"
#include "runtime/base/error.h"
#include "runtime/base/team.h"
#include "runtime/model/model.h"
#include "runtime/simd/simd.h"
#include "runtime/tensor/numerics.h"
#include "runtime/tensor/type.h"

/* A tensor while a subgraph runs. */
typedef struct {
    const ql_tensor *tensor;
    int index; /* in the subgraph */
    ql_type type;
    int rank;
    int32_t dims[QL_MAX_RANK];
    size_t count; /* elements */
    size_t bytes;
    void *data;  /* `bytes` bytes, aligned to 64 (constants: to their element) */
    bool shaped; /* dims, count and bytes are known */
    bool known;  /* and so is the value, before the run: a constant, or folded from constants */
} ql_view;

/* What a kernel is written for: decided by one input's type (ql_op.key) and, for hybrid, by the weights'. */
typedef enum {
    QL_S_F32,
    QL_S_I8,
    QL_S_U8,
    QL_S_I16,    /* 16-bit activations; 8-bit weights where the operator has weights */
    QL_S_HYBRID, /* float activations, integer weights */
    QL_S_I32,
    QL_S_I64,
    QL_S_BOOL,
    QL_S_F16,
    QL_S_U32,
    QL_S_U16,
    QL_S_U64,
    QL_S_F64,
    QL_S_I4,
    QL_S_BF16,
    QL_S_C64,
    QL_S_STRING,
    QL_S_RESOURCE,
    QL_S_COUNT
} ql_slot;

const char *ql_slot_name(ql_slot slot); /* "f32", "i8", ... "i16x8", "hybrid" */

typedef struct ql_call ql_call;
typedef struct ql_exec ql_exec;
typedef ql_code (*ql_run_fn)(const ql_call *c);

/* One use of an operator in a graph. */
struct ql_call {
    const struct ql_op *row;
    const ql_operator *op;
    const ql_options *options; /* of the row's table: the operator's, or all defaults */
    int in_count, out_count;
    ql_view **in; /* NULL where an optional input is left out */
    ql_view **out;
    ql_view **intermediates; /* op->intermediate_count of them (LSTM gate scales); NULL entries possible */
    ql_slot slot;
    ql_run_fn run;        /* the slot's; prepare may put a better one */
    void *state;          /* what prepare derived (ql_state) */
    void *scratch;        /* scratch_bytes bytes while running, contents undefined; never NULL then */
    size_t scratch_bytes; /* asked for by prepare */
    const ql_numerics *numerics;
    const ql_isa *isa;
    int threads;     /* that may share a large operator's work, at least 1 */
    ql_team *team;   /* with these; NULL: there are none (yet) */
    ql_arena *arena; /* where prepare takes memory that lives as long as the plan */
    ql_exec *exec;   /* for operators that run other subgraphs or hold variables */
    ql_err *err;
    bool look_only;    /* it will not be run, unless to fold constants: nothing need be packed for that */
    bool values_ready; /* inputs hold their values: ql_known cannot fail */
    bool deferred;
    bool shapes_in_run; /* set by a prepare with values_ready: only run finds the outputs' shapes
                           (ql_exec_give) */
};

/* --- What the quantizer, the spec check and the what-if ask --- */
typedef enum {
    QL_Q_NONE,  /* never quantized (control flow, shapes, float-only operators) */
    QL_Q_FREE,  /* outputs have their own scale */
    QL_Q_SAME,  /* inputs and outputs share one scale and zero point */
    QL_Q_FIXED, /* outputs have the fixed scale below */
} ql_q_kind;

typedef struct {
    ql_q_kind kind;
    float i8_scale, i16_scale; /* QL_Q_FIXED */
    int i8_zero, u8_zero;
    int8_t weight, bias;    /* input indices, 0 = none (input 0 is never a weight) */
    int8_t axis;            /* per-axis dimension of the weight; -1: per tensor only */
    bool no_i8, no_i16;     /* has a kernel of that type that the converter does not use, or none */
    bool fragile;           /* LiteRT's integer kernels of it are wrong or fail for values that can come */
    bool lstm;              /* operands as the 8-bit LSTM has them: analyzer/rewrite/lstm.c */
    bool reads;             /* of QL_Q_NONE: takes quantized inputs all the same, its outputs are integers */
    bool weight_activation; /* a constant weight is quantized as activations are, unless hybrid */
    bool hybrid;            /* its kernel takes the weights below with float activations */
    uint64_t dynamic;       /* bit i: a constant input i becomes int8 in dynamic range quantization */
} ql_q_rule;

typedef struct ql_op {
    const char *name; /* the schema's; for custom operators their custom name */
    int code;         /* BuiltinOperator; 32 = custom */
    int max_version;
    int options_id;                          /* union id of its options table, 0 = none */
    bool options_second;                     /* of BuiltinOptions2 */
    int8_t min_in, max_in, min_out, max_out; /* max -1: any number */
    int8_t key;                              /* input whose type picks the slot; -1: output 0 */
    bool impure;                             /* never folded: it has state, or runs a subgraph */
    bool sparse;                             /* reads sparse constants; others are refused them */
    bool shape_only;                         /* its output depends on its inputs' shapes only */
    ql_slot (*pick)(const ql_call *c);       /* overrides `key` */
    ql_code (*prepare)(ql_call *c);
    ql_run_fn run[QL_S_COUNT];
    ql_run_fn run_any;                  /* for any type of fixed element size >= 8 bits whose slot is empty */
    uint64_t (*macs)(const ql_call *c); /* multiply-accumulates of one run; NULL = 0 */
    uint64_t (*work)(const ql_call *c); /* steps of one run, where macs and elements do not tell; NULL = 0 */
    ql_q_rule quant;
} ql_op;

/* The row for an operator of the model; NULL when there is none. */
const ql_op *ql_op_find(const ql_model *model, const ql_operator *op);

/* The i-th row of the table, NULL past the last. */
const ql_op *ql_op_at(int i);

/* True when the row has a kernel for the slot. */
bool ql_op_supports(const ql_op *row, ql_slot slot);

/* The slot a type stands for (QL_S_COUNT: none). */
ql_slot ql_slot_of(ql_type type);

/* --- For prepare --- */

/* Failures; the place (operator) is added by the caller, the tensor by the *_in / *_out forms. */
ql_code ql_fail_in(const ql_call *c, int i, ql_code code, const char *format, ...) QL_PRINTF(4, 5);
ql_code ql_fail_out(const ql_call *c, int o, ql_code code, const char *format, ...) QL_PRINTF(4, 5);
ql_code ql_fail_op(const ql_call *c, ql_code code, const char *format, ...) QL_PRINTF(3, 4);

/* Memory that lives as long as the plan, zeroed; records NOMEM and returns NULL when refused. ql_state also
 * puts it into c->state. */
void *ql_plan_take(ql_call *c, size_t count, size_t size);
void *ql_state(ql_call *c, size_t size);

/* The same for packed weights. Where the plan has no room for them, *left says so: each run is to pack them
 * again. Otherwise NULL is a failure. */
void *ql_pack_take(ql_call *c, size_t count, size_t size, bool *left);

/* Gives output `o` its shape; FORMAT when a dimension is negative or too large. */
ql_code ql_set_shape(ql_call *c, int o, int rank, const int32_t *dims);
ql_code ql_shape_like(ql_call *c, int o, const ql_view *like);

/* Is input i there? */
static inline bool ql_has(const ql_call *c, int i)
{
    return i < c->in_count && c->in[i];
}

/* The value of input i when it is known, else NULL (then: return ql_defer(c)). */
const void *ql_known(const ql_call *c, int i);
ql_code ql_defer(ql_call *c);

/* Input i's value as int32s (`*values`, memory of the plan), whether it is int32, int64 or int16; *count
 * elements. When it is not known, *values is NULL and the caller returns ql_defer(c). Fails on other types
 * and on values that no int32 holds. */
ql_code ql_known_i32s(ql_call *c, int i, const int32_t **values, int *count);

/* Checks that say what was required: types of input i / output o, same type, same shape, same quantization.
 */
ql_code ql_need_type(const ql_call *c, int i, ql_type type);
ql_code ql_need_out_type(const ql_call *c, int o, ql_type type);
ql_code ql_need_rank(const ql_call *c, int i, int lowest, int highest);
ql_code ql_need_same_type(const ql_call *c, int i, int o);
ql_code ql_need_same_quant(const ql_call *c, int i, int o);

/* Per-tensor quantization present and sane (scale finite, normal, > 0; zero point in the type's range) on
 * every 8- and 16-bit input and output that the slot's arithmetic reads. */
ql_code ql_need_quant_in(const ql_call *c, int i);
ql_code ql_need_quant_out(const ql_call *c, int o);

/* Output o has exactly the scale and zero point that the operator's definition fixes. */
ql_code ql_need_fixed_out(const ql_call *c, int o, float scale, int32_t zero);

/* --- For both --- */
static inline float ql_scale(const ql_view *view)
{
    return view->tensor->quant.scale_count ? view->tensor->quant.scale[0] : 0.0f;
}
static inline int32_t ql_zero(const ql_view *view)
{
    return view->tensor->quant.scale_count ? (int32_t)view->tensor->quant.zero_point[0] : 0;
}
static inline int32_t ql_dim(const ql_view *view, int i)
{
    return view->dims[i < 0 ? i + view->rank : i];
}

/* Same rank and dimensions? */
bool ql_same_shape(const ql_view *a, const ql_view *b);

/* An axis option or value in -rank .. rank-1 made 0 .. rank-1; false when it is outside. */
bool ql_axis(int axis, int rank, int *normal);

/* prepare for operators whose single output has input 0's type and shape. */
ql_code ql_prepare_unary(ql_call *c);

/* Copies input 0's bytes to output 0. */
ql_code ql_run_copy(const ql_call *c);

#endif
