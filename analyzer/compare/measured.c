#include "analyzer/compare/measured.h"

#include <stdlib.h>

/* Elements up to which the floats that integers stand for stay in a cache from figure to figure; more are
 * worked out block by block each time. */
enum { SMALL = 1 << 15 };

ql_code ql_measured_fit(const ql_view *reference, const ql_view *candidate, ql_err *err)
{
    if (reference->count == candidate->count) {
        return QL_OK;
    }
    ql_fail(err, QL_E_FIT, "%zu elements where the reference has %zu: they must be equal", candidate->count,
            reference->count);
    return ql_at_tensor_of(err, candidate->tensor, candidate->index);
}

ql_code ql_measured_take(ql_measured *m, const ql_view *view, ql_err *err)
{
    bool as_kept = ql_raw_of(view, &m->values);
    bool bytes = view->type == QL_I8 || view->type == QL_U8;
    m->view = view;
    m->counted = bytes && ql_levels_count(&m->levels, &m->values, view->count);
    if (as_kept && (view->type == QL_F32 || view->count > SMALL)) {
        return QL_OK;
    }
    const float *floats;
    ql_code code = ql_floats_in(&m->floats, view, &floats, err);
    if (!code && as_kept) {
        m->values.floats = floats;
    } else if (!code) {
        m->values = ql_raw_of_floats(floats);
    }
    return code;
}

void ql_measured_free(ql_measured *m)
{
    free(m->floats.values);
    free(m->of.values);
    free(m->of_made.values);
}

static void add_limits(const ql_measured *m, ql_stats *stats)
{
    int32_t lowest, highest;
    const ql_view *view = m->view;
    if (!view->tensor->quant.scale_count || !ql_type_range(view->type, &lowest, &highest)) {
        return;
    }
    if (m->counted) {
        ql_stats_add_limits(stats, view->count, m->levels.count[0], m->levels.count[255]);
    } else if (view->type == QL_I16) {
        ql_stats_add_raw(stats, QL_RAW_I16, view->data, view->count, lowest, highest);
    }
}

/* The reference's value as floats, in the room if it has to be converted. */
static ql_code floats_of(const ql_measured *m, ql_floats_room *room, const ql_view *reference,
                         const float **f, ql_err *err)
{
    ql_code code = ql_measured_fit(reference, m->view, err);
    return code ? code : ql_floats_in(room, reference, f, err);
}

static const ql_levels *levels_of(const ql_measured *m)
{
    return m->counted && m->values.type != QL_RAW_F32 ? &m->levels : NULL;
}

ql_code ql_measured_add_local(ql_measured *m, ql_pair_stats *stats, uint64_t sample, const ql_view *reference,
                              ql_err *err)
{
    const float *f;
    ql_stats_also also = {.levels = levels_of(m)};
    ql_code code = floats_of(m, &m->of, reference, &f, err);
    if (!code) {
        ql_stats_fold(&stats->local);
        ql_stats_add_values(&stats->local, sample, f, &m->values, m->view->count, &also);
        add_limits(m, &stats->local);
    }
    return code;
}

static void add_levels(const ql_measured *m, ql_pair_stats *stats)
{
    enum { WORD = 64 };
    for (int word = 0; m->counted && word < 256 / WORD; word++) {
        const uint64_t *count = m->levels.count + WORD * word;
        uint64_t used = stats->levels[word];
        for (int i = 0; i < WORD && ~used; i++) {
            used |= (uint64_t)(count[i] != 0) << i;
        }
        stats->levels[word] = used;
    }
}

ql_code ql_measured_add_pair(ql_measured *m, ql_pair_stats *stats, uint64_t sample,
                             const ql_measured_with *with, ql_err *err)
{
    const float *f, *made = NULL;
    size_t count = m->view->count, channels = stats->channel_count;
    bool by_channel = channels && count % channels == 0;
    ql_code code = floats_of(m, &m->of, with->reference, &f, err);
    code = code || !with->made ? code : floats_of(m, &m->of_made, with->made, &made, err);
    if (code) {
        return code;
    }
    ql_stats_fold(&stats->local);
    ql_stats_also also = {.levels = levels_of(m),
                          .errors = &stats->errors,
                          .channels = by_channel ? stats->channels : NULL,
                          .channel_count = channels,
                          .as_noise = with->is_output,
                          .other = made ? &stats->local : NULL,
                          .other_f = made};
    ql_stats_add_values(&stats->cumulative, sample, f, &m->values, count, &also);
    add_limits(m, &stats->cumulative);
    if (made) {
        stats->has_local = true;
        add_limits(m, &stats->local);
    }
    add_levels(m, stats);
    if (!m->draws.least || m->draws.sample != sample) {
        ql_scatter_draw(&m->draws, sample);
    }
    ql_scatter_add(&stats->scatter, &m->draws, f, &m->values, count);
    return QL_OK;
}
