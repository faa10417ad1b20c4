/* The CSV of tf.lite.experimental.QuantizationDebugger: a row an operator, with its local error (means over
 * the samples of what each sample has). */
#include "analyzer/import/csv.h"
#include "analyzer/import/parts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 200 };

/* Columns that are read; custom ones in between are passed over unless they are called like one of these. */
typedef enum { OP, TENSOR, MEAN, PEAK, SQUARED, SCALE, ZERO, NAME, COSINE, KNOWN, OTHER } column;

static const char *const titles[] = {
    [OP] = "op_name",         [TENSOR] = "tensor_idx",          [MEAN] = "mean_error",
    [PEAK] = "max_abs_error", [SQUARED] = "mean_squared_error", [SCALE] = "scale",
    [ZERO] = "zero_point",    [NAME] = "tensor_name",           [COSINE] = "cosine",
};

typedef struct {
    ql_csv csv;
    int count;
    column columns[COLUMNS];
} table;

bool ql_import_is_debugger(const char *bytes, size_t count)
{
    static const char first[] = "op_name,tensor_idx,";
    const char *at = count >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? bytes + 3 : bytes;
    return !strncmp(at, first, sizeof first - 1);
}

static column column_named(const char *title)
{
    for (int i = 0; i < KNOWN; i++) {
        if (!strcmp(titles[i], title)) {
            return (column)i;
        }
    }
    return OTHER;
}

static ql_code read_titles(table *t, ql_err *err)
{
    bool seen[OTHER + 1] = {false};
    const char *field;
    ql_code code;
    do {
        code = ql_csv_next(&t->csv, &field, err);
        if (code || !field || t->count == COLUMNS) {
            return code ? code
                        : ql_fail(err, QL_E_FORMAT, "line 1: up to %d column titles are required", COLUMNS);
        }
        column c = column_named(field);
        t->columns[t->count++] = seen[c] ? OTHER : c; /* of two, the first */
        seen[c] = true;
    } while (!t->csv.at_end);
    for (int i = 0; i < COSINE; i++) {
        if (!seen[i]) {
            return ql_fail(err, QL_E_FORMAT, "line 1: no column '%s'", titles[i]);
        }
    }
    t->csv.line = 2;
    return QL_OK;
}

/* A number or nothing: an empty field, nan and inf are nothing. */
static ql_code read_number(const char *text, int line, column c, double *number, ql_err *err)
{
    char *end, shown[60];
    *number = strtod(text, &end);
    if (*end || !*text) {
        *number = (double)NAN;
    }
    *number = isfinite(*number) ? *number : (double)NAN;
    return !*end ? QL_OK
                 : ql_fail(err, QL_E_FORMAT, "line %d: %s '%s': a number is required", line, titles[c],
                           ql_escape(shown, sizeof shown, text, strlen(text)));
}

typedef struct {
    const char *texts[KNOWN];
    double numbers[KNOWN];
} record;

static ql_code read_record(table *t, record *r, ql_err *err)
{
    *r = (record){0};
    r->numbers[COSINE] = (double)NAN;
    int line = t->csv.line;
    for (int i = 0; i < t->count; i++) {
        const char *field;
        ql_code code = ql_csv_next(&t->csv, &field, err);
        if (code || !field) {
            return code;
        }
        column c = t->columns[i];
        if (c == OP || c == NAME) {
            r->texts[c] = field;
        } else if (c != OTHER) {
            code = read_number(field, line, c, &r->numbers[c], err);
        }
        if (code) {
            return code;
        }
        if (t->csv.at_end != (i + 1 == t->count)) {
            return ql_fail(err, QL_E_FORMAT, "line %d: %d fields are required", line, t->count);
        }
    }
    t->csv.line++;
    return QL_OK;
}

static void put_record(ql_doc *d, ql_json *pairs, const record *r)
{
    ql_import_tensor tensor = {.name = r->texts[NAME],
                               .op = r->texts[OP],
                               .tensor = r->numbers[TENSOR],
                               .scale = r->numbers[SCALE],
                               .zero_point = r->numbers[ZERO],
                               .dtype = "int8",
                               .place = ql_json_size(pairs)};
    ql_import_figures none = {(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN};
    ql_import_figures local = {.mse = r->numbers[SQUARED],
                               .mean_error = r->numbers[MEAN],
                               .max_abs = r->numbers[PEAK],
                               .sqnr_db = (double)NAN,
                               .cosine = r->numbers[COSINE],
                               .scale = r->numbers[SCALE]};
    ql_json *pair = ql_import_put_pair(d, pairs, &tensor);
    ql_import_put_figures(d, pair, "cumulative", &none);
    ql_import_put_figures(d, pair, "local", &local);
}

ql_code ql_import_debugger(ql_doc *d, ql_json *document, const char *bytes, size_t count, ql_err *err)
{
    table t = {0};
    char *text = malloc(count + 1);
    if (!text) {
        return ql_fail_memory(err, count);
    }
    memcpy(text, bytes, count);
    text[count] = 0;
    ql_csv_start(&t.csv, text);
    ql_code code = read_titles(&t, err);
    ql_json *pairs = ql_json_get(document, "pairs");
    while (!code) {
        record r;
        code = read_record(&t, &r, err);
        if (code || !r.texts[NAME]) {
            break;
        }
        put_record(d, pairs, &r);
    }
    free(text);
    return code;
}
