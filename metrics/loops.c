#include "metrics/loops.h"

#include "metrics/hist.h"
#include "metrics/loops_rows.h"

#include <math.h>

typedef struct {
    double lane[QL_LANES];
} d8;

typedef struct {
    float lane[QL_LANES];
} s8;

#define EACH(type, expression)                                                                               \
    type to;                                                                                                 \
    for (int i = 0; i < QL_LANES; i++) {                                                                     \
        to.lane[i] = (expression);                                                                           \
    }                                                                                                        \
    return to

static inline void soon(const float *x, size_t ahead)
{
    (void)x;
    (void)ahead;
}

static inline s8 s8_set(float x)
{
    EACH(s8, x);
}

static inline s8 s8_of(const float *x)
{
    EACH(s8, x[i]);
}

static inline s8 s8_of_bytes(const uint8_t *raw, uint8_t flip, int32_t zero, float scale)
{
    EACH(s8, scale * (float)((int32_t)(raw[i] ^ flip) - zero));
}

static inline s8 s8_of_words(const int16_t *raw, int32_t zero, float scale)
{
    EACH(s8, scale * (float)((int32_t)raw[i] - zero));
}

static inline void s8_store(float *to, s8 x)
{
    for (int i = 0; i < QL_LANES; i++) {
        to[i] = x.lane[i];
    }
}

static inline s8 s8_min(s8 a, s8 b)
{
    EACH(s8, b.lane[i] < a.lane[i] ? b.lane[i] : a.lane[i]);
}

static inline s8 s8_max(s8 a, s8 b)
{
    EACH(s8, b.lane[i] > a.lane[i] ? b.lane[i] : a.lane[i]);
}

static inline void s8_slots(s8 x, float scale, uint16_t *slot)
{
    for (int i = 0; i < QL_LANES; i++) {
        float at = x.lane[i] * scale;
        int whole = (int)at;
        slot[i] = (uint16_t)(whole + QL_HIST_SIDE - (at < (float)whole));
    }
}

static inline void s16_slots(const float *x, float scale, uint16_t *slot)
{
    s8_slots(s8_of(x), scale, slot);
    s8_slots(s8_of(x + QL_LANES), scale, slot + QL_LANES);
}

static inline d8 d8_set(double x)
{
    EACH(d8, x);
}

static inline d8 d8_of(s8 x)
{
    EACH(d8, (double)x.lane[i]);
}

static inline d8 d8_load(const double *x)
{
    EACH(d8, x[i]);
}

static inline void d8_store(double *to, d8 x)
{
    for (int i = 0; i < QL_LANES; i++) {
        to[i] = x.lane[i];
    }
}

static inline d8 d8_add(d8 a, d8 b)
{
    EACH(d8, a.lane[i] + b.lane[i]);
}

static inline d8 d8_sub(d8 a, d8 b)
{
    EACH(d8, a.lane[i] - b.lane[i]);
}

static inline d8 d8_mul(d8 a, d8 b)
{
    EACH(d8, a.lane[i] * b.lane[i]);
}

static inline d8 d8_add_product(d8 sum, d8 a, d8 b)
{
    EACH(d8, sum.lane[i] + a.lane[i] * b.lane[i]);
}

static inline d8 d8_abs(d8 a)
{
    EACH(d8, fabs(a.lane[i]));
}

static inline d8 d8_min(d8 a, d8 b)
{
    EACH(d8, b.lane[i] < a.lane[i] ? b.lane[i] : a.lane[i]);
}

static inline d8 d8_max(d8 a, d8 b)
{
    EACH(d8, b.lane[i] > a.lane[i] ? b.lane[i] : a.lane[i]);
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

/* Is d8_slots defined for values that have no slot? */
enum { D8_SLOTS_TAKES_ALL = 0 };

#define SQUEEZE       NULL
#define SQUEEZE_BYTES NULL
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
    &ql_loops_vbmi2,
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
