#include "reports/digest/channels.h"

#include <math.h>

static void take(ql_channel_column *column, double low, double high, double sqnr)
{
    column->low = fmin(column->low, low); /* fmin and fmax pass NaN over */
    column->high = fmax(column->high, high);
    column->sqnr = fmin(column->sqnr, sqnr);
}

bool ql_row_channels(const ql_row *row, ql_channel_strip *strip)
{
    const ql_json *by_channel = ql_json_get(row->json, "by_channel");
    const ql_json *low = ql_json_get(by_channel, "min"), *high = ql_json_get(by_channel, "max"),
                  *sqnr = ql_json_get(by_channel, "sqnr_db");
    int channels = ql_json_size(low);
    if (!ql_json_is_array(low) || channels < 2 || ql_json_size(high) != channels ||
        ql_json_size(sqnr) != channels) {
        return false;
    }
    const double nan = (double)NAN;
    int each = (channels + QL_CHANNEL_COLUMNS - 1) / QL_CHANNEL_COLUMNS;
    *strip = (ql_channel_strip){
        .count = (channels + each - 1) / each, .channels = channels, .low = nan, .high = nan};
    low = ql_json_first(low);
    high = ql_json_first(high);
    sqnr = ql_json_first(sqnr);
    for (int i = 0; i < channels; i++) {
        ql_channel_column *column = &strip->columns[i / each];
        if (i % each == 0) {
            *column = (ql_channel_column){i, nan, nan, nan};
        }
        take(column, ql_json_number_or(low, nan), ql_json_number_or(high, nan), ql_json_number_or(sqnr, nan));
        strip->low = fmin(strip->low, column->low);
        strip->high = fmax(strip->high, column->high);
        low = ql_json_next(low);
        high = ql_json_next(high);
        sqnr = ql_json_next(sqnr);
    }
    return isfinite(strip->low) && isfinite(strip->high);
}
