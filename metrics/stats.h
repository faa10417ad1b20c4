/* Error statistics of one tensor: a candidate q (dequantized) against a reference f, over many samples.
 *
 * One pass, memory that does not grow, and a state that depends only on the multiset of (sample index, data):
 * samples may be added in any order, on any thread, into any number of ql_stats that are merged as any tree;
 * the written text and every figure are the same bits. (So threads may also share one ql_stats behind a
 * lock.)
 *
 * Within one call sums are plain doubles in one fixed order; across calls they are exact. A sample's tensor
 * must therefore be one call, and each sample index be added once.
 *
 * Not finite: an element that is NaN or infinite in f or in q is counted apart and enters nothing else.
 * All bytes zero is empty; a ql_stats owns no memory (it is about 40 KB: not for small stacks). */
#ifndef QL_METRICS_STATS_H
#define QL_METRICS_STATS_H

#include "metrics/channels.h"
#include "metrics/exact.h"
#include "metrics/hist.h"
#include "metrics/moments.h"
#include "metrics/raw.h"

/* X(name): the sums over all elements, e = q - f in double */
#define QL_SUMS(X)                                                                                           \
    X(FF)                                                                                                    \
    X(QQ)                                                                                                    \
    X(FQ)                                                                                                    \
    X(E)                                                                                                     \
    X(ABS_E)                                                                                                 \
    X(EE)

typedef enum {
#define QL_SUM_ENUM(name) QL_SUM_##name,
    QL_SUMS(QL_SUM_ENUM)
#undef QL_SUM_ENUM
        QL_SUM_COUNT
} ql_sum;

/* Figures each sample has, kept as mean and variance over samples: the sample's own sum e^2 / n, its SQNR in
 * dB, its cosine, its largest |e|; defined and absent as the metrics of these names are. */
typedef enum {
    QL_SAMPLE_MSE,
    QL_SAMPLE_SQNR_DB,
    QL_SAMPLE_COSINE,
    QL_SAMPLE_MAX_ABS,
    QL_SAMPLE_COUNT
} ql_sample_figure;

/* The worst sample of a figure and its value (largest, of SQNR and cosine smallest): the least sample of
 * equal ones. Meaningful where per_sample has counted one. */
typedef struct {
    double value;
    uint64_t sample;
} ql_worst;

/* An element's place and value; the least sample, then the least element, of those with equal values. */
typedef struct {
    double value;
    uint64_t sample, element;
} ql_place;

typedef struct {
    uint64_t samples;                    /* calls, those with no (finite) element too */
    uint64_t count;                      /* elements finite on both sides */
    uint64_t nan_f, inf_f, nan_q, inf_q; /* elements that are not, by side; one may count on both sides */
    uint64_t raw_count, at_min, at_max;  /* raw integers seen, and those at their limits */
    ql_place max_abs;                    /* largest |e|; meaningful when count > 0 */
    ql_exact sum[QL_SUM_COUNT];
    ql_moments per_sample[QL_SAMPLE_COUNT];
    ql_worst worst[QL_SAMPLE_COUNT];
    ql_hist f, q; /* with one k; min and max of each are here */
} ql_stats;

/* Makes an empty ql_stats fold its histograms; others stay as they are. */
void ql_stats_fold(ql_stats *stats);

/* Adds sample number `sample`: n elements of the reference f and the candidate q. */
void ql_stats_add(ql_stats *stats, uint64_t sample, const float *f, const float *q, size_t n);

/* What is known beforehand, and what else is filled on the way; all bytes zero is nothing. */
typedef struct {
    const ql_levels *levels; /* all those of q's values; NULL: not counted */
    ql_hist *errors;         /* takes each e; NULL: not wanted */
    ql_channel *channels;    /* of the last axis, as ql_channels_add fills them; NULL: not wanted */
    size_t channel_count;    /* divides n */
    bool as_noise;           /* sums to the last bit those of ql_noise: slower where there are channels */
    ql_stats *other;         /* takes q against `other_f` in the same pass; NULL: not wanted */
    const float *other_f;
} ql_stats_also;

/* The same of candidate values as they are kept; the state is that of the floats. (With channels the sums are
 * made in another order than without, unless as_noise.) */
void ql_stats_add_values(ql_stats *stats, uint64_t sample, const float *f, const ql_raw *q, size_t n,
                         const ql_stats_also *also);

/* Counts how many of the n raw integers (host byte order; not floats) are at or beyond qmin and qmax. */
void ql_stats_add_raw(ql_stats *stats, ql_raw_type type, const void *raw, size_t n, int qmin, int qmax);

/* The same for integers the caller counted. */
void ql_stats_add_limits(ql_stats *stats, uint64_t n, uint64_t at_min, uint64_t at_max);

void ql_stats_merge(ql_stats *into, const ql_stats *from);

/* A sum rounded once; 0 when empty. */
double ql_stats_sum(const ql_stats *stats, ql_sum which);

/* One line of printable ASCII without quotes or backslashes, fit for a JSON string; one state has one text.
 * Size and result as ql_exact_write: call with NULL, 0 to learn the length. */
size_t ql_stats_write(const ql_stats *stats, char *out, size_t size);

/* Reads exactly what ql_stats_write writes; false, with *stats empty, for anything else and for counts and
 * limits that contradict each other. */
bool ql_stats_parse(ql_stats *stats, const char *text, size_t length);

#endif
