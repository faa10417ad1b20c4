/* What a comparison comes to, in words that every format uses. */
#ifndef QL_DIGEST_VERDICT_H
#define QL_DIGEST_VERDICT_H

#include "reports/digest/digest.h"
#include "reports/text/text.h"

/* By the SQNR of the whole model: from 30 dB, from 20, from 10, below; unknown without outputs to compare.
 * With labels at best by the accuracy lost: up to 1 point, up to 3, up to 10, more. */
typedef enum {
    QL_LEVEL_EQUAL,
    QL_LEVEL_CLOSE,
    QL_LEVEL_DRIFTS,
    QL_LEVEL_FAR,
    QL_LEVEL_BROKEN,
    QL_LEVEL_UNKNOWN
} ql_level;

typedef struct {
    ql_level level;
    double sqnr;                 /* dB, NaN when absent */
    double noise;                /* RMS error over RMS signal */
    double top1;                 /* share; NaN when absent */
    double reference, candidate; /* accuracies; NaN without labels */
    double samples;
    bool random; /* measured on noise */
} ql_verdict;

ql_verdict ql_verdict_of(const ql_digest *digest);

/* One word for styling ("close", "broken" ..), and the sentence without its full stop. */
const char *ql_level_word(ql_level level);
const char *ql_level_sentence(ql_level level);

/* The level of one tensor's SQNR. */
ql_level ql_level_of(double sqnr, bool exact);

/* "output SQNR 12.3 dB (errors are 24 % of the signal), top-1 agreement 96.2 %, accuracy 98.0 % -> 95.3 %" */
void ql_text_verdict_figures(ql_text *text, const ql_verdict *verdict);

/* That the error begins with the data, where it does: the candidate's input cannot hold them. Else nothing.
 */
void ql_text_input_warning(ql_text *text, const ql_digest *digest);

/* "19 of 20 activations paired (name 12, topology 7); 1 of the reference unpaired" */
void ql_text_pairing(ql_text *text, const ql_digest *digest);

#endif
