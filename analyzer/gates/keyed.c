#include "analyzer/gates/keyed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

ql_code ql_keyed_make(ql_keyed *keyed, const ql_json *list, void (*read)(ql_keyed_entry *twin), ql_err *err)
{
    int count = ql_json_size(list);
    *keyed = (ql_keyed){0};
    keyed->list = calloc((size_t)(count > 0 ? count : 0) + 1, sizeof *keyed->list);
    if (!keyed->list) {
        return ql_fail_memory(err, (size_t)count * sizeof *keyed->list);
    }
    const ql_json *entry = ql_json_first(list);
    for (int i = 0; entry && i < count; entry = ql_json_next(entry), i++) {
        ql_keyed_entry *twin = &keyed->list[i];
        *twin = (ql_keyed_entry){
            .json = entry, .name = "", .kind = "", .op = (double)NAN, .place = i, .twin = -1};
        read(twin);
        keyed->count = i + 1;
    }
    return QL_OK;
}

void ql_keyed_free(ql_keyed *keyed)
{
    free(keyed->list);
    *keyed = (ql_keyed){0};
}

typedef int order(const void *a, const void *b);

static int by_key(const ql_keyed_entry *a, const ql_keyed_entry *b)
{
    int name = strcmp(a->name, b->name);
    return name ? name : strcmp(a->kind, b->kind);
}

static int by_op(const ql_keyed_entry *a, const ql_keyed_entry *b)
{
    int op = (a->op > b->op) - (a->op < b->op);
    return op ? op : strcmp(a->kind, b->kind);
}

static int by_place(const ql_keyed_entry *a, const ql_keyed_entry *b)
{
    return (a->place > b->place) - (a->place < b->place);
}

static int key_order(const void *a, const void *b)
{
    const ql_keyed_entry *x = *(ql_keyed_entry *const *)a, *y = *(ql_keyed_entry *const *)b;
    int key = by_key(x, y);
    return key ? key : by_place(x, y);
}

static int op_order(const void *a, const void *b)
{
    const ql_keyed_entry *x = *(ql_keyed_entry *const *)a, *y = *(ql_keyed_entry *const *)b;
    int op = by_op(x, y);
    return op ? op : by_place(x, y);
}

/* Those without a twin yet, in that order. */
static int gather(ql_keyed_entry **sorted, ql_keyed *keyed, bool with_op, order *compare)
{
    int count = 0;
    for (int i = 0; i < keyed->count; i++) {
        ql_keyed_entry *twin = &keyed->list[i];
        if (twin->twin < 0 && (!with_op || !isnan(twin->op))) {
            sorted[count++] = twin;
        }
    }
    qsort(sorted, (size_t)count, sizeof(ql_keyed_entry *), compare);
    return count;
}

static void pair(ql_keyed_entry **x, int x_count, ql_keyed_entry **y, int y_count,
                 int (*compare)(const ql_keyed_entry *, const ql_keyed_entry *))
{
    for (int i = 0, k = 0; i < x_count && k < y_count;) {
        int side = compare(x[i], y[k]);
        if (!side) {
            x[i]->twin = y[k]->place;
            y[k]->twin = x[i]->place;
        }
        i += side <= 0;
        k += side >= 0;
    }
}

ql_code ql_keyed_pair(ql_keyed *a, ql_keyed *b, ql_err *err)
{
    ql_keyed_entry **x = calloc((size_t)a->count + 1, sizeof *x),
                   **y = calloc((size_t)b->count + 1, sizeof *y);
    ql_code code = x && y ? QL_OK : ql_fail_memory(err, ((size_t)a->count + (size_t)b->count) * sizeof *x);
    if (!code) {
        int m = gather(x, a, false, key_order), n = gather(y, b, false, key_order);
        pair(x, m, y, n, by_key);
        m = gather(x, a, true, op_order);
        n = gather(y, b, true, op_order);
        pair(x, m, y, n, by_op);
    }
    free(x);
    free(y);
    return code;
}
