/* One block for all planned tensors: two tensors share bytes only when their lifetimes do not meet. */
#include "runtime/exec/internal.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64 };

typedef struct ql_lease {
    ql_view *view;
    int birth, death; /* operators: from the one that writes it to the last that reads it */
    size_t bytes, offset;
    struct ql_lease *next; /* in its list of the calendar */
} ql_lease;

/* Leases by when they begin: those that last 2^k to 2^(k+1) - 1 operators are in level k, in lists of 2^k
 * operators each. So what is alive with a lease is found in a few lists of each level. */
enum { LEVELS = 31 };
typedef struct {
    ql_lease **lists[LEVELS];
    int levels;
} ql_calendar;

ql_code ql_exec_account(ql_exec *exec, size_t less, size_t more, ql_err *err)
{
    ql_memory *memory = exec->shared->memory;
    if (more > less && !ql_memory_take(memory, more - less)) {
        return ql_fail(err, QL_E_NOMEM, "tensors need %zu bytes besides %zu in use: at most %zu are allowed",
                       more, ql_memory_used(memory) - less, memory->limit);
    }
    if (more < less) {
        ql_memory_give(memory, less - more);
    }
    exec->shared->bytes += more - less;
    return QL_OK;
}

void ql_heap_free(ql_exec *exec, ql_heap *heap)
{
    ql_exec_account(exec, heap->capacity, 0, NULL);
    free(heap->data);
    *heap = (ql_heap){0};
}

ql_code ql_heap_need(ql_exec *exec, ql_heap *heap, size_t bytes, ql_err *err)
{
    if (heap->data && heap->capacity >= bytes) {
        return QL_OK;
    }
    ql_heap_free(exec, heap); /* first: both together may be more than is allowed */
    ql_code code = ql_exec_account(exec, 0, bytes, err);
    if (code) {
        return code;
    }
    void *data;
    if (bytes > SIZE_MAX - ALIGN || posix_memalign(&data, ALIGN, bytes ? bytes : 1)) {
        ql_exec_account(exec, bytes, 0, NULL);
        return ql_fail_memory(err, bytes);
    }
    *heap = (ql_heap){data, bytes};
    return QL_OK;
}

static ql_lease *lease_of(ql_lease *leases, int tensor)
{
    return tensor >= 0 && leases[tensor].view ? &leases[tensor] : NULL;
}

static void lend(const ql_exec *exec, ql_lease *leases, int tensor, int birth)
{
    ql_view *view = tensor >= 0 ? &exec->views[tensor] : NULL;
    if (view && view->shaped && !view->known && !view->tensor->variable) {
        size_t bytes = (view->bytes + ALIGN - 1) / ALIGN * ALIGN;
        leases[tensor] = (ql_lease){
            view, birth, exec->options.keep_all ? exec->graph->operator_count : birth, bytes ? bytes : ALIGN,
            0,    NULL};
    }
}

static void find_lifetimes(const ql_exec *exec, ql_lease *leases)
{
    const ql_subgraph *graph = exec->graph;
    for (int i = 0; i < graph->input_count; i++) {
        lend(exec, leases, graph->inputs[i], -1);
    }
    for (int op = 0; op < graph->operator_count; op++) {
        const ql_operator *use = &graph->operators[op];
        for (int o = 0; o < use->output_count && exec->when[op] == QL_AT_RUN; o++) {
            lend(exec, leases, use->outputs[o], op);
        }
        for (int i = 0; i < use->input_count; i++) {
            ql_lease *lease = lease_of(leases, use->inputs[i]);
            if (lease && lease->death < op) {
                lease->death = op;
            }
        }
    }
    for (int o = 0; o < graph->output_count; o++) {
        ql_lease *lease = lease_of(leases, graph->outputs[o]);
        if (lease) {
            lease->death = graph->operator_count;
        }
    }
}

/* Largest first; the order of tensors decides among equals, so that a plan is the same everywhere. */
static int by_size(const void *left, const void *right)
{
    const ql_lease *a = *(ql_lease *const *)left, *b = *(ql_lease *const *)right;
    if (a->bytes != b->bytes) {
        return a->bytes < b->bytes ? 1 : -1;
    }
    return a < b ? -1 : a > b;
}

static int by_offset(const void *left, const void *right)
{
    const ql_lease *a = *(ql_lease *const *)left, *b = *(ql_lease *const *)right;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static bool start_calendar(ql_calendar *calendar, int operators)
{
    int times = operators + 2; /* before the first, and after the last */
    size_t lists = 0;
    calendar->levels = 0;
    for (; times >> calendar->levels; calendar->levels++) {
        lists += (size_t)(times >> calendar->levels) + 1;
    }
    calendar->lists[0] = calloc(lists, sizeof *calendar->lists[0]);
    for (int k = 1; k < calendar->levels && calendar->lists[0]; k++) {
        calendar->lists[k] = calendar->lists[k - 1] + (times >> (k - 1)) + 1;
    }
    return calendar->lists[0];
}

static void enter(const ql_calendar *calendar, ql_lease *lease)
{
    int level = 0;
    while ((lease->death - lease->birth + 1) >> (level + 1)) {
        level++;
    }
    ql_lease **list = &calendar->lists[level][(lease->birth + 1) >> level];
    lease->next = *list;
    *list = lease;
}

/* Those in the calendar that are alive together with this one; returns how many. */
static size_t find_alive(const ql_calendar *calendar, const ql_lease *lease, ql_lease **alive)
{
    size_t count = 0;
    for (int k = 0; k < calendar->levels; k++) {
        int64_t first = (int64_t)lease->birth + 1 - ((int64_t)2 << k);
        for (int64_t i = (first < 0 ? 0 : first) >> k; i <= (lease->death + 1) >> k; i++) {
            for (ql_lease *other = calendar->lists[k][i]; other; other = other->next) {
                if (other->birth <= lease->death && lease->birth <= other->death) {
                    alive[count++] = other;
                }
            }
        }
    }
    return count;
}

/* The lowest gap among the leases placed so far that are alive together with this one. */
static size_t lowest_offset(const ql_lease *lease, const ql_calendar *placed, ql_lease **alive)
{
    size_t alive_count = find_alive(placed, lease, alive), offset = 0;
    qsort(alive, alive_count, sizeof *alive, by_offset);
    for (size_t i = 0; i < alive_count; i++) {
        if (alive[i]->offset >= offset && alive[i]->offset - offset >= lease->bytes) {
            break;
        }
        size_t end = alive[i]->offset + alive[i]->bytes;
        offset = end > offset ? end : offset;
    }
    return offset;
}

/* Gives every lease its offset; *total becomes the end of the last. */
static bool assign_offsets(const ql_exec *exec, ql_lease **order, size_t count, const ql_calendar *placed,
                           ql_lease **alive, size_t *total)
{
    *total = 0;
    for (size_t i = 0; i < count; i++) {
        /* what keeps everything has no gaps */
        order[i]->offset = exec->options.keep_all ? *total : lowest_offset(order[i], placed, alive);
        enter(placed, order[i]);
        if (order[i]->bytes > SIZE_MAX / 2 - order[i]->offset) {
            return false;
        }
        size_t end = order[i]->offset + order[i]->bytes;
        *total = end > *total ? end : *total;
    }
    return true;
}

/* The block and, for what is prepared already, scratch memory; where nothing is run, only their count. */
static ql_code take_block(ql_exec *exec, size_t total, ql_err *err)
{
    size_t scratch = 0;
    for (int op = 0; op < exec->graph->operator_count; op++) {
        bool ready = exec->when[op] == QL_AT_RUN || exec->when[op] == QL_ONCE;
        scratch = ready && exec->calls[op].scratch_bytes > scratch ? exec->calls[op].scratch_bytes : scratch;
    }
    if (exec->options.plan_only) {
        exec->shared->planned += total + scratch - exec->planned;
        exec->planned = total + scratch;
        return QL_OK;
    }
    if (exec->options.look_only) {
        ql_code code = ql_exec_account(exec, exec->block.capacity, total, err);
        exec->block.capacity = code ? exec->block.capacity : total;
        return code;
    }
    ql_code code = ql_heap_need(exec, &exec->block, total, err);
    return code ? code : ql_heap_need(exec, &exec->scratch, scratch, err);
}

static ql_code place(ql_exec *exec, ql_lease *leases, ql_lease **order, ql_lease **alive, ql_err *err)
{
    size_t count = 0, total;
    for (int t = 0; t < exec->graph->tensor_count; t++) {
        if (leases[t].view) {
            order[count++] = &leases[t];
        }
    }
    qsort(order, count, sizeof *order, by_size);
    ql_calendar calendar;
    bool placed = start_calendar(&calendar, exec->graph->operator_count) &&
                  assign_offsets(exec, order, count, &calendar, alive, &total);
    free(calendar.lists[0]);
    ql_code code = placed ? take_block(exec, total, err) : ql_fail_memory(err, SIZE_MAX);
    for (size_t i = 0; i < count && !code && exec->block.data; i++) {
        order[i]->view->data = (char *)exec->block.data + order[i]->offset;
    }
    return code;
}

ql_code ql_exec_place(ql_exec *exec, ql_err *err)
{
    size_t tensors = (size_t)exec->graph->tensor_count + 1;
    ql_lease *leases = calloc(tensors, sizeof *leases);
    ql_lease **order = calloc(2 * tensors, sizeof(ql_lease *));
    ql_code code;
    if (!leases || !order) {
        code = ql_fail_memory(err, tensors * sizeof *leases);
    } else {
        find_lifetimes(exec, leases);
        code = place(exec, leases, order, order + tensors, err);
    }
    free(leases);
    free(order);
    return code;
}
