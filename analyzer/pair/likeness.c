#include "analyzer/pair/likeness.h"

#include <math.h>
#include <string.h>

enum { CUSTOM = 32 };

static const ql_activation *activation_of(const ql_matching *m, int side, ql_seen seen)
{
    return &m->graph[side].activations[seen.activation];
}

static const ql_face *face_of(const ql_matching *m, int side, ql_seen seen)
{
    return &activation_of(m, side, seen)->face[seen.face];
}

static const ql_tensor *tensor_of(const ql_matching *m, int side, ql_seen seen)
{
    return &m->graph[side].graph->tensors[activation_of(m, side, seen)->tensor];
}

static bool same_but_for_ones(const ql_tensor *a, const ql_tensor *b)
{
    int i = 0, k = 0;
    for (;; i++, k++) {
        while (i < a->rank && a->shape[i] == 1) {
            i++;
        }
        while (k < b->rank && b->shape[k] == 1) {
            k++;
        }
        if (i == a->rank || k == b->rank) {
            return i == a->rank && k == b->rank;
        }
        if (a->shape[i] != b->shape[k]) {
            return false;
        }
    }
}

bool ql_pair_same_shape(const ql_matching *m, const ql_tensor *a, const ql_tensor *b)
{
    int apart = 0;
    bool scaled = true;
    for (int d = 0; a->rank == b->rank && d < a->rank; d++) {
        if (a->shape[d] != b->shape[d]) {
            apart++;
            scaled = scaled && (int64_t)a->shape[d] * m->batch[QL_REFERENCE] ==
                                   (int64_t)b->shape[d] * m->batch[QL_CANDIDATE];
        }
    }
    return (a->rank == b->rank && (!apart || (apart == 1 && scaled))) || same_but_for_ones(a, b);
}

/* Operators that converters put in each other's place. */
static bool interchangeable(int a, int b)
{
    static const int kin[][2] = {
        {40 /* MEAN */, 1 /* AVERAGE_POOL_2D */},
        {22 /* RESHAPE */, 43 /* SQUEEZE */},
        {22 /* RESHAPE */, 70 /* EXPAND_DIMS */},
        {9 /* FULLY_CONNECTED */, 3 /* CONV_2D */},
        {9 /* FULLY_CONNECTED */, 126 /* BATCH_MATMUL */},
        {34 /* PAD */, 60 /* PADV2 */},
        {64 /* SELECT */, 123 /* SELECT_V2 */},
        {18 /* MUL */, 92 /* SQUARE */},
    };
    for (size_t i = 0; i < sizeof kin / sizeof *kin; i++) {
        if ((a == kin[i][0] && b == kin[i][1]) || (a == kin[i][1] && b == kin[i][0])) {
            return true;
        }
    }
    return false;
}

static bool same_operator(const ql_matching *m, const ql_face *a, const ql_face *b)
{
    const ql_pair_graph *c = &m->graph[QL_CANDIDATE], *r = &m->graph[QL_REFERENCE];
    if (a->code != b->code) {
        return interchangeable(a->code, b->code);
    }
    if (a->code == CUSTOM) {
        ql_str x = c->model->opcodes[c->graph->operators[a->op].opcode].custom;
        ql_str y = r->model->opcodes[r->graph->operators[b->op].opcode].custom;
        return x.length == y.length && !memcmp(x.text, y.text, x.length);
    }
    uint64_t x = c->settings[a->op], y = r->settings[b->op];
    return !x || !y || x == y;
}

typedef struct {
    double lowest, highest;
} ql_bounds;

static ql_bounds bounds_of(int clamp)
{
    static const ql_bounds bounds[] = {{-HUGE_VAL, HUGE_VAL}, {0, HUGE_VAL}, {-1, 1}, {0, 6}, {-1, 1}};
    return bounds[clamp >= 0 && clamp < (int)(sizeof bounds / sizeof *bounds) ? clamp : 0];
}

/* Does the grid of quantized tensor `t` end where activation `clamp` would cut, or before? Then an activation
 * that cuts no more than that adds nothing. */
static bool grid_cuts(const ql_tensor *t, int own, int clamp)
{
    enum { TANH_FUSED = 4 };
    int32_t lowest, highest;
    if (own >= TANH_FUSED || clamp >= TANH_FUSED || t->quant.scale_count != 1 ||
        !ql_type_range(t->type, &lowest, &highest)) {
        return false;
    }
    double scale = (double)t->quant.scale[0], zero = (double)t->quant.zero_point[0];
    ql_bounds asked = bounds_of(clamp), has = bounds_of(own);
    return asked.lowest >= has.lowest && asked.highest <= has.highest &&
           scale * (lowest - zero) >= asked.lowest - scale &&
           scale * (highest - zero) <= asked.highest + scale;
}

static bool same_clamp(const ql_tensor *c, int a, const ql_tensor *r, int b)
{
    return a == b || grid_cuts(c, a, b) || grid_cuts(r, b, a);
}

static bool is_left_out(const ql_pair_graph *g, int op, int i)
{
    const ql_operator *use = &g->graph->operators[op];
    return i >= use->input_count || use->inputs[i] < 0;
}

static const ql_sample *sample_of(const ql_pair_graph *g, int op, int i)
{
    return is_left_out(g, op, i) ? NULL : g->sample[g->graph->operators[op].inputs[i]];
}

static bool any_value(const ql_sample *sample)
{
    int i = 0;
    while (sample && i < sample->count && sample->value[i] == 0) {
        i++;
    }
    return sample && i < sample->count;
}

/* A constant that only one of the operators has, such as a bias: in the other it stands for zeros. */
static bool only_one_has(const ql_pair_graph *c, int c_op, const ql_pair_graph *r, int r_op)
{
    int a = c->graph->operators[c_op].input_count, b = r->graph->operators[r_op].input_count;
    bool any = false;
    for (int i = 0; i < (a > b ? a : b); i++) {
        any =
            any || (is_left_out(c, c_op, i) && !is_left_out(r, r_op, i) && any_value(sample_of(r, r_op, i)));
        any =
            any || (is_left_out(r, r_op, i) && !is_left_out(c, c_op, i) && any_value(sample_of(c, c_op, i)));
    }
    return any;
}

bool ql_pair_fits(const ql_matching *m, ql_seen c, ql_seen r)
{
    const ql_activation *x = activation_of(m, QL_CANDIDATE, c), *y = activation_of(m, QL_REFERENCE, r);
    const ql_face *a = &x->face[c.face], *b = &y->face[r.face];
    if ((a->op < 0) != (b->op < 0) || x->output != y->output ||
        (c.face == QL_FUSED_FACE && r.face == QL_FUSED_FACE)) {
        return false;
    }
    const ql_tensor *t = tensor_of(m, QL_CANDIDATE, c), *u = tensor_of(m, QL_REFERENCE, r);
    return a->op >= 0 && same_operator(m, a, b) && same_clamp(t, a->clamp, u, b->clamp) &&
           ql_pair_same_shape(m, t, u) &&
           !(a->code == b->code &&
             only_one_has(&m->graph[QL_CANDIDATE], a->op, &m->graph[QL_REFERENCE], b->op));
}

/* An integer that may be computed in one model and constant in the other, or computed in two ways: a shape,
 * an axis, a size. */
static bool is_argument(const ql_pair_graph *g, int op, int i)
{
    int t = g->graph->operators[op].inputs[i];
    const ql_tensor *tensor = &g->graph->tensors[t];
    return (i > 0 || ql_pair_has_shape_arguments(g->model->opcodes[g->graph->operators[op].opcode].code)) &&
           (tensor->type == QL_I32 || tensor->type == QL_I64) && tensor->rank <= 1 &&
           !tensor->quant.scale_count;
}

/* The values agree when they pair, or when what they are mere reshapes of does. */
static ql_input_verdict values_agree(const ql_matching *m, int x, int y)
{
    const ql_activation *a = m->graph[QL_CANDIDATE].activations, *b = m->graph[QL_REFERENCE].activations;
    if (a[x].match == y || (a[a[x].flat].match >= 0 && b[a[a[x].flat].match].flat == b[y].flat)) {
        return QL_INPUTS_AGREE;
    }
    bool known = a[x].match >= 0, other_known = b[y].match >= 0;
    bool open = !known && !other_known && (a[a[x].flat].match < 0 || a[x].flat == x);
    return open ? QL_INPUTS_OPEN : known && other_known ? QL_INPUTS_CONTRADICT : QL_INPUTS_APART;
}

static ql_input_verdict input_agrees(const ql_matching *m, int c_op, int i, int r_op, int k)
{
    const ql_pair_graph *c = &m->graph[QL_CANDIDATE], *r = &m->graph[QL_REFERENCE];
    if (is_left_out(c, c_op, i) || is_left_out(r, r_op, k)) {
        return QL_INPUTS_AGREE;
    }
    int x = ql_pair_input(c, c_op, i), y = ql_pair_input(r, r_op, k);
    bool argument = is_argument(c, c_op, i) && is_argument(r, r_op, k);
    if (x < 0 || y < 0) {
        return x == y || argument ? QL_INPUTS_AGREE : QL_INPUTS_CONTRADICT;
    }
    ql_input_verdict verdict = values_agree(m, x, y);
    return verdict == QL_INPUTS_OPEN && argument ? QL_INPUTS_AGREE : verdict;
}

static ql_input_verdict all_inputs(const ql_matching *m, int c_op, int r_op, bool swapped)
{
    int a = m->graph[QL_CANDIDATE].graph->operators[c_op].input_count;
    int b = m->graph[QL_REFERENCE].graph->operators[r_op].input_count, count = a > b ? a : b;
    ql_input_verdict worst = QL_INPUTS_AGREE;
    bool any = false;
    for (int i = 0; i < count; i++) {
        int k = swapped && i < 2 ? 1 - i : i;
        ql_input_verdict verdict = input_agrees(m, c_op, i, r_op, k);
        worst = verdict < worst ? verdict : worst;
        any = any || ql_pair_input(&m->graph[QL_CANDIDATE], c_op, i) >= 0;
    }
    return worst == QL_INPUTS_AGREE && !any ? QL_INPUTS_OPEN : worst;
}

ql_input_verdict ql_pair_inputs(const ql_matching *m, ql_seen c, ql_seen r, bool *swapped)
{
    const ql_face *a = face_of(m, QL_CANDIDATE, c), *b = face_of(m, QL_REFERENCE, r);
    ql_input_verdict straight = all_inputs(m, a->op, b->op, false);
    *swapped = false;
    if (straight == QL_INPUTS_AGREE || a->code != b->code || !ql_pair_is_commutative(a->code)) {
        return straight;
    }
    ql_input_verdict crossed = all_inputs(m, a->op, b->op, true);
    *swapped = crossed > straight;
    return *swapped ? crossed : straight;
}

ql_weight_verdict ql_pair_weights(const ql_matching *m, ql_seen c, ql_seen r, bool swapped, double *distance,
                                  double *elements)
{
    const ql_face *a = face_of(m, QL_CANDIDATE, c), *b = face_of(m, QL_REFERENCE, r);
    const ql_pair_graph *x = &m->graph[QL_CANDIDATE], *y = &m->graph[QL_REFERENCE];
    ql_distance sum = {0};
    for (int i = 0; i < x->graph->operators[a->op].input_count; i++) {
        const ql_sample *u = sample_of(x, a->op, i);
        const ql_sample *v = sample_of(y, b->op, swapped && i < 2 ? 1 - i : i);
        if (!u || !v || (u->exact && v->exact && ql_pair_has_shape_arguments(a->code))) {
            continue;
        }
        ql_distance_add(&sum, u, v);
    }
    *distance = ql_distance_mean(&sum);
    *elements = sum.elements;
    if (a->code != b->code && (sum.exact_differ || *distance > 0.1)) {
        *elements = 0; /* another operator may keep its weights in another order */
        return QL_WEIGHTS_UNKNOWN;
    }
    return sum.exact_differ || *distance > 0.5 ? QL_WEIGHTS_DIFFER
           : !(sum.elements > 0)               ? QL_WEIGHTS_UNKNOWN
           : *distance <= 0.1                  ? QL_WEIGHTS_SAME
                                               : QL_WEIGHTS_SIMILAR;
}
