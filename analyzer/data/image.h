/* PNG and JPEG pictures, from files that may be hostile. */
#ifndef QL_DATA_IMAGE_H
#define QL_DATA_IMAGE_H

#include "runtime/runtime.h"

/* What is refused: files and pictures larger than any sample is likely to be. */
enum { QL_IMAGE_MAX_BYTES = 1 << 26, QL_IMAGE_MAX_PIXELS = 1 << 25, QL_IMAGE_MAX_SIDE = 1 << 14 };

typedef struct {
    int height, width, channels;
    uint8_t *pixels; /* height x width x channels */
} ql_image;

/* Decodes a file to `channels` channels: 1 (grey, 0.299 R + 0.587 G + 0.114 B in 8 bits), 3 (RGB; grey is
 * repeated, transparency dropped) or 4 (RGBA; opaque where there was no alpha). 16-bit samples keep their
 * upper byte. Release with ql_image_free. IO: cannot be read; FORMAT: no PNG or JPEG, or malformed;
 * UNSUPPORTED: past the limits above. Thread-safe. */
ql_code ql_image_read(ql_image *image, const char *path, int channels, ql_err *err);
void ql_image_free(ql_image *image);

/* One channel value of the picture resized to height x width, at row y and column x: bilinear between pixel
 * centers, no antialiasing (TensorFlow's tf.image.resize). */
float ql_image_resized(const ql_image *image, int height, int width, int y, int x, int channel);

#endif
