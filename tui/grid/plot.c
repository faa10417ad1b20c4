#include "tui/grid/plot.h"

#include <math.h>
#include <string.h>

static const char *const eighths_right[] = {"",
                                            "\xe2\x96\x8f",
                                            "\xe2\x96\x8e",
                                            "\xe2\x96\x8d",
                                            "\xe2\x96\x8c",
                                            "\xe2\x96\x8b",
                                            "\xe2\x96\x8a",
                                            "\xe2\x96\x89"};
static const char full_block[] = "\xe2\x96\x88";

static double clamp01(double share)
{
    return share > 1 ? 1 : share > 0 ? share : 0;
}

void ql_plot_bar(ql_grid *grid, int row, int col, int width, double share, ql_role role)
{
    if (width <= 0) {
        return;
    }
    int eighths = (int)lround(clamp01(share) * 8 * width);
    for (int i = 0; i < width && eighths > 0; i++, eighths -= 8) {
        if (grid->ascii) {
            ql_grid_put(grid, row, col + i, 1, role, eighths >= 4 ? "#" : "");
        } else {
            ql_grid_put(grid, row, col + i, 1, role, eighths >= 8 ? full_block : eighths_right[eighths]);
        }
    }
}

void ql_plot_meter(ql_grid *grid, int row, int col, int width, const char *label, double share,
                   const char *text, ql_role role)
{
    int used = ql_grid_put(grid, row, col, width, QL_ROLE_ACCENT, label), inner = width - used - 2;
    if (inner < 4) {
        return;
    }
    int bars = (int)lround(clamp01(share) * inner);
    col += used;
    ql_grid_put(grid, row, col, 1, QL_ROLE_STRONG, "[");
    ql_grid_put(grid, row, col + inner + 1, 1, QL_ROLE_STRONG, "]");
    for (int i = 0; i < bars; i++) {
        ql_grid_put(grid, row, col + 1 + i, 1, role, "|");
    }
    ql_grid_right(grid, row, col + 1, inner, QL_ROLE_STRONG, text);
}

/* `level` of the cell's `of` steps, from below. */
static const char *block(bool ascii, int level, int of)
{
    static const char *const blocks[] = {" ",
                                         "\xe2\x96\x81",
                                         "\xe2\x96\x82",
                                         "\xe2\x96\x83",
                                         "\xe2\x96\x84",
                                         "\xe2\x96\x85",
                                         "\xe2\x96\x86",
                                         "\xe2\x96\x87",
                                         full_block};
    static const char *const plain[] = {" ", "_", ".", ":", "#"};
    level = level < 0 ? 0 : level > of ? of : level;
    return ascii ? plain[level] : blocks[level];
}

int ql_plot_spark_column(const ql_box *box, int count, int i, int *columns)
{
    if (count <= 0 || box->cols <= 0) {
        *columns = 0;
        return box->col;
    }
    int wide = box->cols / count;
    wide = wide > 3 ? 3 : wide;
    *columns = wide ? wide : 1;
    return box->col + (wide ? i * wide : (int)((int64_t)i * box->cols / count));
}

static void draw_spark(ql_grid *grid, const ql_box *box, int col, int width, const ql_spark *spark)
{
    int of = grid->ascii ? 4 : 8, total = box->rows * of;
    int level = isnan(spark->height) ? 0 : (int)lround(clamp01(spark->height) * (total - 1)) + 1;
    for (int row = 0; row < box->rows; row++) {
        const char *glyph = block(grid->ascii, level - (box->rows - 1 - row) * of, of);
        for (int i = 0; i < (width > 2 ? width - 1 : width); i++) {
            ql_grid_put(grid, box->row + row, col + i, 1, spark->role, glyph);
        }
    }
}

int ql_plot_sparks(ql_grid *grid, const ql_box *box, const ql_spark *sparks, int count, bool lowest)
{
    int columns = 0, last = -1;
    ql_spark best = {(double)NAN, QL_ROLE_DIM};
    for (int i = 0; i < count && box->cols > 0; i++) {
        int col = ql_plot_spark_column(box, count, i, &columns);
        bool better = lowest ? sparks[i].height < best.height : sparks[i].height > best.height;
        best = col != last || isnan(best.height) || better ? sparks[i] : best;
        last = col;
        draw_spark(grid, box, col, columns, &best);
    }
    return count > box->cols ? 0 : columns;
}

/* The highest bin of those that dot column x of `dots` stands for. */
static double height_at(const double *heights, int count, int x, int dots)
{
    int from = (int)((int64_t)x * count / dots), to = (int)((int64_t)(x + 1) * count / dots);
    double highest = heights[from];
    for (int i = from + 1; i < to; i++) {
        highest = fmax(highest, heights[i]);
    }
    return clamp01(highest);
}

/* Braille: the dots of one column of a cell, from its foot or its head. */
static unsigned dots_of(int level, bool right, ql_direction direction)
{
    static const unsigned left_dots[] = {0x40, 0x04, 0x02, 0x01}, right_dots[] = {0x80, 0x20, 0x10, 0x08};
    unsigned bits = 0;
    for (int i = 0; i < level && i < 4; i++) {
        int at = direction == QL_PLOT_UP ? i : 3 - i;
        bits |= right ? right_dots[at] : left_dots[at];
    }
    return bits;
}

static int level_at(const double *heights, int count, int x, int dots, int rows, int steps, int row)
{
    double height = height_at(heights, count, x, dots);
    int level = height > 0 ? 1 + (int)lround(height * (rows * steps - 1)) : 0;
    return level - row * steps;
}

void ql_plot_histogram(ql_grid *grid, const ql_box *box, const double *heights, int count,
                       ql_direction direction, ql_role role)
{
    for (int k = 0; k < box->rows && count > 0; k++) {
        int row = box->row + (direction == QL_PLOT_UP ? box->rows - 1 - k : k);
        for (int x = 0; x < box->cols; x++) {
            char glyph[8] = " ";
            if (grid->ascii) {
                int level = level_at(heights, count, x, box->cols, box->rows, 4, k);
                const char *hanging = level >= 3 ? "#" : level == 2 ? "\"" : "'";
                const char *mark = level <= 0                ? " "
                                   : direction == QL_PLOT_UP ? block(true, level, 4)
                                                             : hanging;
                memcpy(glyph, mark, 2);
            } else {
                unsigned bits = 0;
                for (int half = 0; half < 2; half++) {
                    int level = level_at(heights, count, 2 * x + half, 2 * box->cols, box->rows, 4, k);
                    bits |= dots_of(level, half, direction);
                }
                glyph[0] = (char)0xe2, glyph[1] = (char)(0xa0 + (bits >> 6)),
                glyph[2] = (char)(0x80 + (bits & 63));
                glyph[3] = 0;
                glyph[bits ? 3 : 1] = 0;
                glyph[0] = bits ? glyph[0] : ' ';
            }
            ql_grid_put(grid, row, box->col + x, 1, role, glyph);
        }
    }
}

static int place(double value, double first, double last, int width)
{
    double share = last > first ? (value - first) / (last - first) : 0;
    return (int)lround(clamp01(share) * (width - 1));
}

static void stroke(ql_grid *grid, int row, int col, int from, int to, ql_role role, const char *glyph)
{
    for (int i = from; i <= to; i++) {
        ql_grid_put(grid, row, col + i, 1, role, glyph);
    }
}

void ql_plot_spread(ql_grid *grid, int row, int col, int width, const ql_spread *s, double first, double last,
                    ql_role role)
{
    if (width <= 0 || isnan(s->min) || isnan(s->max)) {
        return;
    }
    int from = place(s->min, first, last, width), to = place(s->max, first, last, width);
    stroke(grid, row, col, from, to, role, grid->ascii ? "-" : "\xe2\x94\x80");
    ql_grid_put(grid, row, col + from, 1, role, grid->ascii ? "|" : "\xe2\x94\x9c");
    ql_grid_put(grid, row, col + to, 1, role, grid->ascii ? "|" : "\xe2\x94\xa4");
    if (!isnan(s->low) && !isnan(s->high)) {
        stroke(grid, row, col, place(s->low, first, last, width), place(s->high, first, last, width), role,
               grid->ascii ? "=" : "\xe2\x94\x81");
    }
    if (!isnan(s->middle)) {
        ql_grid_put(grid, row, col + place(s->middle, first, last, width), 1, role,
                    grid->ascii ? "+" : "\xe2\x95\x8b");
    }
}
