/* Inside reports/config only: the functions of the table of targets, each in its file. */
#ifndef QL_CONFIG_TARGETS_H
#define QL_CONFIG_TARGETS_H

#include "reports/config/intent.h"

typedef ql_code ql_export_function(ql_export *config, ql_text *out, ql_err *err);

ql_export_function ql_export_ai_edge_quantizer, ql_export_calibration, ql_export_model_explorer,
    ql_export_nodes, ql_export_tf_debugger, ql_export_tflm, ql_export_tfmot;

#endif
