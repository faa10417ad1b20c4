/* What a gate finds in a document: a reading for each thing it speaks of. */
#ifndef QL_GATES_READING_H
#define QL_GATES_READING_H

#include "analyzer/gates/expr.h"
#include "analyzer/gates/noise.h"

typedef struct {
    double value;         /* infinite: dB of a tensor without any error; NaN: there is none, see `missing` */
    ql_interval interval; /* where more samples would put it */
    const char *name;     /* the tensor's; NULL: not about one */
    int op;               /* its operator in the candidate, -1: none */
    char missing[120];    /* why there is no value */
} ql_reading;

typedef struct {
    ql_reading *list;
    int count, capacity;
    bool refused; /* memory was: the list is not whole */
} ql_readings;

void ql_readings_free(ql_readings *readings);

/* Appends what `gate` finds in `doc`. Of any and /regex/ those tensors count that the figure is about: not,
 * for `local`, a tensor without an operator, nor for `rmse_over_scale` and `saturated` one without a single
 * scale. Names point into the document. UNSUPPORTED: a regular expression takes too long. */
ql_code ql_readings_take(ql_readings *readings, const ql_gate *gate, const ql_json *doc, ql_err *err);

/* The reading of one figure of a pair. */
ql_reading ql_reading_of_pair(const ql_json *pair, const char *figures, const char *metric);

/* `whole`.`sqnr_db`, `agreement`.`item` (in percent), `agreement`.`accuracy`.`item` (in percent; "drop" in
 * points), `size`: bytes of a model, and how many findings have a severity or a code. */
ql_reading ql_reading_of_whole(const ql_json *doc);
ql_reading ql_reading_of_agreement(const ql_json *doc, const char *item);
ql_reading ql_reading_of_accuracy(const ql_json *doc, const char *item);
ql_reading ql_reading_of_size(const ql_json *doc, const char *item);
ql_reading ql_reading_of_findings(const ql_json *doc, const char *member, const char *text);

#endif
