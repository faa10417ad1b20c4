#include "cli/data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "256x320" or "256". */
static ql_code read_size(const ql_line *line, ql_image_options *image, ql_err *err)
{
    const char *text = ql_line_value(line, "resize");
    int height = 0, width = 0, end = 0, square = 0;
    if (!text) {
        return QL_OK;
    }
    int fields = sscanf(text, "%5d%n%*[xX]%5d%n", &height, &square, &width, &end);
    width = fields == 1 && !text[square] ? height : width;
    end = fields == 1 ? square : end;
    if (fields < 1 || text[end] || height < 1 || width < 1) {
        return ql_fail(err, QL_E_USAGE,
                       "%s: --resize '%.40s': HEIGHTxWIDTH or one number for both is required",
                       line->command->name, text);
    }
    image->height = height;
    image->width = width;
    return QL_OK;
}

/* "127.5" or "123.7,116.3,103.5". */
static ql_code read_channels(const ql_line *line, const char *name, double low, float *values, int *count,
                             ql_err *err)
{
    const char *text = ql_line_value(line, name), *at = text;
    bool more = text != NULL;
    for (*count = 0; more && *count < QL_IMAGE_CHANNELS; at++) {
        char *end;
        double value = strtod(at, &end);
        if (end == at || !isfinite(value) || !(value > low) || fabs(value) > 1e30) {
            break;
        }
        values[(*count)++] = (float)value;
        at = end;
        more = *end == ',';
        if (!*end) {
            return QL_OK;
        }
    }
    return text ? ql_fail(err, QL_E_USAGE, "%s: --%s '%.40s': numbers%s are required, one, or one a channel",
                          line->command->name, name, text, low < 0 ? "" : " above 0")
                : QL_OK;
}

static ql_code read_image(const ql_line *line, ql_image_options *image, ql_err *err)
{
    ql_code code = read_size(line, image, err);
    code = code ? code : read_channels(line, "mean", -HUGE_VAL, image->mean, &image->means, err);
    return code ? code : read_channels(line, "std", 0, image->std, &image->stds, err);
}

ql_code ql_read_data(const ql_line *line, ql_data_options *options, ql_err *err)
{
    int64_t seed;
    if (!ql_line_has(line, "data")) {
        return ql_fail(err, QL_E_USAGE, "%s needs --data DATA: see qloupe %s --help", line->command->name,
                       line->command->name);
    }
    options->signature = ql_line_value(line, "signature");
    ql_code code = ql_line_int(line, "samples", 1, INT64_MAX, 0, &options->limit, err);
    code = code ? code : ql_line_int(line, "seed", 0, INT64_MAX, 0, &seed, err);
    code = code ? code : read_image(line, &options->image, err);
    options->seed = (uint64_t)(code ? 0 : seed);
    return code;
}

ql_code ql_open_data(const ql_line *line, ql_data_options *options, const ql_model *const *models,
                     const int *subgraphs, int model_count, ql_dataset **data, ql_err *err)
{
    ql_code code = ql_read_data(line, options, err);
    return code ? code
                : ql_dataset_open(data, ql_line_value(line, "data"), models, subgraphs, model_count, options,
                                  err);
}

static void list_keys(const ql_model *model, char *out, size_t size)
{
    size_t used = 0;
    out[0] = 0;
    for (int i = 0; i < model->signature_count && used + 48 < size; i++) {
        char key[41];
        ql_str name = model->signatures[i].key;
        ql_escape(key, sizeof key, name.text, name.length);
        used += (size_t)snprintf(out + used, size - used, "%s'%s'", i ? ", " : "", key);
    }
}

ql_code ql_find_subgraph(const ql_line *line, const ql_model *model, int *subgraph, ql_err *err)
{
    const char *key = ql_line_value(line, "signature");
    const ql_signature *signature = key ? ql_model_signature(model, key) : NULL;
    if (key && !signature) {
        char list[200];
        list_keys(model, list, sizeof list);
        ql_fail(err, QL_E_FIT, "no signature '%.60s': the model has %s", key, *list ? list : "none");
        return ql_at_file(err, model->path);
    }
    *subgraph = signature ? signature->subgraph : 0;
    return QL_OK;
}
