/* Ways to choose a tensor's range from what it was seen to hold; one row of the table in method.c each. */
#ifndef QL_CALIBRATE_METHOD_H
#define QL_CALIBRATE_METHOD_H

#include "analyzer/calibrate/ranges.h"
#include "metrics/metrics.h"

typedef struct {
    const char *name;
    double fallback, lowest, highest; /* the number after the colon; lowest == highest: takes none */
    bool average; /* a moving average of the samples' ranges, in their order; the number is its memory */
    /* The range chosen from a histogram, inside the range seen; NULL: just what was seen. `levels`: of the
     * quantized type. */
    ql_tensor_range (*choose)(const ql_hist *hist, ql_tensor_range seen, double number, int levels);
} ql_calibration_row;

typedef struct {
    const ql_calibration_row *row;
    double number;
} ql_calibration;

/* "minmax", "moving-average:0.9", "percentile:99.9", "mse", "lp:2.4", "kl". USAGE with what is possible. */
ql_code ql_calibration_parse(ql_calibration *calibration, const char *text, ql_err *err);

#endif
