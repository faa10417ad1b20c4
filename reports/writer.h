/* Report writers: one row a format. Each makes a whole file from the document of a comparison (docs/json.md)
 * and from nothing else: no clock, no host, no locale. A document written and read again gives the same
 * bytes. Adding a format is one file and one row.
 */
#ifndef QL_REPORTS_WRITER_H
#define QL_REPORTS_WRITER_H

#include "analyzer/analyzer.h"
#include "reports/digest/digest.h"
#include "reports/text/text.h"

/* What the reader of a report chose; {0} is a choice. */
typedef struct {
    int columns;         /* text: the width of the terminal; 0: 100 */
    bool colour;         /* text: with ANSI colours */
    const char *sort;    /* text, csv: rows by this metric, the worst first ("sqnr_db", "local.rmse"); NULL:
                          * in execution order. model-explorer: the metric shown; NULL: sqnr_db */
    int top;             /* text: at most so many rows, the worst ones; 0: all */
    const char *gnuplot; /* html: the program; NULL: "gnuplot" of the PATH; "": no plots */
    int plot_seconds;    /* html: how long all plots together may take; 0: 8 */
} ql_report_options;

typedef struct {
    const char *id;      /* "html": the command line's option is --html FILE */
    const char *summary; /* one phrase for --help */
    ql_code (*write)(const ql_digest *digest, const ql_report_options *options, ql_text *out, ql_err *err);
} ql_report_writer;

extern const ql_report_writer ql_report_writers[];
extern const size_t ql_report_writer_count;

/* The writer with this id ("html"; "--html" is understood too); NULL when there is none. */
const ql_report_writer *ql_report_find(const char *option);

/* Writes the report to a file, whole or not at all ("-": standard output). `options` NULL: all defaults.
 * FORMAT: not the document of a comparison; USAGE: no such metric; IO, NOMEM. */
ql_code ql_report_write(const ql_report_writer *writer, const ql_json *doc, const ql_report_options *options,
                        const char *path, ql_err *err);

/* Writes the plots as PNG files into a folder, which is made where it is missing: network.png,
 * op-12-values.png .. ; only numbers are in a name. IO: cannot be written, or gnuplot did not draw them. */
ql_code ql_report_pictures(const ql_json *doc, const ql_report_options *options, const char *folder,
                           ql_err *err);

/* The report as text in memory, for a screen; release with ql_text_free, also after an error. */
ql_code ql_report_make(const ql_report_writer *writer, const ql_json *doc, const ql_report_options *options,
                       ql_text *out, ql_err *err);

#endif
