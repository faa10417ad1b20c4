/* Writes the plainest PNG there is: 8 bits, stored blocks, for tests. Header only. */
#ifndef PNG_H
#define PNG_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { PNG_ROOM = 1 << 16 };

typedef struct {
    uint8_t bytes[PNG_ROOM];
    size_t size;
} png;

static inline void png_u32(png *p, size_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        p->bytes[p->size++] = (uint8_t)(value >> shift);
    }
}

static inline void png_chunk(png *p, const char *type, const uint8_t *data, size_t size)
{
    png_u32(p, size);
    memcpy(p->bytes + p->size, type, 4);
    if (size) {
        memcpy(p->bytes + p->size + 4, data, size);
    }
    p->size += size + 4;
    png_u32(p, 0); /* the checksum, which no reader here looks at */
}

/* `channels` 1, 2, 3 or 4: grey, grey and alpha, RGB, RGBA. The picture must fit into one stored block. */
static inline void png_make(png *p, size_t height, size_t width, size_t channels, const uint8_t *pixels)
{
    static const uint8_t colours[] = {0, 0, 4, 2, 6};
    uint8_t head[13] = {0}, body[PNG_ROOM / 2] = {0x78, 0x01, 1};
    size_t line = width * channels, raw = height * (line + 1), at = 7;
    p->size = 8;
    memcpy(p->bytes, "\x89PNG\r\n\x1a\n", 8);
    for (int i = 0; i < 4; i++) {
        head[i] = (uint8_t)(width >> (24 - 8 * i));
        head[4 + i] = (uint8_t)(height >> (24 - 8 * i));
    }
    head[8] = 8;
    head[9] = colours[channels];
    png_chunk(p, "IHDR", head, sizeof head);
    body[3] = (uint8_t)raw;
    body[4] = (uint8_t)(raw >> 8);
    body[5] = (uint8_t)~body[3];
    body[6] = (uint8_t)~body[4];
    for (size_t y = 0; y < height; y++, at += line) {
        body[at++] = 0; /* no filter */
        memcpy(body + at, pixels + y * line, line);
    }
    png_chunk(p, "IDAT", body, at + 4);
    png_chunk(p, "IEND", NULL, 0);
}

static inline int png_write(const png *p, const char *path)
{
    FILE *file = fopen(path, "wb");
    size_t written = file ? fwrite(p->bytes, 1, p->size, file) : 0;
    return file && !fclose(file) && written == p->size;
}

#endif
