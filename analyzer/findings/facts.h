/* What the rules of compare's findings look at: the pairs of a filled result, as numbers. */
#ifndef QL_FINDINGS_FACTS_H
#define QL_FINDINGS_FACTS_H

#include "analyzer/json/json.h"

enum { QL_MAX_FACT_INPUTS = 8 };

/* One pair. Figures that do not exist are NaN; indices that do not, -1. */
typedef struct {
    ql_json *pair;
    const char *name, *op, *dtype;
    const char *activation; /* that the operator ends in, fused or itself: "RELU6"; "" = none known */
    int op_index, tensor;
    int input_count, inputs[QL_MAX_FACT_INPUTS]; /* facts of the tensors its operator reads */
    int reader, readers;                 /* a fact whose operator reads this tensor, and how many do */
    bool quantized;                      /* an integer with one scale: the following three hold */
    double scale, zero, lowest, highest; /* the real values that the type can hold */
    double min, max, p_low, p_high;      /* of the reference: ends, and 0.1 and 99.9 % */
    double rmse, sqnr, local_sqnr, rmse_over_scale, local_rmse_over_scale, saturated;
    double inherited; /* lowest SQNR among its operator's inputs */
    int levels;       /* 8-bit values in use, -1 = not known */
    const ql_json *channel_min, *channel_max, *channel_sqnr;
    int channels;
} ql_fact;

typedef struct {
    const ql_json *result;
    ql_fact *list;
    int count;
} ql_facts;

/* Reads the facts of a result whose figures are filled in; NOMEM. Release with ql_facts_free. */
ql_code ql_facts_read(ql_facts *facts, const ql_json *result, ql_err *err);
void ql_facts_free(ql_facts *facts);

/* Of a quantized tensor with channels: how many channels' whole range covers fewer than `levels` steps of the
 * scale, and the ratio of the widest channel's range to the median's. */
int ql_fact_poor_channels(const ql_fact *fact, double levels);
double ql_fact_channel_spread(const ql_fact *fact);

/* The channels that span more than `times` the median channel's range. */
typedef struct {
    int count, widest;          /* how many, and the index of the widest of all channels */
    double median, low, high;   /* the median range; ends of the widest channel */
    double rest_low, rest_high; /* ends of all channels but those counted */
} ql_wide_channels;

ql_wide_channels ql_fact_wide_channels(const ql_fact *fact, double times);

/* What the reference's values span, 0 included, as every quantized range holds it; and the range's width. */
double ql_fact_span(const ql_fact *fact);
double ql_fact_width(const ql_fact *fact);

/* Does the tensor only hand on the scale and zero point of what its operator reads? */
bool ql_fact_hands_on(const ql_facts *facts, const ql_fact *fact);

/* What SQNR the operator loses against its worst input; 0 where that is not known. */
double ql_fact_lost(const ql_fact *fact);

/* The graph's input, or the QUANTIZE behind it: what the data themselves were calibrated for. */
bool ql_fact_is_input(const ql_facts *facts, const ql_fact *fact);

/* Is the output's scale that of the operator's definition? */
bool ql_fact_has_fixed_output(const ql_fact *fact);

/* Figures of the whole result, NaN where there is none; and whether the models disagree: by classes where
 * there are classes, else by the signal. */
double ql_facts_whole_sqnr(const ql_facts *facts);
double ql_facts_top1(const ql_facts *facts);
bool ql_facts_outputs_differ(const ql_facts *facts);

/* Channels on which the reference never moves. */
int ql_fact_dead_channels(const ql_fact *fact);

#endif
