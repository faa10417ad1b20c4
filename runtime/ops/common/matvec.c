#include "runtime/ops/common/matvec.h"

#include "runtime/ops/common/activation.h"
#include "runtime/ops/common/densify.h"
#include "runtime/ops/common/fours.h"
#include "runtime/ops/common/product.h"

#include <math.h>
#include <string.h>

static ql_code check_matrix(const ql_call *c, int i, int rows, int cols)
{
    const ql_view *view = c->in[i];
    if (view->rank != 2 || view->dims[0] != rows || view->dims[1] != cols) {
        return ql_fail_in(c, i, QL_E_FORMAT, "rank %d, shape [%d, %d]: must be [%d, %d]", view->rank,
                          view->rank > 0 ? (int)view->dims[0] : 0, view->rank > 1 ? (int)view->dims[1] : 0,
                          rows, cols);
    }
    if (c->slot == QL_S_F32) {
        return ql_need_type(c, i, QL_F32);
    }
    if (view->type != QL_I8 && !(view->type == QL_U8 && c->slot == QL_S_HYBRID)) {
        return ql_fail_in(c, i, QL_E_UNSUPPORTED, "type %s: int8 is required", ql_type_name(view->type));
    }
    float scale = ql_scale(view);
    if (!(isfinite(scale) && scale > 0) || view->tensor->quant.scale_count != 1) {
        return ql_fail_in(c, i, QL_E_FORMAT, "%d scales, the first %g: must be one, finite and positive",
                          view->tensor->quant.scale_count, (double)scale);
    }
    return QL_OK;
}

/* Pairs of terms, for tiles of words. */
static void *pack_pairs(ql_call *c, const ql_view *weights, int rows, int cols)
{
    size_t steps = ((size_t)cols + 1) / 2, block = steps * QL_BLOCK * 2;
    int16_t *packed = ql_plan_take(c, (size_t)ql_blocks(rows) * block, sizeof *packed);
    for (int r = 0; packed && r < rows; r++) {
        int16_t *to = packed + (size_t)(r / QL_BLOCK) * block + (size_t)(r % QL_BLOCK * 2);
        for (int k = 0; k < cols; k++) {
            to[(size_t)(k / 2) * QL_BLOCK * 2 + (size_t)(k % 2)] =
                (int16_t)ql_small_int(weights, (size_t)r * (size_t)cols + (size_t)k);
        }
    }
    return packed;
}

ql_code ql_matvec_prepare(ql_call *c, int i, int rows, int cols, ql_matvec *matrix)
{
    ql_code code = check_matrix(c, i, rows, cols);
    if (code) {
        return code;
    }
    if (!ql_known(c, i)) {
        return ql_defer(c);
    }
    ql_view dense;
    code = ql_dense_view(c, i, &dense);
    if (code) {
        return code;
    }
    if (dense.type == QL_U8) {
        dense.type = QL_I8; /* old files: uint8 stands for signed bytes */
    }
    *matrix = (ql_matvec){
        .rows = rows, .cols = cols, .slot = c->slot, .scale = ql_scale(c->in[i]), .isa = c->isa, .input = i};
    bool pairs = c->slot != QL_S_F32 && c->isa->tile_i16;
    matrix->packed = pairs ? pack_pairs(c, &dense, rows, cols) : ql_pack_rows(c, &dense, 0, rows, cols, 0);
    return matrix->packed ? QL_OK : QL_E_NOMEM;
}

ql_vector ql_vector_take(const ql_call *c, const float *x, int count, bool asymmetric, int8_t *q)
{
    ql_vector vector = {.x = x, .q = q};
    if (c->slot == QL_S_HYBRID) {
        vector.scale = (asymmetric ? ql_hybrid_asymmetric : ql_hybrid_symmetric)(c->isa, x, (size_t)count, q);
    }
    return vector;
}

/* Sums of some rows at a time, from `row` on. */
enum { ABREAST = QL_TILE_BLOCKS * QL_BLOCK, WORDS = 2048 };
typedef struct {
    const ql_matvec *m;
    const int8_t *x;
    int32_t zero;
    int row, count;
    int32_t sums[ABREAST];
    int16_t words[WORDS]; /* of x less the zero point: those of the last pass */
    bool filled;          /* they are all of x */
} row_sums;

static int take_words(row_sums *s, int from)
{
    int left = s->m->cols - from, count = left < WORDS ? left : WORDS;
    for (int k = 0; k < count && !s->filled; k++) {
        s->words[k] = (int16_t)(s->x[from + k] - s->zero);
    }
    if (count % 2) {
        s->words[count] = 0;
    }
    s->filled = s->m->cols <= WORDS;
    return count;
}

static void sum_by_tiles(row_sums *s)
{
    size_t block_bytes = ((size_t)s->m->cols + 1) / 2 * QL_BLOCK * 4, none = 0;
    const char *packed = s->m->packed + (size_t)(s->row / QL_BLOCK) * block_bytes;
    for (int from = 0, count; from < s->m->cols; from += count) {
        count = take_words(s, from);
        for (int b = 0; b * QL_BLOCK < s->count; b++, packed += block_bytes) {
            const void *x = s->words;
            s->m->isa->tile_i16(&(ql_tile){.x = &x,
                                           .run_at = &none,
                                           .runs = 1,
                                           .steps = ((size_t)count + 1) / 2,
                                           .packed = packed + (size_t)from / 2 * QL_BLOCK * 4,
                                           .block_bytes = block_bytes,
                                           .start = from ? s->sums + b * QL_BLOCK : NULL,
                                           .sums = s->sums + b * QL_BLOCK,
                                           .rows = 1,
                                           .blocks = 1});
        }
        packed = s->m->packed + (size_t)(s->row / QL_BLOCK) * block_bytes;
    }
}

static void sum_by_blocks(row_sums *s)
{
    for (int b = 0; b < s->count; b += QL_LANES) {
        ql_sums sums = {{0}};
        const char *packed = s->m->packed + (size_t)(s->row + b) * (size_t)s->m->cols * sizeof(int16_t);
        ql_dot_i8(&sums, s->x, s->m->cols, packed, s->zero);
        memcpy(s->sums + b, sums.i32, sizeof sums.i32);
    }
}

static void start_sums(row_sums *s, const ql_matvec *m, const int8_t *x, int32_t zero)
{
    s->m = m;
    s->x = x;
    s->zero = zero;
    s->row = s->count = 0;
    s->filled = false;
}

/* The next rows; false when there are none. */
static bool next_sums(row_sums *s)
{
    s->row += s->count;
    s->count = s->m->rows - s->row < ABREAST ? s->m->rows - s->row : ABREAST;
    if (s->count > 0) {
        (s->m->isa->tile_i16 ? sum_by_tiles : sum_by_blocks)(s);
    }
    return s->count > 0;
}

static void add_columns(const ql_matvec *m, const float *weights, const ql_vector *x, float *y)
{
    ql_product product = {.outputs = m->rows,
                          .terms = m->cols,
                          .columns = x->columns,
                          .weights = weights,
                          .packed = (const float *)(const void *)m->packed,
                          .isa = m->isa};
    ql_product_column(&product, x->x, x->column, x->sums);
    for (int row = 0; row < m->rows; row++) {
        y[row] += x->sums[row];
    }
}

static void add_fours(const ql_matvec *m, const ql_vector *x, float *y)
{
    float start[QL_BLOCK] = {0}, sums[QL_BLOCK];
    for (int row = 0; row < m->rows; row += QL_BLOCK) {
        size_t lanes = m->rows - row < QL_BLOCK ? (size_t)(m->rows - row) : QL_BLOCK;
        memcpy(start, y + row, lanes * sizeof *y);
        m->isa->dots_4(
            &(ql_dots){.x = x->x,
                       .packed = (const float *)(const void *)m->packed + (size_t)row * (size_t)m->cols,
                       .start = start,
                       .terms = (size_t)m->cols,
                       .y = sums});
        memcpy(y + row, sums, lanes * sizeof *y);
    }
}

static void add_floats(const ql_matvec *m, const float *weights, const ql_vector *x, float *y)
{
    if (m->isa->dots_4) {
        add_fours(m, x, y);
        return;
    }
    for (int row = 0; row < m->rows; row++, weights += m->cols) {
        y[row] = ql_dot_fours(y[row], weights, x->x, m->cols);
    }
}

void ql_matvec_add(const ql_call *c, const ql_matvec *m, const ql_vector *x, float *y)
{
    if (m->slot == QL_S_F32) {
        (x->columns ? add_columns : add_floats)(m, c->in[m->input]->data, x, y);
        return;
    }
    row_sums s;
    start_sums(&s, m, x->q, x->scale.zero);
    float scale = x->scale.scale * m->scale;
    while (next_sums(&s)) {
        for (int i = 0; i < s.count; i++) {
            y[s.row + i] += (float)s.sums[i] * scale;
        }
    }
}

void ql_matvec_sums(const ql_matvec *m, const int8_t *x, int32_t zero, ql_row_sum_fn use, void *user)
{
    row_sums s;
    start_sums(&s, m, x, zero);
    while (next_sums(&s)) {
        for (int i = 0; i < s.count; i++) {
            use(user, s.row + i, s.sums[i]);
        }
    }
}

ql_code ql_need_vector(const ql_call *c, int i, ql_type type, int count)
{
    const ql_view *view = c->in[i];
    if (view->rank != 1 || view->dims[0] != count) {
        return ql_fail_in(c, i, QL_E_FORMAT, "rank %d with %zu elements: must be rank 1 with %d", view->rank,
                          view->count, count);
    }
    return ql_need_type(c, i, type);
}

ql_code ql_need_state(const ql_call *c, int i, ql_type type, size_t count)
{
    const ql_view *view = c->in[i];
    if (!view || !view->tensor->variable) {
        return ql_fail_in(c, i, QL_E_FORMAT, "state is not a variable tensor: it must be one");
    }
    if (view->count != count) {
        return ql_fail_in(c, i, QL_E_FORMAT, "state of %zu elements: must be %zu", view->count, count);
    }
    return ql_need_type(c, i, type);
}

ql_code ql_need_activation(const ql_call *c, int activation)
{
    if (activation < QL_ACT_NONE || activation > QL_ACT_SIGN_BIT) {
        return ql_fail_op(c, QL_E_UNSUPPORTED, "activation %d: must be one of 0 to 5", activation);
    }
    return QL_OK;
}
