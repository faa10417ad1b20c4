#include "runtime/ops/common/fast.h"

#include <string.h>

static void words_of_i8(int16_t *to, const int8_t *from, size_t count, int32_t zero)
{
    for (size_t i = 0; i < count; i++) {
        to[i] = (int16_t)(from[i] - zero);
    }
}

static void words_of_u8(int16_t *to, const uint8_t *from, size_t count, int32_t zero)
{
    for (size_t i = 0; i < count; i++) {
        to[i] = (int16_t)(from[i] - zero);
    }
}

static void flip_signs(uint8_t *to, const uint8_t *from)
{
    uint64_t eight;
    memcpy(&eight, from, sizeof eight);
    eight ^= 0x8080808080808080;
    memcpy(to, &eight, sizeof eight);
}

static void bytes_of_i8(uint8_t *to, const uint8_t *from, size_t count)
{
    if (count >= 8 && count <= 16) { /* small windows have short rows: two words that may overlap */
        flip_signs(to, from);
        flip_signs(to + count - 8, from + count - 8);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        to[i] = from[i] ^ 0x80;
    }
}

/* `count` elements in the form that the tiles read; returns the end. */
static char *convert(const ql_fast *f, char *to, const char *from, size_t count, int32_t zero)
{
    if (f->form == QL_FORM_BYTES) {
        bytes_of_i8((uint8_t *)to, (const uint8_t *)from, count);
        return to + count;
    }
    if (f->x_type == QL_I8) {
        words_of_i8((int16_t *)(void *)to, (const int8_t *)from, count, zero);
        return to + 2 * count;
    }
    if (f->x_type == QL_U8) {
        words_of_u8((int16_t *)(void *)to, (const uint8_t *)from, count, zero);
        return to + 2 * count;
    }
    size_t bytes = count * (f->x_type == QL_F32 ? sizeof(float) : sizeof(int16_t));
    memcpy(to, from, bytes);
    return to + bytes;
}

static size_t element_of(const ql_fast *f)
{
    return f->form == QL_FORM_F32 ? 4 : f->form == QL_FORM_WORDS ? 2 : 1;
}

/* One tap's or several neighbouring taps' channels outside the image. */
static char *pad(const ql_fast *f, char *to, size_t count, int32_t zero)
{
    size_t bytes = count * element_of(f);
    if (!bytes) {
        return to;
    }
    memset(to, f->form == QL_FORM_BYTES ? (uint8_t)zero ^ 0x80 : 0, bytes);
    return to + bytes;
}

static char *row_of_taps(const ql_conv *s, const char *row, const ql_taps *t, int32_t zero, char *to)
{
    const ql_fast *f = s->fast;
    size_t pixel = (size_t)s->channels * s->element, channels = (size_t)s->group_channels;
    to = pad(f, to, (size_t)t->k * channels, zero);
    if (t->in_step == 1 && s->groups == 1) {
        to = convert(f, to, row + (size_t)t->in * pixel, (size_t)t->count * channels, zero);
    } else {
        for (int i = 0, in = t->in; i < t->count; i++, in += t->in_step) {
            to = convert(f, to, row + (size_t)in * pixel, channels, zero);
        }
    }
    return pad(f, to, (size_t)(s->axes[2].kernel - t->k - t->count) * channels, zero);
}

/* Taps k .. k + count - 1 of the kernel are in the image. */
static ql_taps taps_at(const ql_window *window, size_t o)
{
    ql_taps taps = ql_taps_of(window, (int)o);
    taps.k = taps.count ? taps.k : 0;
    return taps;
}

/* The taps of `o`, which comes after the position with `taps`: without divisions while all are inside. */
static ql_taps next_taps(const ql_window *w, ql_taps taps, size_t o)
{
    int64_t last = (int64_t)taps.in + w->stride + (int64_t)(w->kernel - 1) * w->dilation;
    if (taps.count < w->kernel || last >= w->in) {
        return taps_at(w, o);
    }
    taps.in += w->stride;
    return taps;
}

static char *lay_out_position(const ql_conv *s, const char *image, const ql_taps taps[3], int32_t zero,
                              char *to)
{
    const ql_window *deep = &s->axes[0], *rows = &s->axes[1], *columns = &s->axes[2];
    size_t row_bytes = (size_t)columns->in * (size_t)s->channels * s->element;
    size_t row_terms = (size_t)columns->kernel * (size_t)s->group_channels;
    for (int kz = 0; kz < deep->kernel; kz++) {
        int iz = kz - taps[0].k;
        for (int ky = 0; ky < rows->kernel; ky++) {
            int iy = ky - taps[1].k;
            if (iz < 0 || iz >= taps[0].count || iy < 0 || iy >= taps[1].count) {
                to = pad(s->fast, to, row_terms, zero);
                continue;
            }
            size_t z = (size_t)(taps[0].in + iz * taps[0].in_step);
            size_t y = (size_t)(taps[1].in + iy * taps[1].in_step);
            to = row_of_taps(s, image + (z * (size_t)rows->in + y) * row_bytes, &taps[2], zero, to);
        }
    }
    return to;
}

/* What a last step has beyond the terms: weights are 0 there. */
static char *fill_step(const ql_fast *f, char *row, char *end)
{
    for (char *stop = row + f->row_bytes; end < stop; end++) {
        *end = 0;
    }
    return end;
}

static void lay_out_pixels(const ql_conv *s, const char *x, size_t rows, int32_t zero, char *to)
{
    const ql_fast *f = s->fast;
    size_t channels = (size_t)s->group_channels, pixel = (size_t)s->channels * s->element;
    if (s->groups == 1 && f->row_bytes == channels * element_of(f)) {
        convert(f, to, x, rows * channels, zero);
        return;
    }
    for (size_t r = 0; r < rows; r++, x += pixel) {
        to = fill_step(f, to, convert(f, to, x, channels, zero));
    }
}

void ql_fast_lay_out(const ql_conv *s, const char *image, int group, size_t first, size_t rows, int32_t zero,
                     char *to)
{
    const ql_fast *f = s->fast;
    size_t pixel = (size_t)s->channels * s->element;
    const char *x = image + (size_t)group * (size_t)s->group_channels * s->element;
    if (f->pointwise) {
        lay_out_pixels(s, x + first * pixel, rows, zero, to);
        return;
    }
    size_t columns = (size_t)s->axes[2].out, lines = (size_t)s->axes[1].out;
    size_t column = first % columns, line = first / columns;
    ql_taps taps[3] = {taps_at(&s->axes[0], line / lines), taps_at(&s->axes[1], line % lines),
                       taps_at(&s->axes[2], column)};
    for (size_t r = 0; r < rows; r++) {
        to = fill_step(f, to, lay_out_position(s, x, taps, zero, to));
        if (++column < columns) {
            taps[2] = next_taps(&s->axes[2], taps[2], column);
            continue;
        }
        column = 0;
        line++;
        taps[0] = taps_at(&s->axes[0], line / lines);
        taps[1] = taps_at(&s->axes[1], line % lines);
        taps[2] = taps_at(&s->axes[2], 0);
    }
}
