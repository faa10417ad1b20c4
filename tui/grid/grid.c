#include "tui/grid/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

static ql_cell *cell_at(const ql_grid *grid, int row, int col)
{
    bool inside = row >= 0 && row < grid->rows && col >= 0 && col < grid->cols;
    return inside ? &grid->cells[(size_t)row * (size_t)grid->cols + (size_t)col] : NULL;
}

ql_code ql_grid_make(ql_grid *grid, int rows, int cols, bool ascii, ql_err *err)
{
    *grid = (ql_grid){clamp(rows, 1, QL_GRID_MOST), clamp(cols, 1, QL_GRID_MOST), ascii, NULL};
    size_t count = (size_t)grid->rows * (size_t)grid->cols;
    grid->cells = calloc(count, sizeof *grid->cells);
    if (!grid->cells) {
        *grid = (ql_grid){0};
        return ql_fail_memory(err, count * sizeof *grid->cells);
    }
    for (int row = 0; row < grid->rows; row++) {
        ql_grid_blank(grid, row, 0, grid->cols, QL_ROLE_NORMAL);
    }
    return QL_OK;
}

void ql_grid_free(ql_grid *grid)
{
    free(grid->cells);
    *grid = (ql_grid){0};
}

/* What stands for characters of our own where only ASCII is shown; anything else becomes "?". */
static const struct {
    const char *from;
    char to;
} plain[] = {
    {"\xc2\xa0", ' '},     {"\xe2\x80\xa6", '~'}, {"\xe2\x86\x92", '>'}, {"\xc3\x97", 'x'},
    {"\xe2\x96\xbc", 'v'}, {"\xe2\x96\xb6", '>'}, {"\xc2\xb7", '.'},     {"\xc2\xb1", '~'},
    {"\xe2\x94\x80", '-'}, {"\xe2\x97\x8f", '*'}, {"\xe2\x94\x82", '|'}, {"\xe2\x96\xb2", '^'},
};

static char plain_of(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (strlen(plain[i].from) == length && !memcmp(plain[i].from, text, length)) {
            return plain[i].to;
        }
    }
    return '?';
}

/* A wide character that loses a half leaves a blank. */
static void break_wide(ql_grid *grid, int row, int col)
{
    ql_cell *cell = cell_at(grid, row, col), *left = cell_at(grid, row, col - 1),
            *right = cell_at(grid, row, col + 1);
    if (cell && cell->width == 0 && left) {
        left->text[0] = ' ', left->text[1] = 0, left->width = 1;
    }
    if (cell && cell->width == 2 && right) {
        right->text[0] = ' ', right->text[1] = 0, right->width = 1;
    }
}

static void set_cell(ql_grid *grid, int row, int col, const char *text, size_t length, int width,
                     ql_role role)
{
    ql_cell *cell = cell_at(grid, row, col);
    if (!cell || length >= QL_CELL_BYTES) {
        return;
    }
    break_wide(grid, row, col);
    memcpy(cell->text, text, length);
    cell->text[length] = 0;
    cell->width = (unsigned char)width;
    cell->role = (unsigned char)role;
}

static void join(ql_grid *grid, int row, int col, const char *text, size_t length)
{
    ql_cell *cell = cell_at(grid, row, col);
    if (cell && !cell->width) {
        cell = cell_at(grid, row, col - 1);
    }
    size_t used = cell ? strlen(cell->text) : 0;
    if (cell && used && used + length < QL_CELL_BYTES) {
        memcpy(cell->text + used, text, length);
        cell->text[used + length] = 0;
    }
}

static void put_char(ql_grid *grid, int row, int col, const char *text, size_t length, int width,
                     ql_role role)
{
    char one = grid->ascii && (unsigned char)*text >= 0x80 ? plain_of(text, length) : 0;
    if (width == 2 && (one || col + 1 >= grid->cols)) {
        set_cell(grid, row, col, "?", 1, 1, role);
        set_cell(grid, row, col + 1, "?", 1, 1, role);
        return;
    }
    set_cell(grid, row, col, one ? &one : text, one ? 1 : length, width, role);
    if (width == 2) {
        set_cell(grid, row, col + 1, "", 0, 0, role);
    }
}

/* Text that is escaped already. */
static int put_safe(ql_grid *grid, int row, int col, int width, ql_role role, const char *text, size_t length)
{
    int used = 0;
    for (size_t at = 0; at < length;) {
        size_t taken = ql_utf8_length(text + at, length - at);
        taken = taken ? taken : 1;
        int columns = (int)ql_text_columns(text + at, taken);
        if (!columns && used && !grid->ascii) {
            join(grid, row, col + used - 1, text + at, taken);
        } else if (columns) {
            if (columns > width - used) {
                break;
            }
            put_char(grid, row, col + used, text + at, taken, columns, role);
            used += columns;
        }
        at += taken;
    }
    return used;
}

int ql_grid_put(ql_grid *grid, int row, int col, int width, ql_role role, const char *text)
{
    ql_text safe = {0};
    ql_text_escaped(&safe, &ql_escape_plain, text);
    int used = put_safe(grid, row, col, width, role, ql_text_bytes(&safe), safe.length);
    ql_text_free(&safe);
    return used;
}

int ql_grid_format(ql_grid *grid, int row, int col, int width, ql_role role, const char *format, ...)
{
    char text[500];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return ql_grid_put(grid, row, col, width, role, text);
}

int ql_grid_cut(ql_grid *grid, int row, int col, int width, ql_role role, const char *text)
{
    if (width <= 0) {
        return 0;
    }
    ql_text safe = {0};
    ql_text_cut(&safe, &ql_escape_plain, text, (size_t)width);
    int used = put_safe(grid, row, col, width, role, ql_text_bytes(&safe), safe.length);
    ql_text_free(&safe);
    return used;
}

int ql_grid_columns(const char *text)
{
    ql_text safe = {0};
    ql_text_escaped(&safe, &ql_escape_plain, text);
    size_t columns = ql_text_columns(ql_text_bytes(&safe), safe.length);
    ql_text_free(&safe);
    return columns > QL_GRID_MOST ? QL_GRID_MOST : (int)columns;
}

void ql_grid_right(ql_grid *grid, int row, int col, int width, ql_role role, const char *text)
{
    int columns = ql_grid_columns(text), left = width > columns ? width - columns : 0;
    ql_grid_put(grid, row, col + left, width - left, role, text);
}

/* How many bytes of the text fit into a line, broken after a space where there is one. */
static size_t fitting(const char *text, size_t length, int width)
{
    size_t at = 0, space = 0;
    int used = 0;
    while (at < length) {
        size_t taken = ql_utf8_length(text + at, length - at);
        taken = taken ? taken : 1;
        used += (int)ql_text_columns(text + at, taken);
        if (used > width) {
            return text[at] == ' ' ? at : space ? space : at ? at : taken;
        }
        at += taken;
        space = text[at - taken] == ' ' ? at : space;
    }
    return at;
}

int ql_grid_wrap(ql_grid *grid, int row, int col, int rows, int width, ql_role role, const char *text)
{
    ql_text safe = {0};
    int used = 0;
    ql_text_escaped(&safe, &ql_escape_plain, text);
    const char *bytes = ql_text_bytes(&safe);
    for (size_t at = 0; at < safe.length && used < rows && width > 0; used++) {
        size_t taken = fitting(bytes + at, safe.length - at, width);
        put_safe(grid, row + used, col, width, role, bytes + at, taken);
        at += taken;
        at += strspn(bytes + at, " ");
    }
    ql_text_free(&safe);
    return used;
}

void ql_grid_paint(ql_grid *grid, int row, int col, int width, ql_role role)
{
    for (int i = 0; i < width && i < grid->cols; i++) {
        ql_cell *cell = cell_at(grid, row, col + i);
        if (cell) {
            cell->role = (unsigned char)role;
        }
    }
}

void ql_grid_blank(ql_grid *grid, int row, int col, int width, ql_role role)
{
    for (int i = 0; i < width && i < grid->cols; i++) {
        set_cell(grid, row, col + i, " ", 1, 1, role);
    }
}

void ql_grid_copy(ql_grid *grid, const ql_box *to, const ql_grid *source, int from)
{
    for (int row = 0; row < to->rows; row++) {
        for (int col = 0; col < to->cols; col++) {
            const ql_cell *cell = cell_at(source, from + row, col);
            ql_cell *target = cell_at(grid, to->row + row, to->col + col);
            if (cell && target) {
                *target = *cell;
            }
        }
    }
}

static void dump_line(const ql_grid *grid, int row, bool roles, ql_text *text)
{
    static const char letters[] = {
#define QL_ROLE_LETTER(id, letter) letter,
        QL_ROLES(QL_ROLE_LETTER)
#undef QL_ROLE_LETTER
    };
    size_t kept = text->length;
    for (int col = 0; col < grid->cols; col++) {
        const ql_cell *cell = cell_at(grid, row, col);
        if (roles) {
            ql_text_put_char(text, letters[cell->role], 1);
        } else {
            ql_text_put(text, cell->text);
        }
    }
    while (text->length > kept && text->bytes[text->length - 1] == ' ') {
        text->bytes[--text->length] = 0;
    }
    ql_text_put(text, "\n");
}

void ql_grid_dump(const ql_grid *grid, bool roles, ql_text *text)
{
    for (int pass = 0; pass <= (int)roles; pass++) {
        for (int row = 0; row < grid->rows; row++) {
            dump_line(grid, row, pass, text);
        }
    }
}
