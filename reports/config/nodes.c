/* A plain list for scripts: format, operator's index, type and name, a tab between them. */
#include "reports/config/targets.h"
#include "reports/text/escape.h"

ql_code ql_export_nodes(ql_export *c, ql_text *out, ql_err *err)
{
    char op_name[64];
    (void)err;
    for (int i = 0; i < c->graph->operator_count; i++) {
        if (c->ops[i].layer) {
            ql_str name = ql_export_name(c, i);
            ql_text_format(out, "%s\t%d\t%s\t", ql_format_name(c->ops[i].format), i,
                           ql_export_op_name(c, i, op_name));
            ql_text_escaped(out, &ql_escape_plain, name.text);
            ql_text_put(out, "\n");
        }
    }
    return QL_OK;
}
