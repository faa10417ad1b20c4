#include "metrics/sums.h"

#include <math.h>
#include <string.h>

/* Integer tests, so that the loop has no branch and the compiler may widen it. */
static int all_finite(const float *x, size_t n)
{
    uint32_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bad |= (uint32_t)((bits & 0x7f800000) == 0x7f800000);
    }
    return bad == 0;
}

static void set_pair(ql_block *block, size_t i, float f, float q)
{
    block->f[i] = (double)f;
    block->q[i] = (double)q;
    block->e[i] = (double)q - (double)f;
}

static void fill_finite(ql_block *block, const float *f, const float *q, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (isfinite(f[i]) && isfinite(q[i])) {
            block->place[block->count] = (uint16_t)i;
            set_pair(block, block->count++, f[i], q[i]);
        }
        block->nan_f += isnan(f[i]) != 0;
        block->inf_f += isinf(f[i]) != 0;
        block->nan_q += isnan(q[i]) != 0;
        block->inf_q += isinf(q[i]) != 0;
    }
}

void ql_block_fill(ql_block *block, const float *f, const float *q, size_t n)
{
    block->count = block->nan_f = block->inf_f = block->nan_q = block->inf_q = 0;
    if (all_finite(f, n) && all_finite(q, n)) {
        for (size_t i = 0; i < n; i++) {
            set_pair(block, i, f[i], q[i]);
        }
        block->count = n;
    } else {
        fill_finite(block, f, q, n);
    }
    for (size_t i = block->count; i % QL_LANES; i++) {
        set_pair(block, i, 0.0F, 0.0F);
    }
}

static double tree(const double lane[QL_LANES])
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

double ql_lane_sum(const double *x, size_t n)
{
    double lane[QL_LANES] = {0};
    for (size_t i = 0; i < n; i += QL_LANES) {
        for (size_t l = 0; l < QL_LANES; l++) {
            lane[l] += x[i + l];
        }
    }
    return tree(lane);
}

double ql_lane_sum_abs(const double *x, size_t n)
{
    double lane[QL_LANES] = {0};
    for (size_t i = 0; i < n; i += QL_LANES) {
        for (size_t l = 0; l < QL_LANES; l++) {
            lane[l] += fabs(x[i + l]);
        }
    }
    return tree(lane);
}

double ql_lane_dot(const double *x, const double *y, size_t n)
{
    double lane[QL_LANES] = {0};
    for (size_t i = 0; i < n; i += QL_LANES) {
        for (size_t l = 0; l < QL_LANES; l++) {
            lane[l] += x[i + l] * y[i + l];
        }
    }
    return tree(lane);
}
