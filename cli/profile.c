#include "cli/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double at(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double now(void)
{
    return at(CLOCK_MONOTONIC);
}

/* What this thread has computed for: other programs do not lengthen it. */
static double worked(void)
{
    return at(CLOCK_THREAD_CPUTIME_ID);
}

ql_code ql_profile_start(ql_profile *p, const ql_exec *exec, const ql_model *model, int subgraph, size_t runs,
                         ql_err *err)
{
    size_t ops = (size_t)model->subgraphs[subgraph].operator_count;
    *p = (ql_profile){.exec = exec, .model = model, .subgraph = subgraph, .capacity = runs};
    p->ops = calloc(ops + 1, sizeof *p->ops);
    p->runs = calloc(runs + 1, sizeof *p->runs);
    if (!p->ops || !p->runs) {
        return ql_fail_memory(err, (ops + 1) * sizeof *p->ops + (runs + 1) * sizeof *p->runs);
    }
    return ql_isa_choose(&p->isa, err);
}

void ql_profile_free(ql_profile *p)
{
    free(p->ops);
    free(p->runs);
}

void ql_profile_begin(ql_profile *p)
{
    p->started = worked();
    p->last = now();
}

ql_code ql_profile_tap(void *user, int op, const ql_view *view, ql_err *err)
{
    ql_profile *p = user;
    double t = now(), took = t - p->last;
    (void)err;
    p->last = t;
    if (view != ql_exec_call(p->exec, op)->out[0]) {
        return QL_OK; /* its time went to its first output */
    }
    ql_op_time *time = &p->ops[op];
    time->best = !time->runs || took < time->best ? took : time->best;
    time->sum += took;
    time->runs++;
    return QL_OK;
}

void ql_profile_skip(ql_profile *p)
{
    p->last = now();
}

void ql_profile_end(ql_profile *p)
{
    if (p->count < p->capacity) {
        p->runs[p->count++] = worked() - p->started;
    }
}

/* --- What the machine can do --- */

typedef struct {
    double f32, words, bytes; /* multiply-accumulates a millisecond */
    double memory;            /* bytes a millisecond */
} peaks;

enum { STEPS = 128, TRIES = 5, REPEATS = 40, STREAM = 1 << 22 };

typedef struct {
    char x[QL_TILE_ROWS][STEPS * 4], packed[QL_TILE_BLOCKS][STEPS * QL_BLOCK * 4];
    int32_t sums[QL_TILE_ROWS][QL_TILE_BLOCKS * QL_BLOCK];
    const void *rows[QL_TILE_ROWS];
} peak_tile;

/* Tiles that stay in the first cache, the fastest of a few tries. */
static double peak_of(ql_tile_fn kernel, int terms, peak_tile *t)
{
    if (!kernel) {
        return 0;
    }
    for (int r = 0; r < QL_TILE_ROWS; r++) {
        t->rows[r] = t->x[r];
    }
    ql_tile tile = {.x = t->rows,
                    .run_at = &(size_t){0},
                    .runs = 1,
                    .packed = t->packed,
                    .block_bytes = sizeof t->packed[0],
                    .steps = STEPS,
                    .sums = t->sums[0],
                    .sums_stride = sizeof t->sums[0],
                    .rows = QL_TILE_ROWS,
                    .blocks = QL_TILE_BLOCKS};
    double best = 0, macs = (double)QL_TILE_ROWS * QL_TILE_BLOCKS * QL_BLOCK * STEPS * terms * REPEATS;
    for (int i = 0; i < TRIES; i++) {
        double start = now();
        for (int k = 0; k < REPEATS; k++) {
            kernel(&tile);
        }
        double took = now() - start;
        best = took > 0 && macs / took > best ? macs / took : best;
    }
    return best;
}

/* Reading and writing more than the first caches hold. */
static double stream(void)
{
    char *from = calloc(2, STREAM), *to = from ? from + STREAM : NULL;
    double best = 0;
    for (int i = 0; from && i < TRIES; i++) {
        double start = now();
        memcpy(to, from, STREAM);
        double took = now() - start;
        best = took > 0 && 2 * STREAM / took > best ? 2 * STREAM / took : best;
        from[i] = to[i + 1];
    }
    free(from);
    return best;
}

static peaks measure(const ql_isa *isa)
{
    peaks found = {.memory = stream()};
    peak_tile *tile = calloc(1, sizeof *tile);
    if (tile) {
        found.f32 = peak_of(isa->tile_f32, 1, tile);
        found.words = peak_of(isa->tile_i16, 2, tile);
        found.bytes = peak_of(isa->tile_u8, 4, tile);
    }
    free(tile);
    return found;
}

static double peak_for(const peaks *p, const ql_call *c)
{
    bool bytes = c->slot == QL_S_I8 || c->slot == QL_S_HYBRID;
    return c->slot == QL_S_F32 ? p->f32 : bytes && p->bytes > 0 ? p->bytes : p->words;
}

/* The time that its arithmetic or its memory would take at the machine's peak, whichever is longer. */
static double least_time(const peaks *p, const ql_call *c, double macs)
{
    double bytes = 0, peak = peak_for(p, c);
    for (int i = 0; i < c->in_count; i++) {
        bytes += c->in[i] ? (double)c->in[i]->bytes : 0;
    }
    for (int o = 0; o < c->out_count; o++) {
        bytes += (double)c->out[o]->bytes;
    }
    double computing = peak > 0 ? macs / peak : 0, moving = p->memory > 0 ? bytes / p->memory : 0;
    return computing > moving ? computing : moving;
}

/* --- The table --- */

static int by_time(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static void print_op(const ql_profile *p, const peaks *most, int op, double all)
{
    const ql_op_time *time = &p->ops[op];
    const ql_call *c = ql_exec_call(p->exec, op);
    if (!time->runs || !c->row) {
        return;
    }
    char name[64];
    double macs = (double)ql_exec_macs(p->exec, op), mean = time->sum / (double)time->runs;
    const ql_str *of = &c->out[0]->tensor->name;
    printf("%4d %-24s %-6s %9.4f %9.4f %6.1f", op, c->row->name, ql_slot_name(c->slot), time->best, mean,
           all > 0 ? 100 * time->best / all : 0);
    if (macs > 0 && time->best > 0) {
        printf(" %9.2f", macs / time->best / 1e6);
    } else {
        printf(" %9s", "");
    }
    printf(" %5.0f  %s\n", time->best > 0 ? 100 * least_time(most, c, macs) / time->best : 0,
           ql_escape(name, sizeof name, of->text, of->length));
}

void ql_profile_print(const ql_profile *p)
{
    peaks most = measure(p->isa);
    double all = 0;
    int ops = p->model->subgraphs[p->subgraph].operator_count;
    for (int op = 0; op < ops; op++) {
        all += p->ops[op].best;
    }
    printf("%4s %-24s %-6s %9s %9s %6s %9s %5s  %s\n", "op", "operator", "kernel", "best ms", "mean ms",
           "share", "GMAC/s", "roof", "first output");
    for (int op = 0; op < ops; op++) {
        print_op(p, &most, op, all);
    }
    qsort(p->runs, p->count, sizeof *p->runs, by_time);
    printf("peaks of %s: float32 %.1f, 16 bits %.1f, 8 bits %.1f GMAC/s; memory %.1f GB/s\n", p->isa->name,
           most.f32 / 1e6, most.words / 1e6, most.bytes / 1e6, most.memory / 1e6);
    if (p->count) {
        printf("%zu runs: median %.4f ms of processor time, best %.4f, worst %.4f\n", p->count,
               p->runs[p->count / 2], p->runs[0], p->runs[p->count - 1]);
    }
}
