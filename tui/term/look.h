/* How roles look: attributes and colours of curses, by what the terminal can. */
#ifndef QL_TERM_LOOK_H
#define QL_TERM_LOOK_H

#include "tui/grid/grid.h"

typedef struct {
    unsigned attributes; /* of curses */
    short pair;
} ql_look;

/* Allocates colour pairs where there are colours. */
void ql_looks_make(ql_look looks[QL_ROLE_COUNT]);

#endif
