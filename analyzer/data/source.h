/* Inside data/: what the kinds of data have in common. */
#ifndef QL_DATA_SOURCE_H
#define QL_DATA_SOURCE_H

#include "analyzer/data/dataset.h"

/* Where an input of a model gets its values. */
typedef struct {
    const void *values; /* all samples one after the other; NULL: streamed, or drawn (random) */
    bool streamed;      /* from byte `base` of `file` on, sample after sample */
    int file;
    int64_t base;
    ql_type type;
    int array;     /* of the file: which one */
    size_t stride; /* elements a sample */
    int rank;      /* of one sample, as the input is given it */
    int32_t dims[QL_MAX_RANK];
    bool reshapes;    /* those dims are not the model's own */
    double low, high; /* random: the range to draw from */
    const ql_quant
        *quant; /* values are a quantized twin's own integers: what they stand for; NULL: real values */
} ql_source;

typedef struct ql_data_kind {
    bool (*takes)(const char *spec);
    ql_code (*open)(ql_dataset *data, ql_err *err); /* fills sources, available, labels */
    /* Feeds an input of `view->count == stride` elements; NULL: sources say all. Thread-safe. */
    ql_code (*feed)(const ql_dataset *data, uint64_t sample, int model, int input, ql_view *view,
                    ql_err *err);
    /* What of the samples is not in the dataset's own members; NULL: nothing. */
    void (*identify)(const ql_dataset *data, ql_sha256 *sha);
} ql_data_kind;

struct ql_dataset {
    const ql_data_kind *kind;
    const ql_isa *isa; /* that fills inputs */
    char *spec;
    ql_data_options options;
    const ql_model *const *models;
    const int *subgraphs;
    int model_count;
    ql_source **sources; /* by model, by input */
    uint64_t available;  /* samples that are there */
    uint64_t total, own; /* after the limit, and this shard's */
    int64_t *labels;
    char sha256[65];
    void *held; /* what the kind opened */
    void (*release)(void *held);
    ql_arena arena;
};

static inline const ql_subgraph *ql_data_graph(const ql_dataset *data, int model)
{
    return &data->models[model]->subgraphs[data->subgraphs[model]];
}

static inline const ql_tensor *ql_data_input(const ql_dataset *data, int model, int input)
{
    const ql_subgraph *graph = ql_data_graph(data, model);
    return &graph->tensors[graph->inputs[input]];
}

extern const ql_data_kind ql_data_arrays; /* .npz and .npy files */
extern const ql_data_kind ql_data_random; /* random[:N] */
extern const ql_data_kind ql_data_images; /* folders of images */

#endif
