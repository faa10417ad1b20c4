#include "tui/session/links.h"

bool ql_row_reads(const ql_row *row, int tensor)
{
    const ql_json *inputs = ql_json_get(row->json, "inputs");
    for (const ql_json *one = ql_json_first(inputs); one && tensor >= 0; one = ql_json_next(one)) {
        double input = ql_json_number_or(one, -1);
        if (input >= tensor && input <= tensor) {
            return true;
        }
    }
    return false;
}
