#include "metrics/hist_text.h"

#include <math.h>
#include <string.h>

enum { GROWN_MAX = 1014 - QL_HIST_K_MIN }; /* DBL_MAX < 1024 * 2^1014 */

static void put_bins(ql_compact *text, const ql_hist *hist)
{
    const char *between = "";
    for (int i = -QL_HIST_SIDE; i < QL_HIST_SIDE; i++) {
        if (ql_hist_at(hist, i) == 0) {
            continue;
        }
        ql_compact_string(text, between);
        ql_compact_int(text, i);
        ql_compact_string(text, ":");
        ql_compact_uint(text, ql_hist_at(hist, i));
        while (i + 1 < QL_HIST_SIDE && ql_hist_at(hist, i + 1)) {
            ql_compact_string(text, ",");
            ql_compact_uint(text, ql_hist_at(hist, ++i));
        }
        between = ";";
    }
}

void ql_hist_put(ql_compact *text, const ql_hist *hist)
{
    if (hist->count == 0 && hist->grown == 0) {
        ql_compact_string(text, "empty");
        return;
    }
    ql_compact_string(text, hist->fold ? "f" : "");
    ql_compact_int(text, ql_hist_k(hist));
    ql_compact_string(text, "/");
    ql_compact_uint(text, hist->count);
    ql_compact_string(text, "/");
    ql_compact_double(text, hist->min);
    ql_compact_string(text, "/");
    ql_compact_double(text, hist->max);
    ql_compact_string(text, "/");
    put_bins(text, hist);
}

static uint64_t get_bin(ql_reader *reader, ql_hist *hist, int64_t i)
{
    uint64_t here = ql_read_uint(reader);
    reader->ok = reader->ok && i < QL_HIST_SIDE && hist->bin[QL_HIST_SIDE + i] == 0;
    if (!reader->ok) {
        return 0;
    }
    hist->bin[QL_HIST_SIDE + i] = here;
    return here;
}

static void get_bins(ql_reader *reader, ql_hist *hist)
{
    uint64_t total = 0;
    do {
        int64_t i = ql_read_int(reader, -QL_HIST_SIDE, QL_HIST_SIDE - 1);
        ql_read_string(reader, ":");
        do {
            uint64_t here = get_bin(reader, hist, i++);
            reader->ok = reader->ok && here <= hist->count - total;
            total += reader->ok ? here : 0;
        } while (ql_read_if(reader, ","));
    } while (ql_read_if(reader, ";"));
    reader->ok = reader->ok && total == hist->count;
}

static bool limits_hold(const ql_hist *hist)
{
    if (!isfinite(hist->min) || !isfinite(hist->max) || hist->min > hist->max ||
        ql_hist_needed(hist, fmax(-hist->min, hist->max)) > hist->grown) {
        return false;
    }
    int first = ql_hist_index(hist, hist->min), last = ql_hist_index(hist, hist->max);
    for (int i = -QL_HIST_SIDE; i < QL_HIST_SIDE; i++) {
        if (((i < first || i > last) && ql_hist_at(hist, i)) ||
            ((i == first || i == last) && !ql_hist_at(hist, i))) {
            return false;
        }
    }
    return true;
}

void ql_hist_get(ql_reader *reader, ql_hist *hist)
{
    memset(hist, 0, sizeof *hist);
    if (ql_read_if(reader, "empty")) {
        return;
    }
    hist->fold = ql_read_if(reader, "f") ? QL_HIST_FOLD : 0;
    hist->grown = (int)ql_read_int(reader, QL_HIST_K_MIN, QL_HIST_K_MIN + GROWN_MAX) - QL_HIST_K_MIN;
    ql_read_string(reader, "/");
    hist->count = ql_read_uint(reader);
    ql_read_string(reader, "/");
    hist->min = ql_read_double(reader) + 0.0;
    ql_read_string(reader, "/");
    hist->max = ql_read_double(reader) + 0.0;
    ql_read_string(reader, "/");
    if (hist->count) {
        get_bins(reader, hist);
        reader->ok = reader->ok && limits_hold(hist);
    } else {
        reader->ok = reader->ok && hist->min == 0 && hist->max == 0;
    }
}

size_t ql_hist_write(const ql_hist *hist, char *out, size_t size)
{
    ql_compact text = ql_compact_into(out, size);
    ql_hist_put(&text, hist);
    return ql_compact_end(&text);
}

bool ql_hist_parse(ql_hist *hist, const char *text, size_t length)
{
    ql_reader reader = ql_reader_of(text, length);
    ql_hist_get(&reader, hist);
    ql_compact check = ql_compact_expect(text, length);
    ql_hist_put(&check, hist);
    if (!reader.ok || !ql_compact_matches(&check)) {
        memset(hist, 0, sizeof *hist);
        return false;
    }
    return true;
}
