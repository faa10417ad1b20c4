#include "analyzer/result/joint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SHOWN = 4, SENTENCE = 400 };
static const double TELLING = 0.2;     /* seconds between two words to rank 0 */
static const double WRITING = 0.02;    /* share of the time that goes into writing pieces */
static const double WORTH_KEEPING = 1; /* seconds of work */

typedef struct {
    const ql_engine_options *given;
    const ql_joint_options *o;
    ql_pieces *pieces;
    ql_engine_options engine;
    size_t *channels;
    ql_comparison *sum; /* what this rank has to hand over */
    ql_comparison own;  /* of the stretch under way */
    ql_piece done;      /* of it, the samples that `own` holds */
    ql_piece kept;      /* and those in a file */
    uint64_t before;    /* samples of earlier stretches and runs of the engine */
    uint64_t there;     /* samples of the pieces that were there */
    uint64_t under;     /* samples done of the engine's run under way */
    struct timespec begun, written, told;
    double cost; /* seconds that writing took the last time */
} joint;

static double since(const struct timespec *then)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) * 1e-9;
}

static ql_code make_empty(const joint *j, ql_comparison *comparison, ql_err *err)
{
    return ql_comparison_make(comparison, j->given->pairing->pair_count, j->channels,
                              ql_engine_task(j->given), err);
}

/* --- What the engine asks --- */

static bool ended(const joint *j)
{
    return (j->o->stop && j->o->stop(j->o->user)) || ql_ranks_stopped(j->o->ranks);
}

static bool due(const joint *j)
{
    double pause = j->cost / WRITING > j->o->seconds ? j->cost / WRITING : j->o->seconds;
    return j->o->folder && since(&j->written) >= pause;
}

static bool enough(void *user)
{
    const joint *j = user;
    return ended(j) || (j->under && due(j));
}

static bool advance(void *user, uint64_t done, uint64_t total)
{
    joint *j = user;
    uint64_t all = j->there + j->before + done;
    (void)total;
    j->under = done;
    if (ql_ranks_many(j->o->ranks) && since(&j->told) > TELLING) {
        clock_gettime(CLOCK_MONOTONIC, &j->told);
        all = j->there + ql_ranks_advance(j->o->ranks, j->before + done);
    } else if (ql_ranks_many(j->o->ranks)) {
        return true;
    }
    if (j->given->progress && ql_ranks_first(j->o->ranks)) {
        j->given->progress(j->given->user, all, j->pieces->total); /* whether to end is asked elsewhere */
    }
    return true;
}

static bool stop(void *user, uint64_t work)
{
    const joint *j = user;
    return j->given->stop && j->given->stop(j->given->user, work);
}

/* --- One stretch of samples --- */

static ql_code keep(joint *j, ql_err *err)
{
    struct timespec begun;
    bool any = j->done.upto > (j->kept.upto ? j->kept.upto : j->done.from);
    if (!j->o->folder || !any) {
        return QL_OK;
    }
    clock_gettime(CLOCK_MONOTONIC, &begun);
    ql_code code = ql_pieces_write(j->pieces, j->done, &j->own, j->kept.upto ? &j->kept : NULL, err);
    j->kept = j->done;
    j->cost = since(&begun);
    clock_gettime(CLOCK_MONOTONIC, &j->written);
    return code;
}

static ql_code run_part(joint *j, uint64_t upto, ql_err *err)
{
    ql_comparison part;
    j->under = 0;
    j->engine.from = j->done.upto;
    j->engine.limit = upto - j->done.upto;
    ql_code code = ql_engine_run(&j->engine, &part, err);
    if (!code) {
        j->done.upto += part.samples;
        j->before += part.samples;
        ql_comparison_take(&j->own, &part);
    }
    return code;
}

/* Where the run ends before its time, what is done is kept unless it was a moment's work. */
static bool worth_keeping(const joint *j)
{
    double pause = j->o->seconds < WORTH_KEEPING ? j->o->seconds : WORTH_KEEPING;
    return j->kept.upto || since(&j->written) >= pause;
}

static ql_code run_stretch(joint *j, ql_piece stretch, ql_err *err)
{
    bool ends = false;
    j->done = (ql_piece){stretch.from, stretch.from};
    j->kept = (ql_piece){0};
    ql_code code = make_empty(j, &j->own, err);
    while (!code && !ends && j->done.upto < stretch.upto) {
        code = run_part(j, stretch.upto, err);
        ends = ended(j);
        bool last = j->done.upto == j->pieces->total && !ql_ranks_many(j->o->ranks); /* done: no use */
        code = code || last || !(due(j) || (ends && worth_keeping(j))) ? code : keep(j, err);
    }
    if (!code) {
        ql_comparison_take(j->sum, &j->own);
    } else {
        ql_comparison_free(&j->own);
    }
    bool told = ql_ranks_stopped(j->o->ranks); /* then whoever told knows why */
    return !code && ends && !told ? ql_fail(err, QL_E_INTERRUPTED, "interrupted") : code;
}

/* Each rank's share of what is missing is the same number of samples, in one stretch where that can be. */
static ql_code run_share(joint *j, const ql_piece *missing, int count, ql_err *err)
{
    uint64_t all = 0, at = 0, ranks = (uint64_t)ql_ranks_size(j->o->ranks),
             rank = (uint64_t)ql_ranks_rank(j->o->ranks);
    for (int i = 0; i < count; i++) {
        all += missing[i].upto - missing[i].from;
    }
    uint64_t first = all / ranks * rank + all % ranks * rank / ranks;
    uint64_t end = all / ranks * (rank + 1) + all % ranks * (rank + 1) / ranks;
    ql_code code = QL_OK;
    for (int i = 0; i < count && !code && !ended(j); i++) {
        uint64_t length = missing[i].upto - missing[i].from;
        uint64_t from = first > at ? first - at : 0, upto = end > at ? end - at : 0;
        upto = upto < length ? upto : length;
        if (from < upto) {
            code = run_stretch(j, (ql_piece){missing[i].from + from, missing[i].from + upto}, err);
        }
        at += length;
    }
    if (code) {
        ql_ranks_stop(j->o->ranks);
    }
    return code;
}

/* --- What is there, told and shared --- */

static void list_samples(const ql_piece *list, int count, char *out, size_t size)
{
    size_t used = 0;
    out[0] = 0;
    for (int i = 0; i < count && i < SHOWN && used < size; i++) {
        used += (size_t)snprintf(out + used, size - used, "%s%" PRIu64 " to %" PRIu64, i ? ", " : "",
                                 list[i].from, list[i].upto - 1);
    }
    if (count > SHOWN && used < size) {
        snprintf(out + used, size - used, " and %d more stretches", count - SHOWN);
    }
}

static void tell_there(const joint *j, const ql_piece *missing, int count)
{
    const ql_pieces *p = j->pieces;
    char sentence[SENTENCE], samples[200];
    if (!j->o->say) {
        return;
    }
    if (p->count) {
        list_samples(missing, count, samples, sizeof samples);
        snprintf(sentence, sizeof sentence,
                 "%.100s: %" PRIu64 " of %" PRIu64 " samples are there from an earlier run%s%s", p->folder,
                 ql_pieces_samples(p), p->total, count ? "; running samples " : "", samples);
        j->o->say(j->o->user, sentence);
    }
    if (p->damaged) {
        snprintf(sentence, sizeof sentence, "%.100s: %d damaged file%s passed over", p->folder, p->damaged,
                 p->damaged > 1 ? "s" : "");
        j->o->say(j->o->user, sentence);
    }
    if (p->foreign) {
        snprintf(
            sentence, sizeof sentence,
            "%.100s: %d file%s of another comparison (other models, data, options or version) left alone",
            p->folder, p->foreign, p->foreign > 1 ? "s" : "");
        j->o->say(j->o->user, sentence);
    }
}

/* Of what was ended before its end: what is in the folder now, of all ranks. */
static void tell_kept(const joint *j)
{
    ql_pieces now = {0};
    ql_err ignored;
    char sentence[SENTENCE];
    ql_err_clear(&ignored);
    if (j->o->folder && j->o->say && !ql_pieces_open(&now, j->o->folder, j->given, &ignored) && now.count) {
        snprintf(sentence, sizeof sentence,
                 "%" PRIu64 " of %" PRIu64
                 " samples are kept in %.100s: the same command goes on with the rest",
                 ql_pieces_samples(&now), now.total, now.folder);
        j->o->say(j->o->user, sentence);
    }
    ql_pieces_close(&now);
}

/* What rank 0 finds in the folder holds for all. */
static ql_code share_missing(const joint *j, ql_code code, ql_piece **missing, int *count, ql_err *err)
{
    ql_gathered all;
    *missing = code || !ql_ranks_first(j->o->ranks) ? NULL : ql_pieces_missing(j->pieces, count);
    *count = *missing ? *count : 0;
    size_t bytes = (size_t)*count * sizeof **missing;
    if (!code && ql_ranks_first(j->o->ranks) && !*missing) {
        code = ql_fail_memory(err, sizeof **missing);
    }
    if (!ql_ranks_many(j->o->ranks)) {
        return code;
    }
    code = ql_ranks_share(j->o->ranks, code, *missing, bytes, &all, err);
    if (!code && !ql_ranks_first(j->o->ranks)) {
        const char *given = ql_gathered_of(&all, 0, &bytes);
        *missing = malloc(bytes + 1);
        *count = (int)(bytes / sizeof **missing);
        if (*missing) {
            memcpy(*missing, given, bytes);
        } else {
            code = ql_fail_memory(err, bytes);
        }
    }
    ql_gathered_free(&all);
    return code;
}

/* --- Handing over --- */

static ql_code send_sums(const joint *j, ql_err *err)
{
    char *text = ql_piece_text(j->pieces->subject, (ql_piece){0, j->sum->samples}, j->sum);
    ql_code code = ql_ranks_agree(j->o->ranks, text ? QL_OK : ql_fail_memory(err, 1), err);
    code = code ? code : ql_ranks_send(j->o->ranks, 0, text, strlen(text), err);
    free(text);
    return code;
}

static ql_code receive_sums(const joint *j, int from, uint64_t samples, ql_err *err)
{
    ql_comparison part;
    char *text = NULL;
    size_t length;
    ql_code code = make_empty(j, &part, err);
    code = code ? code : ql_ranks_receive(j->o->ranks, from, &text, &length, err);
    code = code ? code : ql_piece_parse(text, length, j->pieces->subject, (ql_piece){0, samples}, &part, err);
    if (!code) {
        ql_comparison_merge(j->sum, &part);
    }
    free(text);
    ql_comparison_free(&part);
    return code;
}

static ql_code hand_over(const joint *j, ql_code code, ql_err *err)
{
    ql_gathered all;
    uint64_t samples = j->sum->samples;
    if (!ql_ranks_many(j->o->ranks)) {
        return code;
    }
    code = ql_ranks_share(j->o->ranks, code, &samples, sizeof samples, &all, err);
    if (!code && !ql_ranks_first(j->o->ranks)) {
        code = send_sums(j, err);
    } else if (!code) {
        code = ql_ranks_agree(j->o->ranks, QL_OK, err);
        for (int r = 1; r < ql_ranks_size(j->o->ranks) && !code; r++) {
            size_t bytes;
            memcpy(&samples, ql_gathered_of(&all, r, &bytes), sizeof samples);
            code = receive_sums(j, r, samples, err);
        }
    }
    ql_gathered_free(&all);
    return code;
}

/* --- The whole --- */

static ql_code start(joint *j, ql_err *err)
{
    ql_code code = ql_engine_channels(j->given, &j->channels, err);
    code = code ? code : make_empty(j, j->sum, err);
    if (!code && ql_ranks_first(j->o->ranks)) {
        code = ql_pieces_open(j->pieces, j->o->folder, j->given, err);
        code = code ? code : ql_pieces_read(j->pieces, j->given, j->sum, err);
        j->there = code ? 0 : ql_pieces_samples(j->pieces);
    } else if (!code) {
        *j->pieces = (ql_pieces){.folder = j->o->folder, .total = ql_dataset_count(j->given->data)};
    }
    if (!code && ql_ranks_many(j->o->ranks)) {
        ql_pieces_subject(j->given, j->pieces->subject);
    }
    j->engine = *j->given;
    j->engine.progress = advance;
    j->engine.enough = enough;
    j->engine.stop = j->o->folder ? NULL : stop; /* a sample that is broken off would spoil the sums */
    j->engine.user = j;
    clock_gettime(CLOCK_MONOTONIC, &j->begun);
    j->written = j->told = j->begun;
    return code;
}

ql_code ql_joint_run(const ql_engine_options *engine, const ql_joint_options *options, ql_pieces *pieces,
                     ql_comparison *comparison, ql_err *err)
{
    joint j = {.given = engine, .o = options, .pieces = pieces, .sum = comparison};
    ql_piece *missing;
    int count = 0;
    *pieces = (ql_pieces){0};
    *comparison = (ql_comparison){0};
    ql_code code = start(&j, err);
    code = share_missing(&j, code, &missing, &count, err);
    if (!code && ql_ranks_first(options->ranks)) {
        tell_there(&j, missing, count);
    }
    size_t kept = code ? 0 : 2 * ql_engine_statistics(engine, j.channels); /* of a stretch, and of all */
    ql_memory_add(engine->memory, kept);
    code = code ? code : run_share(&j, missing, count, err);
    ql_memory_give(engine->memory, kept);
    code = hand_over(&j, code, err);
    if (code) {
        tell_kept(&j);
    }
    free(missing);
    free(j.channels);
    return code;
}
