/* TFLite_Detection_PostProcess: boxes from a detector's raw values, the best of them by non-maximum
 * suppression.
 *
 *   in 0   boxes    f32 | u8 [1, n, 4 or more]: y, x, h, w against the anchors; what follows is not read
 *   in 1   scores   f32 | u8 [1, n, classes], with a first column for the background or without
 *   in 2   anchors  the type of in 0 [n, 4]: y, x, h, w
 *   out 0  boxes    f32 [1, m, 4]: y1, x1, y2, x2      out 1  classes  f32 [1, m], the background not counted
 *   out 2  scores   f32 [1, m]                         out 3  count    f32 [1]: boxes found
 *
 * Outputs are f32 whatever type the file gives them, m = max_detections * max_classes_per_detection, 0 where
 * there are fewer. Custom options: num_classes, max_detections, max_classes_per_detection,
 * nms_score_threshold, nms_iou_threshold, y_scale, x_scale, h_scale, w_scale; use_regular_nms: each class is
 * suppressed by itself (at most detections_per_class, 100), else each box by its best class. Source: TFLite
 * kernels/detection_postprocess.cc.
 */
#include "runtime/model/flexbuffer.h"
#include "runtime/ops/op.h"
#include "runtime/tensor/fixed.h"

#include <math.h>
#include <string.h>

typedef struct {
    int32_t box, class;
    float score;
} ql_found;

typedef struct {
    int32_t boxes, columns, classes, background, most, most_classes, per_class;
    bool by_class;
    float least_score, most_overlap, scale[4];
    float (*corners)[4]; /* of each box: y1, x1, y2, x2 */
    float *scores;       /* [boxes, columns] */
    float *one_class;    /* [boxes] */
    int32_t *order;      /* [boxes, 2]: candidates in order of score, and room to sort them */
    int32_t *best;       /* [boxes]: those that are not suppressed */
    int32_t *ranks;      /* [classes] */
    ql_found *found;     /* [most + per_class] */
} ql_detect;

/* Element i of a tensor as a float: 8 bits by the tensor's own scale. */
static float real(const ql_view *view, size_t i)
{
    if (view->type == QL_F32) {
        return ((const float *)view->data)[i];
    }
    return (float)((int32_t)((const uint8_t *)view->data)[i] - ql_zero(view)) * ql_scale(view);
}

static bool decode(const ql_call *c, ql_detect *d)
{
    size_t width = (size_t)c->in[0]->dims[2];
    for (int32_t i = 0; i < d->boxes; i++) {
        for (int side = 0; side < 2; side++) {
            size_t box = (size_t)i * width + (size_t)side, anchor = (size_t)i * 4 + (size_t)side;
            double at = (double)real(c->in[2], anchor), size = (double)real(c->in[2], anchor + 2);
            float center = (float)((double)real(c->in[0], box) / (double)d->scale[side] * size + at);
            float half =
                (float)(0.5 * exp((double)real(c->in[0], box + 2) / (double)d->scale[side + 2]) * size);
            d->corners[i][side] = center - half;
            d->corners[i][side + 2] = center + half;
            if (center - half > center + half) {
                return false;
            }
        }
    }
    return true;
}

/* As vector code does it: x * scale + (-zero * scale), eight at a time, and (x - zero) * scale for the rest.
 */
static void widen_scores(const ql_view *view, float *scores)
{
    const uint8_t *x = view->data;
    double scale = (double)ql_scale(view);
    float offset = (float)(-ql_zero(view) * scale);
    for (size_t i = 0; i < view->count; i++) {
        scores[i] = i < view->count / 8 * 8 ? (float)x[i] * (float)scale + offset
                                            : (float)(scale * ((int32_t)x[i] - ql_zero(view)));
    }
}

static float area(const float *box)
{
    return (box[2] - box[0]) * (box[3] - box[1]);
}

/* Intersection over union. */
static float overlap(const float *a, const float *b)
{
    if (area(a) <= 0 || area(b) <= 0) {
        return 0;
    }
    float sides[2];
    for (int d = 0; d < 2; d++) {
        float high = b[d + 2] < a[d + 2] ? b[d + 2] : a[d + 2], low = a[d] < b[d] ? b[d] : a[d];
        sides[d] = high - low < 0 ? 0 : high - low;
    }
    float both = sides[0] * sides[1];
    return both / (area(a) + area(b) - both);
}

/* Sorts indices by falling score, equals in order. */
static void sort(const float *scores, int32_t *order, int32_t *room, int32_t count)
{
    for (int32_t run = 1; run<count; run = run> count / 2 ? count : 2 * run) {
        for (int32_t at = 0; at < count;) {
            int32_t middle = run < count - at ? at + run : count, left = at, right = middle;
            int32_t end = run < count - middle ? middle + run : count;
            for (; at < end; at++) {
                bool take = right == end || (left < middle && !(scores[order[right]] > scores[order[left]]));
                room[at] = take ? order[left++] : order[right++];
            }
        }
        memcpy(order, room, (size_t)count * sizeof *order);
    }
}

/* The best `most` boxes by `scores` into d->best; returns how many. */
static int32_t suppress(ql_detect *d, const float *scores, int32_t most)
{
    int32_t held = 0, count = 0;
    for (int32_t i = 0; i < d->boxes; i++) {
        if (scores[i] >= d->least_score) {
            d->order[held++] = i;
        }
    }
    sort(scores, d->order, d->order + d->boxes, held);
    for (int32_t i = 0; i < held && count < most; i++) {
        int32_t j = 0;
        while (j < count && !(overlap(d->corners[d->best[j]], d->corners[d->order[i]]) > d->most_overlap)) {
            j++;
        }
        if (j == count) {
            d->best[count++] = d->order[i];
        }
    }
    return count;
}

/* Sinks `value` from the hole `at` of a heap whose top has the lowest score; which of equals goes where is as
 * in libstdc++'s partial_sort. */
static void sink(const float *scores, int32_t *heap, int32_t at, int32_t count, int32_t value)
{
    int32_t top = at;
    while (at < (count - 1) / 2) {
        int32_t child = 2 * at + 2;
        child -= scores[heap[child]] > scores[heap[child - 1]];
        heap[at] = heap[child];
        at = child;
    }
    if (count % 2 == 0 && at == (count - 2) / 2) {
        heap[at] = heap[2 * at + 1];
        at = 2 * at + 1;
    }
    for (; at > top && scores[heap[(at - 1) / 2]] > scores[value]; at = (at - 1) / 2) {
        heap[at] = heap[(at - 1) / 2];
    }
    heap[at] = value;
}

/* The `most` best classes of one box, best first. */
static void rank_classes(const float *scores, int32_t *ranks, int32_t count, int32_t most)
{
    for (int32_t i = 0; i < count; i++) {
        ranks[i] = i;
    }
    if (most == 1) {
        for (int32_t i = 1; i < count; i++) {
            ranks[0] = scores[i] > scores[ranks[0]] ? i : ranks[0];
        }
        return;
    }
    for (int32_t i = most / 2; i-- > 0;) {
        sink(scores, ranks, i, most, ranks[i]);
    }
    for (int32_t i = most, last; i < count; i++) {
        if (scores[ranks[i]] > scores[ranks[0]]) {
            last = ranks[i];
            ranks[i] = ranks[0];
            sink(scores, ranks, 0, most, last);
        }
    }
    for (int32_t i = most; i-- > 1;) {
        int32_t last = ranks[i];
        ranks[i] = ranks[0];
        sink(scores, ranks, 0, i, last);
    }
}

static void put(const ql_call *c, size_t at, ql_found found, const ql_detect *d)
{
    memcpy((float *)c->out[0]->data + 4 * at, d->corners[found.box], sizeof *d->corners);
    ((float *)c->out[1]->data)[at] = (float)found.class;
    ((float *)c->out[2]->data)[at] = found.score;
}

static int32_t detect_fast(const ql_call *c, ql_detect *d)
{
    int32_t ranked = d->most_classes < d->classes ? d->most_classes : d->classes;
    for (int32_t i = 0; i < d->boxes; i++) {
        const float *scores = d->scores + (size_t)i * (size_t)d->columns + d->background;
        rank_classes(scores, d->ranks, d->classes, ranked);
        d->one_class[i] = scores[d->ranks[0]];
    }
    int32_t count = suppress(d, d->one_class, d->most);
    for (int32_t i = 0; i < count; i++) {
        const float *scores = d->scores + (size_t)d->best[i] * (size_t)d->columns + d->background;
        rank_classes(scores, d->ranks, d->classes, ranked);
        for (int32_t k = 0; k < ranked; k++) {
            put(c, (size_t)i * (size_t)d->most_classes + (size_t)k,
                (ql_found){d->best[i], d->ranks[k], scores[d->ranks[k]]}, d);
        }
    }
    return count;
}

/* Merges the class's boxes, in order of score, into what was found before; returns how many there are then.
 */
static int32_t merge(ql_detect *d, int32_t count, int32_t class, int32_t more)
{
    for (int32_t i = 0; i < more; i++) {
        ql_found next = {d->best[i], class, d->one_class[d->best[i]]};
        int32_t at = count + i;
        for (; at > 0 && next.score > d->found[at - 1].score; at--) {
            d->found[at] = d->found[at - 1];
        }
        d->found[at] = next;
    }
    return more < d->most - count ? count + more : d->most;
}

static int32_t detect_by_class(const ql_call *c, ql_detect *d)
{
    int32_t count = 0;
    for (int32_t class = 0; class < d->classes; class ++) {
        for (int32_t i = 0; i < d->boxes; i++) {
            d->one_class[i] = d->scores[(size_t)i * (size_t)d->columns + (size_t)(class + d->background)];
        }
        count = merge(d, count, class, suppress(d, d->one_class, d->per_class));
    }
    for (int32_t i = 0; i < count; i++) {
        put(c, (size_t)i, d->found[i], d);
    }
    return count;
}

static ql_code run(const ql_call *c)
{
    ql_detect d = *(const ql_detect *)c->state;
    if (!decode(c, &d)) {
        return ql_fail_in(c, 2, QL_E_FIT,
                          "a box whose sides are negative: anchors must be at least 0 high and wide");
    }
    if (c->in[1]->type == QL_F32) {
        d.scores = c->in[1]->data;
    } else {
        widen_scores(c->in[1], d.scores);
    }
    for (int o = 0; o < 3; o++) {
        memset(c->out[o]->data, 0, c->out[o]->bytes);
    }
    int32_t count = d.by_class ? detect_by_class(c, &d) : detect_fast(c, &d);
    *(float *)c->out[3]->data = (float)count;
    return QL_OK;
}

static double option(const ql_call *c, const char *key, double fallback)
{
    return ql_flex_number(c->op->custom_options, c->op->custom_options_bytes, key, fallback);
}

static int32_t whole(const ql_call *c, const char *key, double fallback)
{
    double value = option(c, key, fallback);
    return value >= 1 && value <= 1e6 ? (int32_t)value : 0;
}

static ql_code read_options(ql_call *c, ql_detect *d)
{
    static const char *const scales[] = {"y_scale", "x_scale", "h_scale", "w_scale"};
    d->classes = whole(c, "num_classes", 0);
    d->most = whole(c, "max_detections", 0);
    d->most_classes = whole(c, "max_classes_per_detection", 0);
    d->per_class = whole(c, "detections_per_class", 100);
    if (!d->classes || !d->most || !d->most_classes || !d->per_class) {
        return ql_fail_op(
            c, QL_E_FORMAT,
            "num_classes, max_detections, max_classes_per_detection, detections_per_class: must "
            "be 1 to 1000000");
    }
    d->per_class = d->per_class < d->most ? d->per_class : d->most;
    d->by_class = option(c, "use_regular_nms", 0) != 0;
    d->least_score = (float)option(c, "nms_score_threshold", 0);
    d->most_overlap = (float)option(c, "nms_iou_threshold", 0);
    if (!(d->most_overlap > 0 && d->most_overlap <= 1)) {
        return ql_fail_op(c, QL_E_FORMAT, "nms_iou_threshold %g: must be above 0 and at most 1",
                          (double)d->most_overlap);
    }
    for (int i = 0; i < 4; i++) {
        d->scale[i] = (float)option(c, scales[i], 0);
    }
    return QL_OK;
}

static ql_code check_shapes(ql_call *c, ql_detect *d)
{
    const int32_t *boxes = c->in[0]->dims, *scores = c->in[1]->dims, *anchors = c->in[2]->dims;
    if (boxes[0] != 1 || boxes[2] < 4) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "boxes [%d, %d, %d]: must be [1, boxes, 4 or more]",
                          (int)boxes[0], (int)boxes[1], (int)boxes[2]);
    }
    d->boxes = boxes[1];
    d->columns = scores[2];
    if (scores[0] != 1 || scores[1] != d->boxes ||
        (d->columns != d->classes && d->columns != d->classes + 1)) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "scores [%d, %d, %d]: must be [1, %d, %d] or one column more",
                          (int)scores[0], (int)scores[1], (int)scores[2], (int)d->boxes, (int)d->classes);
    }
    d->background = d->columns - d->classes;
    if (anchors[0] != d->boxes || anchors[1] != 4) {
        return ql_fail_in(c, 2, QL_E_FORMAT, "anchors [%d, %d]: must be [%d, 4]", (int)anchors[0],
                          (int)anchors[1], (int)d->boxes);
    }
    return QL_OK;
}

static ql_code take_memory(ql_call *c, ql_detect *d)
{
    size_t boxes = (size_t)d->boxes;
    d->corners = ql_plan_take(c, boxes, sizeof *d->corners);
    d->scores = ql_plan_take(c, c->in[1]->type == QL_F32 ? 0 : c->in[1]->count, sizeof *d->scores);
    d->one_class = ql_plan_take(c, boxes, sizeof *d->one_class);
    d->order = ql_plan_take(c, boxes, 2 * sizeof *d->order);
    d->best = ql_plan_take(c, boxes, sizeof *d->best);
    d->ranks = ql_plan_take(c, (size_t)d->classes, sizeof *d->ranks);
    d->found = ql_plan_take(c, (size_t)d->most + (size_t)d->per_class, sizeof *d->found);
    bool all = d->corners && d->scores && d->one_class && d->order && d->best && d->ranks && d->found;
    return all ? QL_OK : QL_E_NOMEM;
}

static ql_code check_types(ql_call *c)
{
    ql_code code = ql_need_type(c, 2, c->in[0]->type);
    code = code || c->in[1]->type == QL_F32 ? code : ql_need_type(c, 1, QL_U8);
    for (int i = 0; i < 3 && !code; i++) {
        code = c->in[i]->type == QL_F32 ? QL_OK : ql_need_quant_in(c, i);
        code = code ? code : ql_need_rank(c, i, i < 2 ? 3 : 2, i < 2 ? 3 : 2);
    }
    return code;
}

static ql_code prepare(ql_call *c)
{
    ql_detect *d = ql_state(c, sizeof *d);
    if (!d) {
        return QL_E_NOMEM;
    }
    ql_code code = check_types(c);
    code = code ? code : read_options(c, d);
    code = code ? code : check_shapes(c, d);
    code = code ? code : take_memory(c, d);
    if (code) {
        return code;
    }
    if (d->most > INT32_MAX / d->most_classes) {
        return ql_fail_op(c, QL_E_FORMAT, "%d detections of %d classes: too many", (int)d->most,
                          (int)d->most_classes);
    }
    int32_t dims[] = {1, d->most * d->most_classes, 4};
    for (int o = 0; o < 4; o++) {
        c->out[o]->type = QL_F32;
        code = code ? code : ql_set_shape(c, o, o == 0 ? 3 : o == 3 ? 1 : 2, dims);
    }
    return code;
}

/* Each box is ranked, sorted and compared with those taken. */
static uint64_t work(const ql_call *c)
{
    const ql_detect *d = c->state;
    uint64_t passes = d->by_class ? (uint64_t)d->classes : 1;
    uint64_t taken = (uint64_t)(d->by_class ? d->per_class : d->most);
    taken = taken < (uint64_t)d->boxes ? taken : (uint64_t)d->boxes;
    return (uint64_t)d->boxes * (passes * (32 + taken) + 16 * (uint64_t)d->classes);
}

const ql_op ql_op_tflite_detection_postprocess = {
    .name = "TFLite_Detection_PostProcess",
    .code = 32,
    .max_version = 1,
    .min_in = 3,
    .max_in = 3,
    .min_out = 4,
    .max_out = 4,
    .prepare = prepare,
    .run = {[QL_S_F32] = run, [QL_S_U8] = run},
    .work = work,
    .quant = {.kind = QL_Q_NONE},
};
