#include "runtime/ops/common/fast.h"

#include <string.h>

enum { SIGN = 0x80 };

void ql_fast_start(const ql_conv *s, int32_t zero, int32_t *start)
{
    const ql_fast *f = s->fast;
    size_t channels = (size_t)s->groups * (size_t)f->group_blocks * QL_BLOCK;
    bool off_already = f->form == QL_FORM_WORDS && !s->depthwise;
    uint32_t off = off_already ? 0 : (uint32_t)zero + (f->form == QL_FORM_BYTES && !s->depthwise ? SIGN : 0);
    for (size_t i = 0; i < channels; i++) {
        start[i] = (int32_t)((uint32_t)f->start[i] - off * (uint32_t)f->weight_sums[i]);
    }
}

static void finish_in_c(const ql_call *c, const ql_conv *s, const ql_fast_sums *t)
{
    int channel = t->group * s->group_outputs + t->inside;
    for (int r = 0; r < t->rows; r++) {
        const char *row = (const char *)t->sums + (size_t)r * t->sums_stride;
        for (size_t i = 0; i < t->count; i += QL_LANES) {
            int lanes = t->count - i < QL_LANES ? (int)(t->count - i) : QL_LANES;
            const ql_sums *sums = (const ql_sums *)(const void *)(row + i * sizeof *t->sums);
            s->finish.run(c, &s->finish, sums, t->at + (size_t)r * t->step + i, channel + (int)i, lanes,
                          t->x);
        }
    }
}

void ql_fast_finish(const ql_call *c, const ql_conv *s, const ql_fast_sums *t)
{
    const ql_fast *f = s->fast;
    if (!f->tail) {
        finish_in_c(c, s, t);
        return;
    }
    size_t at = ql_fast_at(f, t->group, t->inside), element = c->out[0]->bytes / c->out[0]->count;
    f->tail(&(ql_tail){
        .sums = t->sums,
        .sums_stride = t->sums_stride,
        .rows = t->rows,
        .count = t->count,
        .y = (char *)c->out[0]->data + t->at * element,
        .y_stride = t->step * element,
        .m = f->m + at,
        .shift = f->shift + at,
        .factors = f->factors + at,
        .single = c->numerics->rounding == QL_ROUND_SINGLE,
        .zero = s->finish.run == ql_finish_16_wide ? 0 : ql_zero(c->out[0]),
        .low = s->finish.clamp.lowest,
        .high = s->finish.clamp.highest,
        .bias = ql_has(c, s->finish.roles.bias) ? f->bias + at : NULL,
        .low_f32 = s->finish.clamp_f32.lowest,
        .high_f32 = s->finish.clamp_f32.highest,
        .w_scales = f->w_scales + at,
        .x_scale = t->x.scale,
        .scales_apart = s->finish.scales_apart,
    });
}

/* Rows that are laid out, or lie so already. */
typedef struct {
    const char *x;
    size_t stride, count;
    int group, first_block, blocks; /* the outputs in question */
    const char *packed;             /* their weights, all groups' */
    const int32_t *start;
    size_t at; /* of the first row's first output */
    ql_hybrid scale;
} ql_rows;

typedef struct {
    int32_t sums[QL_TILE_ROWS * QL_TILE_BLOCKS * QL_BLOCK];
} ql_tile_sums;

static ql_tile tile_of(const ql_conv *s, const ql_rows *rows, size_t first, int block, ql_tile_sums *sums)
{
    const ql_fast *f = s->fast;
    size_t left = rows->count - first;
    int place = block - rows->first_block, blocks = rows->blocks - place;
    return (ql_tile){
        .x = rows->x + first * rows->stride,
        .x_stride = rows->stride,
        .packed = rows->packed + (size_t)(rows->group * rows->blocks + place) * f->block_bytes,
        .block_bytes = f->block_bytes,
        .steps = f->steps,
        .start = f->form == QL_FORM_F32 ? NULL : rows->start + ql_fast_at(f, rows->group, block * QL_BLOCK),
        .sums = sums->sums,
        .sums_stride = QL_TILE_BLOCKS * QL_BLOCK * sizeof *sums->sums,
        .rows = left < QL_TILE_ROWS ? (int)left : QL_TILE_ROWS,
        .blocks = blocks < QL_TILE_BLOCKS ? blocks : QL_TILE_BLOCKS,
    };
}

static void finish_tile(const ql_call *c, const ql_conv *s, const ql_rows *rows, const ql_tile *tile,
                        size_t first, int block)
{
    size_t outputs = (size_t)s->groups * (size_t)s->group_outputs;
    size_t left = (size_t)(s->group_outputs - block * QL_BLOCK), most = (size_t)(tile->blocks * QL_BLOCK);
    ql_fast_finish(c, s,
                   &(ql_fast_sums){.sums = tile->sums,
                                   .sums_stride = tile->sums_stride,
                                   .group = rows->group,
                                   .inside = block * QL_BLOCK,
                                   .rows = tile->rows,
                                   .count = left < most ? left : most,
                                   .at = rows->at + first * outputs + (size_t)(block * QL_BLOCK),
                                   .step = outputs,
                                   .x = rows->scale});
}

/* Sums that int32 may not hold: one row and block at a time, in parts. */
static void sum_long(const ql_call *c, const ql_conv *s, const ql_rows *rows, const ql_tile *whole,
                     size_t first, int block)
{
    const ql_fast *f = s->fast;
    int lanes = s->group_outputs - block * QL_BLOCK;
    for (int r = 0; r < whole->rows; r++) {
        ql_sums total = {.i64 = {0}};
        for (size_t k = 0; k < f->steps; k += f->part_steps) {
            ql_tile part = *whole;
            part.x = (const char *)whole->x + (size_t)r * whole->x_stride + k * 4;
            part.packed = (const char *)whole->packed + k * QL_BLOCK * 4;
            part.steps = f->steps - k < f->part_steps ? f->steps - k : f->part_steps;
            part.start = NULL;
            part.rows = part.blocks = 1;
            f->tile(&part);
            for (int i = 0; i < QL_BLOCK; i++) {
                total.i64[i] += part.sums[i];
            }
        }
        size_t at = rows->at + (first + (size_t)r) * (size_t)(s->groups * s->group_outputs);
        s->finish.run(c, &s->finish, &total, at + (size_t)(block * QL_BLOCK),
                      rows->group * s->group_outputs + block * QL_BLOCK, lanes < QL_LANES ? lanes : QL_LANES,
                      rows->scale);
    }
}

static void multiply(const ql_call *c, const ql_conv *s, const ql_rows *rows)
{
    const ql_fast *f = s->fast;
    ql_tile_sums sums;
    int at_once = f->long_sums ? 1 : QL_TILE_BLOCKS;
    int end = rows->first_block + rows->blocks;
    for (int block = rows->first_block; block < end; block += at_once) {
        for (size_t first = 0; first < rows->count; first += QL_TILE_ROWS) {
            ql_tile tile = tile_of(s, rows, first, block, &sums);
            if (f->long_sums) {
                sum_long(c, s, rows, &tile, first, block);
                continue;
            }
            f->tile(&tile);
            finish_tile(c, s, rows, &tile, first, block);
        }
    }
}

/* All outputs of `positions` positions of one image. */
static void multiply_image(const ql_call *c, const ql_conv *s, const char *image, size_t positions,
                           ql_rows rows, int32_t zero)
{
    const ql_fast *f = s->fast;
    char *laid_out = (char *)c->scratch + f->rows_at;
    size_t outputs = (size_t)s->groups * (size_t)s->group_outputs, pixel = (size_t)s->channels * s->element;
    size_t at = rows.at;
    for (size_t first = 0; first < positions; first += f->rows) {
        rows.count = positions - first < f->rows ? positions - first : f->rows;
        for (rows.group = 0; rows.group < s->groups; rows.group++) {
            if (!f->direct) {
                ql_fast_lay_out(s, image, rows.group, first, rows.count, zero, laid_out);
            }
            rows.x = f->direct ? image + first * pixel : laid_out;
            rows.stride = f->direct ? pixel : f->row_bytes;
            rows.at = at + first * outputs + (size_t)rows.group * (size_t)s->group_outputs;
            multiply(c, s, &rows);
        }
    }
}

/* Some blocks of outputs of all images. */
static void run_pass(const ql_call *c, const ql_conv *s, ql_images images, ql_rows rows)
{
    const ql_fast *f = s->fast;
    int32_t *start = (int32_t *)(void *)((char *)c->scratch + f->scratch_at);
    size_t pixels = (size_t)s->axes[0].in * (size_t)s->axes[1].in * (size_t)s->axes[2].in;
    size_t positions = (size_t)s->axes[0].out * (size_t)s->axes[1].out * (size_t)s->axes[2].out;
    size_t outputs = (size_t)s->groups * (size_t)s->group_outputs;
    bool as_one = f->pointwise && !images.scales; /* all images are one long row of pixels */
    size_t walks = as_one ? images.count > 0 : images.count;
    for (size_t n = 0; n < walks; n++) {
        ql_hybrid x = images.scales ? images.scales[n] : (ql_hybrid){1, images.zero};
        if (!n || (images.scales && x.zero != images.scales[n - 1].zero)) {
            ql_fast_start(s, x.zero, start);
        }
        rows.start = start;
        rows.at = images.at + n * positions * outputs;
        rows.scale = x;
        multiply_image(c, s, (const char *)images.x + n * pixels * (size_t)s->channels * s->element,
                       as_one ? positions * images.count : positions, rows, x.zero);
    }
}

void ql_fast_run(const ql_call *c, const ql_conv *s, ql_images images)
{
    const ql_fast *f = s->fast;
    if (s->depthwise) {
        ql_fast_depthwise(c, s, images);
        return;
    }
    for (int block = 0; block < f->group_blocks; block += f->pass_blocks) {
        int left = f->group_blocks - block;
        ql_rows rows = {.first_block = block,
                        .blocks = left < f->pass_blocks ? left : f->pass_blocks,
                        .packed = f->packed};
        if (!f->packed) {
            char *pass = (char *)c->scratch + f->packed_at;
            memset(pass, 0, (size_t)(s->groups * rows.blocks) * f->block_bytes);
            ql_fast_pack(s, f, block, rows.blocks, pass);
            rows.packed = pass;
        }
        run_pass(c, s, images, rows);
    }
}
