#include "analyzer/result/pieces.h"

#include "analyzer/result/partial.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SIZE = 96 };
static const char SCHEMA[] = "qloupe.piece/1", ENDING[] = ".part.json";

/* --- Names --- */

static void add_side(ql_sha256 *sha, const ql_side *side, const ql_numerics *numerics)
{
    const char *name = numerics ? numerics->name : "";
    ql_sha256_add(sha, side->model->bytes, side->model->bytes ? side->model->byte_count : 0);
    ql_sha256_add(sha, &side->subgraph, sizeof side->subgraph);
    ql_sha256_add(sha, name, strlen(name) + 1);
}

void ql_pieces_subject(const ql_engine_options *o, char subject[65])
{
    ql_sha256 sha;
    const int flags[] = {o->local, o->split, o->local_from_reference, o->pairing->pair_count};
    ql_sha256_start(&sha);
    ql_sha256_add(&sha, QL_VERSION, sizeof QL_VERSION);
    add_side(&sha, &o->reference, o->reference_numerics);
    add_side(&sha, &o->candidate, o->candidate_numerics);
    ql_dataset_identify(o->data, &sha);
    ql_sha256_add(&sha, flags, sizeof flags);
    ql_sha256_add(&sha, &o->limit, sizeof o->limit);
    for (int i = 0; i < o->pairing->pair_count; i++) {
        const ql_pair *pair = &o->pairing->pairs[i];
        const int ends[] = {pair->candidate, pair->reference, pair->candidate_op, pair->reference_op,
                            pair->compared};
        ql_sha256_add(&sha, ends, sizeof ends);
    }
    ql_sha256_hex(&sha, subject);
}

/* "1f0c9a52-000000000000-000000000031.part.json": the last sample is part of the name. */
static void name_of(const ql_pieces *p, ql_piece piece, char name[NAME_SIZE])
{
    snprintf(name, NAME_SIZE, "%.8s-%012" PRIu64 "-%012" PRIu64 "%s", p->subject, piece.from, piece.upto - 1,
             ENDING);
}

static bool parse_name(const ql_pieces *p, const char *name, ql_piece *piece)
{
    char again[NAME_SIZE];
    uint64_t last;
    if (sscanf(name, "%*8[0-9a-f]-%12" SCNu64 "-%12" SCNu64, &piece->from, &last) != 2) {
        return false;
    }
    piece->upto = last + 1;
    name_of(p, *piece, again);
    return !strcmp(name, again) && piece->from < piece->upto && piece->upto <= p->total;
}

static bool is_ours(const ql_pieces *p, const char *name)
{
    return !strncmp(name, p->subject, 8) && name[8] == '-';
}

static char *path_of(const ql_pieces *p, const char *name)
{
    size_t size = strlen(p->folder) + strlen(name) + 2;
    char *path = malloc(size);
    if (path) {
        snprintf(path, size, "%s/%s", p->folder, name);
    }
    return path;
}

/* --- The list --- */

static int by_start(const void *a, const void *b)
{
    const ql_piece *x = a, *y = b;
    int longer = x->upto > y->upto ? -1 : x->upto < y->upto;
    return x->from < y->from ? -1 : x->from > y->from ? 1 : longer;
}

/* A piece is written before the one it replaces is removed, so one may lie within another. */
static void sort_out(ql_pieces *p)
{
    int kept = 0;
    qsort(p->list, (size_t)p->count, sizeof *p->list, by_start);
    for (int i = 0; i < p->count; i++) {
        if (!kept || p->list[i].from >= p->list[kept - 1].upto) {
            p->list[kept++] = p->list[i];
        }
    }
    p->count = kept;
}

static ql_code note(ql_pieces *p, ql_piece piece, ql_err *err)
{
    ql_piece *grown = realloc(p->list, ((size_t)p->count + 1) * sizeof *grown);
    if (!grown) {
        return ql_fail_memory(err, ((size_t)p->count + 1) * sizeof *grown);
    }
    p->list = grown;
    p->list[p->count++] = piece;
    return QL_OK;
}

static ql_code list_folder(ql_pieces *p, DIR *folder, ql_err *err)
{
    ql_code code = QL_OK;
    size_t ending = strlen(ENDING);
    for (const struct dirent *file; !code && (file = readdir(folder));) {
        const char *name = file->d_name;
        size_t length = strlen(name);
        ql_piece piece;
        if (length < ending || strcmp(name + length - ending, ENDING) != 0) {
            continue;
        }
        if (!is_ours(p, name)) {
            p->foreign++;
        } else if (parse_name(p, name, &piece)) {
            code = note(p, piece, err);
        } else {
            p->damaged++;
        }
    }
    return code;
}

ql_code ql_pieces_open(ql_pieces *p, const char *folder, const ql_engine_options *options, ql_err *err)
{
    *p = (ql_pieces){.folder = folder, .total = ql_dataset_count(options->data)};
    if (folder) {
        ql_pieces_subject(options, p->subject);
    }
    DIR *open = folder ? opendir(folder) : NULL;
    if (!open && folder && errno != ENOENT) {
        ql_fail(err, QL_E_IO, "cannot be listed: %s", strerror(errno));
        return ql_at_file(err, folder);
    }
    ql_code code = open ? list_folder(p, open, err) : QL_OK;
    if (open) {
        closedir(open);
    }
    if (!code && p->count) {
        sort_out(p);
    }
    return code;
}

void ql_pieces_close(ql_pieces *p)
{
    free(p->list);
    *p = (ql_pieces){0};
}

uint64_t ql_pieces_samples(const ql_pieces *p)
{
    uint64_t sum = 0;
    for (int i = 0; i < p->count; i++) {
        sum += p->list[i].upto - p->list[i].from;
    }
    return sum;
}

ql_piece *ql_pieces_missing(const ql_pieces *p, int *count)
{
    ql_piece *list = calloc((size_t)p->count + 1, sizeof *list);
    uint64_t from = 0;
    *count = 0;
    for (int i = 0; list && i <= p->count; i++) {
        uint64_t upto = i < p->count ? p->list[i].from : p->total;
        if (from < upto) {
            list[(*count)++] = (ql_piece){from, upto};
        }
        from = i < p->count ? p->list[i].upto : from;
    }
    return list;
}

/* --- Contents --- */

char *ql_piece_text(const char *subject, ql_piece piece, const ql_comparison *sums)
{
    ql_doc d = {0};
    ql_json *root = ql_json_object(&d);
    ql_put_text(&d, root, "schema", SCHEMA);
    ql_put_text(&d, root, "version", QL_VERSION);
    ql_put_text(&d, root, "subject", subject);
    ql_put_count(&d, root, "from", piece.from);
    ql_put_count(&d, root, "upto", piece.upto);
    ql_put_count(&d, root, "samples", sums->samples);
    ql_put_partial(&d, root, sums);
    char *text = d.failed ? NULL : ql_json_print(root);
    ql_json_free(root);
    return text;
}

static bool says(const ql_json *root, const char *key, uint64_t number)
{
    double given = ql_json_get_number(root, key, -1), wanted = (double)number;
    return given >= wanted && given <= wanted;
}

ql_code ql_piece_parse(const char *text, size_t length, const char *subject, ql_piece piece,
                       ql_comparison *sums, ql_err *err)
{
    ql_json *root;
    ql_code code = ql_json_parse(&root, text, length, err);
    if (code) {
        return code;
    }
    if (strcmp(ql_json_get_text(root, "schema", ""), SCHEMA) != 0) {
        code = ql_fail(err, QL_E_FORMAT, "not a piece of a comparison: schema %s is required", SCHEMA);
    } else if (strcmp(ql_json_get_text(root, "subject", ""), subject) != 0) {
        code = ql_fail(err, QL_E_FORMAT, "a piece of another comparison");
    } else if (!says(root, "from", piece.from) || !says(root, "upto", piece.upto) ||
               !says(root, "samples", piece.upto - piece.from)) {
        code = ql_fail(err, QL_E_FORMAT, "of other samples than %" PRIu64 " to %" PRIu64, piece.from,
                       piece.upto - 1);
    } else {
        code = ql_partial_read(root, sums, err);
    }
    ql_json_free(root);
    return code;
}

static ql_code read_piece(const ql_pieces *p, ql_piece piece, ql_comparison *sums, ql_err *err)
{
    char name[NAME_SIZE], *text = NULL;
    size_t length;
    name_of(p, piece, name);
    char *path = path_of(p, name);
    ql_code code = path ? ql_file_read(path, &text, &length, err) : ql_fail_memory(err, strlen(p->folder));
    code = code ? code : ql_piece_parse(text, length, p->subject, piece, sums, err);
    free(text);
    free(path);
    return code;
}

static ql_code add_piece(const ql_pieces *p, ql_piece piece, const ql_engine_options *o,
                         const size_t *channels, ql_comparison *sum, ql_err *err)
{
    ql_comparison part;
    ql_code code = ql_comparison_make(&part, o->pairing->pair_count, channels, ql_engine_task(o), err);
    if (!code) {
        code = read_piece(p, piece, &part, err);
        if (!code) {
            ql_comparison_merge(sum, &part);
        }
        ql_comparison_free(&part);
    }
    return code;
}

ql_code ql_pieces_read(ql_pieces *p, const ql_engine_options *o, ql_comparison *sum, ql_err *err)
{
    size_t *channels;
    int good = 0;
    ql_code code = ql_engine_channels(o, &channels, err);
    for (int i = 0; i < p->count && !code; i++) {
        ql_err why;
        ql_err_clear(&why);
        ql_code one = add_piece(p, p->list[i], o, channels, sum, &why);
        if (one == QL_E_NOMEM) {
            *err = why;
            code = one;
        } else if (one) {
            p->damaged++;
        } else {
            p->list[good++] = p->list[i];
        }
    }
    p->count = good;
    free(channels);
    return code;
}

/* --- Files --- */

static void remove_named(const ql_pieces *p, const char *name)
{
    char *path = path_of(p, name);
    if (path) {
        unlink(path);
    }
    free(path);
}

ql_code ql_pieces_write(const ql_pieces *p, ql_piece piece, const ql_comparison *sums, const ql_piece *before,
                        ql_err *err)
{
    char name[NAME_SIZE];
    name_of(p, piece, name);
    char *path = path_of(p, name), *text = ql_piece_text(p->subject, piece, sums);
    ql_code code = path && text ? QL_OK : ql_fail_memory(err, 1);
    if (!code && mkdir(p->folder, 0777) && errno != EEXIST) {
        ql_fail(err, QL_E_IO, "cannot be made: %s", strerror(errno));
        code = ql_at_file(err, p->folder);
    }
    code = code ? code : ql_file_write(path, text, strlen(text), err);
    if (!code && before && before->upto < piece.upto) {
        name_of(p, *before, name);
        remove_named(p, name);
    }
    free(path);
    free(text);
    return code;
}

void ql_pieces_remove(const ql_pieces *p)
{
    DIR *folder = p->folder ? opendir(p->folder) : NULL;
    if (!folder) {
        return;
    }
    for (const struct dirent *file; (file = readdir(folder));) {
        if (is_ours(p, file->d_name)) { /* half written ones too */
            remove_named(p, file->d_name);
        }
    }
    closedir(folder);
    rmdir(p->folder);
}
