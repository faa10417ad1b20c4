/* BATCH_MATMUL: y[...,m,n] = sum over k of x[...,m,k] * w[...,k,n]
 *
 *   in 0  x  [..., M, K], or [..., K, M] (adj_x)  f32 | i8 | i16
 *   in 1  w  [..., K, N], or [..., N, K] (adj_y)  type of x; i8 for f32 (hybrid) and for i16
 *   out 0 y  [..., M, N]                          type of x; i32 for i8: bare sums of the stored values
 *
 * Leading dimensions line up from the last; one of size 1, or missing, is repeated. Integer sums are rescaled
 * in fixed point by a product of scales formed in float. Hybrid quantizes every row of x; the scales of batch
 * (i, j, ...) are read at row (i + j + ...) * M, and the sums of w likewise, which is what the reference
 * does: right for one batch dimension only. Where w repeats along its last batch dimension, x's is joined to
 * its rows before that. Source: TFLite reference_ops::BatchMatMul. docs/numerics.md "BATCH_MATMUL".
 */
#include "runtime/ops/common/fast.h"

#include <string.h>

enum { ADJ_X, ADJ_Y, ASYMMETRIC };
enum { ALIGN = 64 };

typedef struct {
    ql_conv conv;
    int rows, terms, outputs, batch_rank;            /* M, K, N */
    int32_t batch[QL_MAX_RANK];                      /* of y */
    size_t x_step[QL_MAX_RANK], w_step[QL_MAX_RANK]; /* matrices; 0 = repeated */
    size_t x_batches, w_batches, matrix_bytes;
    size_t packed_at, sums_at, turned_at, hybrid_at; /* places in scratch */
    char *packed;                                    /* w, when it is known before the run */
    int32_t *sums;
} ql_matmul;

static void finish_sums(const ql_call *c, const ql_finish *f, const ql_sums *sums, size_t at, int channel,
                        int lanes, ql_hybrid x)
{
    (void)f, (void)channel, (void)x;
    memcpy((int32_t *)c->out[0]->data + at, sums->i32, (size_t)lanes * sizeof(int32_t));
}

/* The reference takes the zero point off in float and goes back to an integer. */
static void finish_hybrid(const ql_call *c, const ql_finish *f, const ql_sums *sums, size_t at, int channel,
                          int lanes, ql_hybrid x)
{
    const ql_quant *quant = &c->in[1]->tensor->quant;
    float *y = (float *)c->out[0]->data + at;
    for (int i = 0; i < lanes; i++) {
        float total = (float)sums->i32[i] - (float)f->weight_sums[channel + i] * (float)x.zero;
        float scale = x.scale * quant->scale[quant->scale_count > 1 ? channel + i : 0];
        y[i] = scale * (float)ql_round_to_i32(total);
    }
}

static ql_layout layout_of(const ql_call *c, const ql_matmul *s)
{
    bool turned = ql_opt_bool(c->options, ADJ_Y);
    return (ql_layout){.output = turned ? (size_t)s->terms : 1,
                       .term = turned ? 1 : (size_t)s->outputs,
                       .outputs = s->outputs,
                       .runs = 1,
                       .terms = s->terms};
}

static void pack(const ql_call *c, const ql_matmul *s, char *packed, int32_t *sums)
{
    const ql_view *w = c->in[1];
    size_t terms = (size_t)s->terms, outputs = (size_t)s->outputs;
    ql_layout layout = layout_of(c, s);
    for (size_t n = 0; n < s->w_batches; n++, layout.first += terms * outputs) {
        if (s->conv.fast) {
            ql_fast_pack_matrix(&s->conv, w, layout.first, packed + n * s->matrix_bytes);
            continue;
        }
        ql_pack(packed + n * s->matrix_bytes, w, &layout, s->conv.weight_zero);
        for (size_t o = 0; sums && o < outputs; o++) {
            int32_t sum = 0;
            for (size_t k = 0; k < terms; k++) {
                sum += ql_small_int(w, layout.first + o * layout.output + k * layout.term);
            }
            sums[n * outputs + o] = sum;
        }
    }
}

/* x with every matrix transposed, when it is stored so. */
static const void *turned(const ql_call *c, const ql_matmul *s)
{
    const char *from = c->in[0]->data;
    char *to = (char *)c->scratch + s->turned_at;
    size_t rows = (size_t)s->rows, terms = (size_t)s->terms;
    size_t element = c->in[0]->count ? c->in[0]->bytes / c->in[0]->count : 0;
    if (!ql_opt_bool(c->options, ADJ_X)) {
        return from;
    }
    for (size_t n = 0; n < s->x_batches; n++, from += rows * terms * element) {
        for (size_t m = 0; m < rows; m++) {
            for (size_t k = 0; k < terms; k++, to += element) {
                memcpy(to, from + (k * rows + m) * element, element);
            }
        }
    }
    return (char *)c->scratch + s->turned_at;
}

/* What batch n of y is made of: matrices of x and w, and where the reference reads scales and sums. */
typedef struct {
    size_t x, w, scale, sum;
} ql_sources;

static ql_sources sources_of(const ql_matmul *s, size_t n)
{
    ql_sources from = {0};
    for (int d = s->batch_rank - 1; d >= 0; d--) {
        size_t at = n % (size_t)s->batch[d];
        n /= (size_t)s->batch[d];
        from.x += at * s->x_step[d];
        from.w += at * s->w_step[d];
        from.scale += s->x_step[d] ? at * (size_t)s->rows : 0;
        from.sum += s->w_step[d] ? at * (size_t)s->outputs : 0;
    }
    return from;
}

static void multiply(const ql_call *c, const ql_matmul *s, const char *x, const ql_hybrid *scales)
{
    ql_conv conv = s->conv;
    ql_fast fast;
    const char *packed = s->packed ? s->packed : (const char *)c->scratch + s->packed_at;
    const int32_t *sums = s->sums ? s->sums : (const int32_t *)((char *)c->scratch + s->sums_at);
    size_t rows = (size_t)s->rows, row_bytes = (size_t)s->terms * conv.element;
    size_t batches = rows && s->outputs ? c->out[0]->count / (rows * (size_t)s->outputs) : 0;
    for (size_t n = 0; n < batches; n++) {
        ql_sources from = sources_of(s, n);
        conv.packed = (void *)(uintptr_t)(packed + from.w * s->matrix_bytes);
        if (s->conv.fast) {
            fast = *s->conv.fast;
            fast.packed = conv.packed;
            conv.fast = &fast;
        }
        conv.finish.weight_sums = scales ? sums + from.sum : NULL;
        ql_convolve(c, &conv,
                    (ql_images){x + from.x * rows * row_bytes, rows, n * rows * (size_t)s->outputs,
                                c->out[0]->type == QL_I32 ? 0 : ql_conv_zero(c, 0),
                                scales ? scales + from.scale : NULL});
    }
}

static ql_code run(const ql_call *c)
{
    const ql_matmul *s = c->state;
    char *scratch = c->scratch;
    if (!s->packed) {
        pack(c, s, scratch + s->packed_at,
             c->slot == QL_S_HYBRID ? (int32_t *)(void *)(scratch + s->sums_at) : NULL);
    }
    const void *x = turned(c, s);
    if (c->slot != QL_S_HYBRID) {
        multiply(c, s, x, NULL);
        return QL_OK;
    }
    const int8_t *q;
    ql_hybrid *scales = ql_hybrid_images(c->isa, x, c->in[0]->count, s->x_batches * (size_t)s->rows,
                                         ql_opt_bool(c->options, ASYMMETRIC), scratch + s->hybrid_at, &q);
    multiply(c, s, (const char *)q, scales);
    return QL_OK;
}

typedef struct {
    int rank;
    int32_t dims[QL_MAX_RANK];
} ql_shape;

static ql_shape shape_of(const ql_view *view)
{
    ql_shape shape = {.rank = view->rank};
    memcpy(shape.dims, view->dims, sizeof shape.dims);
    return shape;
}

static int32_t batch_dim(const ql_shape *shape, int from_last)
{
    return from_last <= shape->rank ? shape->dims[shape->rank - from_last] : 1;
}

/* Lines up the leading dimensions; false when they do not fit. */
static bool line_up(ql_matmul *s, const ql_shape *x, const ql_shape *w)
{
    s->batch_rank = (x->rank > w->rank ? x->rank : w->rank) - 2;
    s->x_batches = s->w_batches = 1;
    for (int d = s->batch_rank - 1; d >= 0; d--) {
        int32_t of_x = batch_dim(x, s->batch_rank - d + 2), of_w = batch_dim(w, s->batch_rank - d + 2);
        if (of_x != of_w && of_x != 1 && of_w != 1) {
            return false;
        }
        s->batch[d] = of_x == 1 ? of_w : of_x;
        s->x_step[d] = of_x == 1 ? 0 : s->x_batches;
        s->w_step[d] = of_w == 1 ? 0 : s->w_batches;
        s->x_batches *= (size_t)of_x;
        s->w_batches *= (size_t)of_w;
    }
    return true;
}

/* x [..., Q, M, K] by w [..., 1, K, N] is x [..., Q * M, K] by w [..., K, N]. */
static bool join_rows(ql_shape *x, ql_shape *w)
{
    if (x->rank < 3 || w->rank < 3 || w->dims[w->rank - 3] != 1) {
        return false;
    }
    int64_t rows = (int64_t)x->dims[x->rank - 3] * x->dims[x->rank - 2];
    if (rows > INT32_MAX) {
        return false;
    }
    x->dims[x->rank - 3] = (int32_t)rows;
    x->dims[x->rank - 2] = x->dims[x->rank - 1];
    w->dims[w->rank - 3] = w->dims[w->rank - 2];
    w->dims[w->rank - 2] = w->dims[w->rank - 1];
    x->rank--;
    w->rank--;
    return true;
}

static ql_code check_shapes(ql_call *c, ql_matmul *s)
{
    ql_code code = ql_need_rank(c, 0, 2, QL_MAX_RANK);
    code = code ? code : ql_need_rank(c, 1, 2, QL_MAX_RANK);
    if (code) {
        return code;
    }
    ql_shape x = shape_of(c->in[0]), w = shape_of(c->in[1]);
    bool adj_x = ql_opt_bool(c->options, ADJ_X), adj_y = ql_opt_bool(c->options, ADJ_Y);
    s->rows = batch_dim(&x, adj_x ? 1 : 2);
    s->terms = batch_dim(&x, adj_x ? 2 : 1);
    s->outputs = batch_dim(&w, adj_y ? 2 : 1);
    if (batch_dim(&w, adj_y ? 1 : 2) != s->terms || !line_up(s, &x, &w)) {
        return ql_fail_in(c, 1, QL_E_FORMAT,
                          "%d terms where input 0 has %d, or batch dimensions unlike input 0's: terms must "
                          "agree, batch dimensions agree or be 1",
                          batch_dim(&w, adj_y ? 1 : 2), s->terms);
    }
    s->batch[s->batch_rank] = s->rows;
    s->batch[s->batch_rank + 1] = s->outputs;
    code = ql_set_shape(c, 0, s->batch_rank + 2, s->batch);
    if (!adj_x && join_rows(&x, &w)) {
        s->rows = batch_dim(&x, 2);
        line_up(s, &x, &w);
    }
    ql_conv *conv = &s->conv;
    conv->axes[0] = conv->axes[1] = conv->axes[2] = QL_ONE_POSITION;
    conv->channels = conv->group_channels = s->terms;
    conv->groups = 1;
    conv->group_outputs = s->outputs;
    return code;
}

static ql_code check_types(const ql_call *c)
{
    ql_type x = c->in[0]->type, w = c->in[1]->type, y = c->out[0]->type;
    bool hybrid = x == QL_F32 && w == QL_I8, narrow = x == QL_I16 && w == QL_I8;
    if (w != x && !hybrid && !narrow) {
        return ql_fail_in(c, 1, QL_E_UNSUPPORTED, "type %s against %s: no kernel for it", ql_type_name(w),
                          ql_type_name(x));
    }
    if (y != x && !(x == QL_I8 && y == QL_I32)) {
        return ql_fail_out(c, 0, QL_E_UNSUPPORTED, "type %s for inputs of %s: no kernel for it",
                           ql_type_name(y), ql_type_name(x));
    }
    return QL_OK;
}

static ql_code find_multiplier(ql_call *c, ql_matmul *s)
{
    ql_code code = ql_need_quant_in(c, 0);
    code = code ? code : ql_need_quant_in(c, 1);
    code = code ? code : ql_need_quant_out(c, 0);
    code = code ? code : ql_activation_q(c, 0, QL_ACT_NONE, &s->conv.finish.clamp);
    if (code) {
        return code;
    }
    float product = ql_scale(c->in[0]) * ql_scale(c->in[1]);
    ql_mult by = ql_quantize_multiplier((double)product / (double)ql_scale(c->out[0]));
    if (by.shift > (c->slot == QL_S_I16 ? 7 : 30)) {
        return ql_fail_op(c, QL_E_FORMAT, "input scales' product %g over output scale %g: too large",
                          (double)product, (double)ql_scale(c->out[0]));
    }
    ql_mult *all = ql_plan_take(c, (size_t)s->outputs, sizeof *all);
    for (int i = 0; all && i < s->outputs; i++) {
        all[i] = by;
    }
    s->conv.finish.multipliers = all;
    s->conv.weight_zero = ql_zero(c->in[1]);
    return all ? QL_OK : QL_E_NOMEM;
}

static ql_code choose_arithmetic(ql_call *c, ql_matmul *s)
{
    ql_conv *conv = &s->conv;
    conv->weight_type = c->in[1]->type;
    conv->finish.roles = (ql_roles){0, 1, QL_NO_INPUT};
    conv->element = c->slot == QL_S_F32 ? sizeof(float) : c->slot == QL_S_I16 ? sizeof(int16_t) : 1;
    if (c->slot == QL_S_F32) {
        conv->dot = ql_dot_f32;
        conv->finish.clamp_f32 = QL_NO_CLAMP;
        conv->finish.run = ql_finish_f32;
        return QL_OK;
    }
    conv->dot = c->slot == QL_S_I16 ? ql_dot_i16 : ql_dot_i8;
    conv->finish.run = c->slot == QL_S_I16 ? ql_finish_16_wide : ql_finish_8;
    if (c->slot == QL_S_HYBRID) {
        conv->finish.run = finish_hybrid;
        int axis = c->in[1]->rank - (ql_opt_bool(c->options, ADJ_Y) ? 2 : 1);
        return ql_check_weight_scales(c, 1, axis, s->outputs);
    }
    if (c->out[0]->type == QL_I32) {
        conv->finish.run = finish_sums;
        return QL_OK;
    }
    return find_multiplier(c, s);
}

static size_t place(ql_call *c, size_t bytes)
{
    size_t at = c->scratch_bytes;
    c->scratch_bytes += (bytes + ALIGN - 1) / ALIGN * ALIGN;
    return at;
}

static ql_code find_places(ql_call *c, ql_matmul *s)
{
    ql_layout layout = layout_of(c, s);
    bool hybrid = c->slot == QL_S_HYBRID;
    size_t count = s->w_batches * (size_t)s->outputs;
    ql_code code = ql_fast_prepare_matrix(c, &s->conv, layout);
    if (code) {
        return code;
    }
    s->matrix_bytes =
        s->conv.fast ? ql_fast_matrix_bytes(&s->conv) : ql_packed_bytes(c->in[1]->type, &layout);
    s->conv.block_bytes = ql_packed_block_bytes(c->in[1]->type, &layout);
    if (s->matrix_bytes && s->w_batches > SIZE_MAX / 2 / s->matrix_bytes) {
        return ql_fail_memory(c->err, SIZE_MAX);
    }
    s->turned_at = place(c, ql_opt_bool(c->options, ADJ_X) ? c->in[0]->bytes : 0);
    s->hybrid_at = place(c, hybrid ? ql_hybrid_scratch(s->x_batches * (size_t)s->rows, c->in[0]->count) : 0);
    bool left = !c->in[1]->known;
    s->packed = left ? NULL : ql_pack_take(c, s->w_batches, s->matrix_bytes, &left);
    if (left) {
        s->packed_at = place(c, s->w_batches * s->matrix_bytes);
        s->sums_at = place(c, hybrid ? count * sizeof *s->sums : 0);
        return QL_OK;
    }
    s->sums = ql_plan_take(c, hybrid ? count : 0, sizeof *s->sums);
    if (!s->packed || !s->sums) {
        return QL_E_NOMEM;
    }
    pack(c, s, s->packed, hybrid ? s->sums : NULL);
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    ql_matmul *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    ql_code code = check_types(c);
    code = code ? code : check_shapes(c, s);
    code = code ? code : choose_arithmetic(c, s);
    return code ? code : find_places(c, s);
}

static uint64_t macs(const ql_call *c)
{
    return (uint64_t)c->out[0]->count * (uint64_t)((const ql_matmul *)c->state)->terms;
}

const ql_op ql_op_batch_matmul = {
    .name = "BATCH_MATMUL",
    .code = 126,
    .max_version = 4,
    .options_id = 101,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run, [QL_S_I8] = run, [QL_S_I16] = run, [QL_S_HYBRID] = run},
    .macs = macs,
    .quant = {.kind = QL_Q_FREE,
              .weight = 1,
              .axis = -1,
              .weight_activation = true,
              .hybrid = true,
              .dynamic = 1u << 1},
};
