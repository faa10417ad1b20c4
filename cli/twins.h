/* A float model, its quantized twin and data: what compare, whatif and suggest begin with. */
#ifndef QL_CLI_TWINS_H
#define QL_CLI_TWINS_H

#include "cli/data.h"
#include "cli/memory.h"

typedef struct {
    const ql_line *line;
    ql_model *models[2];
    int subgraphs[2];
    ql_dataset *data;
    ql_arena arena;
    ql_pairing pairing;
    ql_data_options choice; /* what the line says of the data */
    ql_engine_options engine;
    ql_memory memory;
} ql_twins;

/* Opens the two models of the line's operands and its --data, pairs them, and reads the engine's options;
 * whatever option a command does not have is as if it was not given. FIT when they have no tensor in common.
 */
ql_code ql_twins_open(ql_twins *twins, const ql_line *line, ql_err *err);
void ql_twins_close(ql_twins *twins);

/* The option rows that all commands on twins share. */
#define QL_TWINS_OPTIONS                                                                                     \
    QL_DATA_OPTIONS,                                                                                         \
        {"labels", 0, "NAME", "the data's array of labels, for accuracy; of images: folder", false},         \
        {"numerics", 0, "PROFILE", "whose kernels' bits (default: litert-ref)", false},                      \
        {"threads", 'j', "N", "threads (default: all cores)", false}, QL_MEMORY_OPTION

#endif
