/* Inside reports/html only: the page, a file a part. */
#ifndef QL_HTML_HTML_H
#define QL_HTML_HTML_H

#include "reports/digest/digest.h"
#include "reports/digest/figure.h"
#include "reports/digest/verdict.h"
#include "reports/plot/plots.h"
#include "reports/text/escape.h"

enum { QL_PAGE_DRAWN = 12 }; /* tensors whose histograms gnuplot draws: the worst */

typedef struct {
    const ql_digest *digest;
    ql_text *out;
    ql_plot plots[1 + 2 * QL_PAGE_DRAWN]; /* the network, then values and error of the drawn rows */
    int plot_count;
    int drawn[QL_PAGE_DRAWN]; /* their rows */
    int drawn_count;
    const char *no_plots; /* why some are missing; NULL: none is */
} ql_page;

/* Lines, each with its newline, up to NULL. */
extern const char *const ql_page_style[];
extern const char *const ql_page_script[];

/* The parts, in the page's order. */
void ql_page_overview(ql_page *page); /* verdict, culprit, what to do, models, the network's plot */
void ql_page_findings(ql_page *page);
void ql_page_gates(ql_page *page);
void ql_page_table(ql_page *page);
void ql_page_tensors(ql_page *page);
void ql_page_outputs(ql_page *page);
void ql_page_weights(ql_page *page);
void ql_page_unpaired(ql_page *page);
void ql_page_provenance(ql_page *page);

/* Text of the document, escaped; cut to `columns` when that is not 0. */
void ql_page_text(ql_page *page, const char *text);
void ql_page_cut(ql_page *page, const char *text, size_t columns);

/* A cell with a figure that sorts by its value; absent ones show a dash. */
void ql_page_cell(ql_page *page, const char *metric, double figure);

/* A link to the row's section, its text cut to `columns`. */
void ql_page_link(ql_page *page, const ql_row *row, const char *text, size_t columns);

/* <svg class="plot"> of a drawn plot, `alt` (escaped already) for who does not see it. */
void ql_page_plot(ql_page *page, const ql_plot *plot, const char *alt);

/* The histogram as a small drawing of our own. */
void ql_page_bars(ql_page *page, const ql_json *low_high, const ql_json *filled, const ql_json *outline,
                  const char *alt);

/* One finding: badge, evidence, remedy and, unless the place says it already, the operators to blame. */
void ql_page_finding(ql_page *page, const ql_json *finding, const char *heading, bool with_ops);

/* "train/model.py:40" of a row, nothing where nothing is known. */
void ql_page_source(ql_page *page, const ql_row *row);

#endif
