#include "cli/outputs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* What is shown where nothing else is asked for. */
static const char default_format[] = "text";

int ql_output_count(void)
{
    return (int)ql_report_writer_count;
}

ql_option_row ql_output_option(int i)
{
    const ql_report_writer *writer = &ql_report_writers[i];
    return (ql_option_row){writer->id, 0, "FILE", writer->summary, false};
}

static int terminal_columns(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    int given = columns ? atoi(columns) : 0;
    if (given > 0) {
        return given;
    }
    return isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ? size.ws_col : 0;
}

ql_code ql_check_outputs(const ql_line *line, ql_err *err)
{
    int64_t top;
    ql_figures which;
    const char *sort = ql_line_value(line, "sort");
    ql_code code = ql_line_int(line, "top", 1, 1000000, 0, &top, err);
    return !code && sort && !ql_digest_metric(sort, &which, err) ? QL_E_USAGE : code;
}

ql_code ql_write_outputs(const ql_line *line, const ql_json *result, ql_err *err)
{
    int64_t top;
    ql_code code = ql_line_int(line, "top", 1, 1000000, 0, &top, err);
    ql_report_options options = {.sort = ql_line_value(line, "sort"), .top = (int)top};
    bool silent = false;
    for (int i = 0; i < ql_output_count() && !code; i++) {
        const char *path = ql_line_value(line, ql_report_writers[i].id);
        silent = silent || (path && !strcmp(path, "-"));
        code = path ? ql_report_write(&ql_report_writers[i], result, &options, path, err) : QL_OK;
    }
    if (code || silent || ql_line_has(line, default_format)) {
        return code;
    }
    options.columns = terminal_columns();
    options.colour = ql_colour(STDOUT_FILENO);
    return ql_report_write(ql_report_find(default_format), result, &options, "-", err);
}
