/* Configurations for other tools: of chains of operators whose names are made to be mistaken. */
#include "reports/config/mangle.h"
#include "reports/config/recipe.h"
#include "reports/reports.h"
#include "tests/support/net.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>

enum { LONGEST = 6, ADD = 0, POOL = 17, CONV = 3, SOFTMAX = 25, ABS = 101, HARD_SWISH = 117 };

/* Operator i reads what operator i-1 wrote (the first one the input "in") and writes names[i]. */
typedef struct {
    const char *what;
    struct {
        int code;
        const char *name;
    } ops[LONGEST];
    const char *layers; /* of the plan */
    const char *target;
    ql_code code;
    const char *found[2];  /* texts of the configuration, or of the message */
    const char *absent[2]; /* and what is not in it */
} chain;

#define FLOAT(op) "{\"op_index\":" #op ",\"mode\":\"float\"}"
#define WIDE(op)  "{\"op_index\":" #op ",\"mode\":\"int16x8\"}"
#define TF        "tf-debugger"
#define AEQ       "ai-edge-quantizer"

static const chain chains[] = {
    {"a fused name, whole",
     {{CONV, "a/Relu;a/Conv2D"}, {CONV, "b"}},
     FLOAT(0),
     TF,
     QL_OK,
     {"    \"a/Relu;a/Conv2D\",  # op #0 CONV_2D\n"},
     {"\"a/Conv2D\"", "\"b\""}},
    {"a name that newer converters shorten",
     {{CONV, "a/Relu;a/Add12;a/Add1;a/Add"}, {CONV, "b"}},
     FLOAT(0),
     TF,
     QL_OK,
     {"\"a/Relu;a/Add12;a/Add1;a/Add\",", "\"a/Relu;a/Add\","},
     {0}},
    {"shortened to what another has",
     {{CONV, "a1;a"}, {CONV, "a"}},
     FLOAT(0),
     TF,
     QL_OK,
     {"    \"a1;a\","},
     {"    \"a\","}},
    {"quotes, backslashes and new lines",
     {{CONV, "a\"b\\c\nd"}, {CONV, "b"}},
     FLOAT(0),
     TF,
     QL_OK,
     {"\"a\\\"b\\\\c\\u000ad\","},
     {0}},
    {"text that turns its direction",
     {{CONV, "a\xe2\x80\xae\"b"}, {CONV, "b"}},
     FLOAT(0),
     TF,
     QL_OK,
     {"\"a\\u202e\\\"b\","},
     {0}},
    {"other scripts",
     {{CONV, "\xe5\xb1\xa4/\xc3\xa9"}, {CONV, "b"}},
     FLOAT(0),
     TF,
     QL_OK,
     {"\"\xe5\xb1\xa4/\xc3\xa9\","},
     {0}},
    {"all of a type",
     {{CONV, "a"}, {CONV, "b"}, {SOFTMAX, "c"}},
     FLOAT(0) "," FLOAT(1),
     TF,
     QL_OK,
     {"DENYLISTED_OPS = [\n    \"CONV_2D\",\n]\nDENYLISTED_NODES = [\n]",
      "FLOAT_NODES = [\n    \"a\",\n    \"b\","},
     {0}},
    {"the only one of a type",
     {{CONV, "a"}, {SOFTMAX, "c"}},
     FLOAT(0),
     TF,
     QL_OK,
     {"DENYLISTED_OPS = [\n]\nDENYLISTED_NODES = [\n    \"a\","},
     {0}},
    {"the same name twice",
     {{CONV, "a"}, {CONV, "a"}},
     FLOAT(0),
     TF,
     QL_E_UNSUPPORTED,
     {"op #0 CONV_2D 'a': operator #1 has the same name"},
     {0}},
    {"the same name twice, both wanted",
     {{CONV, "a"}, {CONV, "a"}, {CONV, "b"}},
     FLOAT(0) "," FLOAT(1),
     TF,
     QL_OK,
     {"    \"a\",  # op #0", "    \"a\",  # op #1"},
     {0}},
    {"no name",
     {{CONV, ""}, {CONV, "a"}},
     FLOAT(0),
     TF,
     QL_E_UNSUPPORTED,
     {"op #0 CONV_2D", "has no name"},
     {0}},
    {"no UTF-8",
     {{CONV, "a\xff"}, {CONV, "b"}},
     FLOAT(0),
     TF,
     QL_E_UNSUPPORTED,
     {"op #0 CONV_2D 'a\\xff': ", "not UTF-8"},
     {0}},
    {"16x8",
     {{CONV, "a"}, {CONV, "b"}},
     WIDE(1),
     TF,
     QL_E_UNSUPPORTED,
     {"op #1 CONV_2D 'b': 16x8: TensorFlow's converter quantizes single layers to int8 only"},
     {0}},
    {"a pool behind int8",
     {{CONV, "a"}, {POOL, "b"}, {CONV, "c"}},
     FLOAT(1),
     TF,
     QL_E_UNSUPPORTED,
     {"op #1 MAX_POOL_2D 'b': float behind an int8 operator"},
     {0}},
    {"a pool behind float",
     {{CONV, "a"}, {POOL, "b"}, {CONV, "c"}},
     FLOAT(0) "," FLOAT(1),
     TF,
     QL_OK,
     {"\"a\",", "\"b\","},
     {0}},
    {"two pools behind int8",
     {{CONV, "a"}, {POOL, "b"}, {POOL, "c"}, {CONV, "d"}},
     FLOAT(1) "," FLOAT(2),
     TF,
     QL_E_UNSUPPORTED,
     {"op #1 MAX_POOL_2D 'b'"},
     {0}},

    {"metacharacters",
     {{CONV, "a.b*(c)[d]{e}|^$+?\\"}, {CONV, "axb"}},
     FLOAT(0),
     AEQ,
     QL_OK,
     {"\"^a\\\\.b\\\\*\\\\(c\\\\)\\\\[d\\\\]\\\\{e\\\\}\\\\|\\\\^\\\\$\\\\+\\\\?\\\\\\\\;$\""},
     {0}},
    {"a prefix of another",
     {{CONV, "net/foo"}, {CONV, "net/foo2"}, {CONV, "x/net/foo"}},
     FLOAT(0),
     AEQ,
     QL_OK,
     {"\"^net/foo;$\""},
     {"foo2"}},
    {"a fused name that holds another",
     {{CONV, "y;x"}, {CONV, "x"}},
     FLOAT(1) "," WIDE(0),
     AEQ,
     QL_OK,
     {"\"^x;$\"", "\"^y;x;$\""},
     {0}},
    {"the last operator has OUTPUT's scope",
     {{CONV, "a"}, {SOFTMAX, "b"}},
     FLOAT(1),
     AEQ,
     QL_OK,
     {"\"^b;$\",\n\t\t\"operation\":\t\"*\"", "\"^\",\n\t\t\"operation\":\t\"OUTPUT\""},
     {0}},
    {"the same name twice",
     {{CONV, "a"}, {CONV, "a"}},
     FLOAT(0),
     AEQ,
     QL_E_UNSUPPORTED,
     {"op #1 CONV_2D 'a': another tensor has the same name"},
     {0}},
    {"what has no name has its input's scope",
     {{CONV, "a"}, {CONV, ""}},
     FLOAT(0),
     AEQ,
     QL_E_UNSUPPORTED,
     {"op #1 CONV_2D: the recipe would make it float instead of int8"},
     {0}},
    {"no name and the scope of its input",
     {{CONV, "a"}, {CONV, ""}},
     FLOAT(1),
     AEQ,
     QL_E_UNSUPPORTED,
     {"op #0 CONV_2D 'a': the recipe would make it float instead of int8"},
     {0}},
    {"no name, but another type",
     {{CONV, "a"}, {SOFTMAX, ""}},
     FLOAT(1),
     AEQ,
     QL_OK,
     {"\"^a;$\",\n\t\t\"operation\":\t\"SOFTMAX\""},
     {0}},
    {"no UTF-8 anywhere",
     {{CONV, "a"}, {CONV, "b\xff"}},
     FLOAT(0),
     AEQ,
     QL_E_UNSUPPORTED,
     {"op #1 CONV_2D 'b\\xff': ", "not UTF-8"},
     {0}},
    {"no 16x8 of that operator",
     {{CONV, "a"}, {HARD_SWISH, "b"}},
     WIDE(1),
     AEQ,
     QL_E_UNSUPPORTED,
     {"op #1 HARD_SWISH 'b': ai-edge-quantizer 0.10 has no int16x8"},
     {0}},
    {"16x8 of an operator it does not know",
     {{CONV, "a"}, {ABS, "b"}},
     WIDE(1),
     AEQ,
     QL_E_UNSUPPORTED,
     {"op #1 ABS 'b': ai-edge-quantizer 0.10 has no int16x8"},
     {0}},
    {"float of an operator it does not know",
     {{CONV, "a"}, {ABS, "b"}},
     FLOAT(1),
     AEQ,
     QL_OK,
     {"OUTPUT"},
     {"^b;$"}},

    {"layers of Keras",
     {{CONV, "net/act/Relu;net/bn/FusedBatchNormV3;net/conv/Conv2D1"}, {SOFTMAX, "net/probs/Softmax"}},
     FLOAT(0),
     "tfmot",
     QL_OK,
     {"    \"act\",  # op #0 CONV_2D\n    \"bn\",  # op #0 CONV_2D\n    \"conv\",  # op #0 CONV_2D\n}"},
     {"probs"}},
    {"behind the name of a call",
     {{CONV, "StatefulPartitionedCall/net/quant_conv/Conv2D"}, {SOFTMAX, "b"}},
     FLOAT(0),
     "tfmot",
     QL_OK,
     {"    \"conv\",  #"},
     {"quant_conv"}},
    {"a node that others share by a constant",
     {{CONV, "net/a/Conv2D;net/last/Conv2D"}, {CONV, "net/last/Conv2D1"}},
     FLOAT(0),
     "tfmot",
     QL_OK,
     {"    \"a\",  #"},
     {"\"last\""}},
    {"the one that all share, in float",
     {{CONV, "net/a/Conv2D;net/last/Conv2D"}, {CONV, "net/last/Conv2D1"}},
     FLOAT(1),
     "tfmot",
     QL_OK,
     {"    \"last\",  #"},
     {"\"a\""}},
    {"a layer that is two operators",
     {{CONV, "net/dense/MatMul"}, {SOFTMAX, "net/dense/Softmax"}},
     FLOAT(1),
     "tfmot",
     QL_E_UNSUPPORTED,
     {"op #1 SOFTMAX 'net/dense/Softmax': "},
     {0}},
    {"no layer in the name",
     {{CONV, "StatefulPartitionedCall:0"}},
     FLOAT(0),
     "tfmot",
     QL_E_UNSUPPORTED,
     {"op #0 CONV_2D 'StatefulPartitionedCall:0': its name tells of no Keras layer"},
     {0}},
    {"a layer's name that ends a literal",
     {{CONV, "net/a\"b\\/Conv2D"}, {SOFTMAX, "b"}},
     FLOAT(0),
     "tfmot",
     QL_OK,
     {"    \"a\\\"b\\\\\",  #"},
     {0}},
    {"16x8 of Keras",
     {{CONV, "net/a/Conv2D"}},
     WIDE(0),
     "tfmot",
     QL_E_UNSUPPORTED,
     {"op #0 CONV_2D 'net/a/Conv2D': 16x8"},
     {0}},

    {"no ranges", {{CONV, "a"}}, FLOAT(0), "calibration", QL_OK, {"\"model_qsvs\":\t{\n\t}"}, {0}},
    {"no range where one is needed",
     {{CONV, "a"}, {CONV, "b"}},
     FLOAT(0),
     "calibration",
     QL_E_UNSUPPORTED,
     {"op #1 CONV_2D 'b': no range of tensor 'a'"},
     {0}},

    {"formats as node data",
     {{CONV, "a"}, {CONV, "b"}},
     WIDE(0),
     "model-explorer",
     QL_OK,
     {"\"a\":\t{\n\t\t\t\t\"value\":\t\"int16x8\",\n\t\t\t\t\"bgColor\":\t\"#009e73\"",
      "\"b\":\t{\n\t\t\t\t\"value\":\t\"int8\""},
     {0}},
    {"nodes by index where names are not apart",
     {{CONV, "a"}, {CONV, "a"}},
     FLOAT(1),
     "model-explorer",
     QL_OK,
     {"\"0\":\t{\n\t\t\t\t\"value\":\t\"int8\"", "\"1\":\t{\n\t\t\t\t\"value\":\t\"float\""},
     {"\"a\""}},

    {"operators of a resolver",
     {{CONV, "a"}, {HARD_SWISH, "b"}},
     WIDE(0),
     "tflm",
     QL_OK,
     {"MicroMutableOpResolver<4>", "// op #0 CONV_2D: int16x8: a\n"},
     {"AddSoftmax"}},
    {"no 16x8 kernel there",
     {{CONV, "a"}, {HARD_SWISH, "b"}},
     WIDE(1),
     "tflm",
     QL_E_UNSUPPORTED,
     {"op #1 HARD_SWISH 'b': TensorFlow Lite Micro has no 16x8 kernel"},
     {0}},
    {"a name of several lines",
     {{CONV, "a\n#error"}},
     WIDE(0),
     "tflm",
     QL_OK,
     {"int16x8: a\\n#error\n"},
     {"\n#error"}},

    {"an unknown mode",
     {{CONV, "a"}},
     "{\"op_index\":0,\"mode\":\"bits=5\"}",
     "nodes",
     QL_E_UNSUPPORTED,
     {"op #0 CONV_2D 'a': mode 'bits=5': only float, int8 and int16x8 can be written"},
     {0}},
    {"an operator that is not there",
     {{CONV, "a"}},
     FLOAT(1),
     "nodes",
     QL_E_FIT,
     {"layer 0 of the plan: no operator #1: the float model has 1"},
     {0}},
    {"another model's operator",
     {{CONV, "a"}},
     "{\"op_index\":0,\"name\":\"b\",\"mode\":\"float\"}",
     "nodes",
     QL_E_FIT,
     {"operator #0 writes 'a' here: the model the plan was made for, where it writes 'b'"},
     {0}},
    {"twice, differently",
     {{CONV, "a"}},
     FLOAT(0) "," WIDE(0),
     "nodes",
     QL_E_FORMAT,
     {"is there twice"},
     {0}},
    {"a line a layer",
     {{CONV, "a\tb"}, {CONV, "c"}, {CONV, "d"}},
     WIDE(0) "," FLOAT(2),
     "nodes",
     QL_OK,
     {"int16x8\t0\tCONV_2D\ta\\tb\nfloat\t2\tCONV_2D\td\n"},
     {0}},
};

static void make_chain(net *n, const chain *c)
{
    static const int32_t whole[] = {1, 4, 4, 1}, half[] = {1, 2, 2, 1};
    net_graph_add(n);
    int before = net_tensor(n, 0, QL_F32, 4, whole, NULL);
    n->graphs[0].tensors[before].name = (ql_str){"in", 2};
    for (int i = 0; i < LONGEST && c->ops[i].name; i++) {
        int t = net_tensor(n, 0, QL_F32, 4, c->ops[i].code == POOL ? half : whole, NULL);
        n->graphs[0].tensors[t].name = (ql_str){c->ops[i].name, strlen(c->ops[i].name)};
        net_op(n, 0, c->ops[i].code, NET_LIST(before), NET_LIST(t), 0, 0, 0);
        before = t;
    }
    net_io(n, 0, NET_LIST(0), NET_LIST(before));
}

START_TEST(configuration)
{
    const chain *c = &chains[_i];
    net *n = calloc(1, sizeof *n);
    char plan[400], message[1000];
    ql_err err;
    ql_err_clear(&err);
    ql_json *json = NULL;
    ql_text out = {0}, notes = {0};
    make_chain(n, c);
    snprintf(plan, sizeof plan, "{\"schema\":\"qloupe.plan/1\",\"layers\":[%s]}", c->layers);
    ck_assert_int_eq(ql_json_parse(&json, plan, strlen(plan), &err), QL_OK);
    ql_export_source source = {.plan = json, .reference = {&n->model, 0}};
    ql_code code = ql_export_make(ql_export_find(c->target), &source, &out, &notes, &err);
    ql_err_text(&err, message, sizeof message);
    ck_assert_msg(code == c->code, "%s: %s", c->what, message);
    const char *text = code ? message : ql_text_bytes(&out);
    for (int i = 0; i < 2; i++) {
        ck_assert_msg(!c->found[i] || strstr(text, c->found[i]), "%s: no %s in\n%s", c->what, c->found[i],
                      text);
        ck_assert_msg(!c->absent[i] || !strstr(text, c->absent[i]), "%s: %s in\n%s", c->what, c->absent[i],
                      text);
    }
    ck_assert(strstr(ql_text_bytes(&notes), "is assumed") != NULL);
    ql_text_free(&out);
    ql_text_free(&notes);
    ql_json_free(json);
    free(n);
}
END_TEST

static const struct {
    const char *name, *plain;
} names[] = {
    {"", ""},
    {"a", "a"},
    {"a1", "a1"},
    {"a;b", "a;b"},
    {"a1;a", "a"},
    {"a2;a10;b", "a2;b"},
    {"a_1;b;a", "a;b"},
    {"a.1;a_2", "a.1"},
    {"a;;b;", "a;;b;"},
    {"12;b;3", "3;b"},
    {"c/Relu;c/Conv2D;c/Conv", "c/Relu;c/Conv2D;c/Conv"},
};

START_TEST(unmangled)
{
    ql_arena arena;
    ql_err err;
    ql_str plain;
    ql_arena_init(&arena, 0);
    ck_assert_int_eq(ql_name_unmangle((ql_str){names[_i].name, strlen(names[_i].name)}, &plain, &arena, &err),
                     QL_OK);
    ck_assert_int_eq((int)plain.length, (int)strlen(names[_i].plain));
    ck_assert_str_eq(plain.text, names[_i].plain);
    ql_arena_free(&arena);
}
END_TEST

/* Two scopes that differ after the place where the library cuts them are one. */
START_TEST(long_scopes)
{
    net *n = calloc(1, sizeof *n);
    char *long_names[2], message[1000];
    ql_err err;
    ql_json *json = NULL;
    ql_text out = {0};
    const char *plan = "{\"schema\":\"qloupe.plan/1\",\"layers\":[" FLOAT(0) "]}";
    chain c = {.ops = {{CONV, "a"}, {CONV, "b"}}};
    make_chain(n, &c);
    for (size_t i = 0; i < 2; i++) {
        size_t length = _i ? 10000 + i : 9990 + i;
        long_names[i] = calloc(length + 1, 1);
        memset(long_names[i], 'n', length);
        n->graphs[0].tensors[1 + i].name = (ql_str){long_names[i], length};
    }
    ck_assert_int_eq(ql_json_parse(&json, plan, strlen(plan), &err), QL_OK);
    ql_export_source source = {.plan = json, .reference = {&n->model, 0}};
    ql_code code = ql_export_make(ql_export_find(AEQ), &source, &out, NULL, &err);
    ck_assert_int_eq(code, _i ? QL_E_UNSUPPORTED : QL_OK);
    ck_assert(!_i ||
              strstr(ql_err_text(&err, message, sizeof message), "would make it float instead of int8"));
    ql_text_free(&out);
    ql_json_free(json);
    free(long_names[0]);
    free(long_names[1]);
    free(n);
}
END_TEST

/* Rules as the library reads them: which format the operator gets. */
static const struct {
    const char *what;
    ql_recipe_rule rules[3];
    int count;
    ql_format made[4]; /* of CONV "a", SOFTMAX "b", INPUT, OUTPUT */
} readings[] = {
    {"nothing", {{0}}, 0, {QL_FORMAT_FLOAT, QL_FORMAT_FLOAT, QL_FORMAT_FLOAT, QL_FORMAT_FLOAT}},
    {"everything",
     {{".*", "*", QL_FORMAT_INT8, false}},
     1,
     {QL_FORMAT_INT8, QL_FORMAT_INT8, QL_FORMAT_INT8, QL_FORMAT_INT8}},
    {"the last one holds",
     {{".*", "*", QL_FORMAT_INT8, false}, {"a", "*", QL_FORMAT_INT16X8, false}},
     2,
     {QL_FORMAT_INT16X8, QL_FORMAT_INT8, QL_FORMAT_INT8, QL_FORMAT_INT8}},
    {"the output's scope is its maker's",
     {{"^b;$", "*", QL_FORMAT_INT8, false}},
     1,
     {QL_FORMAT_FLOAT, QL_FORMAT_INT8, QL_FORMAT_FLOAT, QL_FORMAT_INT8}},
    {"a rule again stands in its old place",
     {{".*", "CONV_2D", QL_FORMAT_INT8, false},
      {"a", "*", QL_FORMAT_INT16X8, false},
      {".*", "INPUT", QL_FORMAT_INT8, false}},
     3,
     {QL_FORMAT_INT16X8, QL_FORMAT_FLOAT, QL_FORMAT_INT8, QL_FORMAT_FLOAT}},
};

START_TEST(reading)
{
    net *n = calloc(1, sizeof *n);
    ql_arena arena;
    ql_err err;
    ql_format made[4];
    chain c = {.ops = {{CONV, "a"}, {SOFTMAX, "b"}}};
    make_chain(n, &c);
    ql_arena_init(&arena, 0);
    ck_assert_int_eq(ql_recipe_count(&n->model), 4);
    ck_assert_int_eq(ql_recipe_apply(readings[_i].rules, readings[_i].count, &n->model, made, &arena, &err),
                     QL_OK);
    for (int i = 0; i < 4; i++) {
        ck_assert_msg(made[i] == readings[_i].made[i], "%s: %d", readings[_i].what, i);
    }
    ql_arena_free(&arena);
    free(n);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))

Suite *ql_suite(void)
{
    Suite *suite = suite_create("config");
    TCase *cases = tcase_create("config");
    tcase_add_loop_test(cases, configuration, 0, COUNT(chains));
    tcase_add_loop_test(cases, unmangled, 0, COUNT(names));
    tcase_add_loop_test(cases, long_scopes, 0, 2);
    tcase_add_loop_test(cases, reading, 0, COUNT(readings));
    suite_add_tcase(suite, cases);
    return suite;
}
