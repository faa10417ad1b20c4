/* A few pairs of values out of very many, to look at: a random sample of the elements of all samples, each
 * as likely as the next. As everything here it depends only on what was added, not on the order or the
 * split: what is kept are the elements whose draw, a hash of the sample's number and a counter, is least.
 *
 * All bytes zero is empty. Elements that are not finite on either side are never kept. */
#ifndef QL_METRICS_SCATTER_H
#define QL_METRICS_SCATTER_H

#include "metrics/raw.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QL_SCATTER_POINTS = 160 };

typedef struct {
    uint64_t draw;
    float f, q;
} ql_scatter_point;

typedef struct {
    size_t count;
    ql_scatter_point points[QL_SCATTER_POINTS]; /* the least draw first */
} ql_scatter;

/* What is drawn of one sample, of whatever tensor. */
typedef struct {
    uint64_t sample, least;
    uint64_t draw[QL_SCATTER_POINTS];
} ql_scatter_draws;

void ql_scatter_draw(ql_scatter_draws *draws, uint64_t sample);

/* Draws from the sample's n elements of the reference f and the candidate q. */
void ql_scatter_add(ql_scatter *scatter, const ql_scatter_draws *draws, const float *f, const ql_raw *q,
                    size_t n);
void ql_scatter_merge(ql_scatter *into, const ql_scatter *from);

/* Text as ql_stats_write's: one line, safe in JSON. Call with NULL, 0 to learn the length. */
size_t ql_scatter_write(const ql_scatter *scatter, char *out, size_t size);

/* Reads exactly what ql_scatter_write writes; false, with *scatter empty, for anything else. */
bool ql_scatter_parse(ql_scatter *scatter, const char *text, size_t length);

#endif
