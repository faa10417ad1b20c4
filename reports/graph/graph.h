/* The candidate's graph laid out to be drawn: operators in columns from left to right by how many operators
 * come before them, broken into bands like lines of text. An operator stands in the lane of its first input
 * where that is free.
 *
 *     band 0   [0] [1] [2] [3] ->        lines that pass operators run in tracks below their band
 *     band 1 -> [4] [5] [6]
 */
#ifndef QL_GRAPH_GRAPH_H
#define QL_GRAPH_GRAPH_H

#include "reports/digest/digest.h"

enum { QL_GRAPH_MAX_NODES = 4000 }; /* more are not drawn */

typedef struct {
    const ql_row *row;       /* what it makes; NULL: it has no counterpart */
    const ql_json *unpaired; /* then its entry */
    int op;                  /* -1: an input of the graph */
    int layer, band, column, lane;
} ql_graph_node;

/* A line in one band from node to node. One that goes on in another band ends, or begins, at the margin. */
typedef struct {
    int band;
    int from, to; /* -1: the margin, and `other` is the node beyond it */
    int other;    /* -1: none */
    int track;    /* -1: straight from side to side */
} ql_graph_line;

typedef struct {
    int lanes, tracks;
} ql_graph_band;

typedef struct {
    ql_graph_node *nodes;
    ql_graph_line *lines;
    ql_graph_band *bands;
    int node_count, line_count, band_count;
} ql_graph;

/* `columns` operators to a band. A graph without nodes when the document tells of none, or of too many.
 * NOMEM. Points into the digest's document. */
ql_code ql_graph_make(ql_graph *graph, const ql_digest *digest, int columns, ql_err *err);
void ql_graph_free(ql_graph *graph);

#endif
