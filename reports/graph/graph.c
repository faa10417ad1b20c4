#include "reports/graph/graph.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_TRACKS = 12 };

/* Which node makes a tensor. */
typedef struct {
    int tensor, node;
} maker;

typedef struct {
    int from, to;
} edge;

typedef struct {
    ql_graph *graph;
    const ql_digest *digest;
    int columns;
    maker *makers;
    edge *edges;
    int maker_count, edge_count, edge_room;
    int *track_ends; /* by band and track: the last column taken */
} builder;

static bool is_candidate(const ql_json *unpaired)
{
    return !strcmp(ql_json_get_text(unpaired, "model", ""), "candidate");
}

static void add_node(builder *b, const ql_row *row, const ql_json *unpaired, int op)
{
    b->graph->nodes[b->graph->node_count++] = (ql_graph_node){.row = row, .unpaired = unpaired, .op = op};
}

static int by_op(const void *a, const void *b)
{
    const ql_graph_node *x = a, *y = b;
    int paired = (y->row != NULL) - (x->row != NULL); /* of one operator's the paired one is kept */
    return x->op != y->op     ? (x->op > y->op) - (x->op < y->op)
           : paired           ? paired
           : x->row && y->row ? x->row->number - y->row->number
                              : 0;
}

static void drop_doubles(ql_graph *graph)
{
    int kept = 0;
    for (int i = 0; i < graph->node_count; i++) {
        bool again = kept && graph->nodes[i].op >= 0 && graph->nodes[i].op == graph->nodes[kept - 1].op;
        if (!again) {
            graph->nodes[kept++] = graph->nodes[i];
        }
    }
    graph->node_count = kept;
}

static void add_nodes(builder *b)
{
    const ql_digest *digest = b->digest;
    for (int i = 0; i < digest->row_count; i++) {
        const ql_row *row = &digest->rows[i];
        if (row->op_index < 0 || row->first_of_op) {
            add_node(b, row, NULL, row->op_index < 0 ? -1 : row->op_index);
        }
    }
    const ql_json *entry = ql_json_first(ql_json_get(digest->doc, "unpaired"));
    for (; entry; entry = ql_json_next(entry)) {
        int op = ql_digest_int(entry, "op_index", -1);
        if (is_candidate(entry) && op >= 0) {
            add_node(b, NULL, entry, op);
        }
    }
    qsort(b->graph->nodes, (size_t)b->graph->node_count, sizeof *b->graph->nodes, by_op);
    drop_doubles(b->graph);
}

static int node_of_op(const ql_graph *graph, int op)
{
    int low = 0, high = graph->node_count - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        if (graph->nodes[middle].op == op) {
            return middle;
        }
        *(graph->nodes[middle].op < op ? &low : &high) =
            graph->nodes[middle].op < op ? middle + 1 : middle - 1;
    }
    return -1;
}

static void add_maker(builder *b, int tensor, int node)
{
    if (tensor >= 0 && node >= 0) {
        b->makers[b->maker_count++] = (maker){tensor, node};
    }
}

static int by_tensor(const void *a, const void *b)
{
    const maker *x = a, *y = b;
    return x->tensor != y->tensor ? (x->tensor > y->tensor) - (x->tensor < y->tensor) : x->node - y->node;
}

static void add_makers(builder *b)
{
    const ql_graph *graph = b->graph;
    for (int i = 0; i < graph->node_count && graph->nodes[i].op < 0; i++) {
        add_maker(b, graph->nodes[i].row->tensor, i);
    }
    for (int i = 0; i < b->digest->row_count; i++) {
        const ql_row *row = &b->digest->rows[i];
        add_maker(b, row->op_index >= 0 ? row->tensor : -1, node_of_op(graph, row->op_index));
    }
    const ql_json *entry = ql_json_first(ql_json_get(b->digest->doc, "unpaired"));
    for (; entry; entry = ql_json_next(entry)) {
        int op = ql_digest_int(entry, "op_index", -1);
        if (is_candidate(entry) && op >= 0) {
            add_maker(b, ql_digest_int(entry, "tensor", -1), node_of_op(graph, op));
        }
    }
    qsort(b->makers, (size_t)b->maker_count, sizeof *b->makers, by_tensor);
}

static int maker_of(const builder *b, int tensor)
{
    int low = 0, high = b->maker_count;
    while (low < high) {
        int middle = (low + high) / 2;
        *(b->makers[middle].tensor < tensor ? &low : &high) =
            b->makers[middle].tensor < tensor ? middle + 1 : middle;
    }
    return low < b->maker_count && b->makers[low].tensor == tensor ? b->makers[low].node : -1;
}

static bool has_edge(const builder *b, int from, int to)
{
    for (int i = b->edge_count - 1; i >= 0 && b->edges[i].to == to; i--) {
        if (b->edges[i].from == from) {
            return true;
        }
    }
    return false;
}

/* Lines go forward only: a document may be hostile. */
static bool add_edge(builder *b, int from, int to)
{
    if (from < 0 || from >= to || has_edge(b, from, to)) {
        return true;
    }
    if (b->edge_count == b->edge_room) {
        int room = 2 * b->edge_room + 64;
        edge *more = realloc(b->edges, (size_t)room * sizeof *more);
        if (!more) {
            return false;
        }
        b->edges = more;
        b->edge_room = room;
    }
    b->edges[b->edge_count++] = (edge){from, to};
    return true;
}

static bool add_edges(builder *b)
{
    for (int i = 0; i < b->graph->node_count; i++) {
        const ql_graph_node *node = &b->graph->nodes[i];
        const ql_json *inputs = ql_json_get(node->row ? node->row->json : node->unpaired, "inputs");
        for (const ql_json *input = ql_json_first(inputs); input; input = ql_json_next(input)) {
            double tensor = ql_json_number_or(input, -1);
            int from = tensor >= 0 && tensor < 1e9 ? maker_of(b, (int)tensor) : -1;
            if (!add_edge(b, from, i)) {
                return false;
            }
        }
    }
    return true;
}

static bool is_taken(const ql_graph *graph, int node, int lane)
{
    for (int i = 0; i < node; i++) {
        if (graph->nodes[i].layer == graph->nodes[node].layer && graph->nodes[i].lane == lane) {
            return true;
        }
    }
    return false;
}

/* In the lane of the input it comes right after, or else in the first free one. */
static void place(builder *b)
{
    ql_graph *graph = b->graph;
    const edge *in = b->edges, *end = b->edges + b->edge_count;
    for (int i = 0; i < graph->node_count; i++) {
        ql_graph_node *node = &graph->nodes[i];
        int lane = 0;
        for (; in < end && in->to == i; in++) {
            const ql_graph_node *from = &graph->nodes[in->from];
            if (from->layer + 1 > node->layer) {
                node->layer = from->layer + 1;
                lane = from->lane;
            }
        }
        for (int tries = 0; is_taken(graph, i, lane); tries++) {
            lane = tries;
        }
        node->lane = lane;
        node->band = node->layer / b->columns;
        node->column = node->layer % b->columns;
    }
}

static ql_code count_bands(ql_graph *graph, ql_err *err)
{
    for (int i = 0; i < graph->node_count; i++) {
        int band = graph->nodes[i].band;
        graph->band_count = band >= graph->band_count ? band + 1 : graph->band_count;
    }
    graph->bands = calloc((size_t)graph->band_count + 1, sizeof *graph->bands);
    if (!graph->bands) {
        return ql_fail_memory(err, (size_t)graph->band_count * sizeof *graph->bands);
    }
    for (int i = 0; i < graph->node_count; i++) {
        ql_graph_band *band = &graph->bands[graph->nodes[i].band];
        band->lanes = graph->nodes[i].lane >= band->lanes ? graph->nodes[i].lane + 1 : band->lanes;
    }
    return QL_OK;
}

/* The first track of the band that is free from column `first` on. */
static int take_track(builder *b, int band, int first, int last)
{
    int *ends = &b->track_ends[(size_t)band * MAX_TRACKS], track = 0;
    while (track + 1 < MAX_TRACKS && ends[track] > first) {
        track++;
    }
    ends[track] = last;
    ql_graph_band *own = &b->graph->bands[band];
    own->tracks = track >= own->tracks ? track + 1 : own->tracks;
    return track;
}

static void add_line(builder *b, int band, int from, int to, int other, bool straight)
{
    const ql_graph_node *nodes = b->graph->nodes;
    int first = from >= 0 ? nodes[from].column + 1 : 0, last = to >= 0 ? nodes[to].column : b->columns + 1;
    int track = straight ? -1 : take_track(b, band, first, last + 1);
    b->graph->lines[b->graph->line_count++] = (ql_graph_line){band, from, to, other, track};
}

static void add_lines(builder *b)
{
    const ql_graph_node *nodes = b->graph->nodes;
    for (int i = 0; i < b->edge_count; i++) {
        edge e = b->edges[i];
        bool next = nodes[e.to].layer == nodes[e.from].layer + 1;
        if (nodes[e.from].band == nodes[e.to].band) {
            add_line(b, nodes[e.from].band, e.from, e.to, -1, next);
        } else {
            add_line(b, nodes[e.from].band, e.from, -1, e.to, next);
            add_line(b, nodes[e.to].band, -1, e.to, e.from, next);
        }
    }
}

static ql_code refused(ql_err *err)
{
    return ql_fail(err, QL_E_NOMEM, "the graph of a report was refused memory");
}

static ql_code build(builder *b, ql_err *err)
{
    add_nodes(b);
    add_makers(b);
    if (!add_edges(b)) {
        return refused(err);
    }
    place(b);
    ql_code code = count_bands(b->graph, err);
    size_t tracks = (size_t)b->graph->band_count * MAX_TRACKS;
    b->track_ends = calloc(tracks + 1, sizeof *b->track_ends);
    b->graph->lines = calloc(2 * (size_t)b->edge_count + 1, sizeof *b->graph->lines);
    if (code || !b->track_ends || !b->graph->lines) {
        return code ? code : refused(err);
    }
    add_lines(b);
    return QL_OK;
}

ql_code ql_graph_make(ql_graph *graph, const ql_digest *digest, int columns, ql_err *err)
{
    *graph = (ql_graph){0};
    int most = digest->row_count + ql_json_size(ql_json_get(digest->doc, "unpaired"));
    if (most > QL_GRAPH_MAX_NODES) {
        return QL_OK;
    }
    builder b = {.graph = graph, .digest = digest, .columns = columns};
    graph->nodes = calloc((size_t)most + 1, sizeof *graph->nodes);
    b.makers = calloc((size_t)most + 1, sizeof *b.makers);
    ql_code code = graph->nodes && b.makers ? build(&b, err) : refused(err);
    free(b.makers);
    free(b.edges);
    free(b.track_ends);
    if (code) {
        ql_graph_free(graph);
    }
    return code;
}

void ql_graph_free(ql_graph *graph)
{
    free(graph->nodes);
    free(graph->lines);
    free(graph->bands);
    *graph = (ql_graph){0};
}
