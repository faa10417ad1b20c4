/* The plots of a report as PNG files. */
#include "reports/plot/sheet.h"
#include "reports/writers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static ql_code write_picture(const char *folder, const char *name, const ql_plot *plot, ql_err *err)
{
    ql_text path = {0};
    ql_text_format(&path, "%s/%s.png", folder, name);
    ql_code code = ql_text_check(&path, err);
    code =
        code ? code : ql_file_write(ql_text_bytes(&path), ql_text_bytes(&plot->body), plot->body.length, err);
    ql_text_free(&path);
    return code;
}

static ql_code write_all(const ql_sheet *sheet, const ql_digest *digest, const char *folder, ql_err *err)
{
    ql_code code = QL_OK;
    for (int i = 0; i < QL_SHEET_PLOTS && !code; i++) {
        char name[48];
        if (sheet->plots[i].body.length) {
            ql_sheet_name(sheet, digest, i, name);
            code = write_picture(folder, name, &sheet->plots[i], err);
        }
    }
    return code;
}

static ql_code make_folder(const char *folder, ql_err *err)
{
    if (mkdir(folder, 0777) && errno != EEXIST) {
        return ql_fail(err, QL_E_IO, "%s: cannot be made: %s", folder, strerror(errno));
    }
    return QL_OK;
}

ql_code ql_report_pictures(const ql_json *doc, const ql_report_options *options, const char *folder,
                           ql_err *err)
{
    ql_digest digest = {0};
    ql_sheet *sheet = calloc(1, sizeof *sheet);
    ql_code code = sheet ? ql_digest_make(&digest, doc, err) : ql_fail_memory(err, sizeof *sheet);
    code = code ? code : ql_sheet_plan(sheet, &digest, err);
    code = code ? code : make_folder(folder, err);
    if (!code) {
        const char *missing = ql_sheet_draw(sheet, QL_DRAW_PNG, options);
        code = write_all(sheet, &digest, folder, err);
        if (!code && missing) {
            code = ql_fail(err, QL_E_IO, "%s: pictures are missing: %s", folder, missing);
        }
    }
    if (sheet) {
        ql_sheet_free(sheet);
    }
    free(sheet);
    ql_digest_free(&digest);
    return code;
}
