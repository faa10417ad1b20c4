#include "tui/term/look.h"

#include <curses.h>
#include <stdlib.h>

typedef struct {
    attr_t plain; /* without colours */
    short front256, back256;
    short front8, back8;
    attr_t with256, with8;
} look_row;

enum { NONE = -1 };

static const look_row rows[QL_ROLE_COUNT] = {
    [QL_ROLE_NORMAL] = {A_NORMAL, NONE, NONE, NONE, NONE, A_NORMAL, A_NORMAL},
    [QL_ROLE_DIM] = {A_DIM, 245, NONE, NONE, NONE, A_NORMAL, A_DIM},
    [QL_ROLE_TITLE] = {A_REVERSE, 255, 24, COLOR_WHITE, COLOR_BLUE, A_BOLD, A_BOLD},
    [QL_ROLE_HEAD] = {A_REVERSE, 16, 71, COLOR_BLACK, COLOR_GREEN, A_NORMAL, A_NORMAL},
    [QL_ROLE_SELECTED] = {A_REVERSE | A_BOLD, 16, 80, COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_NORMAL},
    [QL_ROLE_GOOD] = {A_NORMAL, 77, NONE, COLOR_GREEN, NONE, A_NORMAL, A_NORMAL},
    [QL_ROLE_WARN] = {A_BOLD, 221, NONE, COLOR_YELLOW, NONE, A_NORMAL, A_BOLD},
    [QL_ROLE_BAD] = {A_BOLD | A_UNDERLINE, 203, NONE, COLOR_RED, NONE, A_BOLD, A_BOLD},
    [QL_ROLE_ACCENT] = {A_BOLD, 80, NONE, COLOR_CYAN, NONE, A_NORMAL, A_NORMAL},
    [QL_ROLE_BAR] = {A_NORMAL, 110, NONE, COLOR_BLUE, NONE, A_NORMAL, A_BOLD},
    [QL_ROLE_KEY] = {A_BOLD, 255, NONE, COLOR_WHITE, NONE, A_BOLD, A_BOLD},
    [QL_ROLE_STRONG] = {A_BOLD, 255, NONE, NONE, NONE, A_NORMAL, A_BOLD},
};

static bool wants_colours(void)
{
    const char *refused = getenv("NO_COLOR");
    return !(refused && *refused) && has_colors() && start_color() == OK;
}

void ql_looks_make(ql_look looks[QL_ROLE_COUNT])
{
    bool colours = wants_colours(), many = colours && COLORS >= 256;
    bool own = colours && use_default_colors() == OK;
    for (int role = 0; role < QL_ROLE_COUNT; role++) {
        const look_row *row = &rows[role];
        short front = many ? row->front256 : row->front8, back = many ? row->back256 : row->back8;
        looks[role] = (ql_look){colours ? many ? row->with256 : row->with8 : row->plain, 0};
        if (colours && (front != NONE || back != NONE)) {
            front = front == NONE && !own ? COLOR_WHITE : front;
            back = back == NONE && !own ? COLOR_BLACK : back;
            looks[role].pair = (short)(role + 1);
            init_pair(looks[role].pair, front, back);
        }
    }
}
