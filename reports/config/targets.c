#include "reports/config/targets.h"

#include <string.h>

const ql_export_target ql_export_targets[] = {
    {"tf-debugger", ".py", "Python for TensorFlow's converter: QuantizationDebugOptions with a denylist",
     ql_export_tf_debugger},
    {"ai-edge-quantizer", ".json", "a recipe: float, int8 and 16x8 layers", ql_export_ai_edge_quantizer},
    {"calibration", ".json", "ai-edge-quantizer's calibration result, with the plan's repairs",
     ql_export_calibration},
    {"tfmot", ".py", "Python for TensorFlow Model Optimization: what to annotate", ql_export_tfmot},
    {"model-explorer", ".json", "the plan as node data over the float model", ql_export_model_explorer},
    {"tflm", ".h", "C++ for TensorFlow Lite Micro: operators, and 16x8 kernels that exist", ql_export_tflm},
    {"nodes", ".txt", "a line a layer: format and name, for scripts", ql_export_nodes},
};
const size_t ql_export_target_count = sizeof ql_export_targets / sizeof *ql_export_targets;

const ql_export_target *ql_export_find(const char *id)
{
    for (size_t i = 0; i < ql_export_target_count; i++) {
        if (!strcmp(ql_export_targets[i].id, id)) {
            return &ql_export_targets[i];
        }
    }
    return NULL;
}

ql_code ql_export_make(const ql_export_target *target, const ql_export_source *source, ql_text *out,
                       ql_text *notes, ql_err *err)
{
    ql_export config;
    ql_code code = ql_export_read(&config, source, notes, err);
    code = code ? code : target->write(&config, out, err);
    code = code ? code : ql_text_check(out, err);
    ql_export_free(&config);
    return code;
}

ql_code ql_export_write(const ql_export_target *target, const ql_export_source *source, const char *path,
                        ql_text *notes, ql_err *err)
{
    ql_text text = {0};
    ql_code code = ql_export_make(target, source, &text, notes, err);
    code = code ? code : ql_file_write(path, ql_text_bytes(&text), text.length, err);
    ql_text_free(&text);
    return code;
}
