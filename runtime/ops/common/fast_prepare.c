#include "runtime/ops/common/fast.h"

#include <string.h>

/* What is copied or summed at a time stays in the caches. */
enum {
    STAGE_BYTES = 1 << 16,
    COPY_BYTES = 1 << 18,
    STAGE_ROWS = QL_FAST_ROWS,
    COPY_MOST = 1 << 24,
    MOST_STRIDE = 32,
    ALIGN = 64,
    BEYOND = 64,
    LARGE = 1 << 19 /* multiply-accumulates that are worth waking a thread for */
};

/* Of weights that are not kept packed, so many bytes are packed at a time: lines are copied again for each.
 */
static const size_t PASS_BYTES = (size_t)1 << 22;

static bool choose_kernels(const ql_call *c, const ql_conv *s, ql_fast *f)
{
    const ql_isa *isa = c->isa;
    bool bytes = c->slot == QL_S_I8 || c->slot == QL_S_HYBRID;
    f->x_type = c->slot == QL_S_F32   ? QL_F32
                : c->slot == QL_S_U8  ? QL_U8
                : c->slot == QL_S_I16 ? QL_I16
                                      : QL_I8;
    f->form = c->slot == QL_S_F32                                                           ? QL_FORM_F32
              : bytes && isa->tile_u8 && !s->weight_zero && !f->by_matrix && !s->transposed ? QL_FORM_BYTES
                                                                                            : QL_FORM_WORDS;
    f->tile = f->form == QL_FORM_F32     ? isa->tile_f32
              : f->form == QL_FORM_BYTES ? isa->tile_u8
                                         : isa->tile_i16;
    f->taps = f->x_type == QL_F32   ? isa->taps_f32
              : f->x_type == QL_U8  ? isa->taps_u8
              : f->x_type == QL_I16 ? isa->taps_i16
                                    : isa->taps_i8;
    return s->depthwise ? f->taps != NULL : f->tile != NULL;
}

/* The tail that does what finish.run does. */
static ql_tail_fn choose_tail(const ql_call *c, const ql_conv *s, bool fits)
{
    const ql_finish *f = &s->finish;
    const ql_isa *isa = c->isa;
    if (f->run == ql_finish_f32) {
        return isa->tail_f32;
    }
    if (f->run == ql_finish_hybrid) {
        return isa->tail_hybrid;
    }
    if (f->factors_f32) {
        return NULL;
    }
    if (f->run == ql_finish_8) {
        return f->factors ? isa->tail_double_8 : isa->tail_8;
    }
    if (f->run == ql_finish_16) {
        return f->factors ? isa->tail_double_16 : isa->tail_16;
    }
    bool wide = f->run == ql_finish_16_wide && fits;
    return !wide ? NULL : f->factors ? isa->tail_double_16 : isa->tail_wide;
}

static int64_t bias_at(const ql_view *bias, int i)
{
    return bias->type == QL_I64 ? ((const int64_t *)bias->data)[i] : ((const int32_t *)bias->data)[i];
}

/* Where the reference sums in 64 bits: does int32 hold every sum and its bias? */
static bool sums_fit(const ql_call *c, const ql_conv *s, const ql_survey *found)
{
    const ql_view *bias = ql_has(c, s->finish.roles.bias) ? c->in[s->finish.roles.bias] : NULL;
    int64_t room = INT32_MAX - found->total * -(int64_t)INT16_MIN;
    bool fit = room >= 0;
    for (int i = 0; bias && fit && i < s->groups * s->group_outputs; i++) {
        int64_t b = bias_at(bias, i);
        fit = b <= room && b >= -room;
    }
    return fit;
}

static bool take_arrays(ql_call *c, ql_fast *f, size_t channels)
{
    f->m = ql_plan_take(c, channels, sizeof *f->m);
    f->shift = ql_plan_take(c, channels, sizeof *f->shift);
    f->start = ql_plan_take(c, channels, sizeof *f->start);
    f->bias = ql_plan_take(c, channels, sizeof *f->bias);
    f->w_scales = ql_plan_take(c, channels, sizeof *f->w_scales);
    f->factors = ql_plan_take(c, channels, sizeof *f->factors);
    return f->factors && f->m && f->shift && f->start && f->bias && f->w_scales;
}

static void fill_arrays(const ql_call *c, const ql_conv *s, ql_fast *f)
{
    const ql_view *bias = ql_has(c, s->finish.roles.bias) ? c->in[s->finish.roles.bias] : NULL;
    for (int i = 0; i < s->groups * s->group_outputs; i++) {
        size_t at = ql_fast_at(f, i / s->group_outputs, i % s->group_outputs);
        if (bias && bias->type == QL_F32) {
            f->bias[at] = ((const float *)bias->data)[i];
        } else if (bias) {
            f->start[at] = (int32_t)(uint32_t)(uint64_t)bias_at(bias, i);
        }
        if (s->start) {
            memcpy(&f->start[at], (const float *)c->in[s->start]->data + i, sizeof f->start[at]);
        }
        if (s->finish.run == ql_finish_hybrid) {
            f->w_scales[at] = ql_weight_scale(c->in[s->finish.roles.w], i);
        } else if (s->finish.factors) {
            f->factors[at] = s->finish.factors[i];
        } else if (s->finish.multipliers) {
            int32_t m = s->finish.multipliers[i].m;
            f->m[at] = s->finish.run == ql_finish_16_wide ? ql_reduced(m) : m;
            f->shift[at] = s->finish.multipliers[i].shift;
        }
    }
}

static size_t rounded_up(size_t bytes)
{
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

static void plan_depthwise(ql_call *c, const ql_conv *s, ql_fast *f)
{
    /* as long as a line of the image where whole lines may lie outside */
    size_t pixels = s->axes[0].kernel == 1 && s->axes[1].kernel == 1 ? 1 : (size_t)s->axes[2].in;
    f->outside_bytes = pixels * (size_t)s->channels * s->element;
    f->sums_at = f->rows_at + rounded_up(f->outside_bytes);
    size_t most = STAGE_BYTES / 4 / f->row_bytes;
    f->rows = most < 1 ? 1 : most > STAGE_ROWS ? STAGE_ROWS : most;
    f->span = rounded_up(f->rows * f->row_bytes);
    c->scratch_bytes = f->sums_at + (size_t)f->parts * f->span;
}

/* Lines (pointwise: pixels) that are worked on at a time, and the bytes of their copy. */
static size_t plan_copy(ql_fast *f)
{
    if (f->pointwise) {
        f->lines = STAGE_BYTES / f->pixel / QL_TILE_ROWS * QL_TILE_ROWS;
        f->lines = f->lines < QL_TILE_ROWS ? QL_TILE_ROWS : f->lines > STAGE_ROWS ? STAGE_ROWS : f->lines;
        return f->in_place ? 0 : f->lines * f->pixel + BEYOND;
    }
    size_t deep = ql_fast_lines(&f->axes[0], 1), window = ql_fast_lines(&f->axes[1], 1);
    f->lines = (size_t)f->axes[1].out;
    if (f->in_place) {
        return 0;
    }
    /* a window's lines are copied again for the next lines, so these must not be few */
    while (f->lines > window && deep * ql_fast_lines(&f->axes[1], f->lines) * f->line > COPY_BYTES) {
        f->lines = (f->lines + 1) / 2;
    }
    f->plane = ql_fast_lines(&f->axes[1], f->lines) * f->line;
    return deep * f->plane + BEYOND;
}

/* Where the kernels put what they make: behind the scratch memory that the operator has asked for. */
static void plan_scratch(ql_call *c, const ql_conv *s, ql_fast *f, size_t channels)
{
    f->scratch_at = rounded_up(c->scratch_bytes);
    f->places_at = f->rows_at = rounded_up(f->scratch_at + channels * sizeof(int32_t));
    f->parts = c->row->macs && c->row->macs(c) >= LARGE ? c->threads : 1;
    if (s->depthwise) {
        plan_depthwise(c, s, f);
        return;
    }
    size_t pass = f->packed || f->by_matrix ? 0 : (size_t)(s->groups * f->pass_blocks) * f->block_bytes;
    f->packed_at = f->places_at;
    f->places_at = rounded_up(f->packed_at + pass);
    f->rows_at = rounded_up(f->places_at + QL_FAST_ROWS * sizeof(void *));
    f->span = rounded_up(f->rows_at + f->copy_bytes) - f->places_at;
    c->scratch_bytes = f->places_at + (size_t)f->parts * f->span;
}

static ql_code prepare_tail(ql_call *c, const ql_conv *s, const ql_survey *found, ql_fast *f, size_t channels)
{
    bool wide = s->finish.run == ql_finish_16_wide;
    f->tail = choose_tail(c, s, !wide || sums_fit(c, s, found));
    f->long_sums = wide && !f->tail;
    f->fused = f->form == QL_FORM_F32 && f->tail;
    if (f->long_sums && found->largest) {
        f->part_steps = (size_t)(INT32_MAX / (2 * -(int64_t)INT16_MIN * found->largest));
    }
    if (!f->tail) {
        f->start = ql_plan_take(c, channels, sizeof *f->start);
        return f->start ? QL_OK : QL_E_NOMEM;
    }
    if (!take_arrays(c, f, channels)) {
        return QL_E_NOMEM;
    }
    fill_arrays(c, s, f);
    return QL_OK;
}

/* How many blocks of each group fit a pass, if not all. */
static int blocks_of_pass(const ql_conv *s, const ql_fast *f)
{
    size_t most = PASS_BYTES / ((size_t)s->groups * f->block_bytes) / QL_TILE_BLOCKS * QL_TILE_BLOCKS;
    most = most < QL_TILE_BLOCKS ? QL_TILE_BLOCKS : most;
    return most < (size_t)f->group_blocks ? (int)most : f->group_blocks;
}

/* Are all inputs of all positions in the image? */
static bool all_inside(const ql_fast *f)
{
    bool inside = true;
    for (int d = 0; d < 3; d++) {
        const ql_window *w = &f->axes[d];
        inside &= w->before == 0 && ql_fast_lines(w, (size_t)w->out) <= (size_t)w->in;
    }
    return inside;
}

/* Runs of a row: neighbouring taps of a line lie side by side when they are of all channels. */
static void cut_runs(const ql_conv *s, ql_fast *f)
{
    bool side_by_side = s->axes[2].dilation == 1 && s->groups == 1 && !s->transposed;
    size_t a_step = 4 / f->element;
    f->run_terms = (size_t)s->group_channels * (side_by_side ? (size_t)s->axes[2].kernel : 1);
    f->runs = f->source.terms / f->run_terms;
    f->steps = f->part_steps = (f->run_terms + a_step - 1) / a_step;
    f->block_bytes = f->runs * f->steps * QL_BLOCK * 4;
}

static void place_runs(const ql_conv *s, const ql_fast *f, size_t *at)
{
    const ql_window *deep = &s->axes[0], *high = &s->axes[1], *wide = &s->axes[2];
    size_t of_line = f->runs / ((size_t)deep->kernel * (size_t)high->kernel), i = 0;
    for (int z = 0; z < deep->kernel; z++) {
        for (int y = 0; y < high->kernel; y++) {
            for (size_t x = 0; x < of_line; x++) {
                at[i++] = (size_t)z * (size_t)deep->dilation * f->plane +
                          (size_t)y * (size_t)high->dilation * f->line +
                          x * (size_t)wide->dilation * f->pixel;
            }
        }
    }
}

/* The runs of a transposed convolution, phase by phase; the last taps read the first inputs. */
static void place_phases(const ql_conv *s, const ql_fast *f, ql_fast_phase *phases, size_t *taps, size_t *at)
{
    const ql_window *high = &s->axes[1], *wide = &s->axes[2];
    size_t i = 0;
    for (int p = 0; p < high->stride * wide->stride; p++) {
        phases[p].first_run = i;
        for (int m = f->axes[1].before; m >= 0; m--) {
            for (int n = f->axes[2].before; n >= 0; n--) {
                int y = p / wide->stride + m * high->stride, x = p % wide->stride + n * wide->stride;
                if (y < high->kernel && x < wide->kernel) {
                    taps[i] = (size_t)y * (size_t)wide->kernel + (size_t)x;
                    at[i++] = (size_t)(f->axes[1].before - m) * f->line +
                              (size_t)(f->axes[2].before - n) * f->pixel;
                }
            }
        }
        phases[p].runs = i - phases[p].first_run;
    }
}

static ql_code take_runs(ql_call *c, const ql_conv *s, ql_fast *f)
{
    size_t *run_at = ql_plan_take(c, f->runs, sizeof *run_at);
    f->run_at = run_at;
    if (!run_at || !s->transposed) {
        if (run_at) {
            place_runs(s, f, run_at);
        }
        return run_at ? QL_OK : QL_E_NOMEM;
    }
    size_t count = (size_t)(s->axes[1].stride * s->axes[2].stride);
    ql_fast_phase *phases = ql_plan_take(c, count, sizeof *phases);
    size_t *taps = ql_plan_take(c, f->runs, sizeof *taps);
    f->phases = phases;
    f->tap_of = taps;
    if (!phases || !taps) {
        return QL_E_NOMEM;
    }
    place_phases(s, f, phases, taps, run_at);
    return QL_OK;
}

/* Where rows are read: in the image when it has the form that the tile reads, whole steps and nothing outside
 * of it; else in copies. */
static void choose_places(const ql_conv *s, ql_fast *f)
{
    bool same_form = f->form == QL_FORM_F32 || f->x_type == QL_I16;
    bool whole = f->run_terms * f->element == f->steps * 4;
    f->pixel = (size_t)s->channels * f->element;
    f->in_place = same_form && whole && all_inside(f);
    if (f->pointwise && !f->in_place && s->groups == 1) {
        f->pixel = f->steps * 4;
    }
    size_t columns = f->in_place ? (size_t)f->axes[2].in : ql_fast_lines(&f->axes[2], (size_t)f->axes[2].out);
    f->line = f->pixel * columns;
    f->plane = f->line * (size_t)f->axes[1].in;
    f->copy_bytes = plan_copy(f);
}

static ql_code pack_product(ql_call *c, ql_conv *s, ql_fast *f)
{
    f->element = f->form == QL_FORM_F32 ? 4 : f->form == QL_FORM_WORDS ? 2 : 1;
    cut_runs(s, f);
    choose_places(s, f);
    ql_code code = take_runs(c, s, f);
    if (code) {
        return code;
    }
    f->pass_blocks = f->group_blocks;
    if (f->by_matrix) {
        return QL_OK;
    }
    bool left;
    f->packed = ql_pack_take(c, (size_t)s->groups * (size_t)f->group_blocks, f->block_bytes, &left);
    if (f->packed) {
        ql_fast_pack(s, f, 0, f->group_blocks, f->packed);
    } else if (left) {
        f->pass_blocks = blocks_of_pass(s, f);
    }
    return f->packed || left ? QL_OK : QL_E_NOMEM;
}

static ql_code pack_depthwise(ql_call *c, ql_conv *s, ql_fast *f)
{
    f->row_bytes = (size_t)f->group_blocks * QL_BLOCK * 4;
    f->packed = ql_plan_take(c, f->source.terms, f->row_bytes);
    if (f->packed) {
        ql_fast_pack_taps(s, f);
    }
    return f->packed ? QL_OK : QL_E_NOMEM;
}

static bool is_pointwise(const ql_conv *s)
{
    bool pointwise = !s->transposed;
    for (int d = 0; d < 3; d++) {
        const ql_window *w = &s->axes[d];
        pointwise &= w->kernel == 1 && w->stride == 1 && w->before == 0 && w->in == w->out;
    }
    return pointwise;
}

/* Is there something to do, and would copies of lines stay in proportion? Dilations can spread a window over
 * far more than there is. */
static bool copies_small(const ql_conv *s, const ql_fast *f)
{
    double image = (double)s->channels * sizeof(float), copy = image;
    for (int d = 0; d < 3; d++) {
        const ql_window *w = &f->axes[d];
        if (w->out < 1) {
            return false;
        }
        image *= w->in;
        copy *= (double)ql_fast_lines(w, (size_t)w->out);
    }
    return copy <= COPY_MOST || copy <= 4 * image;
}

/* How inputs are read along an axis of a transposed convolution, for output q * stride + p - before of any
 * phase p: taps p + m * stride meet input q - m. */
static ql_window read_back(const ql_window *w)
{
    int reach = (w->kernel - 1) / w->stride;
    return (ql_window){.in = w->in,
                       .kernel = reach + 1,
                       .stride = 1,
                       .dilation = 1,
                       .out = (int)(((int64_t)w->out - 1 + w->before) / w->stride) + 1,
                       .before = reach};
}

static bool suits_back(const ql_conv *s)
{
    const ql_window *deep = &s->axes[0], *high = &s->axes[1], *wide = &s->axes[2];
    bool flat = deep->kernel == 1 && deep->in == 1 && deep->out == 1 && deep->stride == 1 && !deep->before;
    bool dense = high->dilation == 1 && wide->dilation == 1 && high->stride <= MOST_STRIDE &&
                 wide->stride <= MOST_STRIDE;
    return flat && dense && high->out > 0 && wide->out > 0 && s->groups == 1 && !s->depthwise;
}

/* Is the value that sums start at known, and will adding zeros to it change nothing? */
static bool starts_well(const ql_call *c, const ql_conv *s)
{
    const ql_view *start = s->start ? c->in[s->start] : NULL;
    bool well = !start || start->known;
    for (int i = 0; start && well && i < s->group_outputs; i++) {
        float value = ((const float *)start->data)[i];
        well = value != 0 || !signbit(value);
    }
    return well;
}

/* What the portable loops keep for themselves. */
static bool suits(const ql_call *c, const ql_conv *s, const ql_fast *f)
{
    const ql_fast_source *from = &f->source;
    int bias = s->finish.roles.bias;
    bool another_order = c->slot == QL_S_F32 && !s->depthwise && c->numerics->eigen_products;
    bool plain = !another_order && (!s->transposed || suits_back(s)) && !s->term_scales &&
                 starts_well(c, s) && !s->finish.weight_sums;
    bool known = !ql_has(c, bias) ||
                 (c->in[bias]->known && c->in[bias]->count == (size_t)(s->groups * s->group_outputs));
    bool few_taps = !s->depthwise || from->terms <= QL_FAST_TAPS;
    return plain && known && few_taps && copies_small(s, f) && from->terms && s->group_outputs > 0 &&
           s->groups > 0;
}

static ql_code prepare(ql_call *c, ql_conv *s, ql_survey *found, ql_fast *f)
{
    size_t channels = (size_t)s->groups * (size_t)f->group_blocks * QL_BLOCK;
    f->weight_sums = ql_plan_take(c, channels, sizeof *f->weight_sums);
    if (!f->weight_sums) {
        return QL_E_NOMEM;
    }
    if (!f->by_matrix) {
        ql_fast_survey(s, f, f->weight_sums, found);
    }
    f->pointwise = is_pointwise(s);
    ql_code code = s->depthwise ? pack_depthwise(c, s, f) : pack_product(c, s, f);
    code = code ? code : prepare_tail(c, s, found, f, channels);
    if (!code) {
        plan_scratch(c, s, f, channels);
    }
    return code;
}

static ql_code choose(ql_call *c, ql_conv *s, ql_fast chosen)
{
    ql_survey found = {0};
    s->fast = NULL;
    for (int d = 0; d < 3; d++) {
        chosen.axes[d] = s->transposed && d ? read_back(&s->axes[d]) : s->axes[d];
    }
    if (!suits(c, s, &chosen) || !choose_kernels(c, s, &chosen)) {
        return QL_OK;
    }
    ql_fast *f = ql_plan_take(c, 1, sizeof *f);
    if (!f) {
        return QL_E_NOMEM;
    }
    *f = chosen;
    ql_code code = prepare(c, s, &found, f);
    /* a padding of zeros times what is not finite would not be nothing; sums that are too long: see above */
    bool holds = (found.finite || f->by_matrix) && !(s->depthwise && f->long_sums);
    s->fast = !code && holds ? f : NULL;
    return code;
}

ql_code ql_fast_prepare(ql_call *c, ql_conv *s, const ql_view *weights, ql_layout layout, size_t group_step)
{
    ql_fast_source from = {.weights = *weights,
                           .layout = layout,
                           .group_step = group_step,
                           .terms = (size_t)layout.runs * (size_t)layout.terms};
    return choose(c, s, (ql_fast){.source = from, .group_blocks = ql_blocks(s->group_outputs)});
}

ql_code ql_fast_prepare_matrix(ql_call *c, ql_conv *s, ql_layout layout)
{
    ql_fast_source from = {.layout = layout, .terms = (size_t)layout.terms};
    s->fast = NULL;
    if (c->slot != QL_S_F32 && c->slot != QL_S_I8) {
        return QL_OK;
    }
    return choose(c, s,
                  (ql_fast){.source = from, .group_blocks = ql_blocks(s->group_outputs), .by_matrix = true});
}

size_t ql_fast_matrix_bytes(const ql_conv *s)
{
    return s->fast ? (size_t)s->fast->group_blocks * s->fast->block_bytes : 0;
}
