#include "analyzer/import/parts.h"

#include "metrics/metrics.h"

#include <math.h>
#include <string.h>

static double figure_of(const ql_import_figures *f, const char *metric)
{
    const struct {
        const char *id;
        double value;
    } known[] = {
        {"mse", f->mse},
        {"rmse", sqrt(f->mse)},
        {"mean_error", f->mean_error},
        {"max_abs", f->max_abs},
        {"sqnr_db", f->sqnr_db},
        {"cosine", f->cosine},
        {"rmse_over_scale", f->scale > 0 ? sqrt(f->mse) / f->scale : (double)NAN},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!strcmp(known[i].id, metric)) {
            return known[i].value;
        }
    }
    return (double)NAN;
}

void ql_import_put_figures(ql_doc *d, ql_json *to, const char *key, const ql_import_figures *figures)
{
    ql_json *entry = ql_put_object(d, to, key);
    for (size_t i = 0; i < ql_metric_count; i++) {
        ql_put_number(d, entry, ql_metrics[i].id, figure_of(figures, ql_metrics[i].id));
    }
}

static void put_nodes(ql_doc *d, ql_json *pair, const char *name)
{
    ql_json *nodes = ql_put_array(d, pair, "node_names");
    for (const char *at = name; *at;) {
        size_t length = strcspn(at, ";");
        if (length) {
            ql_put_str(d, nodes, NULL, (ql_str){at, length});
        }
        at += length + (at[length] == ';');
    }
}

static void put_side(ql_doc *d, ql_json *pair, const char *key, const ql_import_tensor *tensor,
                     bool quantized)
{
    ql_json *side = ql_put_object(d, pair, key);
    ql_put_number(d, side, "tensor", quantized ? tensor->tensor : (double)NAN);
    ql_put_text(d, side, "name", tensor->name);
    ql_put_text(d, side, "dtype", quantized ? tensor->dtype : "float32");
    ql_put_null(d, side, "shape");
    ql_put_number(d, side, "scale", quantized ? tensor->scale : (double)NAN);
    ql_put_number(d, side, "zero_point", quantized ? tensor->zero_point : (double)NAN);
    ql_put_null(d, side, "op_index");
}

ql_json *ql_import_put_pair(ql_doc *d, ql_json *list, const ql_import_tensor *tensor)
{
    ql_json *pair = ql_put_object(d, list, NULL);
    ql_put_text(d, pair, "name", tensor->name);
    put_nodes(d, pair, tensor->name);
    ql_put_array(d, pair, "source");
    ql_put_text(d, pair, "op", tensor->op);
    ql_put_number(d, pair, "op_index", tensor->place < 0 ? (double)NAN : tensor->place);
    ql_put_text(d, pair, "how", "name");
    put_side(d, pair, "reference", tensor, false);
    put_side(d, pair, "candidate", tensor, true);
    ql_put_array(d, pair, "findings");
    return pair;
}
