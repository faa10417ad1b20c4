#include "metrics/loops.h"

#include "metrics/hist.h"
#include "metrics/loops_rows.h"

#include <math.h>

typedef struct {
    double lane[QL_LANES];
} d8;

#define EACH(expression)                                                                                     \
    d8 to;                                                                                                   \
    for (int i = 0; i < QL_LANES; i++) {                                                                     \
        to.lane[i] = (expression);                                                                           \
    }                                                                                                        \
    return to

static inline d8 d8_set(double x)
{
    EACH(x);
}

static inline d8 d8_of(const float *x)
{
    EACH((double)x[i]);
}

static inline void d8_store(double *to, d8 x)
{
    for (int i = 0; i < QL_LANES; i++) {
        to[i] = x.lane[i];
    }
}

static inline d8 d8_add(d8 a, d8 b)
{
    EACH(a.lane[i] + b.lane[i]);
}

static inline d8 d8_sub(d8 a, d8 b)
{
    EACH(a.lane[i] - b.lane[i]);
}

static inline d8 d8_mul(d8 a, d8 b)
{
    EACH(a.lane[i] * b.lane[i]);
}

static inline d8 d8_abs(d8 a)
{
    EACH(fabs(a.lane[i]));
}

static inline d8 d8_min(d8 a, d8 b)
{
    EACH(b.lane[i] < a.lane[i] ? b.lane[i] : a.lane[i]);
}

static inline d8 d8_max(d8 a, d8 b)
{
    EACH(b.lane[i] > a.lane[i] ? b.lane[i] : a.lane[i]);
}

/* Floor without branch or call: adding 1.5 * 2^52 rounds to the nearest integer, one too many when x lies
 * below it. */
static inline void d8_slots(d8 x, double scale, uint16_t *slot)
{
    const double nearest = 0x1.8p52;
    for (int i = 0; i < QL_LANES; i++) {
        double at = x.lane[i] * scale, t = (at + nearest) - nearest;
        slot[i] = (uint16_t)((int)t + QL_HIST_SIDE - (at < t));
    }
}

#include "metrics/loops_body.h"

static bool always(void)
{
    return true;
}

static const ql_loops plain = LOOPS("portable", always);

static const ql_loops *const rows[] = {
    &plain,
#if defined(__x86_64__)
    &ql_loops_avx2,
    &ql_loops_avx512,
#endif
};

const ql_loops *ql_loops_at(int i)
{
    return i >= 0 && i < (int)(sizeof rows / sizeof *rows) ? rows[i] : NULL;
}

const ql_loops *ql_loops_best(void)
{
    const ql_loops *best = &plain;
    for (int i = 1; ql_loops_at(i); i++) {
        best = ql_loops_at(i)->present() ? ql_loops_at(i) : best;
    }
    return best;
}
