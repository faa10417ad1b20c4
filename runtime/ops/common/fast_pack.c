/* Weights: what their values allow, and laid out as the kernels read them. */
#include "runtime/ops/common/fast.h"

#include <string.h>

static int32_t weight_at(const ql_conv *s, const ql_fast_source *from, size_t k)
{
    const ql_view *w = &from->weights;
    return (w->type == QL_I16 ? ((const int16_t *)w->data)[k] : ql_small_int(w, k)) - s->weight_zero;
}

/* Element of term k of an output of a group. */
static size_t place_of(const ql_fast_source *from, int group, int output, size_t k)
{
    const ql_layout *l = &from->layout;
    size_t first = l->first + (size_t)group * from->group_step + (size_t)output * l->output;
    if (l->runs == 1) { /* nearly always; divisions would take most of the time of packing */
        return first + k * l->term;
    }
    return first + k / (size_t)l->terms * l->run + k % (size_t)l->terms * l->term;
}

static bool all_finite(const float *x, size_t count)
{
    const uint32_t exponent = 0x7f800000;
    uint32_t odd = 0;
    for (size_t k = 0; k < count; k++) {
        uint32_t bits;
        memcpy(&bits, x + k, sizeof bits);
        odd |= (uint32_t)((bits & exponent) == exponent);
    }
    return !odd;
}

/* Sums of an output's weights, as they are and without their signs. */
typedef struct {
    int64_t sum, total;
} ql_weight_sums;

static void add_bytes(const int8_t *w, size_t count, ql_weight_sums *to, ql_survey *found)
{
    enum { AT_ONCE = 1 << 16 };
    for (size_t from = 0; from < count; from += AT_ONCE) {
        int32_t sum = 0, total = 0, largest = 0,
                end = count - from < AT_ONCE ? (int32_t)(count - from) : AT_ONCE;
        for (int32_t k = 0; k < end; k++) {
            int32_t value = w[from + (size_t)k], size = value < 0 ? -value : value;
            sum += value;
            total += size;
            largest = size > largest ? size : largest;
        }
        to->sum += sum;
        to->total += total;
        found->largest = largest > found->largest ? largest : found->largest;
    }
}

static void add_terms(const ql_conv *s, const ql_fast_source *from, int group, int output, ql_weight_sums *to,
                      ql_survey *found)
{
    for (size_t k = 0; k < from->terms; k++) {
        int32_t w = weight_at(s, from, place_of(from, group, output, k)), size = w < 0 ? -w : w;
        to->sum += w;
        to->total += size;
        found->largest = size > found->largest ? size : found->largest;
    }
}

static bool terms_are_neighbours(const ql_fast_source *from)
{
    return from->layout.runs == 1 && from->layout.term == 1;
}

static void survey_floats(const ql_fast_source *from, int group, int output, ql_survey *found)
{
    const float *w = from->weights.data;
    size_t together = terms_are_neighbours(from) ? from->terms : 1;
    for (size_t k = 0; k < from->terms; k += together) {
        found->finite &= all_finite(w + place_of(from, group, output, k), together);
    }
}

void ql_fast_survey(const ql_conv *s, const ql_fast *f, int32_t *sums, ql_survey *found)
{
    const ql_fast_source *from = &f->source;
    bool bytes = from->weights.type == QL_I8 && !s->weight_zero && terms_are_neighbours(from);
    found->finite = true;
    for (int i = 0; i < s->groups * s->group_outputs; i++) {
        int group = i / s->group_outputs, o = i % s->group_outputs;
        ql_weight_sums made = {0};
        if (f->form == QL_FORM_F32) {
            survey_floats(from, group, o, found);
        } else if (bytes) {
            add_bytes((const int8_t *)from->weights.data + place_of(from, group, o, 0), from->terms, &made,
                      found);
        } else {
            add_terms(s, from, group, o, &made, found);
        }
        sums[ql_fast_at(f, group, o)] = (int32_t)(uint32_t)(uint64_t)made.sum;
        found->total = made.total > found->total ? made.total : found->total;
    }
}

/* `count` neighbouring int8 from step `k` / 4 on, whole steps by one move. */
static void pack_bytes(const int8_t *w, size_t count, size_t k, char *lane)
{
    enum { STEP = 4 };
    for (size_t i = 0; i < count; i += STEP, k += STEP) {
        memcpy(lane + k * QL_BLOCK, w + i, count - i < STEP ? count - i : STEP);
    }
}

static void pack_run(const ql_conv *s, const ql_fast *f, size_t at, size_t k, size_t count, char *block,
                     size_t lane)
{
    const ql_fast_source *from = &f->source;
    size_t term = from->layout.term;
    if (f->form == QL_FORM_F32) {
        const float *w = (const float *)from->weights.data + at;
        float *y = (float *)(void *)block + k * QL_BLOCK + lane;
        for (size_t i = 0; i < count; i++) {
            y[i * QL_BLOCK] = w[i * term];
        }
    } else if (f->form == QL_FORM_WORDS) {
        int16_t *y = (int16_t *)(void *)block;
        for (size_t i = 0; i < count; i++, k++) {
            y[(k / 2 * QL_BLOCK + lane) * 2 + k % 2] = (int16_t)weight_at(s, from, at + i * term);
        }
    } else if (from->weights.type == QL_I8 && term == 1 && k % 4 == 0) {
        pack_bytes((const int8_t *)from->weights.data + at, count, k, block + lane * 4);
    } else {
        for (size_t i = 0; i < count; i++, k++) {
            ((int8_t *)block)[(k / 4 * QL_BLOCK + lane) * 4 + k % 4] =
                (int8_t)weight_at(s, from, at + i * term);
        }
    }
}

static void pack_output(const ql_conv *s, const ql_fast *f, int group, int output, char *block)
{
    const ql_fast_source *from = &f->source;
    size_t lane = (size_t)(output % QL_BLOCK);
    size_t run_room = f->steps * (4 / f->element); /* a run fills whole steps */
    size_t together = from->layout.runs == 1 ? f->run_terms : 1;
    for (size_t run = 0; run < f->runs; run++) {
        size_t first = (f->tap_of ? f->tap_of[run] : run) * f->run_terms;
        for (size_t i = 0; i < f->run_terms; i += together) {
            pack_run(s, f, place_of(from, group, output, first + i), run * run_room + i, together, block,
                     lane);
        }
    }
}

void ql_fast_pack(const ql_conv *s, const ql_fast *f, int first, int count, char *to)
{
    int end = (first + count) * QL_BLOCK < s->group_outputs ? (first + count) * QL_BLOCK : s->group_outputs;
    for (int group = 0; group < s->groups; group++) {
        for (int o = first * QL_BLOCK; o < end; o++) {
            pack_output(s, f, group, o, to + (size_t)(group * count + o / QL_BLOCK - first) * f->block_bytes);
        }
    }
}

void ql_fast_pack_taps(const ql_conv *s, const ql_fast *f)
{
    const ql_fast_source *from = &f->source;
    for (size_t k = 0; k < from->terms; k++) {
        char *row = (char *)f->packed + k * f->row_bytes;
        for (int o = 0; o < s->group_outputs; o++) {
            size_t at = place_of(from, 0, o, k);
            if (f->form == QL_FORM_F32) {
                ((float *)(void *)row)[o] = ((const float *)from->weights.data)[at];
            } else {
                ((int32_t *)(void *)row)[o] = weight_at(s, from, at);
            }
        }
    }
}

/* PACK(name, from, to, index): a block of up to QL_BLOCK outputs, along the lines of the source. */
#define PACK(name, from, to, index, value)                                                                   \
    static void name(const from *x, const ql_fast_source *source, size_t lanes, int32_t zero, to *y)         \
    {                                                                                                        \
        size_t output = source->layout.output, term = source->layout.term;                                   \
        bool across = output == 1;                                                                           \
        size_t outer = across ? source->terms : lanes, inner = across ? lanes : source->terms;               \
        (void)zero;                                                                                          \
        for (size_t i = 0; i < outer; i++) {                                                                 \
            for (size_t j = 0; j < inner; j++) {                                                             \
                size_t k = across ? i : j, lane = across ? j : i;                                            \
                y[index] = (to)(x[lane * output + k * term] value);                                          \
            }                                                                                                \
        }                                                                                                    \
    }

PACK(pack_floats, float, float, k *QL_BLOCK + lane, )
PACK(pack_words, int8_t, int16_t, (k / 2 * QL_BLOCK + lane) * 2 + k % 2, -zero)

void ql_fast_pack_matrix(const ql_conv *s, const ql_view *weights, size_t first, char *to)
{
    const ql_fast *f = s->fast;
    size_t outputs = (size_t)s->group_outputs;
    memset(to, 0, ql_fast_matrix_bytes(s));
    for (size_t o = 0; o < outputs; o += QL_BLOCK, to += f->block_bytes) {
        size_t lanes = outputs - o < QL_BLOCK ? outputs - o : QL_BLOCK;
        size_t at = first + o * f->source.layout.output;
        if (f->form == QL_FORM_F32) {
            pack_floats((const float *)weights->data + at, &f->source, lanes, 0, (float *)(void *)to);
        } else {
            pack_words((const int8_t *)weights->data + at, &f->source, lanes, s->weight_zero,
                       (int16_t *)(void *)to);
        }
    }
}
