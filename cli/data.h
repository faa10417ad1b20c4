/* What every command that reads samples has in common: its options, and the dataset they ask for. */
#ifndef QL_CLI_DATA_H
#define QL_CLI_DATA_H

#include "analyzer/analyzer.h"
#include "cli/command.h"

/* The option rows. */
#define QL_DATA_OPTIONS                                                                                      \
    {"data", 0, "DATA", "samples: a .npz or .npy file, a folder of images, or random[:N]", false},           \
        {"samples", 0, "N", "at most the first N samples", false},                                           \
        {"seed", 0, "S", "seed of random data", false},                                                      \
        {"signature", 0, "KEY", "the signature to run (default: the first subgraph)", false},                \
        {"resize", 0, "HxW", "images: size before the middle is cut out (default: the input's)", false},     \
        {"mean", 0, "M[,M..]", "images: taken from the pixels, 0 to 255, by channel (default: 0)", false},   \
    {                                                                                                        \
        "std", 0, "S[,S..]", "images: what they are then divided by (default: 1; neither: 255)", false       \
    }

/* Reads the fellows of --data into `options`, which holds what the command itself decides (labels, shard).
 * USAGE when --data is missing or an option malformed. */
ql_code ql_read_data(const ql_line *line, ql_data_options *options, ql_err *err);

/* Reads them and opens what --data asks for. Errors of both. */
ql_code ql_open_data(const ql_line *line, ql_data_options *options, const ql_model *const *models,
                     const int *subgraphs, int model_count, ql_dataset **data, ql_err *err);

/* The subgraph that --signature asks for, else 0. FIT: the model has no such signature (its keys are
 * listed). */
ql_code ql_find_subgraph(const ql_line *line, const ql_model *model, int *subgraph, ql_err *err);

#endif
