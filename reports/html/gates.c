/* Gates: what was required, and what became of it. */
#include "reports/digest/gate.h"
#include "reports/html/html.h"

#include <math.h>
#include <stdio.h>

enum { SHOWN = 3 }; /* on the first screen */

static const char *state_class(ql_gate_state state)
{
    return state == QL_GATE_HELD ? "level-close" : state == QL_GATE_BROKEN ? "sev-error" : "sev-warning";
}

static void put_badge(ql_page *page, ql_gate_state state, const char *text)
{
    ql_text_format(page->out, "<span class=\"badge %s\">%s</span>", state_class(state), text);
}

static void put_number(ql_page *page, const ql_json *member)
{
    char text[QL_FIGURE_SIZE];
    ql_text_put(page->out, "<td class=\"n\">");
    ql_page_text(page, ql_json_text(member) ? ql_json_text(member)
                                            : ql_value_text(text, ql_json_number_or(member, (double)NAN)));
    ql_text_put(page->out, "</td>");
}

static void put_gate(ql_page *page, const ql_json *gate)
{
    ql_gate_state state = ql_gate_state_of(gate);
    ql_text_put(page->out, "<tr><th scope=\"row\"><code>");
    ql_page_text(page, ql_json_get_text(gate, "expr", ""));
    ql_text_put(page->out, "</code></th><td>");
    put_badge(page, state, ql_gate_words(state));
    ql_text_put(page->out, "</td>");
    static const char *const members[] = {"found", "tightest", "noise"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        put_number(page, ql_json_get(gate, members[i]));
    }
    ql_text_put(page->out, "<td class=\"name\">");
    ql_page_text(page, ql_json_get_text(gate, "message", ""));
    ql_text_put(page->out, "</td></tr>\n");
}

void ql_page_gates(ql_page *page)
{
    static const char *const heads[] = {
        "gate", "result", "#found", "#tightest bound", "#half a 95 % interval", ".what was found, and where",
        NULL};
    if (!ql_gates_counted(page->digest).all) {
        return;
    }
    ql_page_open_part(page, "gates", "Gates");
    ql_page_open_table(page, "gates",
                       "What was required. The tightest bound is the one that would just have held.", heads);
    for (const ql_json *g = ql_gate_after(page->digest, NULL); g; g = ql_gate_after(page->digest, g)) {
        put_gate(page, g);
    }
    ql_page_close_table(page);
    ql_page_close_part(page);
}

void ql_page_gate_badge(ql_page *page, const char *format)
{
    ql_gate_count count = ql_gates_counted(page->digest);
    char text[64];
    if (count.all) {
        snprintf(text, sizeof text, format, count.held, count.all);
        put_badge(page, count.held == count.all ? QL_GATE_HELD : QL_GATE_BROKEN, text);
    }
}

void ql_page_gate_summary(ql_page *page)
{
    ql_gate_count count = ql_gates_counted(page->digest);
    if (!count.all) {
        return;
    }
    ql_text_put(page->out, "<h3 class=\"gap\">Gates ");
    ql_page_gate_badge(page, "%d of %d held");
    ql_text_put(page->out, "</h3>\n<ul class=\"facts gates\">\n");
    int left = SHOWN;
    for (const ql_json *g = ql_gate_after(page->digest, NULL); g && left;
         g = ql_gate_after(page->digest, g)) {
        ql_gate_state state = ql_gate_state_of(g);
        ql_text_format(page->out, "<li><span class=\"%s\">%s</span> <code>", state_class(state),
                       ql_gate_passes(state) ? "\xe2\x9c\x93" : "\xe2\x9c\x97");
        ql_page_cut(page, ql_json_get_text(g, "expr", ""), 60);
        ql_text_put(page->out, "</code> <span class=\"soft\">");
        ql_page_cut(page, ql_json_get_text(g, "message", ""), 70);
        ql_text_put(page->out, "</span></li>\n");
        left--;
    }
    ql_text_put(page->out, "</ul>\n");
    if (count.all > SHOWN) {
        ql_text_format(page->out, "<p><a href=\"#gates\">all %d gates</a></p>\n", count.all);
    }
}
