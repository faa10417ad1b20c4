/* random[:N]: seeded noise over each input's range. */
#include "analyzer/data/source.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_SAMPLES = 16 };

static bool takes(const char *spec)
{
    return !strcmp(spec, "random") || !strncmp(spec, "random:", 7);
}

/* The real values a quantized input stands for; floats without any hint: -1 .. 1. */
static void range_of(const ql_tensor *tensor, ql_source *source)
{
    int32_t lowest, highest;
    source->low = -1;
    source->high = 1;
    if (tensor->quant.scale_count && ql_type_range(tensor->type, &lowest, &highest)) {
        double scale = (double)tensor->quant.scale[0], zero = (double)tensor->quant.zero_point[0];
        source->low = scale * (lowest - zero);
        source->high = scale * (highest - zero);
    }
}

static ql_code open_random(ql_dataset *data, ql_err *err)
{
    char none = 0, *end = &none;
    data->available = DEFAULT_SAMPLES;
    if (data->spec[6] == ':') {
        data->available = strtoull(data->spec + 7, &end, 10);
    }
    if (*end || !data->available || data->available > UINT32_MAX) {
        return ql_fail(err, QL_E_USAGE, "random:N needs a number of samples above 0");
    }
    for (int m = 0; m < data->model_count; m++) {
        for (int i = 0; i < ql_data_graph(data, m)->input_count; i++) {
            range_of(ql_data_input(data, m, i), &data->sources[m][i]);
        }
    }
    /* twins see the same noise: that of whichever knows its range */
    for (int m = 1; m < data->model_count; m++) {
        for (int i = 0; i < ql_data_graph(data, m)->input_count && i < ql_data_graph(data, 0)->input_count;
             i++) {
            bool known = ql_data_input(data, m, i)->quant.scale_count > 0;
            data->sources[known ? 0 : m][i] = data->sources[known ? m : 0][i];
        }
    }
    if (data->options.labels) {
        return ql_fail(err, QL_E_FIT, "random data have no labels");
    }
    return QL_OK;
}

const ql_data_kind ql_data_random = {takes, open_random, NULL, NULL};
