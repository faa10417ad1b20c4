#include "runtime/ops/common/fast.h"

#include <string.h>

enum { MOST_PARTS = 32, MOST_PLACES = 4 * QL_FAST_TAPS };

/* An image and where its places are; outside: a line of zero points. */
typedef struct {
    const char *x, *outside;
    size_t pixel, row, plane;
} ql_places;

/* What an output line reads: the lines of its window, those outside the image too. Outside there are zero
 * points, which are taken off with all the others; zeros of floats change no sum, as none is -0 and no weight
 * is infinite. */
typedef struct {
    const ql_places *places;
    const char *line[QL_FAST_TAPS];
    int lines;
} ql_lines;

/* Positions of a line that are summed together. */
typedef struct {
    const void *x[MOST_PLACES];
    ql_taps_part parts[MOST_PARTS];
    int count;
    size_t positions;
} ql_batch;

typedef struct {
    const ql_places *places;
    const void *w[QL_FAST_TAPS];
    ql_taps_sum sum;
    ql_tail tail;
    ql_hybrid scale;
} ql_walk;

static const char *line_at(const ql_conv *s, const ql_places *places, int64_t z, int64_t y)
{
    bool inside = z >= 0 && z < s->axes[0].in && y >= 0 && y < s->axes[1].in;
    return inside ? places->x + (size_t)z * places->plane + (size_t)y * places->row : places->outside;
}

static void find_lines(const ql_conv *s, const ql_places *places, size_t z, size_t y, ql_lines *to)
{
    const ql_window *deep = &s->axes[0], *high = &s->axes[1];
    int64_t first_z = (int64_t)z * deep->stride - deep->before,
            first_y = (int64_t)y * high->stride - high->before;
    to->places = places;
    to->lines = 0;
    for (int kz = 0; kz < deep->kernel; kz++) {
        for (int ky = 0; ky < high->kernel; ky++) {
            to->line[to->lines++] = line_at(s, places, first_z + (int64_t)kz * deep->dilation,
                                            first_y + (int64_t)ky * high->dilation);
        }
    }
}

/* Where the taps of a position read that begins at column `first` of the image. */
static void find_places(const ql_window *w, const ql_lines *lines, int64_t first, const void **x)
{
    size_t pixel = lines->places->pixel;
    for (int i = 0; i < lines->lines; i++) {
        int64_t at = first;
        for (int k = 0; k < w->kernel; k++, at += w->dilation) {
            *x++ = at >= 0 && at < w->in ? lines->line[i] + (size_t)at * pixel : lines->places->outside;
        }
    }
}

/* The columns from `column` on that have all their taps in the image, at most `most`; 1 where there are none:
 * a column of another kind stands alone. */
static size_t alike(const ql_window *w, size_t column, size_t most)
{
    int64_t first = (int64_t)column * w->stride - w->before, span = (int64_t)(w->kernel - 1) * w->dilation;
    if (first < 0 || first + span >= w->in) {
        return 1;
    }
    size_t more = (size_t)((w->in - 1 - span - first) / w->stride) + 1;
    return more < most ? more : most;
}

/* The next positions of a line, from `column` on. */
static void fill_batch(const ql_conv *s, const ql_lines *lines, size_t column, ql_batch *batch)
{
    const ql_window *w = &s->axes[2];
    size_t taps = s->fast->source.terms, columns = (size_t)w->out, most = s->fast->rows;
    const void **x = batch->x;
    batch->count = 0;
    batch->positions = 0;
    while (column < columns && batch->positions < most && batch->count < MOST_PARTS &&
           x + taps <= batch->x + MOST_PLACES) {
        size_t left = columns - column, room = most - batch->positions;
        size_t count = alike(w, column, left < room ? left : room);
        find_places(w, lines, (int64_t)column * w->stride - w->before, x);
        batch->parts[batch->count++] = (ql_taps_part){x, (int)count};
        batch->positions += count;
        x += taps;
        column += count;
    }
}

/* The batch's positions; `at`: of the first output. */
static void sum_taps(const ql_call *c, const ql_conv *s, ql_walk *walk, const ql_batch *batch, size_t at)
{
    const ql_fast *f = s->fast;
    size_t channels = (size_t)s->channels;
    walk->sum.parts = batch->parts;
    walk->sum.part_count = batch->count;
    walk->tail.rows = (int)batch->positions;
    walk->tail.y = (char *)c->out[0]->data + at * (c->out[0]->bytes / c->out[0]->count);
    f->taps(&walk->sum);
    if (!f->tail) {
        ql_fast_finish(c, s,
                       &(ql_fast_sums){.sums = walk->sum.sums,
                                       .sums_stride = walk->sum.sums_stride,
                                       .rows = (int)batch->positions,
                                       .count = channels,
                                       .at = at,
                                       .step = channels,
                                       .x = walk->scale});
    } else if (!f->fused) {
        f->tail(&walk->tail);
    }
}

/* A line of outputs; `at`: of the first. */
static void run_row(const ql_call *c, const ql_conv *s, ql_walk *walk, const ql_lines *lines, size_t at)
{
    size_t columns = (size_t)s->axes[2].out;
    ql_batch batch;
    for (size_t column = 0; column < columns; column += batch.positions) {
        fill_batch(s, lines, column, &batch);
        sum_taps(c, s, walk, &batch, at + column * (size_t)s->channels);
    }
}

typedef struct {
    const ql_call *c;
    const ql_conv *s;
    const ql_places *places;
    const int32_t *start;
    ql_hybrid scale;
    size_t at; /* of the image's first output */
} ql_walks;

/* What stays the same for all lines of a part. */
static void begin_walk(const ql_walks *of, int part, ql_walk *walk)
{
    const ql_conv *s = of->s;
    const ql_fast *f = s->fast;
    size_t channels = (size_t)s->channels;
    char *sums = (char *)of->c->scratch + f->sums_at + (size_t)part * f->span;
    for (size_t k = 0; k < f->source.terms; k++) {
        walk->w[k] = (const char *)f->packed + k * f->row_bytes;
    }
    walk->places = of->places;
    walk->scale = of->scale;
    walk->sum = (ql_taps_sum){.step = (size_t)s->axes[2].stride * of->places->pixel,
                              .w = walk->w,
                              .taps = (int)f->source.terms,
                              .count = channels,
                              .start = f->form == QL_FORM_F32 && !s->start ? NULL : of->start,
                              .sums = (int32_t *)(void *)sums,
                              .sums_stride = f->row_bytes,
                              .tail = f->fused ? &walk->tail : NULL};
    if (f->tail) {
        walk->tail = ql_fast_tail(of->c, s,
                                  &(ql_fast_sums){.sums = walk->sum.sums,
                                                  .sums_stride = f->row_bytes,
                                                  .count = channels,
                                                  .step = channels,
                                                  .x = of->scale});
    }
}

/* A part of an image's lines. */
static void run_part(void *user, int part)
{
    const ql_walks *of = user;
    const ql_conv *s = of->s;
    size_t high = (size_t)s->axes[1].out, rows = (size_t)s->axes[0].out * high,
           parts = (size_t)s->fast->parts;
    ql_walk walk;
    ql_lines lines;
    begin_walk(of, part, &walk);
    for (size_t i = rows * (size_t)part / parts; i < rows * (size_t)(part + 1) / parts; i++) {
        find_lines(s, of->places, i / high, i % high, &lines);
        run_row(of->c, s, &walk, &lines, of->at + i * (size_t)s->axes[2].out * (size_t)s->channels);
    }
}

/* A line of zero points. */
static void fill_outside(const ql_fast *f, char *to, size_t bytes, int32_t zero)
{
    bool words = f->x_type == QL_I16 || f->x_type == QL_F32;
    memset(to, words ? 0 : (uint8_t)zero, bytes);
}

void ql_fast_depthwise(const ql_call *c, const ql_conv *s, ql_images images)
{
    const ql_fast *f = s->fast;
    int32_t *start = (int32_t *)(void *)((char *)c->scratch + f->scratch_at);
    char *outside = (char *)c->scratch + f->rows_at;
    ql_places places = {.outside = outside, .pixel = (size_t)s->channels * s->element};
    places.row = places.pixel * (size_t)s->axes[2].in;
    places.plane = places.row * (size_t)s->axes[1].in;
    size_t image = places.plane * (size_t)s->axes[0].in;
    size_t outputs =
        (size_t)s->axes[0].out * (size_t)s->axes[1].out * (size_t)s->axes[2].out * (size_t)s->channels;
    for (size_t n = 0; n < images.count; n++) {
        ql_hybrid x = images.scales ? images.scales[n] : (ql_hybrid){1, images.zero};
        if (!n || (images.scales && x.zero != images.scales[n - 1].zero)) {
            ql_fast_start(s, x.zero, start);
            fill_outside(f, outside, f->outside_bytes, x.zero);
        }
        places.x = (const char *)images.x + n * image;
        ql_walks walks = {
            .c = c, .s = s, .places = &places, .start = start, .scale = x, .at = images.at + n * outputs};
        ql_team_run(c->team, f->parts, run_part, &walks);
    }
}
