/* STRIDED_SLICE: x[begin:end:stride, ...] with TensorFlow's masks.
 *
 *   in 0   x       any type of whole bytes
 *   in 1   begin   i32 [n]; one entry a dimension that the slice names
 *   in 2   end     i32 [n]
 *   in 3   stride  i32 [n], not 0
 *   out 0  y       type of x
 *
 * Bit i of a mask is about entry i: begin_mask and end_mask take the whole range on that side, the ellipsis
 * stands for as many whole dimensions as are left over, new_axis_mask puts in a dimension of 1,
 * shrink_axis_mask takes one element and drops the dimension. With `offset`, end counts from begin.
 * Positions outside are clamped, but for a shrunk dimension, where they are an error.
 * Source: TFLite kernels/strided_slice.cc and reference/strided_slice.h.
 */
#include "runtime/ops/common/move.h"

enum { BEGIN_MASK, END_MASK, ELLIPSIS_MASK, NEW_AXIS_MASK, SHRINK_AXIS_MASK, OFFSET };

typedef struct {
    int count;
    const int32_t *begin, *end, *stride;
} ql_slice_spec;

typedef struct {
    ql_move move; /* first: what ql_run_move reads */
    int out_rank;
    int32_t out_dims[QL_MAX_RANK];
} ql_strided_slice;

static bool masked(const ql_call *c, int mask, int i)
{
    return i < 31 && (unsigned)ql_opt_int(c->options, mask) >> i & 1;
}

/* Adds a dimension of the input that is taken whole, or of 1 that it does not have. */
static void add_whole(ql_strided_slice *s, int32_t size, int64_t step)
{
    s->move.box.dims[s->move.box.rank] = size;
    s->move.box.from[s->move.box.rank++] = step;
    s->out_dims[s->out_rank++] = size;
}

static int64_t clamp_position(int64_t position, int32_t size, bool forward)
{
    int64_t lowest = forward ? 0 : -1, highest = forward ? size : (int64_t)size - 1;
    position += position < 0 ? size : 0;
    return position < lowest ? lowest : position > highest ? highest : position;
}

static ql_code add_shrunk(const ql_call *c, ql_strided_slice *s, int32_t begin, int64_t first, int32_t size,
                          int64_t step)
{
    if (first < 0 || first >= size) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "index %d in a dimension of %d: must lie inside", (int)begin,
                          (int)size);
    }
    s->move.start += first * step;
    return QL_OK;
}

static ql_code add_range(const ql_call *c, ql_strided_slice *s, const ql_slice_spec *spec, int i,
                         int32_t size, int64_t step)
{
    int32_t stride = spec->stride[i];
    if (stride == 0 || stride == INT32_MIN) {
        return ql_fail_in(c, 3, QL_E_FORMAT, "stride %d: must not be 0 or the lowest number", (int)stride);
    }
    bool forward = stride > 0;
    int64_t first = clamp_position(spec->begin[i], size, forward);
    if (masked(c, BEGIN_MASK, i)) {
        first = forward ? 0 : (int64_t)size - 1;
    }
    if (masked(c, SHRINK_AXIS_MASK, i)) {
        return add_shrunk(c, s, spec->begin[i], first, size, step);
    }
    int64_t wanted = spec->end[i] + (ql_opt_bool(c->options, OFFSET) ? first : 0);
    int64_t last = clamp_position(wanted, size, forward);
    if (masked(c, END_MASK, i)) {
        last = forward ? size : -1;
    }
    int64_t span = forward ? last - first : first - last, width = forward ? stride : -(int64_t)stride;
    int32_t taken = span > 0 ? (int32_t)((span - 1) / width + 1) : 0;
    s->move.start += taken ? first * step : 0;
    add_whole(s, taken, step * stride);
    return QL_OK;
}

static int new_axes(const ql_call *c, int count)
{
    int axes = 0;
    for (int i = 0; i < count; i++) {
        axes += masked(c, NEW_AXIS_MASK, i) && !masked(c, ELLIPSIS_MASK, i);
    }
    return axes;
}

/* Walks the entries; what they leave over of x is taken whole. */
static ql_code walk_entries(const ql_call *c, ql_strided_slice *s, const ql_slice_spec *spec)
{
    const ql_view *x = c->in[0];
    int64_t steps[QL_MAX_RANK];
    ql_dense_steps(x->rank, x->dims, steps);
    int used = 0, spare = x->rank + new_axes(c, spec->count) - spec->count;
    for (int i = 0; i < spec->count; i++) {
        if (masked(c, ELLIPSIS_MASK, i)) {
            for (int whole = 0; used < x->rank && (whole < 1 || whole < spare + 1); whole++, used++) {
                add_whole(s, x->dims[used], steps[used]);
            }
        } else if (masked(c, NEW_AXIS_MASK, i)) {
            add_whole(s, 1, 0);
        } else if (used < x->rank) {
            ql_code code = add_range(c, s, spec, i, x->dims[used], steps[used]);
            used++;
            if (code) {
                return code;
            }
        }
    }
    for (; used < x->rank; used++) {
        add_whole(s, x->dims[used], steps[used]);
    }
    return QL_OK;
}

static ql_code read_spec(ql_call *c, ql_slice_spec *spec)
{
    const int32_t **values[] = {&spec->begin, &spec->end, &spec->stride};
    spec->count = (int)c->in[1]->count;
    for (int i = 1; i < 4; i++) {
        int count;
        ql_code code = ql_need_rank(c, i, 1, 1);
        code = code ? code : ql_known_i32s(c, i, values[i - 1], &count);
        if (code) {
            return code;
        }
        if (c->in[i]->count != c->in[1]->count || spec->count > 31) {
            return ql_fail_in(c, i, QL_E_FORMAT,
                              "%zu entries, begin has %d: they must be as many, at most 31", c->in[i]->count,
                              spec->count);
        }
    }
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    ql_slice_spec spec;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : read_spec(c, &spec);
    if (code) {
        return code;
    }
    if (!spec.begin || !spec.end || !spec.stride) {
        return ql_defer(c);
    }
    if (c->in[0]->rank + new_axes(c, spec.count) > QL_MAX_RANK) {
        return ql_fail_op(c, QL_E_UNSUPPORTED, "rank %d with the new axes: at most %d is supported",
                          c->in[0]->rank + new_axes(c, spec.count), QL_MAX_RANK);
    }
    ql_strided_slice *s = ql_state(c, sizeof *s);
    code = s ? walk_entries(c, s, &spec) : QL_E_NOMEM;
    if (code) {
        return code;
    }
    ql_dense_steps(s->move.box.rank, s->move.box.dims, s->move.box.to);
    return ql_set_shape(c, 0, s->out_rank, s->out_dims);
}

const ql_op ql_op_strided_slice = {
    .name = "STRIDED_SLICE",
    .code = 45,
    .max_version = 8,
    .options_id = 32,
    .min_in = 4,
    .max_in = 4,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run_any = ql_run_move,
    .quant = {.kind = QL_Q_SAME},
};
