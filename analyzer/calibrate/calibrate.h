/* Calibration: one pass of a float model over samples, and the range of each of its float tensors. */
#ifndef QL_CALIBRATE_CALIBRATE_H
#define QL_CALIBRATE_CALIBRATE_H

#include "analyzer/calibrate/method.h"
#include "analyzer/data/dataset.h"

typedef struct {
    const ql_model *model;
    int subgraph;
    const ql_dataset *data; /* opened for `model` as its first model */
    ql_calibration method;
    int levels;        /* of the type that will hold the values, 256 or 65536; for methods that ask */
    ql_memory *memory; /* counts tensors, and bounds them; NULL: no bound */
    const ql_numerics *numerics; /* NULL: what TensorFlow 2.21's converter calibrates on, litert-opt-mt */
    bool compat;                 /* widen ranges as that converter does (ql_ranges_widen) */
    bool (*progress)(void *user, uint64_t done, uint64_t total); /* false: stop. May be NULL */
    void *user;
} ql_calibrate_options;

/* Fills ranges (which ql_ranges_init made), one a tensor of the subgraph; constants and what is not float32
 * stay unseen. Errors of feeding and running. */
ql_code ql_calibrate(const ql_calibrate_options *options, ql_ranges *ranges, ql_err *err);

#endif
