#include "runtime/ops/common/product.h"

#include <string.h>

enum { PACKET = 8, FOUR = 4, CACHE = 32768 };

/* --- Products of two vectors --- */

/* The first `count` sums (a power of two) added by halves. */
static float add_halves(float *sums, int count)
{
    for (int half = count / 2; half; half /= 2) {
        for (int i = 0; i < half; i++) {
            sums[i] += sums[i + half];
        }
    }
    return sums[0];
}

static void add_packet(float *sums, const float *x, const float *w, int count)
{
    for (int i = 0; i < count; i++) {
        sums[i] += x[i] * w[i];
    }
}

/* One row of a matrix times a vector. `alone`: not computed together with another row. */
static float row_dot(const float *x, const float *w, int terms, bool alone)
{
    float sums[PACKET] = {0}, rest[FOUR] = {0};
    int k = 0;
    for (; k + PACKET <= terms; k += PACKET) {
        add_packet(sums, x + k, w + k, PACKET);
    }
    float sum = add_halves(sums, PACKET);
    if (alone) {
        for (; k + FOUR <= terms; k += FOUR) {
            add_packet(rest, x + k, w + k, FOUR);
        }
        sum += add_halves(rest, FOUR);
    }
    for (; k < terms; k++) {
        sum += x[k] * w[k];
    }
    return sum;
}

static float inner_dot(const float *x, const float *w, int terms)
{
    enum { ROWS = 4 };
    float sums[ROWS][PACKET] = {{0}};
    int k = 0;
    for (int row = 0; k + PACKET <= terms; k += PACKET, row = (row + 1) % ROWS) {
        add_packet(sums[row], x + k, w + k, PACKET);
    }
    for (int row = ROWS - 1; row > 0; row--) {
        for (int i = 0; i < PACKET; i++) {
            sums[row - 1][i] += sums[row][i];
        }
    }
    float sum = add_halves(sums[0], PACKET);
    for (; k < terms; k++) {
        sum += x[k] * w[k];
    }
    return sum;
}

/* --- Products of matrices --- */

/* Even and odd terms apart as far as eights go, then the rest. */
static void pair_block(const float *x, const float *packed, int terms, ql_sums *sums)
{
    float even[QL_LANES] = {0}, odd[QL_LANES] = {0};
    int eights = terms / PACKET * PACKET;
    for (int k = 0; k < eights; k += 2) {
        const float *w = packed + (size_t)k * QL_LANES;
        for (int i = 0; i < QL_LANES; i++) {
            even[i] += x[k] * w[i];
            odd[i] += x[k + 1] * w[i + QL_LANES];
        }
    }
    for (int i = 0; i < QL_LANES; i++) {
        sums->f32[i] = even[i] + odd[i];
    }
    ql_dot_f32(sums, x + eights, terms - eights, packed + (size_t)eights * QL_LANES, 0);
}

/* One output where neighbouring terms share a register: eight sums become two, those one. */
static float neighbour_dot(const float *x, const float *w, int terms)
{
    float sums[PACKET] = {0};
    int k = 0;
    for (; k + PACKET <= terms; k += PACKET) {
        add_packet(sums, x + k, w + k, PACKET);
    }
    for (int i = 0; i < 2; i++) {
        sums[i] = (sums[i] + sums[i + 2]) + (sums[i + 4] + sums[i + 6]);
    }
    for (; k + 2 <= terms; k += 2) {
        add_packet(sums, x + k, w + k, 2);
    }
    float sum = sums[0] + sums[1];
    return k < terms ? sum + x[k] * w[k] : sum;
}

/* How many terms are summed before they are added to the result: as many as keep 16 rows of weights and 4
 * columns in the cache, less where the last piece would be small. */
static int piece_of(int terms)
{
    const int rows = 16, columns = 4, bytes = (int)sizeof(float);
    int most = (CACHE - rows * columns * bytes) / ((rows + columns) * bytes) / PACKET * PACKET;
    if (terms <= most) {
        return terms;
    }
    int left = terms % most;
    return left ? most - PACKET * ((most - 1 - left) / (PACKET * (terms / most + 1))) : most;
}

static void block_column(const ql_product *p, const float *x, int at, bool fours, float *y)
{
    int lanes = p->outputs - at < QL_LANES ? p->outputs - at : QL_LANES, piece = piece_of(p->terms);
    bool paired = lanes < QL_LANES && fours;
    const float *packed = p->packed + (size_t)at * (size_t)p->terms;
    for (int i = 0; i < lanes; i++) {
        y[at + i] = 0;
    }
    for (int k = 0; k < p->terms; k += piece) {
        int terms = p->terms - k < piece ? p->terms - k : piece;
        ql_sums sums = {{0}};
        (paired ? pair_block(x + k, packed + (size_t)k * QL_LANES, terms, &sums)
                : ql_dot_f32(&sums, x + k, terms, packed + (size_t)k * QL_LANES, 0));
        for (int i = lanes / FOUR * FOUR; i < lanes && paired; i++) {
            sums.f32[i] =
                neighbour_dot(x + k, p->weights + (size_t)(at + i) * (size_t)p->terms + (size_t)k, terms);
        }
        for (int i = 0; i < lanes; i++) {
            y[at + i] += sums.f32[i];
        }
    }
}

/* One column where several threads may be used. */
static void threaded_column(const ql_product *p, const float *x, float *y)
{
    enum { MANY = 128, PIECE = 16 };
    int piece = p->terms < MANY ? p->terms : PIECE;
    for (int at = 0; at < p->outputs; at += QL_LANES) {
        const float *packed = p->packed + (size_t)at * (size_t)p->terms;
        ql_sums total = {{0}};
        for (int k = 0; k < p->terms; k += piece) {
            ql_sums sums = {{0}};
            int terms = p->terms - k < piece ? p->terms - k : piece;
            ql_dot_f32(&sums, x + k, terms, packed + (size_t)k * QL_LANES, 0);
            for (int i = 0; i < QL_LANES; i++) {
                total.f32[i] += sums.f32[i];
            }
        }
        for (int i = 0; i < QL_LANES && at + i < p->outputs; i++) {
            y[at + i] = total.f32[i];
        }
    }
}

/* Several rows times one vector, on an instruction set; the last of an odd number stands alone. */
static void fast_vector(const ql_product *p, const float *x, float *y)
{
    float sums[QL_LANES];
    for (int at = 0; at < p->outputs; at += QL_LANES) {
        int lanes = p->outputs - at < QL_LANES ? p->outputs - at : QL_LANES;
        p->isa->dots_8(&(ql_dots){.x = x,
                                  .packed = p->packed + (size_t)at * (size_t)p->terms,
                                  .terms = (size_t)p->terms,
                                  .y = sums});
        memcpy(y + at, sums, (size_t)lanes * sizeof *sums);
    }
    if (p->outputs % 2) {
        int last = p->outputs - 1;
        y[last] = row_dot(x, p->weights + (size_t)last * (size_t)p->terms, p->terms, true);
    }
}

void ql_product_column(const ql_product *p, const float *x, size_t column, float *y)
{
    if (p->threads && p->columns == 1) {
        threaded_column(p, x, y);
        return;
    }
    if (!p->threads && p->columns == 1 && p->outputs > 1 && p->isa->dots_8) {
        fast_vector(p, x, y);
        return;
    }
    bool vector = !p->threads && (p->outputs == 1 || p->columns == 1);
    bool small = !p->threads && (size_t)p->outputs + (size_t)p->terms + p->columns < 20;
    size_t rows = p->columns == 1 ? (size_t)p->outputs : p->columns;
    for (int o = 0; o < p->outputs && (vector || small); o++) {
        const float *w = p->weights + (size_t)o * (size_t)p->terms;
        bool last = (p->columns == 1 ? (size_t)o : column) + 1 == rows;
        y[o] = vector && rows == 1 ? inner_dot(x, w, p->terms)
                                   : row_dot(x, w, p->terms, vector && last && rows % 2);
    }
    for (int o = 0; o < p->outputs && !vector && !small; o += QL_LANES) {
        block_column(p, x, o, column < p->columns / FOUR * FOUR, y);
    }
}

void ql_product_finish(const ql_call *c, const ql_finish *f, float *y, int outputs)
{
    const float *bias = ql_has(c, f->roles.bias) ? c->in[f->roles.bias]->data : NULL;
    for (int o = 0; o < outputs; o++) {
        y[o] = ql_clamped(bias ? y[o] + bias[o] : y[o], f->clamp_f32);
    }
}
