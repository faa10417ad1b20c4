/* Inside metrics only: formulas that hold for one sample's sums and for all samples'. NaN: absent. */
#ifndef QL_METRICS_FIGURES_H
#define QL_METRICS_FIGURES_H

/* 10 log10(signal / noise); absent when either is 0. */
double ql_decibel(double signal, double noise);

/* fq / sqrt(ff * qq) within [-1, 1]; absent when ff and qq are both 0, 0 when one is. */
double ql_cosine(double fq, double ff, double qq);

/* A figure too large for double (only sums read from elsewhere give one) is absent. */
double ql_finite(double figure);

#endif
