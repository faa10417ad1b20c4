#include "metrics/tally.h"

#include "metrics/hist_text.h"

#include <string.h>

enum { TURNS = 4, SLOT = 2 * QL_HIST_SIDE - 1 };

static inline uint64_t four_of(const uint16_t *slot)
{
    uint64_t four;
    memcpy(&four, slot, sizeof four);
    return four;
}

/* Which of the four slots comes first differs by byte order, which counts the same. */
static inline void count_four(uint16_t count[][TURNS], uint64_t four)
{
    count[four & SLOT][0]++;
    count[four >> 16 & SLOT][1]++;
    count[four >> 32 & SLOT][2]++;
    count[four >> 48 & SLOT][3]++;
}

static void count_plainly(ql_hist *hist, const uint16_t *slot, size_t n)
{
    size_t i = 0;
    for (; i + TURNS <= n; i += TURNS) {
        uint64_t four = four_of(slot + i);
        hist->bin[four & SLOT]++;
        hist->bin[four >> 16 & SLOT]++;
        hist->bin[four >> 32 & SLOT]++;
        hist->bin[four >> 48 & SLOT]++;
    }
    for (; i < n; i++) {
        hist->bin[slot[i] & SLOT]++;
    }
}

static void count_squeezed(const ql_loops *loops, ql_hist *hist, const uint16_t *slot, size_t n)
{
    uint16_t rest[QL_BLOCK + QL_SPARE];
    size_t others = loops->squeeze(slot, n, QL_HIST_SIDE, rest);
    hist->bin[QL_HIST_SIDE] += n - others;
    count_plainly(hist, rest, others);
}

void ql_tally_squeeze(const ql_loops *loops, ql_hist *hist, const uint16_t *slot, size_t n, ql_counting *list)
{
    list->bin = hist->bin;
    list->n = loops->squeeze(slot, n, QL_HIST_SIDE, list->slot);
    hist->bin[QL_HIST_SIDE] += n - list->n;
}

void ql_tally_count(ql_counting *list)
{
    for (size_t i = 0; i < list->n; i++) {
        list->bin[list->slot[i] & SLOT]++;
    }
    list->n = 0;
}

/* No counter gets more of n slots than this. */
static void make_room(ql_tally *tally, ql_hist *hist, size_t n)
{
    if (tally->held + n / TURNS > UINT16_MAX) {
        ql_tally_flush(tally, hist);
    }
    tally->held += n / TURNS;
}

void ql_tally_add(const ql_loops *loops, ql_tally *tally, ql_hist *hist, const uint16_t *slot, size_t n)
{
    size_t i = 0;
    if (loops->squeeze) {
        count_squeezed(loops, hist, slot, n);
        return;
    }
    if (tally) {
        make_room(tally, hist, n);
        for (; i + TURNS <= n; i += TURNS) {
            count_four(tally->count, four_of(slot + i));
        }
    }
    count_plainly(hist, slot + i, n - i);
}

void ql_tally_flush(ql_tally *tally, ql_hist *hist)
{
    if (!tally || !tally->held) {
        return;
    }
    int first = QL_HIST_SIDE + ql_hist_index(hist, hist->min),
        last = QL_HIST_SIDE + ql_hist_index(hist, hist->max);
    for (int i = first; i <= last; i++) {
        uint64_t four = four_of(tally->count[i]);
        if (four) {
            hist->bin[i] += (four & 0xffff) + (four >> 16 & 0xffff) + (four >> 32 & 0xffff) + (four >> 48);
            memset(tally->count[i], 0, sizeof tally->count[i]);
        }
    }
    tally->held = 0;
}
