#include "analyzer/data/image.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A small file can claim to unpack to gigabytes: no piece is larger than what a legal picture needs. */
enum { MAX_PIECE = 1 << 29 };

static void *take_again(void *old, size_t bytes)
{
    return bytes <= MAX_PIECE ? realloc(old, bytes) : NULL;
}

#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_MAX_DIMENSIONS      QL_IMAGE_MAX_SIDE
#define STBI_ASSERT(x)           ((void)sizeof(x))
#define STBI_MALLOC(bytes)       take_again(NULL, bytes)
#define STBI_REALLOC(old, bytes) take_again(old, bytes)
#define STBI_FREE(old)           free(old)
#define STB_IMAGE_IMPLEMENTATION
#include <stb/stb_image.h>

static ql_code decode(ql_image *image, const char *bytes, size_t count, int channels, ql_err *err)
{
    const stbi_uc *file = (const stbi_uc *)bytes;
    int height, width, own;
    if (!stbi_info_from_memory(file, (int)count, &width, &height, &own)) {
        return ql_fail(err, QL_E_FORMAT, "not a PNG or JPEG image, or malformed (%s)", stbi_failure_reason());
    }
    if (height < 1 || width < 1 || width > QL_IMAGE_MAX_PIXELS / height) {
        return ql_fail(err, QL_E_UNSUPPORTED, "an image of %d x %d: at most %d pixels are taken", height,
                       width, QL_IMAGE_MAX_PIXELS);
    }
    image->pixels = stbi_load_from_memory(file, (int)count, &image->width, &image->height, &own, channels);
    image->channels = channels;
    return image->pixels ? QL_OK : ql_fail(err, QL_E_FORMAT, "malformed image (%s)", stbi_failure_reason());
}

ql_code ql_image_read(ql_image *image, const char *path, int channels, ql_err *err)
{
    struct stat facts;
    char *bytes = NULL;
    size_t count = 0;
    *image = (ql_image){0};
    ql_code code = QL_OK;
    if (!stat(path, &facts) && facts.st_size > QL_IMAGE_MAX_BYTES) {
        code = ql_fail(err, QL_E_UNSUPPORTED, "an image file of %lld bytes: at most %d are taken",
                       (long long)facts.st_size, QL_IMAGE_MAX_BYTES);
    }
    code = code ? code : ql_file_read(path, &bytes, &count, err);
    if (!code && count > INT_MAX) {
        code = ql_fail(err, QL_E_UNSUPPORTED, "an image file of %zu bytes", count);
    }
    code = code ? code : decode(image, bytes, count, channels, err);
    free(bytes);
    if (code) {
        ql_at_file(err, path);
    }
    return code;
}

void ql_image_free(ql_image *image)
{
    free(image->pixels);
    *image = (ql_image){0};
}

/* Where an output coordinate lies between two input ones. */
typedef struct {
    int low, high;
    float share; /* of high */
} between;

static between place(int at, int size, int of)
{
    float in = ((float)at + 0.5f) * ((float)of / (float)size) - 0.5f, down = floorf(in);
    int low = (int)down, high = (int)ceilf(in);
    return (between){low < 0 ? 0 : low, high >= of ? of - 1 : high, in - down};
}

float ql_image_resized(const ql_image *image, int height, int width, int y, int x, int channel)
{
    between row = place(y, height, image->height), column = place(x, width, image->width);
    const uint8_t *pixels = image->pixels + channel;
    size_t channels = (size_t)image->channels, line = (size_t)image->width * channels;
    const uint8_t *top = pixels + (size_t)row.low * line, *bottom = pixels + (size_t)row.high * line;
    size_t left = (size_t)column.low * channels, right = (size_t)column.high * channels;
    float above = (float)top[left] + ((float)top[right] - (float)top[left]) * column.share;
    float below = (float)bottom[left] + ((float)bottom[right] - (float)bottom[left]) * column.share;
    return above + (below - above) * row.share;
}
