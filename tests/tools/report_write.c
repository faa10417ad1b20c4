/* Writes reports of a saved comparison: report_write DOC.json FORMAT=FILE... (text takes COLUMNS and COLOUR
 * from the environment, html takes GNUPLOT). */
#include "reports/reports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const ql_err *err)
{
    char text[1024];
    fprintf(stderr, "%s\n", ql_err_text(err, text, sizeof text));
    return ql_exit_status(err->code);
}

int main(int argc, char **argv)
{
    ql_err err = {0};
    ql_json *doc = NULL;
    const char *columns = getenv("COLUMNS");
    ql_report_options options = {.columns = columns ? atoi(columns) : 0,
                                 .colour = getenv("COLOUR") != NULL,
                                 .sort = getenv("SORT"),
                                 .gnuplot = getenv("GNUPLOT")};
    if (argc < 2 || ql_json_read(&doc, argv[1], &err)) {
        return argc < 2 ? 2 : fail(&err);
    }
    int status = 0;
    for (int i = 2; i < argc && !status; i++) {
        char *path = strchr(argv[i], '=');
        if (path) {
            *path++ = 0;
        }
        const ql_report_writer *writer = ql_report_find(argv[i]);
        if (!path || !writer) {
            fprintf(stderr, "%s: FORMAT=FILE is required\n", argv[i]);
            status = 2;
        } else if (ql_report_write(writer, doc, &options, path, &err)) {
            status = fail(&err);
        }
    }
    ql_json_free(doc);
    return status;
}
