#include "runtime/ops/common/fast.h"

#include <string.h>

/* An image and where its places are. */
typedef struct {
    const char *x, *outside; /* outside: a pixel of zero points */
    size_t pixel, row, plane;
} ql_places;

/* The taps of one position. Integers take all of them, those outside at the zero point, because the zero
 * point is taken off all together; floats must not add what the reference does not add. */
static int gather(const ql_conv *s, const ql_places *at, const ql_taps taps[3], const void **x,
                  const void **w)
{
    const ql_fast *f = s->fast;
    const char *packed = f->packed;
    int count = 0;
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
                    x[count] =
                        there ? row + (size_t)(taps[2].in + ix * taps[2].in_step) * at->pixel : at->outside;
                    w[count++] = packed;
                }
            }
        }
    }
    return count;
}

static ql_taps taps_at(const ql_window *window, size_t o)
{
    ql_taps taps = ql_taps_of(window, (int)o);
    taps.k = taps.count ? taps.k : 0;
    return taps;
}

static void run_image(const ql_call *c, const ql_conv *s, const ql_places *places, const int32_t *start,
                      ql_hybrid scale, size_t at)
{
    const ql_fast *f = s->fast;
    const void *x[QL_FAST_TAPS], *w[QL_FAST_TAPS];
    int32_t *sums = (int32_t *)(void *)((char *)c->scratch + f->sums_at);
    size_t columns = (size_t)s->axes[2].out, plane = columns * (size_t)s->axes[1].out;
    size_t positions = plane * (size_t)s->axes[0].out, channels = (size_t)s->channels;
    for (size_t p = 0; p < positions; p++, at += channels) {
        ql_taps taps[3] = {taps_at(&s->axes[0], p / plane), taps_at(&s->axes[1], p % plane / columns),
                           taps_at(&s->axes[2], p % columns)};
        int count = gather(s, places, taps, x, w);
        f->taps(&(ql_taps_sum){.x = x,
                               .w = w,
                               .taps = count,
                               .count = channels,
                               .start = f->form == QL_FORM_F32 ? NULL : start,
                               .sums = sums});
        ql_fast_finish(c, s,
                       &(ql_fast_sums){.sums = sums, .rows = 1, .count = channels, .at = at, .x = scale});
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
        run_image(c, s, &places, start, x, images.at + n * outputs);
    }
}
