/* How far a figure may lie from what more samples would give: 95 % intervals, from a document's figures. */
#ifndef QL_GATES_NOISE_H
#define QL_GATES_NOISE_H

#include "analyzer/json/json.h"

typedef struct {
    double low, high; /* NaN: not known */
} ql_interval;

extern const ql_interval ql_no_interval;

/* Half the width; NaN when it is not known. */
double ql_interval_half(ql_interval interval);

/* The interval of a pair's cumulative figure by metric id, around `value`: the half width over samples
 * (`per_sample`) of sqnr_db, mse and cosine; of rmse, rmse_over_scale, psnr_db and rel_l2 what follows from
 * it to first order. Others are no averages, or nothing is known: none. */
ql_interval ql_interval_of_metric(const ql_json *pair, const char *metric, double value);

/* Wilson's interval of a share of `count` trials, as a share; none without trials. */
ql_interval ql_interval_of_share(double share, double count);

/* Newcombe's interval of a - b, two shares of `count` trials each, as if the trials were not the same. */
ql_interval ql_interval_of_difference(double a, double b, double count);

/* Agresti and Min's interval of the same for paired trials, of which `only_a` and `only_b` came out
 * differently (McNemar's counts). */
ql_interval ql_interval_of_paired(double only_a, double only_b, double count);

#endif
