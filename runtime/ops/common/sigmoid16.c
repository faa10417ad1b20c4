#include "runtime/ops/common/sigmoid16.h"

#include <math.h>

/* 65536 * sigmoid(i / 24) as the reference has it: 44 entries are one off the nearest integer. */
static const uint16_t sigmoid[256] = {
    32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498, 40149, 40794, 41432, 42064,
    42688, 43304, 43912, 44511, 45102, 45683, 46255, 46817, 47369, 47911, 48443, 48964, 49475, 49975, 50464,
    50942, 51409, 51865, 52311, 52745, 53169, 53581, 53983, 54374, 54755, 55125, 55485, 55834, 56174, 56503,
    56823, 57133, 57433, 57724, 58007, 58280, 58544, 58800, 59048, 59288, 59519, 59743, 59959, 60168, 60370,
    60565, 60753, 60935, 61110, 61279, 61441, 61599, 61750, 61896, 62036, 62172, 62302, 62428, 62549, 62666,
    62778, 62886, 62990, 63090, 63186, 63279, 63368, 63454, 63536, 63615, 63691, 63765, 63835, 63903, 63968,
    64030, 64090, 64148, 64204, 64257, 64308, 64357, 64405, 64450, 64494, 64536, 64576, 64614, 64652, 64687,
    64721, 64754, 64786, 64816, 64845, 64873, 64900, 64926, 64950, 64974, 64997, 65019, 65039, 65060, 65079,
    65097, 65115, 65132, 65149, 65164, 65179, 65194, 65208, 65221, 65234, 65246, 65258, 65269, 65280, 65291,
    65301, 65310, 65319, 65328, 65337, 65345, 65352, 65360, 65367, 65374, 65381, 65387, 65393, 65399, 65404,
    65410, 65415, 65420, 65425, 65429, 65433, 65438, 65442, 65445, 65449, 65453, 65456, 65459, 65462, 65465,
    65468, 65471, 65474, 65476, 65479, 65481, 65483, 65485, 65488, 65489, 65491, 65493, 65495, 65497, 65498,
    65500, 65501, 65503, 65504, 65505, 65507, 65508, 65509, 65510, 65511, 65512, 65513, 65514, 65515, 65516,
    65517, 65517, 65518, 65519, 65520, 65520, 65521, 65522, 65522, 65523, 65523, 65524, 65524, 65525, 65525,
    65526, 65526, 65526, 65527, 65527, 65528, 65528, 65528, 65529, 65529, 65529, 65529, 65530, 65530, 65530,
    65530, 65531, 65531, 65531, 65531, 65531, 65532, 65532, 65532, 65532, 65532, 65532, 65533, 65533, 65533,
    65533, 65533, 65533, 65533, 65533, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534,
    65535};

/* scale * 4096 * 3 with as many fraction bits as 15 bits hold. */
static ql_sigmoid16 general_scale(float in_scale)
{
    double multiplier = (double)in_scale * 4096.0 * 3.0;
    int shift = 0;
    while (multiplier <= 32767.0 / 2.0 && shift <= 30) {
        shift++;
        multiplier *= 2.0;
    }
    return (ql_sigmoid16){ql_round_to_i32_d(trunc(multiplier)), shift};
}

ql_sigmoid16 ql_logistic16_scale(float in_scale)
{
    int exponent;
    return ql_log2_of(in_scale, &exponent) && exponent == -12 ? (ql_sigmoid16){3, 0}
                                                              : general_scale(in_scale);
}

ql_sigmoid16 ql_tanh16_scale(float in_scale)
{
    int exponent;
    bool exact = ql_log2_of(in_scale, &exponent) && (exponent == -12 || exponent == -11);
    return exact ? (ql_sigmoid16){3 << (exponent + 12), 0} : general_scale(in_scale);
}

/* In 32 bits that wrap, as the reference computes it: input scales above 5 or so leave its range. */
static int32_t scaled(int16_t x, const ql_sigmoid16 *scale)
{
    uint32_t half = scale->shift ? 1u << (scale->shift - 1) : 0;
    return (int32_t)((uint32_t)x * (uint32_t)scale->multiplier + half) >> scale->shift;
}

static uint32_t magnitude(int32_t x)
{
    return x < 0 ? 0 - (uint32_t)x : (uint32_t)x;
}

int16_t ql_logistic16(int16_t q, const ql_sigmoid16 *scale)
{
    int32_t x = scaled(q, scale);
    uint32_t at = magnitude(x) >> 9, part = magnitude(x) & 511, result;
    if (at >= 255) {
        result = 0x7fff << 10;
    } else {
        result = ((uint32_t)sigmoid[at] << 9) + part * (uint32_t)(sigmoid[at + 1] - sigmoid[at]);
    }
    result = x >= 0 ? result + (1 << 9) : (1 << 25) - result + (1 << 9) - 1;
    return (int16_t)(result >> 10);
}

int16_t ql_tanh16(int16_t q, const ql_sigmoid16 *scale)
{
    int32_t x = scaled(q, scale);
    uint32_t at = magnitude(x) >> 8, part = magnitude(x) & 255;
    int32_t result;
    if (at >= 255) {
        result = 0xffff << 8;
    } else {
        result = (int32_t)(((uint32_t)sigmoid[at] << 8) + part * (uint32_t)(sigmoid[at + 1] - sigmoid[at]));
    }
    result = x >= 0 ? result - (1 << 23) + (1 << 7) : -result + (1 << 23) + (1 << 7) - 1;
    return (int16_t)(result >> 8);
}

void ql_logistic16_all(const ql_isa *isa, const ql_sigmoid16 *scale, const int16_t *x, int16_t *y, size_t n)
{
    if (isa->curve_16) {
        isa->curve_16(&(ql_curve16){.table = sigmoid,
                                    .multiplier = scale->multiplier,
                                    .shift = scale->shift,
                                    .bits = 9,
                                    .top = 0x7fff << 10,
                                    .add = 1 << 9,
                                    .add_negative = (1 << 25) - 1,
                                    .out_shift = 10},
                      x, y, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        y[i] = ql_logistic16(x[i], scale);
    }
}

void ql_tanh16_all(const ql_isa *isa, const ql_sigmoid16 *scale, const int16_t *x, int16_t *y, size_t n)
{
    if (isa->curve_16) {
        isa->curve_16(&(ql_curve16){.table = sigmoid,
                                    .multiplier = scale->multiplier,
                                    .shift = scale->shift,
                                    .bits = 8,
                                    .top = 0xffff << 8,
                                    .add = (1 << 7) - (1 << 23),
                                    .add_negative = (1 << 24) - 1,
                                    .out_shift = 8},
                      x, y, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        y[i] = ql_tanh16(x[i], scale);
    }
}
