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

/* What a last step has beyond the terms of a pixel meets weights of 0. */
static void convert_pixels(const ql_conv *s, const char *x, size_t count, int32_t zero, char *to)
{
    const ql_fast *f = s->fast;
    size_t channels = (size_t)s->channels;
    if (f->pixel == channels * f->element) {
        convert(f, to, x, count * channels, zero);
        return;
    }
    for (size_t i = 0; i < count; i++, to += f->pixel, x += channels * s->element) {
        convert(f, to, x, channels, zero);
    }
}

static char *fill(const ql_fast *f, char *to, size_t bytes, int32_t zero)
{
    memset(to, f->form == QL_FORM_BYTES ? (uint8_t)zero ^ 0x80 : 0, bytes);
    return to + bytes;
}

/* A line of pixels, what lies outside the image too. */
static void copy_line(const ql_conv *s, const char *line, int32_t zero, char *to)
{
    const ql_fast *f = s->fast;
    const ql_window *w = &f->axes[2];
    size_t channels = (size_t)s->channels, columns = f->line / f->pixel;
    size_t before = (size_t)w->before < columns ? (size_t)w->before : columns;
    size_t inside = columns - before < (size_t)w->in ? columns - before : (size_t)w->in;
    to = fill(f, to, before * f->pixel, zero);
    to = convert(f, to, line, inside * channels, zero);
    fill(f, to, (columns - before - inside) * f->pixel, zero);
}

/* The coordinate in the image of the i-th line that output o reads, or -1. */
static int64_t line_of(const ql_window *w, size_t o, size_t i)
{
    int64_t at = (int64_t)o * w->stride + (int64_t)i - w->before;
    return at < w->in ? at : -1;
}

void ql_fast_copy(const ql_conv *s, const char *image, int z, size_t y, size_t lines, int32_t zero, char *to)
{
    const ql_fast *f = s->fast;
    size_t pixel = (size_t)s->channels * s->element, line = pixel * (size_t)f->axes[2].in;
    if (f->pointwise) {
        convert_pixels(s, image + y * pixel, lines, zero, to);
        return;
    }
    size_t deep = ql_fast_lines(&f->axes[0], 1), high = ql_fast_lines(&f->axes[1], lines);
    for (size_t i = 0; i < deep; i++, to += f->plane) {
        int64_t iz = line_of(&f->axes[0], (size_t)z, i);
        char *at = to;
        for (size_t k = 0; k < high; k++, at += f->line) {
            int64_t iy = line_of(&f->axes[1], y, k);
            if (iz < 0 || iy < 0) {
                fill(f, at, f->line, zero);
            } else {
                copy_line(s, image + ((size_t)iz * (size_t)f->axes[1].in + (size_t)iy) * line, zero, at);
            }
        }
    }
}
