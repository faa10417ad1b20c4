#include "metrics/hist.h"

#include "metrics/fill.h"
#include "metrics/hist_text.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 256, LANES = 8 };

int ql_hist_needed(const ql_hist *hist, double max_abs)
{
    int exponent; /* max_abs < 2^exponent, and not below half of it */
    (void)frexp(max_abs, &exponent);
    int k = exponent - 10;
    return (max_abs > 0 && k > QL_HIST_K_MIN ? k - QL_HIST_K_MIN : 0) + hist->fold;
}

int ql_hist_k(const ql_hist *hist)
{
    return hist->grown + QL_HIST_K_MIN;
}

double ql_hist_width(const ql_hist *hist)
{
    uint64_t bits = (uint64_t)(ql_hist_k(hist) + 1023) << 52; /* a normal number for every k there is */
    double width;
    memcpy(&width, &bits, sizeof width);
    return width;
}

uint64_t ql_hist_at(const ql_hist *hist, int i)
{
    return hist->bin[QL_HIST_SIDE + i];
}

int ql_hist_coarser(int i, int steps)
{
    int by = steps > 11 ? 11 : steps;
    return i >= 0 ? i >> by : -1 - ((-1 - i) >> by);
}

int ql_hist_index(const ql_hist *hist, double x)
{
    return (int)floor(x / ql_hist_width(hist)) - (x < 0 && x / ql_hist_width(hist) == 0);
}

/* A bin moves towards 0 or stays, so going outwards in place never meets a bin twice. */
static void grow_to(ql_hist *hist, int grown)
{
    int steps = grown - hist->grown;
    if (steps <= 0) {
        return;
    }
    hist->grown = grown;
    for (int i = 0; hist->count && i < QL_HIST_SIDE; i++) {
        uint64_t *right = hist->bin + QL_HIST_SIDE, *left = right - 1;
        int to = ql_hist_coarser(i, steps);
        uint64_t moved_right = right[i], moved_left = left[-i];
        right[i] = left[-i] = 0;
        right[to] += moved_right;
        left[-to] += moved_left;
    }
}

static ql_range range_of(const double *x, size_t n)
{
    double low[LANES], high[LANES];
    for (size_t l = 0; l < LANES; l++) {
        low[l] = high[l] = x[0];
    }
    size_t whole = n - n % LANES;
    for (size_t i = 0; i < whole; i += LANES) {
        for (size_t l = 0; l < LANES; l++) {
            low[l] = x[i + l] < low[l] ? x[i + l] : low[l];
            high[l] = x[i + l] > high[l] ? x[i + l] : high[l];
        }
    }
    for (size_t i = whole; i < n; i++) {
        low[0] = x[i] < low[0] ? x[i] : low[0];
        high[0] = x[i] > high[0] ? x[i] : high[0];
    }
    for (size_t l = 1; l < LANES; l++) {
        low[0] = low[l] < low[0] ? low[l] : low[0];
        high[0] = high[l] > high[0] ? high[l] : high[0];
    }
    return (ql_range){low[0] + 0.0, high[0] + 0.0}; /* of -0 and 0 the order would show: +0 for both */
}

bool ql_hist_holds(const ql_hist *hist, ql_range range)
{
    double end = (QL_HIST_SIDE >> hist->fold) * ql_hist_width(hist);
    return hist->grown >= hist->fold && -range.min < end && range.max < end;
}

void ql_hist_widen(ql_hist *hist, ql_range range, uint64_t count)
{
    bool first = hist->count == 0;
    hist->min = first || range.min < hist->min ? range.min : hist->min;
    hist->max = first || range.max > hist->max ? range.max : hist->max;
    if (!ql_hist_holds(hist, range)) {
        grow_to(hist, ql_hist_needed(hist, fmax(-range.min, range.max)));
    }
    hist->count += count;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Floor without branch or conversion, which widens to vectors anywhere. Adding 1.5 * 2^52 rounds to the
 * nearest integer, one too many when x lies below it: the sign of the difference, taken unscaled so that an x
 * whose scaled value falls to 0 still counts, and + 0.0 for the x that is -0. The low bits of t + (2^52 +
 * 1024) are the slot of t. */
static void count_block(ql_hist *hist, const double *x, size_t n, double scale, double width)
{
    const double nearest = 0x1.8p52, to_slot = 0x1p52 + QL_HIST_SIDE;
    uint64_t slot[BLOCK];
    for (size_t i = 0; i < n; i++) {
        double t = (x[i] * scale + nearest) - nearest;
        slot[i] = bits_of(t + to_slot) - (bits_of((x[i] - t * width) + 0.0) >> 63);
    }
    for (size_t i = 0; i < n; i++) {
        hist->bin[slot[i] % (2 * QL_HIST_SIDE)]++;
    }
}

ql_range ql_hist_add(ql_hist *hist, const double *values, size_t n)
{
    if (n == 0) {
        return (ql_range){0.0, 0.0};
    }
    ql_range range = range_of(values, n);
    ql_hist_widen(hist, range, n);
    double width = ql_hist_width(hist), scale = 1.0 / width;
    for (size_t i = 0; i < n; i += BLOCK) {
        count_block(hist, values + i, n - i < BLOCK ? n - i : BLOCK, scale, width);
    }
    return range;
}

void ql_hist_merge(ql_hist *into, const ql_hist *from)
{
    into->fold = into->fold > from->fold ? into->fold : from->fold;
    grow_to(into, from->grown);
    if (from->count == 0) {
        return;
    }
    ql_hist_widen(into, (ql_range){from->min, from->max}, from->count);
    int steps = into->grown - from->grown;
    for (int i = -QL_HIST_SIDE; i < QL_HIST_SIDE; i++) {
        into->bin[QL_HIST_SIDE + ql_hist_coarser(i, steps)] += ql_hist_at(from, i);
    }
}

void ql_hist_share(ql_hist *a, ql_hist *b)
{
    grow_to(a, b->grown);
    grow_to(b, a->grown);
}
