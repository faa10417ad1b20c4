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

static inline void count_in_turns(uint16_t count[][TURNS], uint64_t four)
{
    count[four & SLOT][0]++;
    count[four >> 16 & SLOT][1]++;
    count[four >> 32 & SLOT][2]++;
    count[four >> 48 & SLOT][3]++;
}

void ql_count_slots(uint64_t *bin, const uint16_t *slot, size_t n)
{
    size_t i = 0;
    for (; i + TURNS <= n; i += TURNS) {
        ql_count_four(bin, slot + i);
    }
    for (; i < n; i++) {
        bin[slot[i] & SLOT]++;
    }
}

void ql_tally_squeeze(const ql_loops *loops, ql_hist *hist, const uint16_t *slot, size_t n, ql_counting *list)
{
    list->bin = hist->bin;
    list->n = loops->squeeze(slot, n, QL_HIST_SIDE, list->slot);
    hist->bin[QL_HIST_SIDE] += n - list->n;
}

void ql_tally_count(ql_counting *list)
{
    ql_count_slots(list->bin, list->slot, list->n);
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
        ql_counting list;
        ql_tally_squeeze(loops, hist, slot, n, &list);
        ql_tally_count(&list);
        return;
    }
    if (tally) {
        make_room(tally, hist, n);
        for (; i + TURNS <= n; i += TURNS) {
            count_in_turns(tally->count, four_of(slot + i));
        }
    }
    ql_count_slots(hist->bin, slot + i, n - i);
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
