/* .npz and .npy files: which array goes to which input. */
#include "analyzer/data/convert.h"
#include "analyzer/data/npz.h"
#include "analyzer/data/source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool takes(const char *spec)
{
    (void)spec;
    return true;
}

static void release(void *held)
{
    ql_npz_close(held);
}

static int find_str(const ql_npz *file, const char *key, ql_str name)
{
    size_t prefix = key ? strlen(key) + 1 : 0;
    char *full = malloc(prefix + name.length + 1);
    int found = -1;
    if (full && name.length && !memchr(name.text, 0, name.length)) {
        if (key) {
            snprintf(full, prefix + 1, "%s/", key);
        }
        memcpy(full + prefix, name.text, name.length);
        full[prefix + name.length] = 0;
        found = ql_npz_find(file, full);
    }
    free(full);
    return found;
}

/* By signature: those of the subgraph, or the one that was asked for. */
static int find_by_signature(const ql_dataset *data, const ql_npz *file, int m, int tensor)
{
    const ql_model *model = data->models[m];
    for (int s = 0; s < model->signature_count; s++) {
        const ql_signature *signature = &model->signatures[s];
        bool asked = !data->options.signature || ql_str_is(signature->key, data->options.signature);
        if (signature->subgraph != data->subgraphs[m] || !asked) {
            continue;
        }
        for (int i = 0; i < signature->input_count; i++) {
            if (signature->inputs[i].tensor != tensor) {
                continue;
            }
            char key[256];
            snprintf(key, sizeof key, "%.*s",
                     (int)(signature->key.length < 250 ? signature->key.length : 250), signature->key.text);
            int found = find_str(file, key, signature->inputs[i].name);
            found = found < 0 ? find_str(file, NULL, signature->inputs[i].name) : found;
            if (found >= 0) {
                return found;
            }
        }
    }
    return -1;
}

/* The file's only array, labels apart. */
static int only_array(const ql_dataset *data, const ql_npz *file)
{
    int labels = data->options.labels ? ql_npz_find(file, data->options.labels) : -1, found = -1;
    for (int i = 0; i < ql_npz_count(file); i++) {
        if (i != labels) {
            if (found >= 0) {
                return -1;
            }
            found = i;
        }
    }
    return found;
}

static int find_array(const ql_dataset *data, const ql_npz *file, int m, int input)
{
    const ql_subgraph *graph = ql_data_graph(data, m);
    int tensor = graph->inputs[input];
    char number[24];
    snprintf(number, sizeof number, "#%d", tensor);
    int found = find_str(file, NULL, graph->tensors[tensor].name);
    found = found < 0 ? find_by_signature(data, file, m, tensor) : found;
    found = found < 0 ? ql_npz_find(file, number) : found;
    if (found < 0 && graph->input_count == 1) {
        found = ql_npz_find(file, "x");
        found = found < 0 ? only_array(data, file) : found;
    }
    return found;
}

static void list_arrays(const ql_npz *file, char *out, size_t size)
{
    size_t used = 0;
    out[0] = 0;
    for (int i = 0; i < ql_npz_count(file) && used + 40 < size; i++) {
        char name[33];
        ql_escape(name, sizeof name, ql_npz_at(file, i)->name, strlen(ql_npz_at(file, i)->name));
        used += (size_t)snprintf(out + used, size - used, "%s'%s'", i ? ", " : "", name);
    }
}

static ql_code no_array(const ql_dataset *data, const ql_npz *file, int m, int input, ql_err *err)
{
    char list[200];
    list_arrays(file, list, sizeof list);
    const ql_tensor *tensor = ql_data_input(data, m, input);
    ql_fail(err, QL_E_FIT, "no array for this input: the file has %s", list[0] ? list : "none");
    ql_at_tensor_of(err, tensor, ql_data_graph(data, m)->inputs[input]);
    return QL_E_FIT;
}

static void shape_text(char *out, size_t size, int rank, const size_t *dims)
{
    size_t used = (size_t)snprintf(out, size, "[");
    for (int i = 0; i < rank && used < size; i++) {
        used += (size_t)snprintf(out + used, size - used, "%s%zu", i ? ", " : "", dims[i]);
    }
    if (used < size) {
        snprintf(out + used, size - used, "]");
    }
}

/* Do the array's dimensions from `first` on fit the input's from `from` on? Dimensions the model leaves open
 * take what the data have. */
static bool dims_fit(const ql_tensor *tensor, int from, const ql_array *array, int first, ql_source *source)
{
    if (array->rank - first != tensor->rank - from) {
        return false;
    }
    for (int i = from; i < tensor->rank; i++) {
        size_t size = array->dims[first + i - from];
        bool open = tensor->signature && tensor->signature[i] < 0;
        if (size > INT32_MAX || (size != (size_t)tensor->shape[i] && !open)) {
            return false;
        }
        source->reshapes |= size != (size_t)tensor->shape[i];
        source->dims[i] = (int32_t)size;
    }
    return true;
}

enum { NAME_ROOM = 64 };

static const char *shown_name(const ql_array *array, char out[NAME_ROOM])
{
    return ql_escape(out, NAME_ROOM, array->name, strlen(array->name));
}

static ql_code bind_shape(const ql_tensor *tensor, const ql_array *array, ql_source *source,
                          uint64_t *samples, ql_err *err)
{
    *source = (ql_source){.type = array->type, .rank = tensor->rank};
    bool batch = tensor->rank && (tensor->shape[0] == 1 || (tensor->signature && tensor->signature[0] < 0));
    if (array->rank == tensor->rank + 1 && dims_fit(tensor, 0, array, 1, source)) {
        *samples = array->dims[0];
    } else if (batch && array->rank == tensor->rank && dims_fit(tensor, 1, array, 1, source)) {
        source->dims[0] = 1;
        source->reshapes |= tensor->shape[0] != 1;
        *samples = array->dims[0];
    } else if (dims_fit(tensor, 0, array, 0, source)) {
        *samples = 1;
    } else {
        char have[128], want[128], name[NAME_ROOM];
        size_t dims[QL_MAX_RANK];
        for (int i = 0; i < tensor->rank; i++) {
            dims[i] = (size_t)tensor->shape[i];
        }
        shape_text(have, sizeof have, array->rank, array->dims);
        shape_text(want, sizeof want, tensor->rank, dims);
        return ql_fail(err, QL_E_FIT, "array '%s' of shape %s: the input is %s, samples along the first axis",
                       shown_name(array, name), have, want);
    }
    source->stride = *samples ? array->count / (size_t)*samples : 0;
    return QL_OK;
}

/* Larger arrays stay on disk: memory must not grow with the number of samples. */
enum { KEPT_BYTES = 4 << 20 };

static ql_code bind_values(ql_source *source, ql_npz *file, int at, ql_err *err)
{
    source->array = at;
    if (ql_npz_at(file, at)->bytes > KEPT_BYTES) {
        ql_code code = ql_npz_stream(file, at, &source->file, &source->base, err);
        source->streamed = !code;
        if (code != QL_E_UNSUPPORTED) {
            return code;
        }
        ql_err_clear(err);
    }
    return ql_npz_load(file, at, &source->values, err);
}

static ql_code bind(ql_dataset *data, ql_npz *file, int m, int input, int at, ql_err *err)
{
    const ql_array *array = ql_npz_at(file, at);
    ql_source *source = &data->sources[m][input];
    uint64_t samples = 0;
    char name[NAME_ROOM];
    ql_code code = ql_convertible(array->type)
                       ? bind_shape(ql_data_input(data, m, input), array, source, &samples, err)
                       : ql_fail(err, QL_E_FIT, "array '%s' of type %s: numbers are required",
                                 shown_name(array, name), ql_type_name(array->type));
    if (!code && data->available && samples != data->available) {
        code = ql_fail(err, QL_E_FIT, "array '%s' has %llu samples: the others have %llu",
                       shown_name(array, name), (unsigned long long)samples,
                       (unsigned long long)data->available);
    }
    code = code ? code : bind_values(source, file, at, err);
    data->available = samples;
    if (code) {
        ql_at_tensor_of(err, ql_data_input(data, m, input), ql_data_graph(data, m)->inputs[input]);
    }
    return code;
}

/* An array of a quantized twin's own integers means, for the float model, what they stand for. */
static void share_meaning(ql_dataset *data, int m, int input)
{
    ql_source *source = &data->sources[m][input];
    for (int other = 0; other < data->model_count; other++) {
        const ql_tensor *twin =
            input < ql_data_graph(data, other)->input_count ? ql_data_input(data, other, input) : NULL;
        if (twin && twin->type == source->type && twin->quant.scale_count == 1 &&
            data->sources[other][input].array == source->array &&
            ql_data_input(data, m, input)->type != source->type) {
            source->quant = &twin->quant;
        }
    }
}

static ql_code bind_all(ql_dataset *data, ql_npz *file, ql_err *err)
{
    for (int m = 0; m < data->model_count; m++) {
        for (int i = 0; i < ql_data_graph(data, m)->input_count; i++) {
            int at = find_array(data, file, m, i);
            /* a twin that names its inputs otherwise gets what stands at the same place */
            for (int other = 0; other < data->model_count && at < 0; other++) {
                bool alike = other != m &&
                             ql_data_graph(data, other)->input_count == ql_data_graph(data, m)->input_count;
                at = alike ? find_array(data, file, other, i) : -1;
            }
            ql_code code = at < 0 ? no_array(data, file, m, i, err) : bind(data, file, m, i, at, err);
            if (code) {
                return code;
            }
        }
    }
    for (int m = 0; m < data->model_count; m++) {
        for (int i = 0; i < ql_data_graph(data, m)->input_count; i++) {
            share_meaning(data, m, i);
        }
    }
    return QL_OK;
}

static ql_code read_labels(ql_dataset *data, ql_npz *file, ql_err *err)
{
    int at = ql_npz_find(file, data->options.labels);
    const void *values;
    if (at < 0) {
        char list[200];
        list_arrays(file, list, sizeof list);
        return ql_fail(err, QL_E_FIT, "no array '%.60s' for the labels: the file has %s",
                       data->options.labels, list);
    }
    const ql_array *array = ql_npz_at(file, at);
    if (array->count < data->available || !ql_convertible(array->type) || array->count != array->dims[0]) {
        return ql_fail(err, QL_E_FIT, "labels '%.60s' of %zu elements: one number a sample is required, %llu",
                       array->name, array->count, (unsigned long long)data->available);
    }
    ql_code code = ql_npz_load(file, at, &values, err);
    data->labels = code ? NULL : QL_TAKE(&data->arena, array->count, int64_t);
    if (!data->labels) {
        return code ? code : ql_fail_memory(err, array->count * sizeof *data->labels);
    }
    const ql_tensor plain = {.type = QL_I64};
    ql_view view = {.tensor = &plain,
                    .type = QL_I64,
                    .count = array->count,
                    .bytes = array->count * sizeof(int64_t),
                    .data = data->labels};
    ql_convert(values, array->type, 0, &view);
    return QL_OK;
}

/* Which file it was: for results. */
static ql_code hash(ql_dataset *data, ql_err *err)
{
    static const size_t step = 1 << 16;
    FILE *file = strcmp(data->spec, "-") ? fopen(data->spec, "rb") : NULL;
    char *bytes = file ? malloc(step) : NULL;
    ql_sha256 sha;
    ql_sha256_start(&sha);
    for (size_t got = 1; bytes && got;) {
        got = fread(bytes, 1, step, file);
        ql_sha256_add(&sha, bytes, got);
    }
    bool whole = bytes && !ferror(file);
    free(bytes);
    if (file) {
        fclose(file);
    }
    if (whole) {
        ql_sha256_hex(&sha, data->sha256);
    }
    return whole || !strcmp(data->spec, "-") ? QL_OK : ql_fail(err, QL_E_IO, "cannot be read");
}

static ql_code open_arrays(ql_dataset *data, ql_err *err)
{
    ql_npz *file;
    ql_code code = ql_npz_open(&file, data->spec, 0, err);
    if (code) {
        return code;
    }
    data->held = file;
    data->release = release;
    code = bind_all(data, file, err);
    code = !code && data->options.labels ? read_labels(data, file, err) : code;
    return code ? code : hash(data, err);
}

const ql_data_kind ql_data_arrays = {takes, open_arrays, NULL, NULL};
