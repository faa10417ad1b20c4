/* The 8-bit UNIDIRECTIONAL_SEQUENCE_LSTM: int8 weights of one scale each, int32 biases, an int8 output state
 * in the output's parameters, an int16 cell state whose scale is a power of two, and five intermediate
 * tensors of which the last tells the hidden state's parameters. */
#include "analyzer/rewrite/pass.h"

#include <math.h>

enum {
    FIRST_WEIGHT = 1,
    LAST_WEIGHT = 8,
    FIRST_BIAS = 12,
    LAST_BIAS = 15,
    OUTPUT_STATE = 18,
    CELL_STATE = 19,
    GATES = 4,
    LOWEST_EXPONENT = -15, /* of the cell's scale, as the kernel takes it */
    HIGHEST_EXPONENT = -9,
};

static int input_of(const ql_operator *op, int i)
{
    return i < op->input_count ? op->inputs[i] : -1;
}

static bool weight_or_bias(int i)
{
    return (i >= FIRST_WEIGHT && i <= LAST_WEIGHT) || (i >= FIRST_BIAS && i <= LAST_BIAS);
}

const char *ql_lstm_refusal(const ql_subgraph *graph, const ql_operator *op)
{
    for (int i = 1; i < op->input_count; i++) {
        int t = op->inputs[i];
        bool state = i == OUTPUT_STATE || i == CELL_STATE;
        if (t >= 0 && !weight_or_bias(i) && !state) {
            return "it has peepholes, a projection or layer normalization";
        }
        if (t >= 0 && (graph->tensors[t].type != QL_F32 || !graph->tensors[t].variable != !state ||
                       (!state && !graph->tensors[t].data))) {
            return "its weights or states are not those of a float LSTM";
        }
    }
    return input_of(op, OUTPUT_STATE) < 0 || input_of(op, CELL_STATE) < 0 ? "it has no states" : NULL;
}

/* A power of two that holds the cell's range, so that the kernel can shift. */
static ql_param cell_param(ql_tensor_range range)
{
    float most = fmaxf(fabsf(range.min), fabsf(range.max));
    int exponent = most > 0 ? (int)ceil(log2((double)most)) - 15 : LOWEST_EXPONENT;
    exponent = exponent < LOWEST_EXPONENT    ? LOWEST_EXPONENT
               : exponent > HIGHEST_EXPONENT ? HIGHEST_EXPONENT
                                             : exponent;
    return (ql_param){range.seen, ldexpf(1, exponent), 0};
}

void ql_lstm_states(ql_spread *s, const ql_ranges *ranges, const ql_operator *op)
{
    int cell = input_of(op, CELL_STATE);
    s->tensors[input_of(op, OUTPUT_STATE)] = s->tensors[op->outputs[0]];
    s->tensors[cell] = cell_param(ranges->tensors[cell]);
}

static ql_code weights(ql_pass *p, const ql_operator *op, float *scales, int32_t *inputs)
{
    ql_code code = QL_OK;
    for (int i = FIRST_WEIGHT; i <= LAST_WEIGHT && !code; i++) {
        int t = input_of(op, i);
        if (t >= 0) {
            ql_weight_scales(&p->m->from->tensors[t], -1, &scales[i]);
            code = ql_maker_weights(p->m, t, -1, &scales[i], &inputs[i]);
        }
    }
    return code;
}

/* Gate by gate a bias in units of the input's scale times the input weights'. */
static ql_code biases(ql_pass *p, const ql_operator *op, float x_scale, const float *scales, int32_t *inputs)
{
    ql_code code = QL_OK;
    for (int i = FIRST_BIAS; i <= LAST_BIAS && !code; i++) {
        int t = input_of(op, i);
        float scale = ql_bias_scale(x_scale, scales[FIRST_WEIGHT + i - FIRST_BIAS]);
        code = t < 0 ? QL_OK : ql_bias_constant(p, QL_FORM_I8, t, &scale, 1, &inputs[i]);
    }
    return code;
}

static ql_code state(ql_pass *p, int t, ql_type type)
{
    ql_quant quant;
    ql_code code = ql_maker_param(p->m, &quant, p->s[QL_FORM_I8].tensors[t]);
    if (!code) {
        ql_pass_made(p, t)->type = type;
        ql_pass_made(p, t)->quant = quant;
    }
    return code;
}

static ql_code intermediates(ql_pass *p, ql_param hidden, ql_operator *made)
{
    static const int32_t nothing[1] = {0};
    int32_t indices[GATES + 1];
    ql_tensor tensor = {.type = QL_F32, .rank = 1, .shape = nothing, .name = {"", 0}};
    tensor.quant = (ql_quant){.block_scales = -1, .block_zero_points = -1};
    ql_code code = QL_OK;
    for (int i = 0; i <= GATES && !code; i++) {
        if (i == GATES) {
            tensor.type = QL_I8;
            code = ql_maker_param(p->m, &tensor.quant, hidden);
        }
        code = code ? code : ql_edit_tensor(p->m->model, p->m->subgraph, &tensor, &indices[i], p->m->err);
    }
    made->intermediate_count = GATES + 1;
    return code ? code : ql_edit_ints(p->m->model, indices, GATES + 1, &made->intermediates, p->m->err);
}

ql_code ql_lstm_operands(ql_pass *p, const ql_operator *op, int32_t *inputs, ql_operator *made)
{
    float scales[LAST_WEIGHT + 1] = {0};
    int x = op->inputs[0];
    ql_code code = ql_need_int(p, QL_FORM_I8, x, p->s[QL_FORM_I8].tensors[x], &inputs[0]);
    code = code ? code : weights(p, op, scales, inputs);
    if (!code) {
        code = biases(p, op, ql_pass_made(p, inputs[0])->quant.scale[0], scales, inputs);
    }
    code = code ? code : state(p, input_of(op, OUTPUT_STATE), QL_I8);
    code = code ? code : state(p, input_of(op, CELL_STATE), QL_I16);
    return code ? code : intermediates(p, p->s[QL_FORM_I8].tensors[op->outputs[0]], made);
}
