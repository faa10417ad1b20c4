/* Configurations of selective quantization for other tools, made from a plan (docs/configs.md).
 *
 * A plan says which operators of a float model are to have which number format; all others are as the
 * candidate has them, or int8 where it is not at hand. What is written does exactly that in the tool it is
 * for: every name and expression has been tried on every operator of the float model first. What the tool
 * cannot do is refused, never left out. Adding a target is one file and one row.
 */
#ifndef QL_CONFIG_CONFIG_H
#define QL_CONFIG_CONFIG_H

#include "analyzer/analyzer.h"
#include "reports/text/text.h"

/* What a configuration is made from. Everything is borrowed. */
typedef struct {
    const ql_json *plan; /* qloupe.plan/1: "schema" and "layers" (as ql_put_layers writes them) are needed */
    ql_side reference;   /* the float model that the plan's op_index counts in */
    ql_side candidate;   /* the quantized model that was to be improved; model NULL: not at hand */
    const ql_pairing *pairing; /* of the two; NULL: they are paired here */
    const ql_ranges *ranges;   /* of the reference's tensors, for `calibration`; NULL: what the candidate's
                                * parameters can hold */
} ql_export_source;

typedef struct ql_export ql_export;

typedef struct {
    const char *id;        /* as in --for ID */
    const char *extension; /* of the file: ".py", ".json", ".txt" */
    const char *summary;   /* one phrase */
    ql_code (*write)(ql_export *config, ql_text *out, ql_err *err);
} ql_export_target;

extern const ql_export_target ql_export_targets[];
extern const size_t ql_export_target_count;

/* The target with this id; NULL when there is none. */
const ql_export_target *ql_export_find(const char *id);

/* The configuration as text; release `out` and `notes` with ql_text_free, also after an error. `notes` (may
 * be NULL) takes what the reader should know, a line each: what the tool will do that the plan does not say.
 * FORMAT: not a plan; FIT: a plan of another model; UNSUPPORTED: the target cannot express it (the message
 * names the operator and the reason); NOMEM. */
ql_code ql_export_make(const ql_export_target *target, const ql_export_source *source, ql_text *out,
                       ql_text *notes, ql_err *err);

/* The same into a file, whole or not at all ("-": standard output). */
ql_code ql_export_write(const ql_export_target *target, const ql_export_source *source, const char *path,
                        ql_text *notes, ql_err *err);

#endif
