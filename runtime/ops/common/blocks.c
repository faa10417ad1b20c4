#include "runtime/ops/common/blocks.h"

typedef struct {
    int spatial; /* 1 or 2 dimensions after the batch */
    int32_t block[2], before[2];
} ql_pixel_blocks;

/* Size `d` of the result: padded and divided, or multiplied and cropped. */
static ql_code fit_dimension(const ql_call *c, int d, const int32_t *block, const int32_t *border,
                             bool to_batch, int64_t *size)
{
    int64_t edges = (int64_t)border[2 * d] + border[2 * d + 1], x = c->in[0]->dims[d + 1];
    if (block[d] < 1 || border[2 * d] < 0 || border[2 * d + 1] < 0) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "block of %d, border %d and %d: must be at least 1, 0 and 0",
                          (int)block[d], (int)border[2 * d], (int)border[2 * d + 1]);
    }
    *size = to_batch ? (x + edges) / block[d] : x * block[d] - edges;
    if (*size < 0 || *size > INT32_MAX || (to_batch && (x + edges) % block[d])) {
        return ql_fail_in(c, 2, QL_E_FORMAT,
                          "border %d and %d for %lld elements and blocks of %d: do not fit",
                          (int)border[2 * d], (int)border[2 * d + 1], (long long)x, (int)block[d]);
    }
    return QL_OK;
}

static ql_code fit(ql_call *c, ql_pixel_blocks *s, const int32_t *block, const int32_t *border, bool to_batch)
{
    const ql_view *x = c->in[0];
    int32_t dims[QL_MAX_RANK] = {0};
    int64_t blocks = 1, size = 0;
    for (int d = 0; d < x->rank; d++) {
        dims[d] = x->dims[d];
    }
    for (int d = 0; d < s->spatial; d++) {
        ql_code code = fit_dimension(c, d, block, border, to_batch, &size);
        if (code) {
            return code;
        }
        dims[d + 1] = (int32_t)size;
        blocks *= block[d];
        s->block[d] = block[d];
        s->before[d] = border[2 * d];
    }
    int64_t batches = to_batch ? x->dims[0] * blocks : x->dims[0] / blocks;
    if (batches > INT32_MAX || (!to_batch && x->dims[0] % blocks)) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "%d batches and blocks of %lld pixels: do not fit",
                          (int)x->dims[0], (long long)blocks);
    }
    dims[0] = (int32_t)batches;
    return ql_set_shape(c, 0, x->rank, dims);
}

ql_code ql_prepare_blocks(ql_call *c, bool to_batch)
{
    const int32_t *block, *border;
    int blocks, borders;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_need_same_quant(c, 0, 0);
    code = code ? code : ql_need_rank(c, 0, 3, 4);
    code = code ? code : ql_known_i32s(c, 1, &block, &blocks);
    code = code ? code : ql_known_i32s(c, 2, &border, &borders);
    if (code || !block || !border) {
        return code ? code : ql_defer(c);
    }
    ql_pixel_blocks *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    *s = (ql_pixel_blocks){c->in[0]->rank - 2, {1, 1}, {0, 0}};
    if (blocks != s->spatial || borders != 2 * s->spatial) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "%d blocks and %d borders: must be %d and %d for rank %d",
                          blocks, borders, s->spatial, 2 * s->spatial, c->in[0]->rank);
    }
    return fit(c, s, block, border, to_batch);
}

/* Along one dimension, with offset k in the block: the small pixels first .. end-1 lie inside the image. */
static void inside(int64_t block, int64_t before, int64_t k, int64_t image, int64_t small, int64_t *first,
                   int64_t *end)
{
    *first = before > k ? (before - k + block - 1) / block : 0;
    *end = before + image > k ? (before + image - k + block - 1) / block : 0;
    *end = *end > small ? small : *end;
}

/* Copies between image and batches, for each place in a block. */
static void exchange(const ql_call *c, const ql_view *image, const ql_view *batches, bool to_batch)
{
    const ql_pixel_blocks *s = c->state;
    int64_t image_step[QL_MAX_RANK], batch_step[QL_MAX_RANK];
    size_t element = ql_element_bytes(image);
    ql_dense_steps(image->rank, image->dims, image_step);
    ql_dense_steps(batches->rank, batches->dims, batch_step);
    for (int64_t place = 0; place < (int64_t)s->block[0] * s->block[1]; place++) {
        int64_t k[2] = {place / s->block[1], place % s->block[1]};
        int64_t image_at = 0, batch_at = place * image->dims[0] * batch_step[0];
        ql_box box = {.rank = image->rank};
        int64_t *of_image = to_batch ? box.from : box.to, *of_batch = to_batch ? box.to : box.from;
        for (int d = 0; d < image->rank; d++) {
            box.dims[d] = image->dims[d];
            of_image[d] = image_step[d];
            of_batch[d] = batch_step[d];
        }
        for (int d = 0; d < s->spatial; d++) {
            int64_t first, end;
            inside(s->block[d], s->before[d], k[d], image->dims[d + 1], batches->dims[d + 1], &first, &end);
            box.dims[d + 1] = end > first ? (int32_t)(end - first) : 0;
            of_image[d + 1] *= s->block[d];
            image_at += (first * s->block[d] + k[d] - s->before[d]) * image_step[d + 1];
            batch_at += first * batch_step[d + 1];
        }
        size_t from = (size_t)(to_batch ? image_at : batch_at) * element;
        size_t to = (size_t)(to_batch ? batch_at : image_at) * element;
        if (ql_dims_product(box.dims, 0, box.rank)) {
            ql_move_box(&box, element, (const char *)c->in[0]->data + from, (char *)c->out[0]->data + to);
        }
    }
}

ql_code ql_run_space_to_batch(const ql_call *c)
{
    ql_fill_zero(c);
    if (c->in[0]->count) {
        exchange(c, c->in[0], c->out[0], true);
    }
    return QL_OK;
}

ql_code ql_run_batch_to_space(const ql_call *c)
{
    if (c->out[0]->count) {
        exchange(c, c->out[0], c->in[0], false);
    }
    return QL_OK;
}
