#include "analyzer/whatif/score.h"

#include "analyzer/compare/side.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compared_with(const ql_pairing *pairing, int tensor)
{
    for (int i = 0; i < pairing->pair_count; i++) {
        if (pairing->pairs[i].candidate == tensor) {
            return pairing->pairs[i].compared;
        }
    }
    return -1;
}

ql_code ql_score_outputs_find(ql_score_outputs *outputs, const ql_engine_options *o, ql_arena *arena,
                              ql_err *err)
{
    const ql_subgraph *graph = &o->candidate.model->subgraphs[o->candidate.subgraph];
    size_t room = (size_t)graph->output_count;
    *outputs = (ql_score_outputs){.output = QL_TAKE(arena, room, int), .compared = QL_TAKE(arena, room, int)};
    if (!outputs->output || !outputs->compared) {
        return ql_fail_memory(err, room * sizeof(int));
    }
    for (int k = 0; k < graph->output_count; k++) {
        int compared = compared_with(o->pairing, graph->outputs[k]);
        if (compared >= 0) {
            outputs->output[outputs->count] = k;
            outputs->compared[outputs->count++] = compared;
        }
    }
    return outputs->count ? QL_OK
                          : ql_fail(err, QL_E_FIT, "no output of the candidate pairs with the reference's");
}

ql_code ql_score_make(ql_score *score, const ql_score_outputs *outputs, const ql_engine_options *options,
                      double *signal_of, double *noise_of, ql_err *err)
{
    *score = (ql_score){.outputs = outputs,
                        .options = options,
                        .signal_of = signal_of,
                        .noise_of = noise_of,
                        .noise = calloc((size_t)outputs->count, sizeof *score->noise)};
    ql_code code = ql_task_make(&score->task, (ql_task_shape){0}, err); /* no figures by class */
    return score->noise ? code : ql_fail_memory(err, (size_t)outputs->count * sizeof *score->noise);
}

void ql_score_free(ql_score *score)
{
    for (int side = 0; side < QL_COMPARED_SIDES; side++) {
        free(score->room[side].values);
    }
    free(score->noise);
    ql_task_free(&score->task);
    *score = (ql_score){0};
}

static ql_code pair_up(ql_score *score, const ql_view *reference, const ql_view *candidate, const float **f,
                       const float **q, ql_err *err)
{
    if (reference->count != candidate->count) {
        ql_fail(err, QL_E_FIT, "%zu elements where the reference has %zu: they must be equal",
                candidate->count, reference->count);
        return ql_at_tensor_of(err, candidate->tensor, candidate->index);
    }
    ql_code code = ql_floats_in(&score->room[QL_REFERENCE_SIDE], reference, f, err);
    return code ? code : ql_floats_in(&score->room[QL_CANDIDATE_SIDE], candidate, q, err);
}

static bool comparable(const ql_view *reference, const ql_view *candidate)
{
    return ql_comparable(reference->type) && ql_comparable(candidate->type);
}

static ql_code add_task(ql_score *score, uint64_t sample, const ql_view *reference, const ql_view *candidate,
                        ql_err *err)
{
    const float *f = NULL, *q = NULL;
    int64_t label;
    if (!candidate->rank || !comparable(reference, candidate)) {
        return QL_OK;
    }
    ql_code code = pair_up(score, reference, candidate, &f, &q, err);
    bool known = ql_dataset_label(score->options->data, sample, &label);
    if (!code && candidate->count) {
        ql_task_add(&score->task, f, q, candidate->count, (size_t)ql_dim(candidate, -1),
                    known ? &label : NULL);
    }
    return code;
}

ql_code ql_score_add(ql_score *score, uint64_t i, const ql_view *reference, const ql_view *first,
                     const ql_exec *exec, ql_err *err)
{
    double signal, noise;
    score->signal_of[i] = score->noise_of[i] = 0;
    for (int k = 0; k < score->outputs->count; k++) {
        const ql_view *candidate = ql_exec_output(exec, score->outputs->output[k]);
        const float *f = NULL, *q = NULL;
        if (!comparable(&reference[k], candidate)) {
            continue;
        }
        ql_code code = pair_up(score, &reference[k], candidate, &f, &q, err);
        if (code) {
            return code;
        }
        ql_noise_add(&score->noise[k], f, q, candidate->count, &signal, &noise);
        score->signal_of[i] += signal;
        score->noise_of[i] += noise;
    }
    score->samples++;
    return add_task(score, ql_dataset_sample(score->options->data, i), first, ql_exec_output(exec, 0), err);
}

void ql_score_merge(ql_score *into, const ql_score *from)
{
    for (int k = 0; k < into->outputs->count; k++) {
        ql_noise_merge(&into->noise[k], &from->noise[k]);
    }
    ql_task_merge(&into->task, &from->task);
    into->samples += from->samples;
}

/* What of a score is neither a list nor by output. */
typedef struct {
    ql_agreement agreement;
    uint64_t labelled, reference_right, candidate_right, both_right, samples;
} tallies;

size_t ql_score_bytes(const ql_score *score, uint64_t from, uint64_t upto)
{
    return sizeof(tallies) + (size_t)score->outputs->count * sizeof *score->noise +
           2 * (size_t)(upto - from) * sizeof(double);
}

void ql_score_pack(const ql_score *score, uint64_t from, uint64_t upto, char *out)
{
    const ql_task_stats *task = &score->task;
    const tallies own = {task->agreement,       task->labelled,   task->reference_right,
                         task->candidate_right, task->both_right, score->samples};
    size_t noise = (size_t)score->outputs->count * sizeof *score->noise;
    size_t list = (size_t)(upto - from) * sizeof(double);
    memcpy(out, &own, sizeof own);
    memcpy(out + sizeof own, score->noise, noise);
    if (list) {
        memcpy(out + sizeof own + noise, score->signal_of + from, list);
        memcpy(out + sizeof own + noise + list, score->noise_of + from, list);
    }
}

void ql_score_unpack(ql_score *into, uint64_t from, uint64_t upto, const char *bytes)
{
    tallies other;
    size_t list = (size_t)(upto - from) * sizeof(double);
    memcpy(&other, bytes, sizeof other);
    bytes += sizeof other;
    const ql_task_stats task = {.agreement = other.agreement,
                                .labelled = other.labelled,
                                .reference_right = other.reference_right,
                                .candidate_right = other.candidate_right,
                                .both_right = other.both_right};
    ql_task_merge(&into->task, &task);
    into->samples += other.samples;
    for (int k = 0; k < into->outputs->count; k++, bytes += sizeof(ql_noise)) {
        ql_noise noise;
        memcpy(&noise, bytes, sizeof noise);
        ql_noise_merge(&into->noise[k], &noise);
    }
    if (list) {
        memcpy(into->signal_of + from, bytes, list);
        memcpy(into->noise_of + from, bytes + list, list);
    }
}

static double share(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : (double)NAN;
}

ql_whatif_figures ql_score_figures(const ql_score *score)
{
    double signal = 0, noise = 0;
    for (int k = 0; k < score->outputs->count; k++) {
        signal += ql_exact_value(&score->noise[k].signal);
        noise += ql_exact_value(&score->noise[k].noise);
    }
    return (ql_whatif_figures){
        .sqnr_db = noise > 0 ? 10 * log10(signal / noise) : HUGE_VAL,
        .sqnr_half = ql_noise_half_width(score->signal_of, score->noise_of, score->samples),
        .top1 = ql_agreement_top1(&score->task.agreement),
        .accuracy = share(score->task.candidate_right, score->task.labelled),
        .samples = score->samples,
    };
}
