/* A folder of PNG and JPEG images: one a sample, in the order of their names; folders in it are classes.
 * Images are decoded when they are fed, so memory does not grow with their number. */
#include "analyzer/data/convert.h"
#include "analyzer/data/image.h"
#include "analyzer/data/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

typedef struct {
    char *path;
    int folder; /* -1: not in one */
} entry;

typedef struct {
    entry *list;
    size_t count, room;
} entries;

/* How an input holds pixels: its size, and the distances from one to the next. */
typedef struct {
    int height, width, channels;
    size_t row, column, plane;
} layout;

typedef enum { NO_IMAGE, PLAIN, CHANNELS_FIRST, CHANNELS_LAST } order;

static bool takes(const char *spec)
{
    struct stat facts;
    return !stat(spec, &facts) && S_ISDIR(facts.st_mode);
}

static void free_entries(entries *all)
{
    for (size_t i = 0; i < all->count; i++) {
        free(all->list[i].path);
    }
    free(all->list);
    *all = (entries){0};
}

static void release(void *held)
{
    free_entries(held);
    free(held);
}

static bool is_image(const char *name)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t tail = strlen(endings[i]);
        if (length > tail && !strcasecmp(name + length - tail, endings[i])) {
            return true;
        }
    }
    return false;
}

static ql_code append(entries *all, const char *folder, const char *name, int of, ql_err *err)
{
    if (all->count == all->room) {
        size_t room = all->room ? 2 * all->room : 64;
        entry *grown = room <= SIZE_MAX / sizeof *grown / 2 ? realloc(all->list, room * sizeof *grown) : NULL;
        if (!grown) {
            return ql_fail_memory(err, room * sizeof *grown);
        }
        all->list = grown;
        all->room = room;
    }
    size_t length = strlen(folder) + strlen(name) + 2;
    char *path = malloc(length);
    if (!path) {
        return ql_fail_memory(err, length);
    }
    snprintf(path, length, "%s/%s", folder, name);
    all->list[all->count++] = (entry){path, of};
    return QL_OK;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const entry *)a)->path, ((const entry *)b)->path);
}

/* Adds the images of one folder to `images`, and (where `folders` is given) the folders in it to that. */
static ql_code scan(const char *path, int of, entries *images, entries *folders, ql_err *err)
{
    DIR *folder = opendir(path);
    if (!folder) {
        ql_fail(err, QL_E_IO, "the folder cannot be read: %s", strerror(errno));
        return ql_at_file(err, path);
    }
    ql_code code = QL_OK;
    for (struct dirent *one; !code && (one = readdir(folder));) {
        if (one->d_name[0] == '.') {
            continue;
        }
        if (is_image(one->d_name)) {
            code = append(images, path, one->d_name, of, err);
        } else if (folders && !(code = append(folders, path, one->d_name, -1, err)) &&
                   !takes(folders->list[folders->count - 1].path)) {
            free(folders->list[--folders->count].path);
        }
    }
    closedir(folder);
    return code;
}

static void sort(entries *all, size_t from)
{
    if (all->count > from) {
        qsort(all->list + from, all->count - from, sizeof *all->list, by_path);
    }
}

/* Images beside the folders first, then folder by folder. */
static ql_code find_images(const char *path, entries *images, ql_err *err)
{
    entries folders = {0};
    ql_code code = scan(path, -1, images, &folders, err);
    sort(images, 0);
    sort(&folders, 0);
    for (size_t i = 0; i < folders.count && !code; i++) {
        size_t from = images->count;
        code = scan(folders.list[i].path, (int)i, images, NULL, err);
        sort(images, from);
    }
    free_entries(&folders);
    return code;
}

static bool is_channels(int size)
{
    return size == 1 || size == 3 || size == 4;
}

static bool is_open(const ql_tensor *tensor, int i)
{
    return tensor->signature && tensor->signature[i] < 0;
}

/* [1, H, W, C], [1, C, H, W], [H, W, C], [1, H, W] or [H, W]; *height is the place of H, W follows it. */
static order order_of(const ql_tensor *tensor, int *height)
{
    int rank = tensor->rank, last = rank - 1;
    const int32_t *dims = tensor->shape;
    bool batch = rank == 4 && (dims[0] == 1 || is_open(tensor, 0));
    if ((batch || rank == 3) && is_channels(dims[last]) && !is_open(tensor, last)) {
        *height = rank - 3;
        return CHANNELS_LAST;
    }
    *height = rank - 2;
    if (batch && is_channels(dims[1])) {
        return CHANNELS_FIRST;
    }
    return rank == 2 || (rank == 3 && dims[0] == 1) ? PLAIN : NO_IMAGE;
}

static layout layout_of(order kind, const int32_t *dims, int height)
{
    size_t h = (size_t)dims[height], w = (size_t)dims[height + 1];
    int channels = kind == PLAIN ? 1 : dims[kind == CHANNELS_LAST ? height + 2 : height - 1];
    bool last = kind == CHANNELS_LAST;
    size_t step = last ? (size_t)channels : 1;
    return (layout){dims[height], dims[height + 1], channels, w * step, step, last ? 1 : h * w};
}

/* Where the model leaves the size open, --resize decides. */
static ql_code find_size(const ql_image_options *image, const ql_tensor *tensor, int height, int32_t *dims,
                         ql_err *err)
{
    for (int i = height; i < height + 2; i++) {
        if (is_open(tensor, i)) {
            dims[i] = i == height ? image->height : image->width;
        }
        if (dims[i] < 1) {
            return ql_fail(err, QL_E_FIT, "an image input of open size: --resize HxW is required");
        }
        if (dims[i] > QL_IMAGE_MAX_SIDE) {
            return ql_fail(err, QL_E_FIT, "an image input %d pixels long: at most %d are taken", dims[i],
                           QL_IMAGE_MAX_SIDE);
        }
    }
    if (image->height && (image->height < dims[height] || image->width < dims[height + 1])) {
        return ql_fail(err, QL_E_FIT, "images resized to %dx%d: the input needs at least %dx%d",
                       image->height, image->width, dims[height], dims[height + 1]);
    }
    return QL_OK;
}

static ql_code bind(const ql_dataset *data, const ql_tensor *tensor, ql_source *source, ql_err *err)
{
    const ql_image_options *image = &data->options.image;
    int height;
    order kind = order_of(tensor, &height);
    if (kind == NO_IMAGE) {
        return ql_fail(err, QL_E_FIT, "no image input: [1, height, width, 1, 3 or 4 channels] is required");
    }
    source->rank = tensor->rank;
    for (int i = 0; i < tensor->rank; i++) {
        source->dims[i] = i < height && kind != CHANNELS_FIRST ? 1 : tensor->shape[i];
    }
    source->dims[0] = height > 0 && tensor->rank == 4 ? 1 : source->dims[0];
    ql_code code = find_size(image, tensor, height, source->dims, err);
    layout of = layout_of(kind, source->dims, height);
    if (!code && ((image->means > 1 && image->means != of.channels) ||
                  (image->stds > 1 && image->stds != of.channels))) {
        code = ql_fail(err, QL_E_USAGE, "%d means and %d standard deviations: one or %d are required",
                       image->means, image->stds, of.channels);
    }
    for (int i = 0; i < tensor->rank; i++) {
        source->reshapes |= source->dims[i] != tensor->shape[i];
    }
    source->stride = (size_t)of.height * (size_t)of.width * (size_t)of.channels;
    return code;
}

static ql_code bind_all(ql_dataset *data, ql_err *err)
{
    for (int m = 0; m < data->model_count; m++) {
        const ql_subgraph *graph = ql_data_graph(data, m);
        if (graph->input_count != 1) {
            return ql_fail(err, QL_E_FIT, "images feed a model with one input: this one has %d",
                           graph->input_count);
        }
        const ql_tensor *tensor = ql_data_input(data, m, 0);
        if (bind(data, tensor, &data->sources[m][0], err)) {
            return ql_at_tensor_of(err, tensor, graph->inputs[0]);
        }
    }
    return QL_OK;
}

static ql_code read_labels(ql_dataset *data, const entries *images, ql_err *err)
{
    if (strcmp(data->options.labels, "folder") != 0) {
        return ql_fail(err, QL_E_FIT, "labels '%.60s': images have --labels folder, the folder each is in",
                       data->options.labels);
    }
    data->labels = QL_TAKE(&data->arena, images->count, int64_t);
    if (!data->labels) {
        return ql_fail_memory(err, images->count * sizeof *data->labels);
    }
    for (size_t i = 0; i < images->count; i++) {
        if (images->list[i].folder < 0) {
            ql_fail(err, QL_E_FIT,
                    "an image outside the class folders has no label: --labels folder needs one");
            return ql_at_file(err, images->list[i].path);
        }
        data->labels[i] = images->list[i].folder;
    }
    return QL_OK;
}

static ql_code open_images(ql_dataset *data, ql_err *err)
{
    entries *images = data->held = calloc(1, sizeof *images);
    if (!images) {
        return ql_fail_memory(err, sizeof *images);
    }
    data->release = release;
    ql_code code = bind_all(data, err);
    code = code ? code : find_images(data->spec, images, err);
    if (!code && !images->count) {
        code = ql_fail(err, QL_E_FIT, "no PNG or JPEG images in the folder: at least one is required");
    }
    data->available = images->count;
    return code || !data->options.labels ? code : read_labels(data, images, err);
}

/* By channel: x -> (x - mean) / std. */
static void normalize(const ql_image_options *image, int channel, bool whole, float *value)
{
    if (image->means || image->stds) {
        float mean = image->means ? image->mean[image->means > 1 ? channel : 0] : 0;
        float std = image->stds ? image->std[image->stds > 1 ? channel : 0] : 1;
        *value = (*value - mean) / std;
    } else if (!whole) {
        *value /= 255;
    }
}

/* The middle of the resized image, as the input holds it. */
static void fill(const ql_image_options *options, const ql_image *image, const layout *of, bool whole,
                 float *values)
{
    int height = options->height ? options->height : of->height;
    int width = options->width ? options->width : of->width;
    int top = (height - of->height) / 2, left = (width - of->width) / 2;
    for (int y = 0; y < of->height; y++) {
        for (int x = 0; x < of->width; x++) {
            for (int c = 0; c < of->channels; c++) {
                float *value = &values[(size_t)y * of->row + (size_t)x * of->column + (size_t)c * of->plane];
                *value = ql_image_resized(image, height, width, top + y, left + x, c);
                normalize(options, c, whole, value);
            }
        }
    }
}

static ql_code feed(const ql_dataset *data, uint64_t sample, int model, int input, ql_view *view, ql_err *err)
{
    const entries *images = data->held;
    const ql_tensor *tensor = ql_data_input(data, model, input);
    const ql_source *source = &data->sources[model][input];
    int height;
    order kind = order_of(tensor, &height);
    layout of = layout_of(kind, source->dims, height);
    /* an integer without a scale means itself: pixels */
    bool whole = !tensor->quant.scale_count && ql_type_bits(tensor->type) <= 64 && tensor->type != QL_F32 &&
                 tensor->type != QL_F16 && tensor->type != QL_F64;
    ql_image image;
    ql_code code = ql_image_read(&image, images->list[sample].path, of.channels, err);
    float *values = code ? NULL : malloc((source->stride + 1) * sizeof *values);
    if (values) {
        fill(&data->options.image, &image, &of, whole, values);
        ql_convert_on(data->isa, values, QL_F32, 0, view);
    }
    bool refused = !code && !values;
    free(values);
    ql_image_free(&image);
    return refused ? ql_fail_memory(err, source->stride * sizeof *values) : code;
}

static void identify(const ql_dataset *data, ql_sha256 *sha)
{
    const entries *all = data->held;
    for (size_t i = 0; i < all->count; i++) {
        struct stat facts = {0};
        if (stat(all->list[i].path, &facts)) {
            facts.st_size = -1;
        }
        int64_t numbers[] = {facts.st_size, facts.st_mtime};
        ql_sha256_add(sha, all->list[i].path, strlen(all->list[i].path) + 1);
        ql_sha256_add(sha, numbers, sizeof numbers);
    }
}

const ql_data_kind ql_data_images = {takes, open_images, feed, identify};
