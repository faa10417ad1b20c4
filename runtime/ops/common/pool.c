#include "runtime/ops/common/pool.h"

enum { PADDING, STRIDE_W, STRIDE_H, FILTER_W, FILTER_H, ACTIVATION };

static ql_window window_of(const ql_call *c, int dimension, int stride, int kernel)
{
    return (ql_window){.in = c->in[0]->dims[dimension],
                       .kernel = ql_opt_int(c->options, kernel),
                       .stride = ql_opt_int(c->options, stride),
                       .dilation = 1};
}

ql_code ql_prepare_pool(ql_call *c)
{
    ql_pool *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    ql_code code = ql_need_rank(c, 0, 4, 4);
    code = code ? code : ql_need_same_type(c, 0, 0);
    if (code) {
        return code;
    }
    int padding = ql_opt_int(c->options, PADDING), activation = ql_opt_int(c->options, ACTIVATION);
    const int32_t *x = c->in[0]->dims;
    s->rows = window_of(c, 1, STRIDE_H, FILTER_H);
    s->columns = window_of(c, 2, STRIDE_W, FILTER_W);
    code = ql_window_fit(c, &s->rows, padding);
    code = code ? code : ql_window_fit(c, &s->columns, padding);
    code = code ? code : ql_set_shape(c, 0, 4, (int32_t[]){x[0], s->rows.out, s->columns.out, x[3]});
    c->scratch_bytes = (size_t)x[3] * sizeof(int64_t);
    s->clamp_f32 = ql_activation_f32(activation);
    return code || c->slot == QL_S_F32 ? code : ql_activation_q(c, 0, activation, &s->clamp);
}

static void run_window(const ql_call *c, const ql_pool *s, const ql_pool_cell *cell)
{
    size_t channels = (size_t)c->in[0]->dims[3], element = c->in[0]->bytes / c->in[0]->count;
    s->fast(&(ql_pool_window){.x = (const char *)c->in[0]->data + cell->in * element,
                              .row = channels * (size_t)s->columns.in * element,
                              .column = channels * element,
                              .rows = cell->rows,
                              .columns = cell->columns,
                              .count = channels,
                              .y = (char *)c->out[0]->data + cell->out * element,
                              .low = s->clamp.lowest,
                              .high = s->clamp.highest,
                              .low_f32 = s->clamp_f32.lowest,
                              .high_f32 = s->clamp_f32.highest});
}

static ql_code run_windows(const ql_call *c)
{
    return c->in[0]->count ? ql_pool_walk(c, run_window) : QL_OK;
}

static uint64_t taps(const ql_window *window)
{
    return (uint64_t)(window->kernel < window->in ? window->kernel : window->in);
}

uint64_t ql_pool_work(const ql_call *c)
{
    const ql_pool *s = c->state;
    return c->out[0]->count * taps(&s->rows) * taps(&s->columns);
}

ql_code ql_pool_walk(const ql_call *c, ql_pool_fn fn)
{
    const ql_pool *s = c->state;
    size_t channels = (size_t)c->in[0]->dims[3], width = (size_t)s->columns.in;
    ql_pool_cell cell = {0};
    for (int n = 0; n < c->in[0]->dims[0]; n++) {
        size_t image = (size_t)n * (size_t)s->rows.in * width;
        for (int oy = 0; oy < s->rows.out; oy++) {
            int ky, ky_end, y0 = ql_window_taps(&s->rows, oy, &ky, &ky_end);
            for (int ox = 0; ox < s->columns.out; ox++, cell.out += channels) {
                int kx, kx_end, x0 = ql_window_taps(&s->columns, ox, &kx, &kx_end);
                cell.rows = ky_end - ky;
                cell.columns = kx_end - kx;
                cell.in = (image + (size_t)(y0 + ky) * width + (size_t)(x0 + kx)) * channels;
                fn(c, s, &cell);
            }
        }
    }
    return QL_OK;
}

ql_code ql_prepare_pool_on(ql_call *c, const ql_pool_kernels *kernels)
{
    ql_code code = ql_prepare_pool(c);
    ql_pool *s = c->state;
    if (code || taps(&s->rows) * taps(&s->columns) > QL_POOL_MOST) {
        return code;
    }
    s->fast = c->slot == QL_S_F32   ? kernels->f32
              : c->slot == QL_S_I8  ? kernels->i8
              : c->slot == QL_S_U8  ? kernels->u8
              : c->slot == QL_S_I16 ? kernels->i16
                                    : NULL;
    c->run = s->fast ? run_windows : c->run;
    return QL_OK;
}
