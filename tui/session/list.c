#include "tui/session/list.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ql_list_free(ql_list *list)
{
    free(list->rows);
    ql_regex_free(list->regex);
    *list = (ql_list){0};
}

int ql_list_row(const ql_list *list)
{
    return list->cursor >= 0 && list->cursor < list->count ? list->rows[list->cursor] : -1;
}

static void clamp_cursor(ql_list *list)
{
    list->cursor = list->cursor >= list->count ? list->count - 1 : list->cursor;
    list->cursor = list->cursor < 0 ? 0 : list->cursor;
}

void ql_list_move(ql_list *list, int by)
{
    int64_t to = (int64_t)list->cursor + by;
    list->cursor = to < 0 ? 0 : to > list->count ? list->count : (int)to;
    clamp_cursor(list);
}

bool ql_list_seek(ql_list *list, int row)
{
    for (int i = 0; i < list->count; i++) {
        if (list->rows[i] == row) {
            list->cursor = i;
            return true;
        }
    }
    return false;
}

void ql_list_show(ql_list *list, int page)
{
    list->page = page > 0 ? page : 1;
    clamp_cursor(list);
    int last = list->count - list->page;
    list->top = list->cursor - list->page >= list->top ? list->cursor - list->page + 1 : list->top;
    list->top = list->cursor < list->top ? list->cursor : list->top;
    list->top = list->top > last ? last : list->top;
    list->top = list->top < 0 ? 0 : list->top;
}

bool ql_list_start(ql_list *list, int count)
{
    list->count = 0;
    if (count > list->room) {
        int *rows = realloc(list->rows, (size_t)count * sizeof *rows);
        if (!rows) {
            return false;
        }
        list->rows = rows;
        list->room = count;
    }
    return true;
}

ql_code ql_smart_regex(ql_regex **regex, const char *pattern, ql_err *err)
{
    bool capital = false;
    for (const char *at = pattern; *at; at++) {
        capital = capital || isupper((unsigned char)*at);
    }
    return ql_regex_make(regex, pattern, !capital, err);
}

ql_code ql_list_filter(ql_list *list, const char *pattern, ql_err *err)
{
    ql_regex *regex = NULL;
    ql_code code = *pattern ? ql_smart_regex(&regex, pattern, err) : QL_OK;
    if (!code) {
        ql_regex_free(list->regex);
        list->regex = regex;
        snprintf(list->filter, sizeof list->filter, "%s", pattern);
    }
    return code;
}
