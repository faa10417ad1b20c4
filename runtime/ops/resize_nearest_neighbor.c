/* RESIZE_NEAREST_NEIGHBOR: an image in another size, each pixel the nearest one.
 *
 *   in 0   x     [N, H, W, C], any type of whole bytes
 *   in 1   size  i32 [2]: height, width      out 0  y  type of x
 *
 * Options: align_corners (the outer pixels stay), half_pixel_centers.
 * Source: TFLite reference_ops::ResizeNearestNeighbor.
 */
#include "runtime/ops/common/move.h"
#include "runtime/ops/common/resize.h"

#include <math.h>

enum { ALIGN_CORNERS, HALF_PIXEL_CENTERS };

static int32_t nearest(const ql_call *c, int32_t at, int32_t in, int32_t out)
{
    bool align = ql_opt_bool(c->options, ALIGN_CORNERS), half = ql_opt_bool(c->options, HALF_PIXEL_CENTERS);
    float scale = align && out > 1 ? (float)(in - 1) / (float)(out - 1) : (float)in / (float)out;
    float position = ((float)at + (half ? 0.5f : 0.0f)) * scale;
    int32_t pixel = (int32_t)(align ? roundf(position) : floorf(position));
    return ql_clamp(pixel, 0, in - 1);
}

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_resize_prepare(c);
    if (code || c->deferred) {
        return code;
    }
    ql_picks *picks = ql_state(c, sizeof *picks);
    for (int d = 0; picks && d < 4; d++) {
        int32_t in = c->in[0]->dims[d], out = c->out[0]->dims[d];
        int32_t *pick = ql_plan_take(c, (size_t)out, sizeof *pick);
        if (!pick) {
            return QL_E_NOMEM;
        }
        for (int32_t i = 0; i < out; i++) {
            pick[i] = d == 0 || d == 3 ? i : nearest(c, i, in, out);
        }
        picks->pick[d] = pick;
    }
    return picks ? QL_OK : QL_E_NOMEM;
}

static ql_code run(const ql_call *c)
{
    return ql_move_picks(c, c->state);
}

const ql_op ql_op_resize_nearest_neighbor = {
    .name = "RESIZE_NEAREST_NEIGHBOR",
    .code = 97,
    .max_version = 4,
    .options_id = 74,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = run,
    .quant = {.kind = QL_Q_SAME},
};
