/* Pieces: what a comparison under way has found so far, as files in a folder, so that a run that was lost
 * goes on instead of beginning again. A piece holds the exact sums of the samples from .. upto-1 (the
 * dataset's i-th ones); its file is written whole or not at all, and its name and contents say which
 * comparison and which samples it is of. Files of other comparisons in the folder are left alone. */
#ifndef QL_RESULT_PIECES_H
#define QL_RESULT_PIECES_H

#include "analyzer/compare/engine.h"

typedef struct {
    uint64_t from, upto;
} ql_piece;

typedef struct {
    const char *folder;
    char subject[65]; /* names the comparison; empty without a folder until it is asked for */
    uint64_t total;   /* samples there are */
    ql_piece *list;   /* that are there: in order, apart from each other */
    int count;
    int foreign; /* files that are of other comparisons */
    int damaged; /* files of this one that are not what they should be */
} ql_pieces;

/* What names a comparison: models, data, pairs, options, the program's version; 64 hex digits. */
void ql_pieces_subject(const ql_engine_options *options, char subject[65]);

/* Which pieces the folder has by the names of its files; where there is no folder, none. Where some overlap,
 * the longest count. Nothing is read yet. IO: it cannot be listed. Release with ql_pieces_close. */
ql_code ql_pieces_open(ql_pieces *pieces, const char *folder, const ql_engine_options *options, ql_err *err);
void ql_pieces_close(ql_pieces *pieces);

/* Adds the sums of all pieces to `sum`; those that cannot be read, or hold something else than their names
 * say, are taken from the list and counted as damaged. NOMEM. */
ql_code ql_pieces_read(ql_pieces *pieces, const ql_engine_options *options, ql_comparison *sum, ql_err *err);

/* Writes a piece, in place of `before` (an earlier piece that it begins with; NULL: none), and makes the
 * folder where it is missing. IO. */
ql_code ql_pieces_write(const ql_pieces *pieces, ql_piece piece, const ql_comparison *sums,
                        const ql_piece *before, ql_err *err);

/* How many samples the pieces of the list hold together. */
uint64_t ql_pieces_samples(const ql_pieces *pieces);

/* The samples that no piece has, as a list of pieces; release with free. NULL: no memory. */
ql_piece *ql_pieces_missing(const ql_pieces *pieces, int *count);

/* Removes this comparison's files, and the folder where nothing else is in it. */
void ql_pieces_remove(const ql_pieces *pieces);

/* The sums as text, and back: what a piece's file holds, for sending too. Release the text with free; NULL:
 * no memory. FORMAT: it is something else. */
char *ql_piece_text(const char *subject, ql_piece piece, const ql_comparison *sums);
ql_code ql_piece_parse(const char *text, size_t length, const char *subject, ql_piece piece,
                       ql_comparison *sums, ql_err *err);

#endif
