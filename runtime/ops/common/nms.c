#include "runtime/ops/common/nms.h"

#include <math.h>
#include <string.h>

typedef struct {
    int32_t box;
    float score;
    int32_t compared; /* with so many of those taken */
} ql_candidate;

/* --- A heap with the best candidate first, whose order among equals is that of libstdc++'s priority_queue
 * --- */
static void sift_up(ql_candidate *heap, size_t at, ql_candidate value)
{
    while (at > 0 && heap[(at - 1) / 2].score < value.score) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = value;
}

static void push(ql_candidate *heap, size_t *count, ql_candidate value)
{
    sift_up(heap, (*count)++, value);
}

/* The hole at the top goes down to a leaf along the better children; the last candidate then climbs from it.
 */
static ql_candidate pop(ql_candidate *heap, size_t *count)
{
    ql_candidate best = heap[0], last = heap[--*count];
    size_t at = 0, child = 2;
    for (; child < *count; child = 2 * child + 2) {
        child -= heap[child].score < heap[child - 1].score;
        heap[at] = heap[child];
        at = child;
    }
    if (child == *count) {
        heap[at] = heap[child - 1];
        at = child - 1;
    }
    if (*count) {
        sift_up(heap, at, last);
    }
    return best;
}

/* Intersection over union. */
static float overlap(const float *a, const float *b)
{
    float a_low[2], a_high[2], b_low[2], b_high[2], sides[2];
    for (int d = 0; d < 2; d++) {
        a_low[d] = a[d] < a[d + 2] ? a[d] : a[d + 2];
        a_high[d] = a[d] < a[d + 2] ? a[d + 2] : a[d];
        b_low[d] = b[d] < b[d + 2] ? b[d] : b[d + 2];
        b_high[d] = b[d] < b[d + 2] ? b[d + 2] : b[d];
        float high = a_high[d] < b_high[d] ? a_high[d] : b_high[d];
        float low = a_low[d] > b_low[d] ? a_low[d] : b_low[d];
        sides[d] = high - low > 0 ? high - low : 0;
    }
    float a_area = (a_high[0] - a_low[0]) * (a_high[1] - a_low[1]);
    float b_area = (b_high[0] - b_low[0]) * (b_high[1] - b_low[1]);
    float both = sides[0] * sides[1];
    return a_area <= 0 || b_area <= 0 ? 0 : both / (a_area + b_area - both);
}

static float scalar(const ql_call *c, int i)
{
    return *(const float *)c->in[i]->data;
}

/* Compares with what was taken, latest first, and lowers the score by the overlap; false: suppressed. */
static bool survives(const ql_call *c, ql_candidate *candidate, const int32_t *taken, int32_t count,
                     float decay)
{
    const float *boxes = c->in[0]->data;
    for (int32_t j = count - 1; j >= candidate->compared; j--) {
        float iou = overlap(boxes + 4 * (size_t)candidate->box, boxes + 4 * (size_t)taken[j]);
        if (iou >= scalar(c, 3)) {
            return false;
        }
        if (decay != 0) {
            candidate->score = candidate->score * expf(decay * iou * iou);
        }
        if (candidate->score <= scalar(c, 4)) {
            break;
        }
    }
    candidate->compared = count;
    return true;
}

ql_code ql_run_nms(const ql_call *c)
{
    bool soft = c->out_count == 3;
    float least = scalar(c, 4), sigma = soft ? scalar(c, 5) : 0;
    if (sigma < 0) {
        return ql_fail_in(c, 5, QL_E_FORMAT, "sigma %g: must not be negative", (double)sigma);
    }
    float decay = sigma > 0 ? (float)(-0.5 / (double)sigma) : 0;
    const float *scores = c->in[1]->data;
    ql_candidate *heap = c->scratch;
    size_t held = 0;
    for (size_t i = 0; i < c->in[1]->count; i++) {
        if (scores[i] > least) {
            push(heap, &held, (ql_candidate){(int32_t)i, scores[i], 0});
        }
    }
    int32_t *taken = c->out[0]->data, most = c->out[0]->dims[0], count = 0;
    memset(taken, 0, c->out[0]->bytes);
    memset(c->out[1]->data, 0, c->out[1]->bytes);
    most = (size_t)most > held ? (int32_t)held : most;
    while (count < most && held) {
        ql_candidate next = pop(heap, &held);
        float before = next.score;
        if (!survives(c, &next, taken, count, decay)) {
            continue;
        }
        if (next.score == before) {
            taken[count] = next.box;
            if (soft) {
                ((float *)c->out[1]->data)[count] = next.score;
            }
            count++;
        }
        if (next.score > least) { /* one that was taken too: it then overlaps itself */
            push(heap, &held, next);
        }
    }
    *(int32_t *)c->out[soft ? 2 : 1]->data = count;
    return QL_OK;
}

ql_code ql_prepare_nms(ql_call *c)
{
    bool soft = c->out_count == 3;
    const int32_t *most;
    int count;
    ql_code code = QL_OK;
    for (int i = 0; i < c->in_count && !code; i++) {
        code = ql_need_type(c, i, i == 2 ? QL_I32 : QL_F32);
        if (!code && i >= 2 && c->in[i]->count != 1) {
            code = ql_fail_in(c, i, QL_E_FORMAT, "%zu values: must be one", c->in[i]->count);
        }
    }
    code = code ? code : ql_need_rank(c, 0, 2, 2);
    code = code ? code : ql_need_rank(c, 1, 1, 1);
    if (!code && (c->in[0]->dims[1] != 4 || c->in[0]->dims[0] != c->in[1]->dims[0])) {
        code = ql_fail_in(c, 0, QL_E_FORMAT, "boxes [%d, %d] and %d scores: must be [scores, 4]",
                          (int)c->in[0]->dims[0], (int)c->in[0]->dims[1], (int)c->in[1]->dims[0]);
    }
    code = code ? code : ql_need_out_type(c, 0, QL_I32);
    code = code ? code : ql_need_out_type(c, c->out_count - 1, QL_I32);
    code = code || !soft ? code : ql_need_out_type(c, 1, QL_F32);
    code = code ? code : ql_known_i32s(c, 2, &most, &count);
    if (code || !most) {
        return code ? code : ql_defer(c);
    }
    c->scratch_bytes = (c->in[1]->count + 1) * sizeof(ql_candidate);
    code = ql_set_shape(c, 0, 1, most);
    code = code || !soft ? code : ql_set_shape(c, 1, 1, most);
    return code ? code : ql_set_shape(c, c->out_count - 1, 0, (int32_t[]){0}); /* a scalar */
}
