#include "runtime/model/schema.h"
#include "runtime/model/writer.h"

#include <stdlib.h>

enum { ALIGNMENT = 16 };

typedef struct {
    ql_buffer buffer;
    int index;
} place;

/* Equal ones next to each other, the first of them first. Addresses only group: they leave no trace. */
static int by_data(const void *a, const void *b)
{
    const place *x = a, *y = b;
    uintptr_t at_x = (uintptr_t)x->buffer.data, at_y = (uintptr_t)y->buffer.data;
    if (at_x != at_y) {
        return at_x < at_y ? -1 : 1;
    }
    if (x->buffer.bytes != y->buffer.bytes) {
        return x->buffer.bytes < y->buffer.bytes ? -1 : 1;
    }
    return x->index < y->index ? -1 : 1;
}

/* For each buffer the first one that has the very same data. */
static int *find_homes(ql_writer *w)
{
    const ql_model *model = w->model;
    size_t count = (size_t)model->buffer_count;
    place *places = QL_TAKE(&w->scratch, count, place);
    int *homes = QL_TAKE(&w->scratch, count, int);
    if (!places || !homes) {
        w->build.code = ql_fail_memory(w->build.err, count * sizeof *places);
        return NULL;
    }
    for (int i = 0; i < model->buffer_count; i++) {
        places[i] = (place){model->buffers[i], i};
    }
    qsort(places, count, sizeof *places, by_data);
    for (size_t i = 0; i < count; i++) {
        bool same = i && places[i].buffer.data == places[i - 1].buffer.data &&
                    places[i].buffer.bytes == places[i - 1].buffer.bytes;
        homes[places[i].index] = same ? homes[places[i - 1].index] : places[i].index;
    }
    return homes;
}

/* Lays the tables out; gives the place of each one's reference to its data, in far files the number it was
 * noted under, 0 for an empty one. */
static void write_tables(ql_writer *w, size_t tables, const int *homes, size_t *places)
{
    for (int i = 0; i < w->model->buffer_count; i++) {
        const ql_buffer *buffer = &w->model->buffers[i];
        ql_slots row = {0};
        if (w->far) {
            ql_put_far(&row, QL_BUFFER_OFFSET, buffer->bytes);
        } else {
            ql_put_ref(&row, QL_BUFFER_DATA, buffer->bytes > 0);
        }
        ql_build_item(&w->build, tables, i, &row);
        places[i] = row.place[QL_BUFFER_DATA];
        if (w->far) {
            places[i] = w->far_count;
            ql_writer_far(w, &row, QL_BUFFER_OFFSET, buffer->data, buffer->bytes, places[homes[i]]);
        }
    }
}

static void write_data(ql_writer *w, const int *homes, size_t *places)
{
    w->build.apart = true;
    for (int i = 0; i < w->model->buffer_count; i++) {
        const ql_buffer *buffer = &w->model->buffers[i];
        ql_slots row = {.place[QL_BUFFER_DATA] = places[i]};
        if (homes[i] == i) {
            places[i] =
                ql_build_vector(&w->build, &row, QL_BUFFER_DATA, buffer->data, buffer->bytes, 1, ALIGNMENT);
        } else if (places[i]) {
            ql_build_share(&w->build, places[i], places[homes[i]]);
        }
    }
}

void ql_write_buffers(ql_writer *w, const ql_slots *root)
{
    int count = w->model->buffer_count;
    const int *homes = find_homes(w);
    size_t *places = QL_TAKE(&w->scratch, (size_t)count, size_t);
    size_t tables = ql_build_tables(&w->build, root, QL_MODEL_BUFFERS, count);
    if (!homes || !places) {
        w->build.code = ql_fail_memory(w->build.err, (size_t)count * sizeof *places);
        return;
    }
    write_tables(w, tables, homes, places);
    if (!w->far) {
        write_data(w, homes, places);
    }
}
