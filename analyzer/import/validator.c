/* The comparison_result.json of ai-edge-quantizer's validator: figures of tensors that have one name in both
 * models, each the mean over the samples of what each sample has. Its SNR is a ratio of powers. */
#include "analyzer/import/parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"input_tensors", "intermediate_tensors", "output_tensors"};

enum { KINDS = sizeof kinds / sizeof *kinds, OUTPUTS = KINDS - 1 };

bool ql_import_is_validator(const char *bytes, size_t count)
{
    (void)count;
    bytes += strspn(bytes, " \t\r\n");
    return *bytes == '{' && strstr(bytes, "\"output_tensors\"") && strstr(bytes, "\"intermediate_tensors\"");
}

static double decibel(double ratio)
{
    return ratio > 0 ? 10 * log10(ratio) : (double)NAN;
}

static ql_import_figures figures_of(const ql_json *entry)
{
    return (ql_import_figures){
        .mse = ql_json_get_number(entry, "mse", (double)NAN),
        .mean_error = (double)NAN,
        .max_abs = (double)NAN,
        .sqnr_db = decibel(ql_json_get_number(entry, "snr", (double)NAN)),
        .cosine = ql_json_get_number(entry, "cosine_similarity", (double)NAN),
        .scale = (double)NAN,
    };
}

static void put_tensor(ql_doc *d, ql_json *document, const ql_json *entry, int kind)
{
    ql_json *pairs = ql_json_get(document, "pairs");
    int place = ql_json_size(pairs);
    ql_import_tensor tensor = {.name = ql_json_key(entry),
                               .op = kind ? "?" : "INPUT",
                               .tensor = (double)NAN,
                               .scale = (double)NAN,
                               .zero_point = (double)NAN,
                               .dtype = "",
                               .place = kind ? place : -1};
    ql_import_figures figures = figures_of(entry);
    ql_json *pair = ql_import_put_pair(d, pairs, &tensor);
    ql_import_put_figures(d, pair, "cumulative", &figures);
    ql_put_null(d, pair, "local");
    if (kind == OUTPUTS) {
        ql_put_int(d, ql_json_get(document, "output_pairs"), NULL, place);
        ql_put(d, ql_json_get(document, "outputs"), NULL, ql_json_copy(d, pair));
    }
}

static void put_weight(ql_doc *d, ql_json *document, const ql_json *entry)
{
    ql_import_figures figures = figures_of(entry);
    ql_json *weight = ql_put_object(d, ql_json_get(document, "weights"), NULL);
    ql_put_text(d, weight, "name", ql_json_key(entry));
    ql_put_text(d, weight, "op", "?");
    ql_put_null(d, weight, "op_index");
    ql_put_null(d, weight, "input");
    ql_import_put_figures(d, weight, "error", &figures);
    ql_put_null(d, weight, "channel_spread");
}

static void put_signature(ql_doc *d, ql_json *document, const ql_json *signature)
{
    for (int kind = 0; kind < KINDS; kind++) {
        const ql_json *list = ql_json_get(signature, kinds[kind]);
        for (const ql_json *e = ql_json_is_object(list) ? ql_json_first(list) : NULL; e;
             e = ql_json_next(e)) {
            put_tensor(d, document, e, kind);
        }
    }
    const ql_json *constants = ql_json_get(signature, "constant_tensors");
    for (const ql_json *e = ql_json_is_object(constants) ? ql_json_first(constants) : NULL; e;
         e = ql_json_next(e)) {
        put_weight(d, document, e);
    }
}

/* The model's figure is that of its output, where there is but one. */
static void put_whole(ql_doc *d, ql_json *document)
{
    const ql_json *outputs = ql_json_get(document, "outputs");
    if (ql_json_size(outputs) == 1) {
        const ql_json *figures = ql_json_get(ql_json_first(outputs), "cumulative");
        ql_json *whole = ql_json_get(document, "whole");
        ql_json_drop(whole, "sqnr_db");
        ql_put_number(d, whole, "sqnr_db", ql_json_get_number(figures, "sqnr_db", (double)NAN));
    }
}

/* Python writes numbers that are not finite as words that JSON does not have: something as long that is no
 * number takes their places. */
static void drop_words(char *text)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
    bool quoted = false;
    for (char *at = text; *at; at++) {
        if (*at == '\\' && quoted && at[1]) {
            at++;
        } else if (*at == '"') {
            quoted = !quoted;
        }
        for (size_t i = 0; i < sizeof words / sizeof *words && !quoted; i++) {
            size_t length = strlen(words[i]);
            if (!strncmp(at, words[i], length)) {
                memset(at, ' ', length);
                memcpy(at, "[]", 2);
            }
        }
    }
}

static ql_code parse(ql_json **root, const char *bytes, size_t count, ql_err *err)
{
    char *text = malloc(count + 1);
    if (!text) {
        return ql_fail_memory(err, count);
    }
    memcpy(text, bytes, count);
    text[count] = 0;
    drop_words(text);
    ql_code code = ql_json_parse(root, text, count, err);
    free(text);
    return code;
}

ql_code ql_import_validator(ql_doc *d, ql_json *document, const char *bytes, size_t count, ql_err *err)
{
    ql_json *root = NULL;
    int found = 0;
    ql_code code = parse(&root, bytes, count, err);
    for (const ql_json *e = code || !ql_json_is_object(root) ? NULL : ql_json_first(root); e;
         e = ql_json_next(e)) {
        if (ql_json_is_object(e)) {
            put_signature(d, document, e);
            found++;
        }
    }
    ql_json_free(root);
    put_whole(d, document);
    return code || found ? code : ql_fail(err, QL_E_FORMAT, "no signature with tensors");
}
