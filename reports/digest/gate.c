#include "reports/digest/gate.h"

static const char *const words[] = {
    [QL_GATE_HELD] = "held",
    [QL_GATE_FORGIVEN] = "let pass (within noise)",
    [QL_GATE_NOISY] = "did not hold (within noise)",
    [QL_GATE_BROKEN] = "did not hold",
};

ql_gate_state ql_gate_state_of(const ql_json *gate)
{
    bool noise = ql_json_is_true(ql_json_get(gate, "within_noise"));
    return ql_json_is_true(ql_json_get(gate, "passed")) ? noise ? QL_GATE_FORGIVEN : QL_GATE_HELD
           : noise                                      ? QL_GATE_NOISY
                                                        : QL_GATE_BROKEN;
}

bool ql_gate_passes(ql_gate_state state)
{
    return state <= QL_GATE_FORGIVEN;
}

const char *ql_gate_words(ql_gate_state state)
{
    return words[state];
}

ql_gate_count ql_gates_counted(const ql_digest *digest)
{
    ql_gate_count count = {0};
    const ql_json *gate = ql_json_first(ql_json_get(digest->doc, "gates"));
    for (; gate; gate = ql_json_next(gate)) {
        count.all++;
        count.held += ql_gate_passes(ql_gate_state_of(gate));
    }
    return count;
}

/* The first from `gate` on that passes, or does not. */
static const ql_json *first_that(const ql_json *gate, bool passes)
{
    while (gate && ql_gate_passes(ql_gate_state_of(gate)) != passes) {
        gate = ql_json_next(gate);
    }
    return gate;
}

const ql_json *ql_gate_after(const ql_digest *digest, const ql_json *gate)
{
    const ql_json *start = ql_json_first(ql_json_get(digest->doc, "gates"));
    bool passes = gate && ql_gate_passes(ql_gate_state_of(gate));
    const ql_json *next = first_that(gate ? ql_json_next(gate) : start, passes);
    return next || passes ? next : first_that(start, true);
}
