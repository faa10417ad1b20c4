#include "runtime/ops/common/move.h"

#include <string.h>

size_t ql_element_bytes(const ql_view *view)
{
    return (size_t)ql_type_bits(view->type) / 8;
}

size_t ql_dims_product(const int32_t *dims, int first, int end)
{
    size_t product = 1;
    for (int d = first; d < end; d++) {
        product *= (size_t)dims[d];
    }
    return product;
}

void ql_dense_steps(int rank, const int32_t *dims, int64_t *steps)
{
    int64_t step = 1;
    for (int d = rank - 1; d >= 0; d--) {
        steps[d] = step;
        step *= dims[d];
    }
}

void ql_move_rows(void *to, size_t to_step, const void *from, size_t from_step, size_t bytes, size_t rows)
{
    for (size_t row = 0; row < rows && bytes; row++) {
        memcpy((char *)to + row * to_step, (const char *)from + row * from_step, bytes);
    }
}

void ql_fill_elements(void *to, size_t count, const void *value, size_t element)
{
    if (element == 1) {
        memset(to, *(const uint8_t *)value, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        memcpy((char *)to + i * element, value, element);
    }
}

void ql_fill_zero(const ql_call *c)
{
    const ql_view *y = c->out[0];
    int32_t zero = y->type == QL_I8 || y->type == QL_U8 || y->type == QL_I16 ? ql_zero(y) : 0;
    if (y->type == QL_I16 && zero) {
        ql_fill_elements(y->data, y->count, &(int16_t){(int16_t)zero}, sizeof(int16_t));
    } else if (y->bytes) {
        memset(y->data, zero, y->bytes);
    }
}

ql_code ql_need_index(const ql_call *c, int i)
{
    ql_type type = c->in[i]->type;
    if (type != QL_I16 && type != QL_I32 && type != QL_I64) {
        return ql_fail_in(c, i, QL_E_UNSUPPORTED, "indices of type %s: int16, int32 or int64 is required",
                          ql_type_name(type));
    }
    return QL_OK;
}

int64_t ql_index_at(const ql_view *view, size_t k)
{
    switch (view->type) {
    case QL_I16:
        return ((const int16_t *)view->data)[k];
    case QL_I32:
        return ((const int32_t *)view->data)[k];
    default:
        return ((const int64_t *)view->data)[k];
    }
}

/* Takes dimension d out, its elements already walked by d+1. */
static void drop(ql_box *box, int d)
{
    box->rank--;
    for (int k = d; k < box->rank; k++) {
        box->dims[k] = box->dims[k + 1];
        box->from[k] = box->from[k + 1];
        box->to[k] = box->to[k + 1];
    }
}

/* Fewer, longer dimensions: those of size 1 go, neighbours that continue each other become one. */
static void simplify(ql_box *box)
{
    for (int d = box->rank - 1; d >= 0; d--) {
        if (box->dims[d] == 1) {
            drop(box, d);
        }
    }
    for (int d = box->rank - 2; d >= 0; d--) {
        int64_t size = box->dims[d + 1];
        if (box->from[d] == box->from[d + 1] * size && box->to[d] == box->to[d + 1] * size &&
            size * box->dims[d] <= INT32_MAX) {
            box->dims[d + 1] *= box->dims[d];
            drop(box, d);
        }
    }
}

#define MOVE_LINE(type)                                                                                      \
    for (int32_t i = 0; i < n; i++) {                                                                        \
        ((type *)to)[i * to_step] = ((const type *)from)[i * from_step];                                     \
    }

static void move_line(int32_t n, size_t element, const char *from, int64_t from_step, char *to,
                      int64_t to_step)
{
    if (from_step == 1 && to_step == 1) {
        memcpy(to, from, (size_t)n * element);
        return;
    }
    switch (element) {
    case 1:
        MOVE_LINE(uint8_t)
        return;
    case 2:
        MOVE_LINE(uint16_t)
        return;
    case 4:
        MOVE_LINE(uint32_t)
        return;
    case 8:
        MOVE_LINE(uint64_t)
        return;
    default:
        for (int32_t i = 0; i < n; i++) {
            memcpy(to + i * to_step * (int64_t)element, from + i * from_step * (int64_t)element, element);
        }
    }
}

static void move_from(const ql_box *box, int d, size_t element, const char *from, char *to)
{
    if (d == box->rank - 1) {
        move_line(box->dims[d], element, from, box->from[d], to, box->to[d]);
        return;
    }
    int64_t from_step = box->from[d] * (int64_t)element, to_step = box->to[d] * (int64_t)element;
    for (int32_t i = 0; i < box->dims[d]; i++) {
        move_from(box, d + 1, element, from + i * from_step, to + i * to_step);
    }
}

void ql_move_box(const ql_box *box, size_t element, const void *from, void *to)
{
    for (int d = 0; d < box->rank; d++) {
        if (box->dims[d] <= 0) {
            return;
        }
    }
    ql_box simple = *box;
    simplify(&simple);
    if (!simple.rank) {
        memcpy(to, from, element);
        return;
    }
    move_from(&simple, 0, element, from, to);
}

ql_code ql_run_move(const ql_call *c)
{
    const ql_move *move = c->state;
    size_t element = ql_element_bytes(c->in[0]);
    if (c->out[0]->count) {
        ql_move_box(&move->box, element, (const char *)c->in[0]->data + (size_t)move->start * element,
                    c->out[0]->data);
    }
    return QL_OK;
}

/* Tables that stand for whole runs of memory from dimension `tail` on. */
static int plain_tail(const ql_view *x, const ql_view *y, const ql_picks *picks)
{
    int tail = y->rank;
    for (int d = y->rank - 1; d >= 0; d--) {
        if (x->dims[d] != y->dims[d]) {
            return tail;
        }
        for (int32_t i = 0; i < y->dims[d]; i++) {
            if (picks->pick[d][i] != i) {
                return tail;
            }
        }
        tail = d;
    }
    return tail;
}

ql_code ql_move_picks(const ql_call *c, const ql_picks *picks)
{
    const ql_view *x = c->in[0], *y = c->out[0];
    if (!y->count) {
        return QL_OK;
    }
    int tail = plain_tail(x, y, picks);
    size_t element = ql_element_bytes(x), run = element * ql_dims_product(y->dims, tail, y->rank);
    int64_t steps[QL_MAX_RANK];
    int32_t at[QL_MAX_RANK] = {0};
    ql_dense_steps(x->rank, x->dims, steps);
    for (char *to = y->data;; to += run) {
        int64_t from = 0;
        for (int d = 0; d < tail; d++) {
            from += picks->pick[d][at[d]] * steps[d];
        }
        memcpy(to, (const char *)x->data + (size_t)from * element, run);
        int d = tail - 1;
        while (d >= 0 && ++at[d] == y->dims[d]) {
            at[d--] = 0;
        }
        if (d < 0) {
            return QL_OK;
        }
    }
}
