#include "runtime/ops/common/fast.h"

#include <string.h>

/* An image and where its places are. */
typedef struct {
    const char *x, *outside; /* outside: a pixel of zero points */
    size_t pixel, row, plane;
} ql_places;

/* The taps of one position, and how far each moves from one position to the next. */
typedef struct {
    const void *x[QL_FAST_TAPS], *w[QL_FAST_TAPS];
    size_t step[QL_FAST_TAPS];
    int count;
} ql_gathered;

/* Integers take all taps, those outside at the zero point, because the zero point is taken off all together;
 * floats must not add what the reference does not add. */
static void gather(const ql_conv *s, const ql_places *at, const ql_taps taps[3], ql_gathered *to)
{
    const ql_fast *f = s->fast;
    const char *packed = f->packed;
    to->count = 0;
    for (int kz = 0, iz = -taps[0].k; kz < s->axes[0].kernel; kz++, iz++) {
        for (int ky = 0, iy = -taps[1].k; ky < s->axes[1].kernel; ky++, iy++) {
            bool inside = iz >= 0 && iz < taps[0].count && iy >= 0 && iy < taps[1].count;
            const char *row = at->x;
            if (inside) {
                row += (size_t)(taps[0].in + iz * taps[0].in_step) * at->plane +
                       (size_t)(taps[1].in + iy * taps[1].in_step) * at->row;
            }
            for (int kx = 0, ix = -taps[2].k; kx < s->axes[2].kernel; kx++, ix++, packed += f->row_bytes) {
                bool there = inside && ix >= 0 && ix < taps[2].count;
                if (there || f->form != QL_FORM_F32) {
                    to->x[to->count] =
                        there ? row + (size_t)(taps[2].in + ix * taps[2].in_step) * at->pixel : at->outside;
                    to->step[to->count] = there ? (size_t)s->axes[2].stride * at->pixel : 0;
                    to->w[to->count++] = packed;
                }
            }
        }
    }
}

static ql_taps taps_at(const ql_window *window, size_t o)
{
    ql_taps taps = ql_taps_of(window, (int)o);
    taps.k = taps.count ? taps.k : 0;
    return taps;
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

typedef struct {
    const ql_places *places;
    const int32_t *start;
    int32_t *sums;
    ql_hybrid scale;
} ql_walk;

/* Some positions; `at`: of the first output. */
static void sum_taps(const ql_call *c, const ql_conv *s, ql_taps_sum *taps, size_t at, ql_hybrid scale)
{
    ql_fast_sums made = {.sums = taps->sums,
                         .sums_stride = taps->sums_stride,
                         .rows = taps->positions,
                         .count = taps->count,
                         .at = at,
                         .step = taps->count,
                         .x = scale};
    if (s->fast->fused) {
        ql_tail tail = ql_fast_tail(c, s, &made);
        taps->tail = &tail;
        s->fast->taps(taps);
        return;
    }
    s->fast->taps(taps);
    ql_fast_finish(c, s, &made);
}

/* A row of positions; `at`: of its first output. */
static void run_row(const ql_call *c, const ql_conv *s, const ql_walk *walk, ql_taps taps[3], size_t at)
{
    const ql_fast *f = s->fast;
    size_t channels = (size_t)s->channels, columns = (size_t)s->axes[2].out, count;
    ql_gathered gathered;
    for (size_t column = 0; column < columns; column += count) {
        size_t left = columns - column;
        count = alike(&s->axes[2], column, left < f->rows ? left : f->rows);
        taps[2] = taps_at(&s->axes[2], column);
        gather(s, walk->places, taps, &gathered);
        ql_taps_sum taken = {.x = gathered.x,
                             .step = gathered.step,
                             .w = gathered.w,
                             .taps = gathered.count,
                             .positions = (int)count,
                             .count = channels,
                             .start = f->form == QL_FORM_F32 && !s->start ? NULL : walk->start,
                             .sums = walk->sums,
                             .sums_stride = f->row_bytes};
        sum_taps(c, s, &taken, at + column * channels, walk->scale);
    }
}

typedef struct {
    const ql_call *c;
    const ql_conv *s;
    ql_walk walk;
    size_t at; /* of the image's first output */
} ql_walks;

/* A part of an image's rows. */
static void run_part(void *user, int part)
{
    const ql_walks *of = user;
    const ql_conv *s = of->s;
    size_t high = (size_t)s->axes[1].out, rows = (size_t)s->axes[0].out * high,
           parts = (size_t)s->fast->parts;
    ql_walk walk = of->walk;
    walk.sums = (int32_t *)(void *)((char *)walk.sums + (size_t)part * s->fast->span);
    for (size_t i = rows * (size_t)part / parts; i < rows * (size_t)(part + 1) / parts; i++) {
        ql_taps taps[3] = {taps_at(&s->axes[0], i / high), taps_at(&s->axes[1], i % high)};
        run_row(of->c, s, &walk, taps, of->at + i * (size_t)s->axes[2].out * (size_t)s->channels);
    }
}

/* A pixel of zero points. */
static void fill_outside(const ql_fast *f, char *to, size_t channels, int32_t zero)
{
    if (f->x_type == QL_I16) {
        memset(to, 0, channels * sizeof(int16_t));
    } else if (f->x_type != QL_F32) {
        memset(to, (uint8_t)zero, channels);
    }
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
        ql_fast_start(s, x.zero, start);
        fill_outside(f, outside, (size_t)s->channels, x.zero);
        places.x = (const char *)images.x + n * image;
        ql_walks walks = {.c = c,
                          .s = s,
                          .walk = {.places = &places,
                                   .start = start,
                                   .sums = (int32_t *)(void *)((char *)c->scratch + f->sums_at),
                                   .scale = x},
                          .at = images.at + n * outputs};
        ql_team_run(c->team, f->parts, run_part, &walks);
    }
}
