#include "analyzer/import/csv.h"

#include <string.h>

void ql_csv_start(ql_csv *csv, char *text)
{
    static const char mark[] = "\xef\xbb\xbf";
    *csv = (ql_csv){.at = strncmp(text, mark, 3) ? text : text + 3, .line = 1, .at_end = true};
}

/* What ends the field: takes it, and puts a NUL there. */
static void end_field(ql_csv *csv, char *end)
{
    char *next = end;
    csv->at_end = *end != ',';
    if (*next == '\r' && next[1] == '\n') {
        next++;
    }
    next += *next != 0;
    *end = 0;
    csv->at = next;
}

static ql_code quoted(ql_csv *csv, const char **field, ql_err *err)
{
    char *from = csv->at + 1, *to = from;
    int line = csv->line;
    *field = to;
    for (; *from && (*from != '"' || from[1] == '"'); from++) {
        from += *from == '"';
        csv->line += *from == '\n';
        *to++ = *from;
    }
    if (!*from || (from[1] && !strchr(",\r\n", from[1]))) {
        return ql_fail(err, QL_E_FORMAT, "line %d: a quoted field that does not end", line);
    }
    end_field(csv, from + 1);
    *to = 0;
    return QL_OK;
}

ql_code ql_csv_next(ql_csv *csv, const char **field, ql_err *err)
{
    if (!*csv->at && csv->at_end) {
        *field = NULL;
        return QL_OK;
    }
    if (*csv->at == '"') {
        return quoted(csv, field, err);
    }
    *field = csv->at;
    end_field(csv, csv->at + strcspn(csv->at, ",\r\n"));
    return QL_OK;
}
