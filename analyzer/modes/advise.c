/* The decision tree. Questions are asked from the cheapest arithmetic on; the first mode that holds is it. */
#include "analyzer/modes/modes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ENOUGH_DB = 30 };

static const ql_mode_figures *find(const ql_modes_result *r, const char *name)
{
    for (int i = 0; i < r->count; i++) {
        if (!strcmp(r->modes[i].row->name, name)) {
            return &r->modes[i];
        }
    }
    return &r->modes[0];
}

/* Points of accuracy, or of agreement, lost against float. */
static double loss(const ql_modes_result *r, const ql_mode_figures *mode)
{
    const ql_whatif_figures *base = &r->modes[0].figures;
    return 100 * (r->labels ? base->accuracy - mode->figures.accuracy : 1 - mode->figures.top1);
}

/* Nothing in it could be quantized. */
static bool idle(const ql_modes_result *r, const ql_mode_figures *mode)
{
    return mode != &r->modes[0] && mode->bytes == r->modes[0].bytes && !mode->boundaries &&
           isinf(mode->figures.sqnr_db);
}

static bool holds(const ql_modes_result *r, const ql_mode_figures *mode)
{
    if (*mode->refused || idle(r, mode)) {
        return false;
    }
    return r->classes ? loss(r, mode) <= r->tolerance + 1e-9 : mode->figures.sqnr_db >= ENOUGH_DB;
}

static void describe(const ql_modes_result *r, const ql_mode_figures *mode, char *out, size_t size)
{
    double percent = 100 * (double)mode->bytes / (double)r->modes[0].bytes;
    if (*mode->refused) {
        snprintf(out, size, "cannot be made: %.150s", mode->refused);
    } else if (idle(r, mode)) {
        snprintf(out, size, "changes nothing");
    } else if (!r->classes) {
        snprintf(out, size, "has an output SQNR of %.1f dB at %.0f %% of the size", mode->figures.sqnr_db,
                 percent);
    } else {
        double lost = loss(r, mode), shown = fabs(lost) < 0.005 ? 0 : lost;
        snprintf(out, size, "%s %.2f points of %s at %.0f %% of the size", shown < 0 ? "gains" : "loses",
                 fabs(shown), r->labels ? "accuracy" : "agreement", percent);
    }
}

static bool ask(ql_modes_result *r, const char *name, const char *question)
{
    const ql_mode_figures *mode = find(r, name);
    ql_mode_step *step = &r->steps[r->step_count++];
    snprintf(step->question, sizeof step->question, "%s", question);
    describe(r, mode, step->answer, sizeof step->answer);
    step->yes = holds(r, mode);
    return step->yes;
}

static void settle(const ql_modes_result *r, ql_mode_advice *advice, const char *name, const char *because)
{
    char told[200];
    const ql_mode_figures *mode = find(r, name);
    describe(r, mode, told, sizeof told);
    advice->row = mode->row;
    snprintf(advice->reason, sizeof advice->reason, "%s; %.100s", told, because);
}

/* The first of the modes that holds, else none. `integers`: without operators that stay float. */
static bool first_of(const ql_modes_result *r, ql_mode_advice *advice, const char *const *names,
                     bool integers, const char *because)
{
    for (int i = 0; names[i]; i++) {
        const ql_mode_figures *mode = find(r, names[i]);
        if (holds(r, mode) && !(integers && mode->float_operators)) {
            settle(r, advice, names[i], because);
            return true;
        }
    }
    return false;
}

static void by_target(ql_modes_result *r)
{
    static const struct {
        const char *target, *because, *names[4], *none;
        bool integers;
    } rows[QL_MODE_TARGETS] = {
        {"microcontroller or NPU",
         "integers only",
         {"int8", "int16x8", NULL},
         "no integer-only model holds: qloupe suggest finds the layers, else train with quantization",
         true},
        {"CPU",
         "the fastest kernels that hold",
         {"int8-fallback", "dynamic", "float16", NULL},
         "float",
         false},
        {"GPU", "computes in float16", {"float16", NULL}, "float", false},
    };
    for (int i = 0; i < QL_MODE_TARGETS; i++) {
        ql_mode_advice *advice = &r->targets[i];
        *advice = (ql_mode_advice){.target = rows[i].target};
        if (!first_of(r, advice, rows[i].names, rows[i].integers, rows[i].because)) {
            bool stays = !strcmp(rows[i].none, "float");
            advice->row = stays ? r->modes[0].row : NULL;
            snprintf(advice->reason, sizeof advice->reason, "%s",
                     stays ? "no other mode holds" : rows[i].none);
        }
    }
}

/* When 16 bits hold and 8 do not, few layers are usually to blame. */
static const char *about_int16(const ql_modes_result *r)
{
    return *find(r, "int8-fallback")->refused
               ? "activations in 16 bits"
               : "8 bits are too few for some layers; qloupe suggest finds which, the rest can stay int8";
}

void ql_modes_advise(ql_modes_result *r, double tolerance)
{
    r->tolerance = tolerance;
    r->step_count = 0;
    r->best = (ql_mode_advice){.target = "any"};
    if (ask(r, "int8", "Does it hold with all operators in int8?")) {
        settle(r, &r->best, "int8", "the cheapest arithmetic, and it runs everywhere");
    } else if (ask(r, "int8-fallback", "Does it hold in int8 with float where int8 has no kernel?")) {
        settle(r, &r->best, "int8-fallback", "operators without an int8 kernel stay float");
    } else if (ask(r, "int16x8", "Does it hold with activations in 16 bits?")) {
        settle(r, &r->best, "int16x8", about_int16(r));
    } else if (ask(r, "dynamic", "Does it hold with activations quantized as the model runs?")) {
        settle(r, &r->best, "dynamic", "fixed ranges of activations cost too much");
    } else if (ask(r, "float16", "Does it hold with constants in float16?")) {
        settle(r, &r->best, "float16", "8-bit weights cost too much");
    } else {
        settle(r, &r->best, "float", "no other mode holds");
    }
    by_target(r);
}
