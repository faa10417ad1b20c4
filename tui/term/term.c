/* wcwidth is of XSI, the wide functions of curses of X/Open. */
#include "tui/term/term.h"

#include "tui/term/look.h"
#include "tui/term/rescue.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

struct ql_term {
    SCREEN *screen;
    ql_look looks[QL_ROLE_COUNT];
    bool ascii;
    FILE *errors;            /* what standard error is meanwhile */
    int stderr_was;          /* -1: as it is */
    struct sigaction before; /* of SIGCONT */
    ql_grid shown;           /* what was drawn last */
};

static bool has_capability(const char *name)
{
    char *value = tigetstr((char *)(uintptr_t)name);
    return value && value != (char *)-1 && *value;
}

ql_code ql_term_check(ql_err *err)
{
    int status;
    const char *name = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        return ql_fail(err, QL_E_USAGE,
                       "tui needs a terminal: standard input or output is none (qloupe report shows a result "
                       "anywhere)");
    }
    if (!name || !*name || setupterm(NULL, STDOUT_FILENO, &status) != OK || !has_capability("cup")) {
        return ql_fail(
            err, QL_E_USAGE,
            "tui needs a terminal whose cursor moves: TERM is '%.40s' (qloupe report shows a result "
            "anywhere)",
            name ? name : "");
    }
    return QL_OK;
}

/* Signals belong to the process. */
static volatile sig_atomic_t continued;

static void on_continue(int number)
{
    (void)number;
    continued = 1;
}

static void redirect_errors(ql_term *term)
{
    fflush(stderr);
    term->stderr_was = dup(STDERR_FILENO);
    term->errors = tmpfile();
    if (term->errors && term->stderr_was >= 0) {
        dup2(fileno(term->errors), STDERR_FILENO);
    }
}

static void return_errors(ql_term *term)
{
    fflush(stderr);
    if (term->errors && term->stderr_was >= 0) {
        dup2(term->stderr_was, STDERR_FILENO);
        ql_rescue_copy(fileno(term->errors), STDERR_FILENO);
    }
    if (term->stderr_was >= 0) {
        close(term->stderr_was);
    }
    if (term->errors) {
        fclose(term->errors);
    }
}

/* The capabilities that put a terminal back, in the order that endwin writes them. */
static void arm_rescue(const ql_term *term)
{
    static const char *const names[] = {"sgr0", "op", "cnorm", "rmkx", "rmcup"};
    static const char mouse_off[] = "\033[?1006l\033[?1000l";
    char reset[500] = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *value = tigetstr((char *)(uintptr_t)names[i]);
        if (value && value != (char *)-1 && strlen(reset) + strlen(value) + 40 < sizeof reset) {
            strcat(reset, value);
        }
    }
    if (has_capability("kmous")) {
        strcat(reset, mouse_off);
    }
    strcat(reset, "\r\n");
    ql_rescue_start(reset, term->errors ? fileno(term->errors) : -1, term->stderr_was);
}

static void set_modes(ql_term *term)
{
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    set_escdelay(25);
    curs_set(0);
    mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
    mouseinterval(0);
    ql_looks_make(term->looks);
}

ql_code ql_term_open(ql_term **out, ql_err *err)
{
    *out = NULL;
    ql_code code = ql_term_check(err);
    ql_term *term = code ? NULL : calloc(1, sizeof *term);
    if (!term) {
        return code ? code : ql_fail_memory(err, sizeof *term);
    }
    setlocale(LC_CTYPE, "");
    term->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
    redirect_errors(term);
    arm_rescue(term); /* before curses changes the modes that it keeps */
    term->screen = newterm(NULL, stdout, stdin);
    if (!term->screen) {
        ql_rescue_end();
        return_errors(term);
        free(term);
        return ql_fail(err, QL_E_USAGE, "tui: the terminal '%.40s' cannot be used", getenv("TERM"));
    }
    set_modes(term);
    sigaction(SIGCONT, &(struct sigaction){.sa_handler = on_continue}, &term->before);
    *out = term;
    return QL_OK;
}

void ql_term_close(ql_term *term)
{
    if (!term) {
        return;
    }
    move(LINES - 1, 0); /* where there is no other screen, the prompt comes here */
    clrtoeol();
    refresh();
    endwin();
    delscreen(term->screen);
    ql_rescue_end();
    sigaction(SIGCONT, &term->before, NULL);
    return_errors(term);
    ql_grid_free(&term->shown);
    setlocale(LC_CTYPE, "C");
    free(term);
}

bool ql_term_is_ascii(const ql_term *term)
{
    return term->ascii;
}

void ql_term_size(const ql_term *term, int *rows, int *cols)
{
    (void)term;
    getmaxyx(stdscr, *rows, *cols);
}

/* A character takes as many columns as the grid says, or a "?" stands for it: the locale's table may be older
 * or newer than the terminal's. */
static void draw_cell(const ql_term *term, int row, int col, const ql_cell *cell)
{
    wchar_t wide[CCHARW_MAX + 1];
    cchar_t shown;
    const ql_look *look = &term->looks[cell->role];
    size_t count = mbstowcs(wide, cell->text, CCHARW_MAX);
    bool fits = count != (size_t)-1 && count > 0;
    wide[fits ? count : 0] = 0;
    if (!fits || wcwidth(wide[0]) != cell->width) {
        wide[0] = L'?', wide[1] = 0;
    }
    if (setcchar(&shown, wide, look->attributes, look->pair, NULL) == OK) {
        mvadd_wch(row, col, &shown);
    }
    if (wide[0] == L'?' && cell->width == 2) {
        mvadd_wch(row, col + 1, &shown);
    }
}

/* Without memory for it everything is drawn every time. */
static void remember(ql_term *term, const ql_grid *grid)
{
    size_t bytes = (size_t)grid->rows * (size_t)grid->cols * sizeof *grid->cells;
    if (term->shown.rows != grid->rows || term->shown.cols != grid->cols || !term->shown.cells) {
        ql_grid_free(&term->shown);
        term->shown.cells = malloc(bytes);
        term->shown.rows = grid->rows;
        term->shown.cols = grid->cols;
    }
    if (term->shown.cells) {
        memcpy(term->shown.cells, grid->cells, bytes);
    }
}

/* Only cells that have changed: keys wait for the others, too. */
void ql_term_draw(ql_term *term, const ql_grid *grid)
{
    int rows, cols;
    const ql_grid *shown = &term->shown;
    bool same_size = shown->cells && shown->rows == grid->rows && shown->cols == grid->cols;
    getmaxyx(stdscr, rows, cols);
    for (int row = 0; row < grid->rows && row < rows; row++) {
        for (int col = 0; col < grid->cols && col < cols; col++) {
            size_t at = (size_t)row * (size_t)grid->cols + (size_t)col;
            const ql_cell *cell = &grid->cells[at];
            bool kept = same_size && !memcmp(cell, &shown->cells[at], sizeof *cell);
            if (cell->width && !kept) {
                draw_cell(term, row, col, cell);
            }
        }
    }
    remember(term, grid);
    refresh();
}

static void put_base64(FILE *to, const char *text, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        unsigned bits = 0;
        for (size_t k = 0; k < 3; k++) {
            bits = bits << 8 | (i + k < length ? (unsigned char)text[i + k] : 0);
        }
        for (size_t k = 0; k < 4; k++) {
            fputc(i + k > length ? '=' : digits[bits >> (18 - 6 * k) & 63], to);
        }
    }
}

/* A resize interrupts writing; a stream would take that for a failure and keep saying so. */
static void write_all(const char *bytes, size_t count)
{
    while (count) {
        ssize_t some = write(STDOUT_FILENO, bytes, count);
        if (some < 0 && errno != EINTR) {
            return;
        }
        bytes += some < 0 ? 0 : some;
        count -= some < 0 ? 0 : (size_t)some;
    }
}

/* OSC 52, for terminals whose description has the capability for it. */
void ql_term_copy(ql_term *term, const char *text)
{
    (void)term;
    char *bytes = NULL;
    size_t count = 0;
    FILE *to = has_capability("Ms") ? open_memstream(&bytes, &count) : NULL;
    if (!to) {
        return;
    }
    fputs("\033]52;c;", to);
    put_base64(to, text, strcspn(text, "\n"));
    fputs("\007", to);
    if (!fclose(to)) {
        write_all(bytes, count);
    }
    free(bytes);
}

static const struct {
    int curses, key;
} special[] = {
    {KEY_UP, QL_KEY_UP},
    {KEY_DOWN, QL_KEY_DOWN},
    {KEY_LEFT, QL_KEY_LEFT},
    {KEY_RIGHT, QL_KEY_RIGHT},
    {KEY_PPAGE, QL_KEY_PAGE_UP},
    {KEY_NPAGE, QL_KEY_PAGE_DOWN},
    {KEY_HOME, QL_KEY_HOME},
    {KEY_END, QL_KEY_END},
    {KEY_BTAB, QL_KEY_BACKTAB},
    {KEY_ENTER, QL_KEY_ENTER},
    {KEY_BACKSPACE, QL_KEY_BACKSPACE},
    {KEY_DC, QL_KEY_BACKSPACE},
    {KEY_RESIZE, QL_KEY_RESIZE},
};

static ql_event mouse(void)
{
    MEVENT event;
    if (getmouse(&event) != OK) {
        return (ql_event){QL_KEY_NONE, 0, 0};
    }
    int key = event.bstate & BUTTON4_PRESSED   ? QL_KEY_WHEEL_UP
              : event.bstate & BUTTON5_PRESSED ? QL_KEY_WHEEL_DOWN
              : event.bstate & BUTTON1_PRESSED ? QL_KEY_CLICK
                                               : QL_KEY_NONE;
    return (ql_event){key, event.y, event.x};
}

/* After it was stopped, whoever had the terminal meanwhile may have left it in any state. */
static void take_over_again(void)
{
    continued = 0;
    endwin();
    clearok(curscr, TRUE);
    refresh();
}

ql_event ql_term_read(ql_term *term, int milliseconds)
{
    wint_t code;
    timeout(milliseconds);
    int kind = get_wch(&code);
    if (continued) {
        take_over_again();
        return (ql_event){QL_KEY_RESIZE, 0, 0};
    }
    if (kind == ERR) {
        return (ql_event){QL_KEY_NONE, 0, 0};
    }
    if (kind == OK) {
        int key = code == '\b' ? QL_KEY_BACKSPACE : code < 0x110000 ? (int)code : QL_KEY_NONE;
        return (ql_event){key, 0, 0};
    }
    if (code == KEY_MOUSE) {
        return mouse();
    }
    if (code == KEY_RESIZE) {
        ql_grid_free(&term->shown); /* curses may have cut it off */
    }
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
        if (special[i].curses == (int)code) {
            return (ql_event){special[i].key, 0, 0};
        }
    }
    bool function = code > KEY_F0 && code <= KEY_F(12);
    return (ql_event){function ? QL_KEY_F((int)code - KEY_F0) : QL_KEY_NONE, 0, 0};
}
