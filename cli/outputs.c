#include "cli/outputs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* What is shown where nothing else is asked for. */
static const char default_format[] = "text";

static const ql_option_row extras[] = {
    {"png", 0, "DIR", "the plots as PNG files in a folder", false},
    {"plan", 0, "PLAN.json", "a plan of suggest: reports show it beside the findings", false},
};

int ql_output_count(void)
{
    return (int)(ql_report_writer_count + sizeof extras / sizeof *extras);
}

ql_option_row ql_output_option(int i)
{
    int formats = (int)ql_report_writer_count;
    return i < formats
               ? (ql_option_row){ql_report_writers[i].id, 0, "FILE", ql_report_writers[i].summary, false}
               : extras[i - formats];
}

static ql_code read_plan(const ql_line *line, ql_json **plan, ql_err *err)
{
    const char *path = ql_line_value(line, "plan");
    *plan = NULL;
    return path ? ql_json_read(plan, path, err) : QL_OK;
}

ql_code ql_attach_plan(const ql_line *line, ql_json *result, ql_err *err)
{
    ql_json *plan;
    ql_code code = read_plan(line, &plan, err);
    if (!code && plan) {
        code = ql_result_attach_plan(result, plan, err);
        code = code ? ql_at_file(err, ql_line_value(line, "plan")) : QL_OK;
    }
    ql_json_free(plan);
    return code;
}

static int terminal_columns(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    int given = columns ? atoi(columns) : 0;
    if (given > 0) {
        return given;
    }
    return ql_terminal(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ? size.ws_col : 0;
}

ql_code ql_check_outputs(const ql_line *line, ql_err *err)
{
    int64_t top;
    ql_figures which;
    const char *sort = ql_line_value(line, "sort");
    ql_code code = ql_line_int(line, "top", 1, 1000000, 0, &top, err);
    code = !code && sort && !ql_digest_metric(sort, &which, err) ? QL_E_USAGE : code;
    ql_json *plan = NULL;
    code = code ? code : read_plan(line, &plan, err);
    ql_json_free(plan);
    return code;
}

ql_code ql_write_outputs(const ql_line *line, const ql_json *result, ql_err *err)
{
    int64_t top;
    ql_code code = ql_line_int(line, "top", 1, 1000000, 0, &top, err);
    ql_report_options options = {.sort = ql_line_value(line, "sort"), .top = (int)top};
    bool silent = false;
    for (size_t i = 0; i < ql_report_writer_count && !code; i++) {
        const char *path = ql_line_value(line, ql_report_writers[i].id);
        silent = silent || (path && !strcmp(path, "-"));
        code = path ? ql_report_write(&ql_report_writers[i], result, &options, path, err) : QL_OK;
    }
    const char *pictures = ql_line_value(line, "png");
    code = code || !pictures ? code : ql_report_pictures(result, &options, pictures, err);
    if (code || silent || ql_line_has(line, default_format)) {
        return code;
    }
    options.columns = terminal_columns();
    options.colour = ql_colour(STDOUT_FILENO);
    return ql_report_write(ql_report_find(default_format), result, &options, "-", err);
}
