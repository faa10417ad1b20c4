/* The functions of the table in diagnose.c: each looks at one fact (or the whole result at i = -1). In a
 * finding made here, ops and tensors are indices of facts. Thresholds: docs/findings.md. */
#ifndef QL_FINDINGS_LOOKS_H
#define QL_FINDINGS_LOOKS_H

#include "analyzer/findings/facts.h"
#include "analyzer/findings/finding.h"

/* The operator that makes tensor `i` and the tensor itself are to blame. */
void ql_blame_fact(ql_finding *finding, const ql_facts *facts, int i);

bool ql_look_culprit(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_saturation(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_narrow(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_wide(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_outliers(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_levels(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_channel_outlier(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_channel_spread(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_local(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_swish(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_relu6(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_mismatch(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_dead(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_data(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_weights(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_output(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_kernels(const ql_facts *facts, int i, ql_finding *finding);
bool ql_look_noise(const ql_facts *facts, int i, ql_finding *finding);

#endif
