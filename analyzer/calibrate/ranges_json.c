#include "analyzer/calibrate/ranges.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void put_bound(ql_doc *d, ql_json *entry, const char *key, int rank, float value)
{
    ql_json *inner = entry;
    const char *name = key;
    for (int i = 0; i < rank; i++) {
        inner = ql_put_array(d, inner, name);
        name = NULL;
    }
    ql_put_float(d, inner, name, value);
}

static char *name_of(const ql_tensor *tensor)
{
    char *name = malloc(tensor->name.length + 1);
    if (name) {
        memcpy(name, tensor->name.text, tensor->name.length);
        name[tensor->name.length] = 0;
    }
    return name;
}

static void put_range(ql_doc *d, ql_json *all, const ql_tensor *tensor, ql_tensor_range range)
{
    char *name = name_of(tensor);
    if (!name) {
        d->failed = true;
        return;
    }
    if (!ql_json_get(all, name)) {
        ql_json *entry = ql_put_object(d, all, name);
        put_bound(d, entry, "min", tensor->rank, range.min);
        put_bound(d, entry, "max", tensor->rank, range.max);
    }
    free(name);
}

ql_code ql_ranges_document(const ql_ranges *ranges, const ql_model *model, int subgraph, const char *method,
                           ql_json **document, ql_err *err)
{
    ql_doc d = {0};
    ql_json *root = *document = ql_json_object(&d), *all = ql_put_object(&d, root, "model_qsvs");
    for (int t = 0; t < ranges->count; t++) {
        if (ranges->tensors[t].seen) {
            put_range(&d, all, &model->subgraphs[subgraph].tensors[t], ranges->tensors[t]);
        }
    }
    ql_json *metadata = ql_put_object(&d, root, "metadata");
    ql_put_count(&d, metadata, "num_samples_calibrated", ranges->samples);
    ql_put_text(&d, metadata, "method", method);
    ql_code code = ql_doc_check(&d, err);
    if (code) {
        ql_json_free(root);
        *document = NULL;
    }
    return code;
}

ql_code ql_ranges_save(const ql_ranges *ranges, const ql_model *model, int subgraph, const char *method,
                       const char *path, ql_err *err)
{
    ql_json *document = NULL;
    ql_code code = ql_ranges_document(ranges, model, subgraph, method, &document, err);
    code = code ? code : ql_json_write(document, path, err);
    ql_json_free(document);
    return code;
}

/* The one number inside the arrays. */
static bool read_bound(const ql_json *entry, const char *key, float *value)
{
    const ql_json *inner = ql_json_get(entry, key);
    double number;
    for (int depth = 0; depth < QL_MAX_RANK && ql_json_is_array(inner); depth++) {
        inner = ql_json_size(inner) == 1 ? ql_json_at(inner, 0) : NULL;
    }
    if (!ql_json_number(inner, &number) || !isfinite(number)) {
        return false;
    }
    *value = (float)number;
    return isfinite(*value);
}

static ql_code read_range(const ql_json *all, const ql_tensor *tensor, int index, ql_tensor_range *range,
                          ql_err *err)
{
    char *name = name_of(tensor);
    if (!name) {
        return ql_fail_memory(err, tensor->name.length);
    }
    const ql_json *entry = ql_json_get(all, name);
    free(name);
    if (!entry || tensor->type != QL_F32 || tensor->data) {
        return QL_OK;
    }
    range->seen = true;
    if (!read_bound(entry, "min", &range->min) || !read_bound(entry, "max", &range->max) ||
        range->min > range->max) {
        ql_fail(err, QL_E_FORMAT, "a range must have a finite min and max, one of each, in that order");
        return ql_at_tensor_of(err, tensor, index);
    }
    return QL_OK;
}

ql_code ql_ranges_load(ql_ranges *ranges, const ql_model *model, int subgraph, const char *path, ql_err *err)
{
    const ql_subgraph *graph = &model->subgraphs[subgraph];
    ql_json *root = NULL;
    ql_code code = ql_json_read(&root, path, err);
    const ql_json *all = ql_json_get(root, "model_qsvs");
    if (!code && !ql_json_is_object(all)) {
        code = ql_fail(err, QL_E_FORMAT, "no object model_qsvs: a calibration result is required");
    }
    int found = 0;
    for (int t = 0; t < graph->tensor_count && !code; t++) {
        code = read_range(all, &graph->tensors[t], t, &ranges->tensors[t], err);
        found += ranges->tensors[t].seen;
    }
    if (!code && !found) {
        code = ql_fail(err, QL_E_FIT, "none of its %d names is a tensor of the model", ql_json_size(all));
    }
    if (!code) {
        ranges->samples =
            (uint64_t)fmax(0, ql_json_get_number(ql_json_get(root, "metadata"), "num_samples_calibrated", 0));
    }
    ql_json_free(root);
    return code ? (ql_at_file(err, path), code) : QL_OK;
}
