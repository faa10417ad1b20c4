#include "runtime/ops/common/fours.h"

static float joined(const float lane[4])
{
    return lane[0] + lane[1] + lane[2] + lane[3];
}

float ql_dot_fours(float start, const float *a, const float *b, int count)
{
    float lane[4] = {0};
    int i = 0;
    for (; i < count / 4 * 4; i += 4) {
        for (int k = 0; k < 4; k++) {
            lane[k] += a[i + k] * b[i + k];
        }
    }
    float sum = start + joined(lane);
    for (; i < count; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

float ql_sum_fours(const float *a, int count)
{
    float lane[4] = {0};
    int i = 0;
    for (; i < count / 4 * 4; i += 4) {
        for (int k = 0; k < 4; k++) {
            lane[k] += a[i + k];
        }
    }
    float sum = joined(lane);
    for (; i < count; i++) {
        sum += a[i];
    }
    return sum;
}
