#include "runtime/ops/common/matvec.h"

#include "runtime/ops/common/activation.h"
#include "runtime/ops/common/densify.h"
#include "runtime/ops/common/fours.h"
#include "runtime/ops/common/product.h"

#include <math.h>

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
    *matrix =
        (ql_matvec){.rows = rows, .cols = cols, .slot = c->slot, .scale = ql_scale(c->in[i]), .input = i};
    matrix->packed = ql_pack_rows(c, &dense, 0, rows, cols, 0);
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

/* The sums of the block of QL_LANES rows that begins at `row`. */
static void block_sums(const ql_matvec *m, int row, const int8_t *x, int32_t zero, ql_sums *sums)
{
    const char *packed = m->packed + (size_t)row * (size_t)m->cols * sizeof(int16_t);
    *sums = (ql_sums){{0}};
    ql_dot_i8(sums, x, m->cols, packed, zero);
}

static int lanes_from(const ql_matvec *m, int row)
{
    return m->rows - row < QL_LANES ? m->rows - row : QL_LANES;
}

static void add_columns(const ql_matvec *m, const float *weights, const ql_vector *x, float *y)
{
    ql_product product = {.outputs = m->rows,
                          .terms = m->cols,
                          .columns = x->columns,
                          .weights = weights,
                          .packed = (const float *)(const void *)m->packed};
    ql_product_column(&product, x->x, x->column, x->sums);
    for (int row = 0; row < m->rows; row++) {
        y[row] += x->sums[row];
    }
}

static void add_floats(const ql_matvec *m, const float *weights, const ql_vector *x, float *y)
{
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
    ql_sums sums;
    float scale = x->scale.scale * m->scale;
    for (int row = 0; row < m->rows; row += QL_LANES) {
        block_sums(m, row, x->q, x->scale.zero, &sums);
        for (int lane = 0; lane < lanes_from(m, row); lane++) {
            y[row + lane] += (float)sums.i32[lane] * scale;
        }
    }
}

void ql_matvec_sums(const ql_matvec *m, const int8_t *x, int32_t zero, ql_row_sum_fn use, void *user)
{
    ql_sums sums;
    for (int row = 0; row < m->rows; row += QL_LANES) {
        block_sums(m, row, x, zero, &sums);
        for (int lane = 0; lane < lanes_from(m, row); lane++) {
            use(user, row + lane, sums.i32[lane]);
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
