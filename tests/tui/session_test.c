/* The screens of every view as goldens, and the state behind them under keys, sizes and names that nobody
 * would choose. QL_UPDATE_GOLDEN=1 writes the goldens anew. */
#include "tests/support/suite.h"
#include "tui/lab/task.h"
#include "tui/session/config.h"
#include "tui/session/session.h"
#include "tui/views/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GOLDEN QL_SOURCE_DIR "/tests/tui/golden/"

static ql_json *read_document(const char *name)
{
    char path[512];
    ql_err err;
    ql_json *doc = NULL;
    snprintf(path, sizeof path, GOLDEN "%s", name);
    ck_assert_int_eq(ql_json_read(&doc, path, &err), QL_OK);
    return doc;
}

static void open_session(ql_session *session, const char *config)
{
    ql_err err;
    ql_session_open(session, "result.json", config);
    ck_assert_int_eq(ql_session_document(session, read_document("small.json"), &err), QL_OK);
}

/* Files are written at once, as the lab would in its thread. */
static unsigned press(ql_session *session, int key)
{
    ql_answer answer = {0};
    ql_task task = {.options = {.threads = 1}};
    unsigned led = ql_session_event(session, (ql_event){key, 0, 0});
    if (ql_session_question(session, QL_ASK_WRITE, &answer.question)) {
        answer.code = ql_task_run(&task, &answer);
        ql_session_answer(session, &answer);
    }
    return led;
}

/* As if the plan that is edited had been measured: 10 dB for every layer that changes. */
static void measure(ql_session *session)
{
    const ql_draft *plan = &session->whatif.plans[session->whatif.shown];
    size_t bytes = (size_t)plan->ops * sizeof(ql_layer_mode);
    ql_layer_mode *modes = malloc(bytes + 1);
    int layers = ql_draft_layers(plan);
    ck_assert_ptr_nonnull(modes);
    memcpy(modes, ql_draft_modes(plan), bytes);
    ql_answer answer = {
        .question = {.ask = QL_ASK_PLAN, .modes = modes, .ops = plan->ops},
        .worth = {.base = {.sqnr_db = 8.1234, .top1 = 0.81, .accuracy = 0.705, .samples = 200},
                  .figures = {.sqnr_db = 8.1234 + 10 * layers, .top1 = 0.9, .accuracy = 0.8, .samples = 200},
                  .cost = {.boundaries = 2, .macs = 1000, .float_macs = 125, .i16_macs = 40},
                  .bytes = 4310020,
                  .seconds = 0.25},
    };
    ql_session_answer(session, &answer);
}

/* As if a comparison of this session had run: three samples. */
static void run_samples(ql_session *session)
{
    static const ql_sample list[] = {
        {.sample = 0,
         .sqnr = 31.5,
         .max_abs = 0.011,
         .reference = 7,
         .candidate = 7,
         .agreement = 1,
         .label = 7},
        {.sample = 1,
         .sqnr = 4.25,
         .max_abs = 0.93,
         .reference = 2,
         .candidate = 3,
         .agreement = 0,
         .label = 2},
        {.sample = 17,
         .sqnr = -1.5,
         .max_abs = 0.5,
         .reference = 9,
         .candidate = 4,
         .agreement = 0,
         .label = 4},
    };
    ql_session_samples(session, list, 3);
    ql_session_fill(session, QL_TUI_samples);
}

/* As if the sample had been run again for the tensor that is shown. */
static void run_elements(ql_session *session)
{
    ql_answer answer = {
        .question = {.ask = QL_ASK_ELEMENTS, .pair = session->row, .sample = 17},
        .elements = {{731, 3.25F, 1.25F}, {12, -0.5F, 0.75F}, {999, 0.125F, 0.1F}, {0, 1, 1}},
        .element_count = 4,
    };
    ql_session_answer(session, &answer);
}

/* '\n' is Enter, '\b' Esc, '\a' measures the plan, '\v' runs samples, '\f' elements. */
static void type(ql_session *session, const char *keys)
{
    for (; *keys; keys++) {
        if (*keys == '\a') {
            measure(session);
        } else if (*keys == '\v') {
            run_samples(session);
        } else if (*keys == '\f') {
            run_elements(session);
        } else {
            press(session, *keys == '\n' ? QL_KEY_ENTER : *keys == '\b' ? QL_KEY_ESCAPE : *keys);
        }
    }
}

static void screen(ql_session *session, int rows, int cols, bool ascii, bool roles, ql_text *text)
{
    ql_err err;
    ql_grid grid;
    ck_assert_int_eq(ql_grid_make(&grid, rows, cols, ascii, &err), QL_OK);
    ql_session_draw(session, &grid);
    ql_grid_dump(&grid, roles, text);
    ql_grid_free(&grid);
}

static const struct {
    const char *golden, *keys;
    int rows, cols;
    bool ascii, roles;
} goldens[] = {
    {"layers-80x24", "", 24, 80, false, true},
    {"layers-80x24-ascii", "", 24, 80, true, false},
    {"layers-120x40", "", 40, 120, false, false},
    {"layers-120x40-ascii", "", 40, 120, true, false},
    {"layers-sorted-80x24", "ss", 24, 80, false, true},
    {"layers-filtered-80x24", "&conv\n\b", 24, 80, false, false},
    {"layers-search-80x24", "/soft", 24, 80, false, false},
    {"layers-40x10", "", 10, 40, false, false},
    {"tensor-80x24", "!\n", 24, 80, false, true},
    {"tensor-80x24-ascii", "!\n", 24, 80, true, false},
    {"tensor-120x40", "!\n", 40, 120, false, false},
    {"tensor-120x40-ascii", "!\n", 40, 120, true, false},
    {"tensor-linear-120x40", "!\no", 40, 120, false, false},
    {"tensor-60x24", "!\n", 24, 60, false, false},
    {"findings-80x24", "3", 24, 80, false, true},
    {"findings-80x24-ascii", "3", 24, 80, true, false},
    {"findings-120x40", "3j", 40, 120, false, false},
    {"findings-120x40-ascii", "3j", 40, 120, true, false},
    {"weights-80x24", "7", 24, 80, false, true},
    {"weights-80x24-ascii", "7", 24, 80, true, false},
    {"weights-120x40", "7", 40, 120, false, false},
    {"weights-120x40-ascii", "7", 40, 120, true, false},
    {"outputs-80x24", "8", 24, 80, false, true},
    {"outputs-80x24-ascii", "8", 24, 80, true, false},
    {"outputs-120x40", "8", 40, 120, false, false},
    {"outputs-120x40-ascii", "8", 40, 120, true, false},
    {"unpaired-80x24", "9", 24, 80, false, true},
    {"unpaired-80x24-ascii", "9", 24, 80, true, false},
    {"unpaired-120x40", "9", 40, 120, false, false},
    {"unpaired-120x40-ascii", "9", 40, 120, true, false},
    {"log-80x24", ":sort nothing\n0", 24, 80, false, true},
    {"log-80x24-ascii", ":sort nothing\n0", 24, 80, true, false},
    {"log-120x40", ":sort nothing\n0", 40, 120, false, false},
    {"log-120x40-ascii", ":sort nothing\n0", 40, 120, true, false},
    {"help-80x24", "?", 24, 80, false, true},
    {"help-80x24-ascii", "?", 24, 80, true, false},
    {"help-120x40", "?", 40, 120, false, false},
    {"help-120x40-ascii", "?", 40, 120, true, false},
    {"whatif-80x24", "!T4\a", 24, 80, false, true},
    {"whatif-80x24-ascii", "!T4\a", 24, 80, true, false},
    {"whatif-120x40", "!T\axt\a4", 40, 120, false, false},
    {"whatif-empty-80x24", "4", 24, 80, false, false},
    {"suggestions-80x24", ":plan " GOLDEN "plans.json\n5j", 24, 80, false, true},
    {"suggestions-80x24-ascii", ":plan " GOLDEN "plans.json\n5j", 24, 80, true, false},
    {"suggestions-120x40", ":plan " GOLDEN "plans.json\n5j", 40, 120, false, false},
    {"suggestions-empty-80x24", "5", 24, 80, false, false},
    {"samples-80x24", "6", 24, 80, false, true},
    {"samples-80x24-ascii", "6", 24, 80, true, false},
    {"elements-80x24", "!\ne", 24, 80, false, false},
    {"elements-known-80x24", "!\ne\f", 24, 80, false, true},
    {"elements-known-120x40", "!\ne\f", 40, 120, true, false},
    {"samples-live-80x24", "\v6", 24, 80, false, true},
    {"samples-live-80x24-ascii", "\v6s", 24, 80, true, false},
    {"samples-live-120x40", "\v6ssj", 40, 120, false, false},
    {"suggestions-120x40-ascii", ":plan " GOLDEN "plans.json\n5j", 40, 120, true, false},
    {"whatif-120x40-ascii", "!T\axt\a4", 40, 120, true, false},
    {"layers-plan-80x24", "jj!t\amm", 24, 80, false, true},
    {"complete-80x24", ":s\t", 24, 80, false, true},
    {"reproduce-80x24", "sy", 24, 80, false, false},
};

START_TEST(golden)
{
    char path[512], *want;
    size_t length;
    ql_err err;
    ql_session session;
    ql_text text = {0};
    open_session(&session, NULL);
    type(&session, goldens[_i].keys);
    screen(&session, goldens[_i].rows, goldens[_i].cols, goldens[_i].ascii, goldens[_i].roles, &text);
    snprintf(path, sizeof path, GOLDEN "%s.txt", goldens[_i].golden);
    if (getenv("QL_UPDATE_GOLDEN")) {
        ck_assert_int_eq(ql_file_write(path, text.bytes, text.length, &err), QL_OK);
    }
    ck_assert_int_eq(ql_file_read(path, &want, &length, &err), QL_OK);
    ck_assert_str_eq(ql_text_bytes(&text), want);
    free(want);
    ql_text_free(&text);
    ql_session_close(&session);
}
END_TEST

START_TEST(ascii_is_ascii)
{
    ql_session session;
    open_session(&session, NULL);
    for (int view = 0; view < QL_TUI_COUNT; view++) {
        ql_text text = {0};
        ql_session_go(&session, (ql_tui_id)view, 2);
        screen(&session, 40, 120, true, false, &text);
        for (size_t i = 0; i < text.length; i++) {
            ck_assert_msg((unsigned char)text.bytes[i] < 0x7f, "%s: byte %zu", ql_tui_views[view]->name, i);
        }
        ql_text_free(&text);
    }
    ql_session_close(&session);
}
END_TEST

/* Where keys lead: the view, the row of the layers under the cursor (-1: any), the row of the tensor view
 * (-1). */
static const struct {
    const char *keys;
    ql_tui_id view;
    int layer, tensor;
} journeys[] = {
    {"jj", QL_TUI_layers, 2, -1},
    {"jjk", QL_TUI_layers, 1, -1},
    {"kkk", QL_TUI_layers, 0, -1},
    {"G", QL_TUI_layers, 6, -1},
    {"Gg", QL_TUI_layers, 0, -1},
    {"jj\n", QL_TUI_tensor, 2, 2},
    {"jj\nl", QL_TUI_tensor, 3, 3},
    {"jj\nhh", QL_TUI_tensor, 0, 0},
    {"jj\n\b", QL_TUI_layers, 2, -1},
    {"jj\n3\b\b\b\b", QL_TUI_layers, 2, -1},
    {"!", QL_TUI_layers, 4, -1},
    {"3!", QL_TUI_layers, 4, -1},
    {"3\n", QL_TUI_tensor, 4, 4},
    {"3j\n", QL_TUI_tensor, 2, 2},
    {"8\n", QL_TUI_tensor, 5, 5},
    {"7\n", QL_TUI_tensor, -1, -1},
    {"/soft\n", QL_TUI_layers, 5, -1},
    {"/mean\nn", QL_TUI_layers, 2, -1},
    {"/block\nn", QL_TUI_layers, 2, -1},
    {"/block\nnN", QL_TUI_layers, 1, -1},
    {"/(\n", QL_TUI_layers, 0, -1},
    {"&^#2\n", QL_TUI_layers, 3, -1},
    {"&^#2\n&\n", QL_TUI_layers, 3, -1},
    {"&nothing like it\n", QL_TUI_layers, -1, -1},
    {":op 3\n", QL_TUI_tensor, 4, 4},
    {":op x\n", QL_TUI_layers, 0, -1},
    {":view find\n", QL_TUI_findings, -1, -1},
    {":help\n", QL_TUI_help, -1, -1},
    {":sort sqnr_db\n", QL_TUI_layers, -1, -1},
    {"\t", QL_TUI_tensor, -1, -1},
    {"\t\t\t\t\t\t\t\t\t\t\t", QL_TUI_layers, -1, -1},
    {":nonsense\n", QL_TUI_layers, 0, -1},
    {"y?", QL_TUI_layers, 0, -1},
};

START_TEST(journey)
{
    ql_session session;
    open_session(&session, NULL);
    type(&session, journeys[_i].keys);
    ck_assert_int_eq(session.view, journeys[_i].view);
    if (journeys[_i].layer >= 0) {
        ck_assert_int_eq(ql_list_row(&session.lists[QL_TUI_layers]), journeys[_i].layer);
    }
    if (journeys[_i].tensor >= 0) {
        ck_assert_int_eq(session.row, journeys[_i].tensor);
    }
    ql_session_close(&session);
}
END_TEST

START_TEST(every_view_can_be_drawn_without_a_document)
{
    ql_session session;
    ql_session_open(&session, NULL, NULL);
    for (int view = 0; view < QL_TUI_COUNT; view++) {
        ql_text text = {0};
        ql_session_go(&session, (ql_tui_id)view, 0);
        screen(&session, 24, 80, false, false, &text);
        press(&session, QL_KEY_ENTER);
        type(&session, "jkG!y");
        ck_assert(text.length > 80);
        ql_text_free(&text);
    }
    ql_session_close(&session);
}
END_TEST

/* xorshift: the same keys every time. */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static int random_key(uint32_t *state)
{
    uint32_t dice = next_random(state);
    if (dice % 8 == 0) {
        return (int)(QL_KEY_UP + dice / 8 % 24);
    }
    return dice % 8 == 1   ? (int)(dice / 8 % 0x3000)
           : dice % 8 == 2 ? QL_KEY_ENTER
                           : (int)(' ' + dice / 8 % 96);
}

/* Reports are not written: nothing that names a file is typed to its end. */
static bool would_write(const ql_session *session, int key)
{
    return session->prompt.kind == QL_PROMPT_COMMAND && key == QL_KEY_ENTER && session->prompt.text[0] == 'w';
}

START_TEST(random_keys_and_sizes)
{
    uint32_t state = 12345 + (uint32_t)_i;
    ql_session session;
    open_session(&session, NULL);
    for (int i = 0; i < 1000; i++) {
        int key = random_key(&state);
        ql_event event = {key, (int)(next_random(&state) % 50), (int)(next_random(&state) % 130)};
        if (!would_write(&session, key)) {
            ql_session_event(&session, event);
        }
        if (i % 5 == 0) {
            ql_text text = {0};
            int rows = (int)(next_random(&state) % 60), cols = (int)(next_random(&state) % 160);
            screen(&session, rows, cols, state & 1, state & 2, &text);
            ql_text_free(&text);
        }
    }
    ql_session_close(&session);
}
END_TEST

static const char *const hostile[] = {
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "\xff\xfe\xc0\xaf",
    "\xe2\x80\xaereversed",
    "line\nline\r\n\ttab",
    "\xc2\x9b\x33\x31mC1",
    "a\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
    "%s%n%d",
    "",
    "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97",
};

/* Every text of the document, whatever it is for. */
static void rename_all(ql_json *json, const char *name)
{
    static const char *const members[] = {"name", "file", "code",   "evidence", "remedy", "severity",
                                          "op",   "how",  "reason", "dtype",    "expr",   "model"};
    ql_doc d = {0};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (ql_json_text(ql_json_get(json, members[i]))) {
            char quoted[400] = "\"";
            for (const char *at = name; *at; at++) {
                size_t used = strlen(quoted);
                bool plain = (unsigned char)*at >= ' ' && *at != '"' && *at != '\\';
                snprintf(quoted + used, sizeof quoted - used, plain ? "%c" : "\\u%04x", (unsigned)*at & 255);
            }
            strcat(quoted, "\"");
            ql_json *text = NULL;
            ck_assert_int_eq(ql_json_parse(&text, quoted, strlen(quoted), NULL), QL_OK);
            ql_json_drop(json, members[i]);
            ql_put(&d, json, members[i], text);
        }
    }
    for (ql_json *child = ql_json_first(json); child; child = ql_json_next(child)) {
        rename_all(child, name);
    }
}

START_TEST(hostile_names_are_inert)
{
    ql_err err;
    ql_session session;
    ql_json *doc = read_document("small.json");
    rename_all(doc, hostile[_i]);
    ql_session_open(&session, hostile[_i], NULL);
    ck_assert_int_eq(ql_session_document(&session, doc, &err), QL_OK);
    ql_session_log(&session, "%s", hostile[_i]);
    for (int view = 0; view < QL_TUI_COUNT; view++) {
        ql_session_go(&session, (ql_tui_id)view, 3);
        for (int size = 0; size < 4; size++) {
            ql_text text = {0};
            int lines = 0;
            screen(&session, size & 1 ? 24 : 40, size & 2 ? 80 : 31, false, false, &text);
            for (size_t at = 0; at < text.length;) {
                size_t length = ql_utf8_length(text.bytes + at, text.length - at);
                ck_assert_msg(length && ((unsigned char)text.bytes[at] >= ' ' || text.bytes[at] == '\n'),
                              "%s: byte %zu", ql_tui_views[view]->name, at);
                lines += text.bytes[at] == '\n';
                at += length;
            }
            ck_assert_int_eq(lines, size & 1 ? 24 : 40);
            ck_assert_ptr_null(strstr(text.bytes, "\xe2\x80\xae"));
            ck_assert_ptr_null(strstr(text.bytes, "\xc2\x9b"));
            ql_text_free(&text);
        }
    }
    type(&session, "1y");
    ql_session_close(&session);
}
END_TEST

static const char *const odd[] = {
    "{\"schema\":\"qloupe.comparison/1\",\"pairs\":[]}",
    "{\"schema\":\"qloupe.comparison/"
    "1\",\"pairs\":[7,null,\"x\",[],{}],\"outputs\":[null,7],\"findings\":[7,{}],"
    "\"weights\":[7,{}],\"unpaired\":[7,{}],\"gates\":[7,{}],\"whole\":{},\"samples\":\"x\"}",
    "{\"schema\":\"qloupe.comparison/"
    "1\",\"pairs\":[{\"name\":7,\"op_index\":1e99,\"cumulative\":{\"sqnr_db\":1e308},"
    "\"local\":{},\"inputs\":[1e99,-1,\"x\"],\"by_channel\":{\"sqnr_db\":[1e308,-1e308,null,\"x\"]},"
    "\"split\":{\"a\":1e308,\"b\":-1},\"worst\":{\"element\":1e300,\"sample\":-1},\"not_finite\":{\"a\":"
    "1e300},"
    "\"range\":{\"reference\":{\"min\":1e308,\"max\":-1e308,\"p50\":0}},"
    "\"candidate\":{\"shape\":[1e300,-1,\"x\"],\"scale\":1e300,\"zero_point\":-1e300,\"dtype\":\"int8\","
    "\"tensor\":-5},"
    "\"histograms\":{\"values\":{\"low\":1e308,\"high\":-1e308,\"reference\":[1,-5,1e300,null],\"candidate\":"
    "[0,0]},"
    "\"error\":{\"counts\":[1]}},\"findings\":[7]}],\"output_pairs\":[1e99,-1e99,\"x\"],\"outputs\":[{},{},{}"
    "],"
    "\"whole\":{\"sqnr_db\":-1e308},\"agreement\":{\"top1\":1e308},\"samples\":-1e99,\"run\":{\"command\":[7,"
    "\"tui\"]}}",
};

START_TEST(odd_documents)
{
    ql_err err;
    ql_session session;
    ql_json *doc = NULL;
    ck_assert_int_eq(ql_json_parse(&doc, odd[_i], strlen(odd[_i]), &err), QL_OK);
    ql_session_open(&session, NULL, NULL);
    ck_assert_int_eq(ql_session_document(&session, doc, &err), QL_OK);
    for (int view = 0; view < QL_TUI_COUNT; view++) {
        for (int size = 0; size < 4; size++) {
            ql_text text = {0};
            ql_session_go(&session, (ql_tui_id)view, 0);
            screen(&session, size & 1 ? 24 : 60, size & 2 ? 80 : 140, size & 1, true, &text);
            press(&session, QL_KEY_DOWN);
            press(&session, QL_KEY_ENTER);
            type(&session, "lhy\b");
            ql_text_free(&text);
        }
    }
    ql_session_close(&session);
}
END_TEST

START_TEST(refused_documents_leave_the_old_one)
{
    ql_err err;
    ql_session session;
    ql_json *doc = NULL;
    open_session(&session, NULL);
    int rows = session.digest.row_count;
    ck_assert_int_eq(ql_json_parse(&doc, "{\"schema\":\"other\"}", 18, &err), QL_OK);
    ck_assert_int_eq(ql_session_document(&session, doc, &err), QL_E_FORMAT);
    ck_assert_int_eq(session.digest.row_count, rows);
    ql_session_close(&session);
}
END_TEST

START_TEST(reports_are_written)
{
    char folder[] = "/tmp/qloupe-tui-XXXXXX", line[200], path[120], *bytes;
    size_t length;
    ql_err err;
    ql_session session;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    open_session(&session, NULL);
    snprintf(path, sizeof path, "%s/r.md", folder);
    snprintf(line, sizeof line, ":write report %s\n", path);
    type(&session, line);
    ck_assert_int_eq(ql_file_read(path, &bytes, &length, &err), QL_OK);
    ck_assert(length > 100);
    free(bytes);
    unlink(path);
    snprintf(line, sizeof line, ":write %s/r.odd\n", folder);
    type(&session, line);
    ck_assert_int_eq(session.message_role, QL_ROLE_BAD);
    ck_assert_int_eq(rmdir(folder), 0);
    ql_session_close(&session);
}
END_TEST

/* What a configuration file holds; how many columns there are then, and whether the log says something. */
static const struct {
    const char *text;
    int columns;
    bool logged, sorted;
} configs[] = {
    {"{\"columns\":[\"rmse\",\"local.rmse\"],\"sort\":\"mae\"}", 2, false, true},
    {"{\"columns\":[\"rmse\",\"nothing\",7],\"sort\":null}", 1, true, false},
    {"{\"columns\":[]}", 5, false, false},
    {"{\"columns\":{},\"sort\":\"mae\"}", 5, true, false},
    {"{\"sort\":7}", 5, true, false},
    {"{\"columns\":[\"mse\",\"mse\",\"mse\",\"mse\",\"mse\",\"mse\",\"mse\",\"mse\",\"mse\",\"mse\"]}", 8,
     true, false},
    {"[]", 5, true, false},
    {"\x1b[31m", 5, true, false},
    {"", 5, true, false},
};

START_TEST(config)
{
    char path[] = "/tmp/qloupe-tui-XXXXXX";
    ql_err err;
    ql_session session;
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
    ck_assert_int_eq(ql_file_write(path, configs[_i].text, strlen(configs[_i].text), &err), QL_OK);
    ql_session_open(&session, NULL, path);
    ck_assert_int_eq(session.column_count, configs[_i].columns);
    ck_assert_int_eq(session.log_count > 0, configs[_i].logged);
    ck_assert_int_eq(session.sort.metric != NULL, configs[_i].sorted);
    ql_session_close(&session);
    unlink(path);
}
END_TEST

START_TEST(config_is_kept)
{
    char folder[] = "/tmp/qloupe-tui-XXXXXX", inner[100], path[120];
    ql_session session;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(inner, sizeof inner, "%s/qloupe", folder);
    snprintf(path, sizeof path, "%s/tui.json", inner);
    open_session(&session, path);
    ql_session_close(&session);
    ck_assert_int_ne(access(path, F_OK), 0); /* nothing was chosen */
    open_session(&session, path);
    type(&session, ":columns mae local.rmse\n:sort local.sqnr_db\n");
    ql_session_close(&session);
    open_session(&session, path);
    char name[QL_FIGURE_SIZE];
    ck_assert_int_eq(session.column_count, 2);
    ck_assert_str_eq(ql_column_name(&session.columns[1], name), "local.rmse");
    ck_assert_str_eq(ql_column_name(&session.sort, name), "local.sqnr_db");
    ql_session_close(&session);
    unlink(path);
    ck_assert(!rmdir(inner) && !rmdir(folder));
}
END_TEST

START_TEST(mouse)
{
    ql_session session;
    ql_text text = {0};
    open_session(&session, NULL);
    screen(&session, 24, 80, false, false, &text);
    ql_event third = {QL_KEY_CLICK, session.list_row + 2, 10},
             tab = {QL_KEY_CLICK, 1, session.tab_cols[QL_TUI_weights]};
    ql_session_event(&session, third);
    ck_assert_int_eq(ql_list_row(&session.lists[QL_TUI_layers]), 2);
    ck_assert_int_eq(session.view, QL_TUI_layers);
    ql_session_event(&session, third);
    ck_assert_int_eq(session.view, QL_TUI_tensor);
    ql_session_event(&session, tab);
    ck_assert_int_eq(session.view, QL_TUI_weights);
    type(&session, "1");
    press(&session, QL_KEY_WHEEL_DOWN);
    ck_assert_int_eq(ql_list_row(&session.lists[QL_TUI_layers]), 5);
    ql_text_free(&text);
    ql_session_close(&session);
}
END_TEST

START_TEST(consequences)
{
    ql_session session;
    open_session(&session, NULL);
    ck_assert_uint_eq(press(&session, 'q') & QL_DO_QUIT, QL_DO_QUIT);
    ck_assert_uint_eq(press(&session, 'X') & QL_DO_STOP, 0);
    ql_session_progress(&session, QL_RUN_GOING, 3, 10);
    ck_assert_uint_eq(press(&session, 'X') & QL_DO_STOP, QL_DO_STOP);
    ck_assert_uint_eq(press(&session, QL_KEY_NONE), 0);
    ck_assert_uint_eq(press(&session, QL_KEY_RESIZE), QL_DO_REDRAW);
    type(&session, ":qui");
    ck_assert_uint_eq(press(&session, QL_KEY_ENTER) & QL_DO_QUIT, QL_DO_QUIT);
    ql_session_close(&session);
}
END_TEST

/* A row of keys.def: the help screen has it, and each of its keys leads to something where the row says. */
START_TEST(every_key_is_helped_and_handled)
{
    ql_session session;
    const ql_tui_view *help = ql_tui_views[QL_TUI_help];
    open_session(&session, NULL);
    for (size_t i = 0; i < ql_binding_count; i++) {
        const ql_binding *row = &ql_bindings[i];
        int helped = 0;
        for (int line = 0; line < help->count(&session); line++) {
            ql_text text = {0}, keys = {0};
            help->text(&session, line, &text);
            ql_text_keys(&keys, row);
            helped += strstr(ql_text_bytes(&text), row->help) &&
                      !strncmp(ql_text_bytes(&text), ql_text_bytes(&keys), keys.length);
            ql_text_free(&text);
            ql_text_free(&keys);
        }
        ck_assert_msg(helped == 1, "'%s' is %d times in the help", row->help, helped);
        for (int k = 0; k < QL_BIND_KEYS && row->keys[k]; k++) {
            ql_session_go(&session, row->scope < 0 ? QL_TUI_layers : (ql_tui_id)row->scope, 2);
            session.message[0] = 0;
            unsigned led = ql_session_event(&session, (ql_event){row->keys[k], 0, 0});
            ck_assert_msg(led, "'%s' leads to nothing", row->help);
            session.prompt.kind = QL_PROMPT_NONE;
            ql_text_free(&session.prompt.choices);
            ql_text_free(&session.box_text);
        }
    }
    ql_session_close(&session);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

Suite *ql_suite(void)
{
    Suite *suite = suite_create("session");
    TCase *all = tcase_create("session");
    tcase_add_loop_test(all, golden, 0, COUNT(goldens));
    tcase_add_test(all, ascii_is_ascii);
    tcase_add_loop_test(all, journey, 0, COUNT(journeys));
    tcase_add_test(all, every_view_can_be_drawn_without_a_document);
    tcase_add_loop_test(all, random_keys_and_sizes, 0, 4);
    tcase_add_loop_test(all, hostile_names_are_inert, 0, COUNT(hostile));
    tcase_add_loop_test(all, odd_documents, 0, COUNT(odd));
    tcase_add_test(all, refused_documents_leave_the_old_one);
    tcase_add_test(all, reports_are_written);
    tcase_add_loop_test(all, config, 0, COUNT(configs));
    tcase_add_test(all, config_is_kept);
    tcase_add_test(all, every_key_is_helped_and_handled);
    tcase_add_test(all, mouse);
    tcase_add_test(all, consequences);
    suite_add_tcase(suite, all);
    return suite;
}
