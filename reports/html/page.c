/* HTML: one file, complete without script, network and plots. */
#include "reports/html/html.h"
#include "reports/writers.h"

#include <stdlib.h>
#include <string.h>

void ql_page_text(ql_page *page, const char *text)
{
    ql_text_escaped(page->out, &ql_escape_markup, text);
}

void ql_page_cut(ql_page *page, const char *text, size_t columns)
{
    ql_text_cut(page->out, &ql_escape_markup, text, columns);
}

static void put_lines(ql_text *out, const char *const *lines)
{
    for (; *lines; lines++) {
        ql_text_put(out, *lines);
    }
}

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* The page allows this script by its digest and no other: should a name ever get out of its place, it runs
 * nothing and loads nothing. */
static void put_script_digest(ql_text *out)
{
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    ql_sha256 sha;
    char hex[65];
    ql_sha256_start(&sha);
    for (const char *const *line = ql_page_script; *line; line++) {
        ql_sha256_add(&sha, *line, strlen(*line));
    }
    ql_sha256_hex(&sha, hex);
    for (int i = 0; i < 64; i += 6) { /* 3 bytes, 4 letters; the last time 2 bytes */
        int bytes = i + 6 <= 64 ? 3 : 2;
        unsigned bits = 0;
        for (int k = 0; k < 6; k++) {
            bits = bits << 4 | (unsigned)(k < 2 * bytes ? hex_digit(hex[i + k]) : 0);
        }
        for (int k = 0; k < 4; k++) {
            char letter = base64[bits >> (18 - 6 * k) & 63];
            ql_text_put_char(out, k <= bytes ? letter : '=', 1);
        }
    }
}

static void put_head(ql_page *page)
{
    ql_text *out = page->out;
    ql_text_put(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                     "'unsafe-inline'; script-src 'sha256-");
    put_script_digest(out);
    ql_text_put(out,
                "'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    ql_page_cut(page, ql_json_get_text(ql_json_get(page->digest->doc, "candidate"), "file", ""), 80);
    ql_text_put(out, " \xc2\xb7 qloupe</title>\n<style>\n");
    put_lines(out, ql_page_style);
    ql_text_put(out, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the results</a>\n");
}

static void put_navigation(ql_page *page)
{
    static const struct {
        const char *id, *title, *member;
    } parts[] = {
        {"network", "Network", NULL},         {"graph", "Graph", "pairs"},
        {"findings", "Findings", "findings"}, {"plan", "Plan", "plan"},
        {"gates", "Gates", "gates"},          {"tensors", "Tensors", NULL},
        {"outputs", "Outputs", NULL},         {"details", "Details", NULL},
        {"weights", "Weights", "weights"},    {"unpaired", "Unpaired", "unpaired"},
        {"provenance", "Provenance", NULL},
    };
    ql_text_put(
        page->out,
        "<header class=\"bar-top\"><strong>qloupe</strong>\n<nav aria-label=\"Parts of the report\">");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!parts[i].member || ql_json_size(ql_json_get(page->digest->doc, parts[i].member)) > 0) {
            ql_text_format(page->out, "<a href=\"#%s\">%s</a> ", parts[i].id, parts[i].title);
        }
    }
    ql_text_put(page->out, "</nav></header>\n<main id=\"main\">\n");
}

/* Right after the table: that answers while the details of a large model are still being read. */
static void put_script(ql_page *page)
{
    ql_text_put(page->out, "<script>");
    put_lines(page->out, ql_page_script);
    ql_text_put(page->out, "</script>\n");
}

static void put_foot(ql_page *page)
{
    ql_text_put(page->out, "</main>\n<footer>Made by qloupe ");
    ql_page_text(page, ql_json_get_text(ql_json_get(page->digest->doc, "run"), "version", ""));
    ql_text_put(page->out,
                ". The file is complete in itself: it loads nothing.</footer>\n</body>\n</html>\n");
}

ql_code ql_write_html(const ql_digest *digest, const ql_report_options *options, ql_text *out, ql_err *err)
{
    static void (*const before[])(ql_page *) = {put_head, put_navigation, ql_page_overview, ql_page_network};
    static void (*const after[])(ql_page *) = {
        ql_page_findings, ql_page_gates,   ql_page_plan,     ql_page_table,      put_script, ql_page_outputs,
        ql_page_tensors,  ql_page_weights, ql_page_unpaired, ql_page_provenance, put_foot};
    ql_page *page = calloc(1, sizeof *page);
    if (!page) {
        return ql_fail_memory(err, sizeof *page);
    }
    page->digest = digest;
    page->out = out;
    ql_code code = ql_sheet_plan(&page->sheet, digest, err);
    if (!code) {
        page->no_plots = ql_sheet_draw(&page->sheet, QL_DRAW_SVG, options);
    }
    for (size_t i = 0; i < sizeof before / sizeof *before && !code; i++) {
        before[i](page);
    }
    code = code ? code : ql_page_graph(page, err);
    for (size_t i = 0; i < sizeof after / sizeof *after && !code; i++) {
        after[i](page);
    }
    ql_sheet_free(&page->sheet);
    free(page);
    return code;
}
