/* Every mode of post-training quantization, made from one float model and measured side by side, and which of
 * them to take: the decision tree, walked with measured figures instead of expected ones. */
#ifndef QL_MODES_MODES_H
#define QL_MODES_MODES_H

#include "analyzer/calibrate/calibrate.h"
#include "analyzer/rewrite/quantize.h"
#include "analyzer/whatif/whatif.h"

/* Multiply-accumulates by what they run on. */
typedef struct {
    uint64_t f32, i8, i16, hybrid, other;
} ql_macs_by_type;

/* Of one run of the model's subgraph, at the shapes the model has. Errors of opening an exec. */
ql_code ql_count_macs(const ql_model *model, int subgraph, ql_macs_by_type *macs, ql_err *err);

/* One way to quantize: a row of the table in modes.c. */
typedef struct {
    const char *name; /* as in documents: "int8", "int8-fallback" ... */
    const char *what; /* for people */
    ql_quantize_mode mode;
    ql_type io;
    bool integer_only; /* an operator that would stay float refuses the mode */
} ql_mode_row;

int ql_mode_count(void);
const ql_mode_row *ql_mode_at(int i);

typedef struct {
    const ql_mode_row *row;
    char refused[256]; /* why it could not be made; "": it was */
    size_t bytes;      /* of the written model */
    ql_whatif_figures figures;
    ql_macs_by_type macs;
    int float_operators; /* left in float though the mode makes integers of what it can */
    int boundaries; /* QUANTIZE and DEQUANTIZE operators between formats, those of inputs and outputs included
                     */
} ql_mode_figures;

typedef struct {
    const ql_model *model;
    int subgraph;
    const char *data, *calib; /* as --data; calib NULL: the same */
    ql_data_options choice, calib_choice;
    ql_calibration method;
    bool compat; /* calibrate as TensorFlow 2.21's converter does */
    const ql_numerics *numerics;
    int threads;
    ql_memory *memory; /* counts tensors and models, and bounds them; NULL: no bound */
    bool (*progress)(void *user, uint64_t done, uint64_t total); /* false: stop. May be NULL */
    bool (*stop)(void *user, uint64_t work);                     /* May be NULL */
    void *user;
} ql_modes_options;

/* What one question of the tree was answered with. */
typedef struct {
    char question[160], answer[200];
    bool yes;
} ql_mode_step;

/* The mode for one kind of target; `row` NULL: none holds. */
typedef struct {
    const char *target;
    const ql_mode_row *row;
    char reason[320];
} ql_mode_advice;

enum { QL_MODE_STEPS = 8, QL_MODE_TARGETS = 3, QL_MODE_MOST = 8 };

typedef struct {
    ql_mode_figures modes[QL_MODE_MOST]; /* ql_mode_count of them, float first */
    int count;
    uint64_t samples;
    bool noise, labels, classes; /* noise: the data is random; classes: outputs have at least two */
    double tolerance;            /* points of accuracy (or agreement) that may be lost */
    ql_mode_step steps[QL_MODE_STEPS];
    int step_count;
    ql_mode_advice best, targets[QL_MODE_TARGETS];
} ql_modes_result;

/* Makes and measures all modes. Modes that cannot be made are rows with the reason; errors are those of data
 * and running. */
ql_code ql_modes_measure(const ql_modes_options *options, ql_modes_result *result, ql_err *err);

/* Fills in steps and advice. A mode holds when it loses at most `tolerance` percentage points of accuracy,
 * without labels of agreement with the float model; of outputs that are no classes: when their SQNR is at
 * least 30 dB. */
void ql_modes_advise(ql_modes_result *result, double tolerance);

/* Schema qloupe.modes/1. Yours. */
ql_code ql_modes_document(const ql_modes_result *result, const ql_modes_options *options, ql_json **document,
                          ql_err *err);

#endif
