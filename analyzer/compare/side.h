/* A side of a comparison as an interpreter that samples are fed to. */
#ifndef QL_COMPARE_SIDE_H
#define QL_COMPARE_SIDE_H

#include "analyzer/compare/engine.h"

enum { QL_REFERENCE_SIDE, QL_CANDIDATE_SIDE, QL_COMPARED_SIDES }; /* as the dataset counts its models */

/* Opens side `side` with its numerics, the options' bounds, and inputs shaped as the data are; `model` stands
 * for the side's own where it is not NULL. Errors name the side's file. */
ql_code ql_side_open(const ql_engine_options *options, int side, const ql_model *model, ql_exec **exec,
                     bool keep_all, ql_err *err);

/* The same with more of what ql_exec_options has; all bytes zero is nothing of it. */
typedef struct {
    const ql_model *model;
    const ql_exec *like; /* of the side's own model */
    bool keep_all, plan_only, pack_bound;
    size_t pack_bytes;
    int threads;
    ql_team *team;
} ql_side_use;
ql_code ql_side_open_as(const ql_engine_options *options, int side, const ql_side_use *use, ql_exec **exec,
                        ql_err *err);

/* Sets its variables back and feeds sample number `sample` to every input. */
ql_code ql_side_feed(const ql_engine_options *options, int side, ql_exec *exec, uint64_t sample, ql_err *err);

/* The side itself. */
const ql_side *ql_side_of(const ql_engine_options *options, int side);

#endif
