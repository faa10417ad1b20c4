#include "analyzer/data/dataset.h"

#include "analyzer/data/convert.h"
#include "analyzer/data/source.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DRAWN_AT_ONCE = 2048 };

/* Asked in this order; the last takes whatever is left. */
static const ql_data_kind *const kinds[] = {&ql_data_random, &ql_data_images, &ql_data_arrays};

static ql_code make_sources(ql_dataset *data, ql_err *err)
{
    data->sources = QL_TAKE(&data->arena, (size_t)data->model_count, ql_source *);
    for (int m = 0; data->sources && m < data->model_count; m++) {
        data->sources[m] = QL_TAKE(&data->arena, (size_t)ql_data_graph(data, m)->input_count, ql_source);
        if (!data->sources[m]) {
            return ql_fail_memory(err, sizeof(ql_source));
        }
    }
    return data->sources ? QL_OK : ql_fail_memory(err, sizeof(ql_source *));
}

static ql_code check_inputs(const ql_dataset *data, ql_err *err)
{
    for (int m = 0; m < data->model_count; m++) {
        for (int i = 0; i < ql_data_graph(data, m)->input_count; i++) {
            const ql_tensor *tensor = ql_data_input(data, m, i);
            if (!ql_convertible(tensor->type)) {
                ql_fail(err, QL_E_UNSUPPORTED,
                        "an input of type %s: plain numbers of 8 bits or more are required",
                        ql_type_name(tensor->type));
                ql_at_tensor_of(err, tensor, ql_data_graph(data, m)->inputs[i]);
                ql_at_file(err, data->models[m]->path);
                return QL_E_UNSUPPORTED;
            }
        }
    }
    return QL_OK;
}

static ql_code open_kind(ql_dataset *data, ql_err *err)
{
    size_t k = 0;
    while (k + 1 < sizeof kinds / sizeof *kinds && !kinds[k]->takes(data->spec)) {
        k++;
    }
    data->kind = kinds[k];
    ql_code code = check_inputs(data, err);
    code = code ? code : make_sources(data, err);
    code = code ? code : data->kind->open(data, err);
    if (code) {
        ql_at_file(err, data->spec);
    }
    return code;
}

static void count(ql_dataset *data)
{
    uint64_t limit = data->options.limit > 0 ? (uint64_t)data->options.limit : data->available;
    uint64_t shards = (uint64_t)data->options.shards, shard = (uint64_t)data->options.shard;
    data->total = limit < data->available ? limit : data->available;
    data->own = data->total > shard ? (data->total - shard + shards - 1) / shards : 0;
}

ql_code ql_dataset_open(ql_dataset **out, const char *spec, const ql_model *const *models,
                        const int *subgraphs, int model_count, const ql_data_options *options, ql_err *err)
{
    *out = NULL;
    ql_dataset *data = calloc(1, sizeof *data);
    if (!data) {
        return ql_fail_memory(err, sizeof *data);
    }
    ql_arena_init(&data->arena, 0);
    data->options = *options;
    data->options.shards = options->shards > 0 ? options->shards : 1;
    data->model_count = model_count;
    data->models = ql_take_copy(&data->arena, models, (size_t)model_count * sizeof *models);
    data->subgraphs = ql_take_copy(&data->arena, subgraphs, (size_t)model_count * sizeof *subgraphs);
    data->spec = ql_take_copy(&data->arena, spec, strlen(spec) + 1);
    ql_code code = data->models && data->subgraphs && data->spec ? ql_isa_choose(&data->isa, err)
                                                                 : ql_fail_memory(err, strlen(spec));
    code = code ? code : open_kind(data, err);
    if (!code && !data->available) {
        code = ql_fail(err, QL_E_FIT, "no samples: at least one is required");
        ql_at_file(err, spec);
    }
    if (code) {
        ql_dataset_close(data);
        return code;
    }
    count(data);
    *out = data;
    return QL_OK;
}

void ql_dataset_close(ql_dataset *data)
{
    if (!data) {
        return;
    }
    if (data->held) {
        data->release(data->held);
    }
    ql_arena_free(&data->arena);
    free(data);
}

uint64_t ql_dataset_count(const ql_dataset *data)
{
    return data->own;
}

uint64_t ql_dataset_sample(const ql_dataset *data, uint64_t i)
{
    return (uint64_t)data->options.shard + i * (uint64_t)data->options.shards;
}

uint64_t ql_dataset_total(const ql_dataset *data)
{
    return data->total;
}

/* SplitMix64: a well-mixed 64-bit value for every counter. */
static uint64_t mixed(uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static void draw_in_c(const ql_random *noise)
{
    for (size_t i = 0; i < noise->n; i++) {
        double unit = (double)(mixed(noise->at + i) >> 11) * 0x1p-53;
        noise->y[i] = (float)(noise->low + unit * noise->span);
    }
}

static void draw(const ql_dataset *data, uint64_t sample, int input, const ql_source *source, ql_view *view)
{
    float some[DRAWN_AT_ONCE];
    size_t width = view->count ? view->bytes / view->count : 0;
    ql_random_fn kernel = data->isa->random ? data->isa->random : draw_in_c;
    ql_random noise = {.at = mixed(data->options.seed ^ mixed(sample ^ mixed((uint64_t)input))),
                       .low = source->low,
                       .span = source->high - source->low,
                       .y = some};
    for (size_t i = 0; i < view->count; i += noise.n, noise.at += noise.n) {
        ql_view part = *view;
        noise.n = view->count - i < DRAWN_AT_ONCE ? view->count - i : DRAWN_AT_ONCE;
        part.data = (char *)view->data + i * width;
        part.count = noise.n;
        part.bytes = noise.n * width;
        kernel(&noise);
        ql_convert_on(data->isa, some, QL_F32, 0, &part);
    }
}

static void convert(const ql_dataset *data, const ql_source *source, const void *values, size_t at,
                    ql_view *view)
{
    if (source->quant) {
        ql_convert_quantized(values, source->type, source->quant, at, view);
    } else {
        ql_convert_on(data->isa, values, source->type, at, view);
    }
}

/* False where the file ends before. */
static bool read_sample(const ql_source *source, uint64_t sample, char *values, size_t bytes)
{
    size_t done = 0;
    for (ssize_t got = 1; done < bytes && got > 0; done += got > 0 ? (size_t)got : 0) {
        got = pread(source->file, values + done, bytes - done,
                    (off_t)(source->base + (int64_t)(sample * bytes + done)));
    }
    return done == bytes;
}

static ql_code feed_streamed(const ql_dataset *data, uint64_t sample, const ql_source *source, ql_view *view,
                             ql_err *err)
{
    size_t bytes;
    bool sized = ql_type_bytes(source->type, source->stride, &bytes);
    bool as_is = sized && source->type == view->type && !source->quant && bytes == view->bytes;
    char *own = as_is || !sized ? NULL : malloc(bytes + 1);
    if (!as_is && !own) {
        return ql_fail_memory(err, source->stride);
    }
    bool whole = read_sample(source, sample, as_is ? view->data : own, bytes);
    if (whole && !as_is) {
        convert(data, source, own, 0, view);
    }
    free(own);
    if (!whole) {
        ql_fail(err, QL_E_IO, "sample %llu cannot be read", (unsigned long long)sample);
        ql_at_file(err, data->spec);
        return QL_E_IO;
    }
    return QL_OK;
}

ql_code ql_dataset_feed(const ql_dataset *data, uint64_t sample, int model, int input, ql_view *view,
                        ql_err *err)
{
    const ql_source *source = &data->sources[model][input];
    if (!source->values && !source->streamed && !data->kind->feed) {
        draw(data, sample, input, source, view);
        return QL_OK;
    }
    if (view->count != source->stride) {
        ql_fail(err, QL_E_FIT, "a sample of %zu elements for an input of %zu: they must be equal",
                source->stride, view->count);
        ql_at_tensor_of(err, view->tensor, view->index);
        return QL_E_FIT;
    }
    if (data->kind->feed) {
        return data->kind->feed(data, sample, model, input, view, err);
    }
    if (source->streamed) {
        return feed_streamed(data, sample, source, view, err);
    }
    convert(data, source, source->values, (size_t)sample * source->stride, view);
    return QL_OK;
}

bool ql_dataset_shape(const ql_dataset *data, int model, int input, int *rank, int32_t *dims)
{
    const ql_source *source = &data->sources[model][input];
    if (source->reshapes) {
        *rank = source->rank;
        memcpy(dims, source->dims, (size_t)source->rank * sizeof *dims);
    }
    return source->reshapes;
}

static bool same_values(const ql_source *a, const ql_source *b)
{
    return a->values == b->values && a->streamed == b->streamed && a->file == b->file && a->base == b->base &&
           a->type == b->type && a->array == b->array && a->stride == b->stride && a->quant == b->quant;
}

bool ql_dataset_same(const ql_dataset *data, int model, int input, int other_model, int other_input)
{
    const ql_source *a = &data->sources[model][input], *b = &data->sources[other_model][other_input];
    const ql_tensor *s = ql_data_input(data, model, input),
                    *t = ql_data_input(data, other_model, other_input);
    bool floats = s->type == QL_F32 && t->type == QL_F32, shape = s->rank == t->rank;
    for (int d = 0; d < s->rank && shape; d++) {
        shape = s->shape[d] == t->shape[d];
    }
    bool drawn = ql_dataset_is_random(data), own = input == other_input;
    bool alike = a->low <= b->low && a->low >= b->low && a->high <= b->high && a->high >= b->high;
    return floats && shape && (own || !(drawn || data->kind->feed)) && (!drawn || alike) && same_values(a, b);
}

bool ql_dataset_label(const ql_dataset *data, uint64_t sample, int64_t *label)
{
    if (data->labels) {
        *label = data->labels[sample];
    }
    return data->labels != NULL;
}

bool ql_dataset_is_random(const ql_dataset *data)
{
    return data->kind == &ql_data_random;
}

const char *ql_dataset_name(const ql_dataset *data)
{
    return data->spec;
}

const char *ql_dataset_sha256(const ql_dataset *data)
{
    return data->sha256;
}

static void add_text(ql_sha256 *sha, const char *text)
{
    ql_sha256_add(sha, text ? text : "", text ? strlen(text) + 1 : 1);
}

void ql_dataset_identify(const ql_dataset *data, ql_sha256 *sha)
{
    const ql_data_options *o = &data->options;
    const ql_image_options *image = &o->image;
    uint64_t counts[] = {data->available,
                         data->total,
                         (uint64_t)o->shard,
                         (uint64_t)o->shards,
                         o->seed,
                         (uint64_t)image->height,
                         (uint64_t)image->width,
                         (uint64_t)image->means,
                         (uint64_t)image->stds};
    add_text(sha, data->spec);
    add_text(sha, data->sha256);
    add_text(sha, o->labels);
    add_text(sha, o->signature);
    ql_sha256_add(sha, counts, sizeof counts);
    ql_sha256_add(sha, image->mean, sizeof image->mean);
    ql_sha256_add(sha, image->std, sizeof image->std);
    if (data->kind->identify) {
        data->kind->identify(data, sha);
    }
}
