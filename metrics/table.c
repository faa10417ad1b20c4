#include "metrics/table.h"

#include "metrics/figures.h"

#include <math.h>
#include <string.h>

static double mean_of(const ql_stats *stats, ql_sum which)
{
    return stats->count ? ql_stats_sum(stats, which) / (double)stats->count : (double)NAN;
}

#define GETTER(name) static double name(const ql_stats *stats, const ql_metric_context *context)

GETTER(get_mse)
{
    (void)context;
    return mean_of(stats, QL_SUM_EE);
}

GETTER(get_rmse)
{
    return sqrt(get_mse(stats, context));
}

GETTER(get_mae)
{
    (void)context;
    return mean_of(stats, QL_SUM_ABS_E);
}

GETTER(get_max_abs)
{
    (void)context;
    return stats->count ? stats->max_abs.value : (double)NAN;
}

GETTER(get_mean_error)
{
    (void)context;
    return mean_of(stats, QL_SUM_E);
}

GETTER(get_sqnr)
{
    (void)context;
    return ql_decibel(ql_stats_sum(stats, QL_SUM_FF), ql_stats_sum(stats, QL_SUM_EE));
}

GETTER(get_psnr)
{
    double peak = stats->f.max - stats->f.min;
    return ql_decibel(peak * peak, get_mse(stats, context));
}

GETTER(get_cosine)
{
    (void)context;
    return ql_cosine(ql_stats_sum(stats, QL_SUM_FQ), ql_stats_sum(stats, QL_SUM_FF),
                     ql_stats_sum(stats, QL_SUM_QQ));
}

GETTER(get_rel_l2)
{
    (void)context;
    double ff = ql_stats_sum(stats, QL_SUM_FF);
    return ff > 0 ? ql_finite(sqrt(ql_stats_sum(stats, QL_SUM_EE) / ff)) : (double)NAN;
}

GETTER(get_rmse_over_scale)
{
    double scale = context ? context->scale : 0;
    return isfinite(scale) && scale > 0 ? ql_finite(get_rmse(stats, context) / scale) : (double)NAN;
}

GETTER(get_kl)
{
    (void)context;
    return ql_hist_kl(&stats->f, &stats->q);
}

GETTER(get_saturated)
{
    (void)context;
    double at_limits = (double)stats->at_min + (double)stats->at_max;
    return stats->raw_count ? at_limits / (double)stats->raw_count : (double)NAN;
}

const ql_metric ql_metrics[] = {
    {"rmse", "value", QL_LOWER_IS_BETTER, "RMSE",
     "Root of the mean squared error, the typical size of an error.", get_rmse},
    {"mse", "value^2", QL_LOWER_IS_BETTER, "MSE", "Mean of the squared errors.", get_mse},
    {"mae", "value", QL_LOWER_IS_BETTER, "MAE",
     "Mean of the errors' sizes, less ruled by outliers than RMSE.", get_mae},
    {"max_abs", "value", QL_LOWER_IS_BETTER, "max |e|", "The largest error of any element of any sample.",
     get_max_abs},
    {"mean_error", "value", QL_NEARER_0_IS_BETTER, "mean error",
     "Mean of candidate minus reference: the bias that quantization added.", get_mean_error},
    {"sqnr_db", "dB", QL_HIGHER_IS_BETTER, "SQNR",
     "Signal to quantization noise: power of the reference over power of the error.", get_sqnr},
    {"psnr_db", "dB", QL_HIGHER_IS_BETTER, "PSNR",
     "Squared range of the reference over the mean squared error.", get_psnr},
    {"cosine", "1", QL_HIGHER_IS_BETTER, "cosine",
     "Cosine of the angle between reference and candidate: 1 when they differ by a factor only.", get_cosine},
    {"rel_l2", "1", QL_LOWER_IS_BETTER, "relative L2", "Length of the error over length of the reference.",
     get_rel_l2},
    {"rmse_over_scale", "steps", QL_LOWER_IS_BETTER, "RMSE / scale",
     "RMSE in quantization steps of the candidate: 0.289 is what rounding alone costs.", get_rmse_over_scale},
    {"kl", "nat", QL_LOWER_IS_BETTER, "KL divergence",
     "How far the candidate's distribution of values is from the reference's.", get_kl},
    {"saturated", "1", QL_LOWER_IS_BETTER, "saturated",
     "Share of the candidate's raw integers at the lowest or highest value they may have.", get_saturated},
};
const size_t ql_metric_count = sizeof ql_metrics / sizeof *ql_metrics;

const ql_metric *ql_metric_find(const char *id)
{
    for (size_t i = 0; i < ql_metric_count; i++) {
        if (strcmp(ql_metrics[i].id, id) == 0) {
            return &ql_metrics[i];
        }
    }
    return NULL;
}

bool ql_metric_is_better(const ql_metric *metric, double a, double b)
{
    switch (metric->better) {
    case QL_LOWER_IS_BETTER:
        return a < b;
    case QL_HIGHER_IS_BETTER:
        return a > b;
    case QL_NEARER_0_IS_BETTER:
        return fabs(a) < fabs(b);
    }
    return false;
}
