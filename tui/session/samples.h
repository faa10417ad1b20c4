/* Figures of single samples, gathered while a comparison of this session runs. */
#ifndef QL_SESSION_SAMPLES_H
#define QL_SESSION_SAMPLES_H

#include "reports/reports.h"

/* One sample's first output. Classes are -1 where the output is no row of scores. */
typedef struct {
    uint64_t sample;
    double sqnr; /* dB; +HUGE_VAL: equal */
    double max_abs;
    int reference, candidate; /* the class of the highest score */
    double agreement;         /* share of the output's rows with the same class */
    int64_t label;            /* -1: none */
} ql_sample;

/* In the order they came. */
typedef struct {
    ql_sample *list;
    int count, room;
} ql_samples;

ql_sample ql_sample_of(const ql_sample_scores *scores);

/* Adds a sample; without memory it is left out. */
void ql_samples_add(ql_samples *samples, const ql_sample *sample);
void ql_samples_free(ql_samples *samples);

/* Does the candidate name another class than the label says, or, without one, than the reference does? */
bool ql_sample_is_wrong(const ql_sample *sample);

/* The order that a list of samples may have. */
typedef enum { QL_BY_SQNR, QL_BY_CLASS, QL_BY_NUMBER, QL_SAMPLE_ORDERS } ql_sample_order;

/* Writes the places in the list into `order`: by SQNR the lowest first; by class those that the candidate
 * alone gets wrong first, then those both do; by number. */
void ql_samples_order(const ql_samples *samples, ql_sample_order by, int *order);

#endif
