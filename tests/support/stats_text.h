/* Statistics with the histogram of their errors as one text, to be compared. */
#ifndef QL_TESTS_STATS_TEXT_H
#define QL_TESTS_STATS_TEXT_H

#include "metrics/metrics.h"
#include "tests/support/suite.h"

#include <stdlib.h>

/* Released with free. */
static inline char *stats_text(const ql_stats *stats, const ql_hist *errors)
{
    size_t length = ql_stats_write(stats, NULL, 0), rest = ql_hist_write(errors, NULL, 0);
    char *text = malloc(length + rest + 2);
    ck_assert_ptr_nonnull(text);
    ql_stats_write(stats, text, length + 1);
    text[length] = ' ';
    ql_hist_write(errors, text + length + 1, rest + 1);
    return text;
}

#endif
