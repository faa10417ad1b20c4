#include "analyzer/gates/noise.h"

#include <math.h>
#include <string.h>

static const double z = 1.959964; /* as ql_moments_half_width */

const ql_interval ql_no_interval = {(double)NAN, (double)NAN};

double ql_interval_half(ql_interval interval)
{
    return (interval.high - interval.low) / 2;
}

static ql_interval around(double value, double half)
{
    return isfinite(half) && half >= 0 ? (ql_interval){value - half, value + half} : ql_no_interval;
}

ql_interval ql_interval_of_metric(const ql_json *pair, const char *metric, double value)
{
    const ql_json *samples = ql_json_get(pair, "per_sample");
    const double decibel = 10 / log(10);
    double mse = ql_json_get_number(ql_json_get(pair, "cumulative"), "mse", (double)NAN);
    double of_mse = ql_json_get_number(ql_json_get(samples, "mse"), "half_width", (double)NAN);
    double of_sqnr = ql_json_get_number(ql_json_get(samples, "sqnr_db"), "half_width", (double)NAN);
    const struct {
        const char *metric;
        double half;
    } rows[] = {
        {"mse", of_mse},
        {"sqnr_db", of_sqnr},
        {"cosine", ql_json_get_number(ql_json_get(samples, "cosine"), "half_width", (double)NAN)},
        {"rmse", value / 2 * (of_mse / mse)},
        {"rmse_over_scale", value / 2 * (of_mse / mse)},
        {"psnr_db", decibel * (of_mse / mse)},
        {"rel_l2", value * of_sqnr / (2 * decibel)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!strcmp(rows[i].metric, metric)) {
            return around(value, rows[i].half);
        }
    }
    return ql_no_interval;
}

ql_interval ql_interval_of_share(double share, double count)
{
    if (!(count > 0) || !(share >= 0 && share <= 1)) {
        return ql_no_interval;
    }
    double middle = (share + z * z / (2 * count)) / (1 + z * z / count);
    double half = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count));
    return (ql_interval){fmax(middle - half, 0), fmin(middle + half, 1)};
}

ql_interval ql_interval_of_difference(double a, double b, double count)
{
    ql_interval of_a = ql_interval_of_share(a, count), of_b = ql_interval_of_share(b, count);
    return (ql_interval){a - b - hypot(a - of_a.low, of_b.high - b),
                         a - b + hypot(of_a.high - a, b - of_b.low)};
}

ql_interval ql_interval_of_paired(double only_a, double only_b, double count)
{
    double n = count + 2, difference = (only_a - only_b) / n;
    double spread = only_a + only_b + 1 - (only_a - only_b) * difference;
    if (!(count > 0) || !(only_a >= 0 && only_b >= 0 && only_a + only_b <= count)) {
        return ql_no_interval;
    }
    return around(difference, z * sqrt(spread) / n);
}
