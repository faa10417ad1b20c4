#include "runtime/ops/common/fast.h"

#include <string.h>

enum { SIGN = 0x80, FEW_BYTES = 1 << 17, FEW_PIXELS = 8 };

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

ql_tail ql_fast_tail(const ql_call *c, const ql_conv *s, const ql_fast_sums *t)
{
    const ql_fast *f = s->fast;
    size_t at = ql_fast_at(f, t->group, t->inside), element = c->out[0]->bytes / c->out[0]->count;
    return (ql_tail){
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
    };
}

void ql_fast_finish(const ql_call *c, const ql_conv *s, const ql_fast_sums *t)
{
    if (!s->fast->tail) {
        finish_in_c(c, s, t);
        return;
    }
    ql_tail tail = ql_fast_tail(c, s, t);
    s->fast->tail(&tail);
}

/* Where rows of a tile may be read, and what becomes of them. */
typedef struct {
    const void **x;
    size_t count;
    int group, first_block, blocks; /* the outputs in question */
    const char *packed;             /* their weights, all groups' */
    const int32_t *start;
    size_t at, step;    /* outputs: of the first row the first; from one row to the next */
    ql_fast_phase part; /* of the runs */
    ql_hybrid scale;
} ql_rows;

typedef struct {
    int32_t sums[QL_TILE_ROWS * QL_TILE_BLOCKS * QL_BLOCK];
} ql_tile_sums;

static ql_tile tile_of(const ql_conv *s, const ql_rows *rows, size_t first, size_t count, int block,
                       ql_tile_sums *sums)
{
    const ql_fast *f = s->fast;
    int place = block - rows->first_block, blocks = rows->blocks - place;
    return (ql_tile){
        .x = rows->x + first,
        .x_at = (size_t)rows->group * (size_t)s->group_channels * f->element,
        .run_at = f->run_at + rows->part.first_run,
        .runs = rows->part.runs,
        .packed = rows->packed + (size_t)(rows->group * rows->blocks + place) * f->block_bytes +
                  rows->part.first_run * f->steps * QL_BLOCK * 4,
        .block_bytes = f->block_bytes,
        .steps = f->steps,
        .start = f->form == QL_FORM_F32 && !s->start
                     ? NULL
                     : rows->start + ql_fast_at(f, rows->group, block * QL_BLOCK),
        .sums = sums->sums,
        .sums_stride = QL_TILE_BLOCKS * QL_BLOCK * sizeof *sums->sums,
        .rows = (int)count,
        .blocks = blocks < QL_TILE_BLOCKS ? blocks : QL_TILE_BLOCKS,
    };
}

static ql_fast_sums sums_of(const ql_conv *s, const ql_rows *rows, const ql_tile *tile, size_t first,
                            int block)
{
    size_t left = (size_t)(s->group_outputs - block * QL_BLOCK), most = (size_t)(tile->blocks * QL_BLOCK);
    return (ql_fast_sums){.sums = tile->sums,
                          .sums_stride = tile->sums_stride,
                          .group = rows->group,
                          .inside = block * QL_BLOCK,
                          .rows = tile->rows,
                          .count = left < most ? left : most,
                          .at = rows->at + first * rows->step + (size_t)(block * QL_BLOCK),
                          .step = rows->step,
                          .x = rows->scale};
}

/* Adds run `run` of one row and block to sums that int32 may not hold, in parts. */
static void add_long(const ql_conv *s, ql_tile part, size_t run, int64_t *total)
{
    const ql_fast *f = s->fast;
    const char *packed = (const char *)part.packed + run * f->steps * QL_BLOCK * 4;
    size_t x_at = part.x_at;
    part.run_at += run;
    part.start = NULL;
    part.rows = part.blocks = 1;
    part.runs = 1;
    for (size_t k = 0; k < f->steps; k += f->part_steps) {
        part.x_at = x_at + k * 4;
        part.packed = packed + k * QL_BLOCK * 4;
        part.steps = f->steps - k < f->part_steps ? f->steps - k : f->part_steps;
        f->tile(&part);
        for (int i = 0; i < QL_BLOCK; i++) {
            total[i] += part.sums[i];
        }
    }
}

static void sum_long(const ql_call *c, const ql_conv *s, const ql_rows *rows, const ql_tile *whole,
                     size_t first, int block)
{
    int lanes = s->group_outputs - block * QL_BLOCK;
    ql_tile row = *whole;
    for (int r = 0; r < whole->rows; r++, row.x++) {
        ql_sums total = {.i64 = {0}};
        for (size_t run = 0; run < whole->runs; run++) {
            add_long(s, row, run, total.i64);
        }
        size_t at = rows->at + (first + (size_t)r) * rows->step;
        s->finish.run(c, &s->finish, &total, at + (size_t)(block * QL_BLOCK),
                      rows->group * s->group_outputs + block * QL_BLOCK, lanes < QL_LANES ? lanes : QL_LANES,
                      rows->scale);
    }
}

static void run_tile(const ql_call *c, const ql_conv *s, const ql_rows *rows, size_t first, size_t count,
                     int block)
{
    const ql_fast *f = s->fast;
    ql_tile_sums sums;
    ql_tile tile = tile_of(s, rows, first, count, block, &sums);
    if (f->long_sums) {
        sum_long(c, s, rows, &tile, first, block);
        return;
    }
    ql_fast_sums made = sums_of(s, rows, &tile, first, block);
    if (f->fused) {
        ql_tail tail = ql_fast_tail(c, s, &made);
        tile.tail = &tail;
        f->tile(&tile);
        return;
    }
    f->tile(&tile);
    ql_fast_finish(c, s, &made);
}

/* All outputs in question of a group for some rows, cut into tiles of like height. Few weights stay in the
 * cache while rows pass by, and outputs are then written one behind the other; of many, those of a tile stay.
 */
static void multiply(const ql_call *c, const ql_conv *s, const ql_rows *rows)
{
    const ql_fast *f = s->fast;
    size_t tiles = (rows->count + QL_TILE_ROWS - 1) / QL_TILE_ROWS;
    size_t high = (rows->count + tiles - 1) / tiles;
    size_t band = (size_t)rows->blocks * f->block_bytes <= FEW_BYTES ? high : rows->count;
    int at_once = f->long_sums ? 1 : QL_TILE_BLOCKS, end = rows->first_block + rows->blocks;
    for (size_t from = 0; from < rows->count; from += band) {
        size_t stop = rows->count - from < band ? rows->count : from + band;
        for (int block = rows->first_block; block < end; block += at_once) {
            for (size_t first = from; first < stop; first += high) {
                run_tile(c, s, rows, first, stop - first < high ? stop - first : high, block);
            }
        }
    }
}

/* A range of neighbouring positions and where they read. */
typedef struct {
    const char *x; /* the first one */
    size_t count, columns, step, line;
} ql_range;

/* Positions from `column` of a line on: where each reads. */
static void find_places(const ql_range *of, size_t first, size_t count, const void **places)
{
    size_t column = first % of->columns;
    const char *line = of->x + first / of->columns * of->line;
    for (size_t i = 0; i < count; line += of->line, column = 0) {
        for (; i < count && column < of->columns; column++) {
            places[i++] = line + column * of->step;
        }
    }
}

static void run_range(const ql_call *c, const ql_conv *s, const ql_range *range, ql_rows rows)
{
    size_t at = rows.at;
    rows.x = (const void **)(void *)((char *)c->scratch + s->fast->places_at);
    for (size_t first = 0; first < range->count; first += QL_FAST_ROWS) {
        size_t left = range->count - first;
        rows.count = left < QL_FAST_ROWS ? left : QL_FAST_ROWS;
        find_places(range, first, rows.count, rows.x);
        for (rows.group = 0; rows.group < s->groups; rows.group++) {
            rows.at = at + first * rows.step + (size_t)rows.group * (size_t)s->group_outputs;
            multiply(c, s, &rows);
        }
    }
}

/* A pointwise one: `positions` pixels. */
static void run_pixels(const ql_call *c, const ql_conv *s, const char *image, size_t positions, ql_rows rows,
                       int32_t zero)
{
    const ql_fast *f = s->fast;
    char *copy = (char *)c->scratch + f->rows_at;
    size_t outputs = (size_t)s->groups * (size_t)s->group_outputs;
    for (size_t first = 0; first < positions; first += f->lines) {
        size_t count = positions - first < f->lines ? positions - first : f->lines;
        if (!f->in_place) {
            ql_fast_copy(s, image, 0, first, count, zero, copy);
        }
        run_range(c, s,
                  &(ql_range){.x = f->in_place ? image + first * f->pixel : copy,
                              .count = count,
                              .columns = count,
                              .step = f->pixel},
                  rows);
        rows.at += count * outputs;
    }
}

/* Which outputs of a transposed convolution's axis are of phase p: as they are counted there. */
typedef struct {
    size_t first, end;
} ql_span;

static ql_span span_of(const ql_window *w, size_t p)
{
    size_t stride = (size_t)w->stride, before = (size_t)w->before, all = (size_t)w->out + before;
    return (ql_span){before > p ? (before - p + stride - 1) / stride : 0,
                     all > p ? (all - p + stride - 1) / stride : 0};
}

/* All phases of some lines, x of which are read from line y on. */
static void run_phases(const ql_call *c, const ql_conv *s, const char *x, size_t y, size_t lines,
                       ql_rows rows)
{
    const ql_fast *f = s->fast;
    const ql_window *high = &s->axes[1], *wide = &s->axes[2];
    size_t down = (size_t)high->stride, across = (size_t)wide->stride, outputs = rows.step, at = rows.at;
    rows.step *= across;
    for (size_t p = 0; p < down * across; p++) {
        ql_span of_lines = span_of(high, p / across), columns = span_of(wide, p % across);
        size_t end = of_lines.end < y + lines ? of_lines.end : y + lines;
        size_t left = columns.first * across + p % across - (size_t)wide->before;
        rows.part = f->phases[p];
        for (size_t q = of_lines.first > y ? of_lines.first : y; q < end && columns.first < columns.end;
             q++) {
            size_t line = q * down + p / across - (size_t)high->before;
            size_t count = columns.end - columns.first;
            rows.at = at + (line * (size_t)wide->out + left) * outputs;
            run_range(c, s,
                      &(ql_range){.x = x + (q - y) * f->line + columns.first * f->pixel,
                                  .count = count,
                                  .columns = count,
                                  .step = f->pixel},
                      rows);
        }
    }
}

/* Some lines of outputs. */
static void run_lines(const ql_call *c, const ql_conv *s, const char *image, int z, size_t y, size_t lines,
                      ql_rows rows, int32_t zero)
{
    const ql_fast *f = s->fast;
    const ql_window *w = f->axes;
    char *copy = (char *)c->scratch + f->rows_at;
    const char *x = image + (size_t)z * (size_t)w[0].stride * f->plane + y * (size_t)w[1].stride * f->line;
    if (!f->in_place) {
        ql_fast_copy(s, image, z, y, lines, zero, copy);
        x = copy;
    }
    if (f->phases) {
        run_phases(c, s, x, y, lines, rows);
        return;
    }
    size_t columns = (size_t)w[2].out;
    run_range(c, s,
              &(ql_range){.x = x,
                          .count = lines * columns,
                          .columns = columns,
                          .step = (size_t)w[2].stride * f->pixel,
                          .line = (size_t)w[1].stride * f->line},
              rows);
}

/* Lines `from` up to `upto` of each plane. */
static void run_windows(const ql_call *c, const ql_conv *s, const char *image, size_t from, size_t upto,
                        ql_rows rows, int32_t zero)
{
    const ql_fast *f = s->fast;
    size_t high = (size_t)f->axes[1].out, count, at = rows.at;
    size_t outputs = (size_t)f->axes[2].out * (size_t)s->groups * (size_t)s->group_outputs;
    for (int z = 0; z < f->axes[0].out; z++) {
        for (size_t y = from; y < upto; y += count) {
            count = upto - y < f->lines ? upto - y : f->lines;
            rows.at = f->phases ? at : at + ((size_t)z * high + y) * outputs;
            run_lines(c, s, image, z, y, count, rows, zero);
        }
    }
}

/* An image, or all of them in one row of pixels, to be cut into parts. */
typedef struct {
    const ql_call *c;
    const ql_conv *s;
    const char *image;
    ql_rows rows;
    int32_t zero;
    size_t length; /* pixels, or lines of each plane */
} ql_whole;

/* Few pixels or lines leave too little to a thread: then every one makes some of the outputs of all. */
static bool by_outputs(const ql_whole *of)
{
    size_t parts = (size_t)of->s->fast->parts, each = of->s->fast->pointwise ? FEW_PIXELS : 1;
    return of->s->groups == 1 && of->length < parts * each && (size_t)of->rows.blocks >= parts;
}

static void run_part(void *user, int part)
{
    const ql_whole *of = user;
    const ql_fast *f = of->s->fast;
    size_t parts = (size_t)f->parts, at = (size_t)part, from = 0, upto = of->length;
    ql_call own = *of->c;
    ql_rows rows = of->rows;
    own.scratch = (char *)own.scratch + at * f->span;
    if (by_outputs(of)) {
        size_t blocks = (size_t)rows.blocks, first = blocks * at / parts;
        rows.packed += first * f->block_bytes;
        rows.first_block += (int)first;
        rows.blocks = (int)(blocks * (at + 1) / parts - first);
    } else {
        from = of->length * at / parts;
        upto = of->length * (at + 1) / parts;
    }
    if (f->pointwise) {
        size_t outputs = (size_t)of->s->groups * (size_t)of->s->group_outputs;
        rows.at += from * outputs;
        run_pixels(&own, of->s, of->image + from * (size_t)of->s->channels * of->s->element, upto - from,
                   rows, of->zero);
    } else {
        run_windows(&own, of->s, of->image, from, upto, rows, of->zero);
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
        const char *image = (const char *)images.x + n * pixels * (size_t)s->channels * s->element;
        rows.start = start;
        rows.at = images.at + n * positions * outputs;
        rows.step = outputs;
        rows.part = (ql_fast_phase){0, f->runs};
        rows.scale = x;
        ql_whole whole = {.c = c,
                          .s = s,
                          .image = image,
                          .rows = rows,
                          .zero = x.zero,
                          .length = !f->pointwise ? (size_t)f->axes[1].out
                                    : as_one      ? positions * images.count
                                                  : positions};
        ql_team_run(c->team, f->parts, run_part, &whole);
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
