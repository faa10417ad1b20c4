/* Inside reports/html only: the page, a file a part. */
#ifndef QL_HTML_HTML_H
#define QL_HTML_HTML_H

#include "reports/digest/digest.h"
#include "reports/digest/figure.h"
#include "reports/digest/verdict.h"
#include "reports/plot/sheet.h"
#include "reports/text/escape.h"

typedef struct {
    const ql_digest *digest;
    ql_text *out;
    ql_sheet sheet;
    const char *no_plots; /* why some are missing; NULL: none is */
} ql_page;

/* Lines, each with its newline, up to NULL. */
extern const char *const ql_page_style[];
extern const char *const ql_page_script[];

/* The parts, in the page's order. */
void ql_page_overview(ql_page *page); /* verdict, culprit, what to do, models, gates */
void ql_page_tiles(ql_page *page, const ql_verdict *verdict);
void ql_page_models(ql_page *page);
void ql_page_network(ql_page *page);
void ql_page_findings(ql_page *page);
void ql_page_gates(ql_page *page);
void ql_page_gate_summary(ql_page *page);                   /* for the first screen */
void ql_page_gate_badge(ql_page *page, const char *format); /* of how many held and how many there are */
void ql_page_plan(ql_page *page);
void ql_page_plan_summary(ql_page *page); /* one sentence for the first screen */
void ql_page_table(ql_page *page);
void ql_page_tensors(ql_page *page);
void ql_page_outputs(ql_page *page);
void ql_page_weights(ql_page *page);
void ql_page_unpaired(ql_page *page);
void ql_page_provenance(ql_page *page);

/* The graph. NOMEM. */
ql_code ql_page_graph(ql_page *page, ql_err *err);

/* A section with its heading; close it with ql_page_close_part. A table in it: `heads` up to NULL, each the
 * title of a column after '#' (numbers), '.' (names) or nothing. */
void ql_page_open_part(ql_page *page, const char *id, const char *title);
void ql_page_close_part(ql_page *page);
void ql_page_open_table(ql_page *page, const char *id, const char *caption, const char *const heads[]);
void ql_page_close_table(ql_page *page);

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

/* The same of channels (range and SQNR) and of single elements; the second is false when there are none. */
void ql_page_mini_channels(ql_page *page, const ql_row *row, const char *alt);
bool ql_page_mini_scatter(ql_page *page, const ql_row *row, const char *alt);

/* The SQNR of a weight's channels as bars that fit a table's cell. */
void ql_page_spark(ql_page *page, const ql_json *list);

/* One finding: badge, evidence, remedy and, unless the place says it already, the operators to blame. */
void ql_page_finding(ql_page *page, const ql_json *finding, const char *heading, bool with_ops);

/* "train/model.py:40" of a row, nothing where nothing is known. */
void ql_page_source(ql_page *page, const ql_row *row);

#endif
