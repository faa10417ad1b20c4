/* A dataset: the samples a command is given, whatever file they come from. Adding a kind of file is one row
 * of the kinds table in dataset.c.
 *
 * What is asked for at opening is checked there; feeding is thread-safe (each call only reads).
 */
#ifndef QL_DATA_DATASET_H
#define QL_DATA_DATASET_H

#include "runtime/runtime.h"

typedef struct ql_dataset ql_dataset;

enum { QL_IMAGE_CHANNELS = 4 };

/* How images become samples: resized to `height` x `width` (0: the input's size), the middle cut out, then
 * (pixel - mean) / std by channel with pixels from 0 to 255. Counts are 0 (not given), 1 (for all channels)
 * or the number of channels. With neither mean nor std: pixel / 255. */
typedef struct {
    int height, width;
    int means, stds;
    float mean[QL_IMAGE_CHANNELS], std[QL_IMAGE_CHANNELS];
} ql_image_options;

typedef struct {
    int64_t limit;         /* at most so many samples, the first ones; 0: all */
    int shard, shards;     /* of those, samples k with k % shards == shard (from 0); shards 0 means 1 */
    uint64_t seed;         /* of random data */
    const char *labels;    /* name of the array that holds labels, "folder" for images; NULL: none */
    const char *signature; /* names in the file are that signature's; NULL: the first subgraph's tensors */
    ql_image_options image;
} ql_data_options;

/* Opens `spec` (a file, a folder, "random[:N]") for the models that will be fed: `models` of them, each a
 * subgraph whose inputs may be named as the file names them. Inputs are told apart by the first model that
 * knows the name. IO: cannot be read; FORMAT: malformed; FIT: an input has no array, or one of the wrong
 * shape (the sentence lists what is there). */
ql_code ql_dataset_open(ql_dataset **data, const char *spec, const ql_model *const *models,
                        const int *subgraphs, int model_count, const ql_data_options *options, ql_err *err);
void ql_dataset_close(ql_dataset *data);

/* How many samples this shard has, and the number (from 0, over all shards) of its i-th. */
uint64_t ql_dataset_count(const ql_dataset *data);
uint64_t ql_dataset_sample(const ql_dataset *data, uint64_t i);

/* How many samples there are over all shards. */
uint64_t ql_dataset_total(const ql_dataset *data);

/* Writes sample number `sample` into graph input `input` of model `model` (index into what was opened):
 * `view` is the exec's view of it. Real values are converted with the input's scale and zero point, rounding
 * half away from zero and clipping; arrays of the input's own integer type go in as they are. */
ql_code ql_dataset_feed(const ql_dataset *data, uint64_t sample, int model, int input, ql_view *view,
                        ql_err *err);

/* The shape sample data has for that input when it differs from the model's in dimensions the model leaves
 * open; false when the model's own shape holds. `rank` and `dims` are then filled in. */
bool ql_dataset_shape(const ql_dataset *data, int model, int input, int *rank, int32_t *dims);

/* Do these two inputs get the same bytes for every sample? False where it is not known. */
bool ql_dataset_same(const ql_dataset *data, int model, int input, int other_model, int other_input);

/* The label of a sample; false when there are no labels. */
bool ql_dataset_label(const ql_dataset *data, uint64_t sample, int64_t *label);

/* Is it noise rather than data? */
bool ql_dataset_is_random(const ql_dataset *data);

/* "digits.npz", "random:16": what was opened, for results. The SHA-256 of the file's bytes as 64 hex digits,
 * "" for what is not one file. */
const char *ql_dataset_name(const ql_dataset *data);
const char *ql_dataset_sha256(const ql_dataset *data);

/* Adds to `sha` all that decides what the samples are: the file, the choice of samples, how they are made and
 * labelled. Of images their names, sizes and times. */
void ql_dataset_identify(const ql_dataset *data, ql_sha256 *sha);

#endif
