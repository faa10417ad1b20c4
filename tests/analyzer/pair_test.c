#include "analyzer/analyzer.h"
#include "analyzer/pair/names.h"
#include "tests/support/graph_text.h"
#include "tests/support/suite.h"

#include <time.h>

/* What two graphs give: "candidate=reference/how" for each pair (how by its first letter, * for an alias),
 * then
 * "-id" for what is unpaired in the candidate and "+id" in the reference. */
typedef struct {
    const char *what, *reference, *candidate, *pairs;
    int reference_batch, candidate_batch;
    bool ignore_names;
    const char *map, *include, *exclude;
} ql_case;

static const ql_case cases[] = {
    {.what = "same names", "in x; conv a x w1; relu b a", "in x; conv a x w1; relu b a", "x=x/n a=a/n b=b/n"},
    {.what = "quantized: suffixes and digits",
     "in x; conv a=m/Conv x w1; relu b=m/Relu a",
     "in.i8 x=x_int8; conv.i8 a=m/Conv1 x w1q; relu.i8 b=m/Relu_requantized a",
     "x=x/N a=a/N b=b/N"},
    {.what = "quantization-aware training",
     "in x; conv a=m/conv/BiasAdd x w1",
     "in x; conv.i8 a=m/quant_conv/BiasAdd x w1q",
     "x=x/n a=a/N"},
    {.what = "fused names",
     "in x; conv a=m/Relu|m/Add|m/Conv x w1",
     "in x; conv a=m/Relu|m/Conv|m/read1 x w1",
     "x=x/n a=a/f"},
    {.what = "weights against names",
     "in x; conv a x w1; conv b x w2; add c a b",
     "in x; conv b x w1; conv a x w2; add c b a",
     "x=x/t b=a/t a=b/t c=c/t"},
    {.what = "branches in another order, no names",
     "in x; conv a x w1; conv b x w2; add c a b",
     "in x=; conv p= x w2q; conv q= x w1q; add r= q p",
     "x=x/t p=b/t q=a/t r=c/t"},
    {.what = "repeated blocks, no names",
     "in x; conv a x w1; relu b a; conv c b w2; relu d c; conv e d w3; relu f e",
     "in x=; conv a= x w1q; relu b= a; conv c= b w2q; relu d= c; conv e= d w3q; relu f= e",
     "x=x/t a=a/t b=b/t c=c/t d=d/t e=e/t f=f/t"},
    {.what = "computed twice",
     "in x; exp a x; conv b a w1",
     "in x; exp a x; exp a2 x; conv b a2 w1",
     "x=x/n a=a/n a2=a/N b=b/n"},
    {.what = "computed in float and quantized",
     "in x; conv a x w1; relu b a",
     "in x; quantize.i8 q x; conv a x w1; conv.i8 a1 q w1q; relu b a1",
     "x=x/n q=x/t* a=a/n a1=a/N b=b/n"},
    {.what = "fused activation in the candidate",
     "in x; conv a x w1; relu6 b a; exp c b",
     "in x; conv6 b x w1; exp c b",
     "x=x/n b=b/n c=c/n +a"},
    {.what = "fused activation in the reference",
     "in x; conv6 b x w1; exp c b",
     "in x; conv a x w1; relu6 b a; exp c b",
     "x=x/n b=b/n c=c/n -a"},
    {.what = "the grid cuts like RELU6",
     "in x; conv6 a x w1; exp b a",
     "in x; conv.i8 a x w1q; exp.i8 b a",
     "x=x/n a=a/n b=b/n"},
    {.what = "the grid cuts, the reference does not",
     "in x; conv a x w1",
     "in x; conv6.i8 a x w1q",
     "x=x/n -a +a"},
    {.what = "float16: names move to constants",
     "in x; conv a x w1; relu b a",
     "in x; dequantize a=a w1h; conv a2=a1 x a; relu b=b a2",
     "x=x/n a2=a/N b=b/n"},
    {.what = "fake quantization in the reference",
     "in x; conv a x w1; fake f a; relu b f",
     "in x; conv.i8 a x w1q; relu.i8 b a; dequantize d b",
     "x=x/n a=a/n b=b/n d=b/t*"},
    {.what = "aliases in both",
     "in x; quantize.i8 q x; conv.i8 a q w1q; dequantize y a",
     "in x; quantize.i8 p x; conv.i8 a p w1q; dequantize z a",
     "x=x/n p=q/t* a=a/n z=y/t*"},
    {.what = "duplicated names",
     "in x; conv a=n x w1; relu b=n a; exp c=n b",
     "in x; conv a=n x w1; relu b=n a; exp c=n b",
     "x=x/n a=a/n b=b/n c=c/n"},
    {.what = "a reshape in between",
     "in x; conv a x w1; conv c a w2",
     "in x; conv a x w1; reshape b a; conv c b w2",
     "x=x/n a=a/n c=c/n -b"},
    {.what = "inputs of ADD change places",
     "in x; conv a x w1; exp b x; add c a b",
     "in x=; conv p= x w1; exp q= x; add r= q p",
     "x=x/t p=a/t q=b/t r=c/t"},
    {.what = "batches",
     "in x; conv a x w1; relu b a",
     "in x; conv a x w1; relu b a",
     "x=x/n a=a/n b=b/n",
     1,
     4},
    {.what = "an operator more in the candidate",
     "in x; conv a x w1; conv b a w2; relu c b",
     "in x; conv a x w1; softmax s a; conv b s w2; relu c b",
     "x=x/n a=a/n b=b/n c=c/n -s"},
    {.what = "an operator more, no names",
     "in x; conv a x w1; conv b a w2; relu c b",
     "in x=; conv a= x w1; softmax s= a; conv b= s w2; relu c= b",
     "x=x/t a=a/t b=b/t c=c/t -s"},
    {.what = "a branch less",
     "in x; conv a x w1; conv b x w2; exp c a; exp d b",
     "in x; conv b=q x w2; exp d=r b",
     "x=x/n b=b/t d=d/t +a +c"},
    {.what = "another branch left", "in x; conv a x w1", "in x; conv b x w2; exp d b", "x=x/n -b -d +a"},
    {.what = "trained again",
     "in x; conv a=m/a x w1; relu b=m/b a",
     "in x; conv a=m/quant_a x w7; relu b=m/quant_b a",
     "x=x/n a=a/N b=b/N"},
    {.what = "trained again, no names",
     "in x; conv a x w1; relu b a",
     "in x=; conv a= x w7; relu b= a",
     "x=x/t a=a/t b=b/t"},
    {.what = "inputs by name",
     "in x; in y; conv a x w1; add b a y",
     "in y; in x; conv a x w1; add b a y",
     "y=y/n x=x/n a=a/n b=b/n"},
    {.what = "inputs by place",
     "in x; in y; conv a x w1; add b a y",
     "in p=; in q=; conv a= p w1; add b= a q",
     "p=x/t q=y/t a=a/t b=b/t"},
    {.what = "inputs whose names lie",
     "in x; in y; conv a x w1; exp b y; add c a b",
     "in p=y; in q=x; conv a p w1; exp b q; add c a b",
     "p=x/t q=y/t a=a/n b=b/n c=c/n"},
    {.what = "settings",
     "in x; max2 a x; max3 b x; add c a b",
     "in x; max3 a x; max2 b x; add c b a",
     "x=x/t a=b/t b=a/t c=c/t"},
    {.what = "names shuffled",
     "in x; conv a x w1; relu b a; conv c b w2; relu d c",
     "in x=b; conv a=d x w1; relu b=x a; conv c=a b w2; relu d=c c",
     "x=x/t a=a/t b=b/t c=c/t d=d/t"},
    {.what = "names ignored",
     "in x; conv a x w1; relu b a",
     "in x; conv a x w1; relu b a",
     "x=x/t a=a/t b=b/t",
     1,
     1,
     true},
    {.what = "shapes differ", "in x; conv a x w1", "in x; conv a@6 x w1", "x=x/n -a +a"},
    {.what = "outputs of one operator",
     "in x; split a,b n1 x; exp c a; relu d b",
     "in x=; split p=,q= n1 x; exp r= p; relu s= q",
     "x=x/t p=a/t q=b/t r=c/t s=d/t"},
    {.what = "constants that are arguments",
     "in x; transpose a x n3; transpose b x n4; add c a b",
     "in x=; transpose p= x n4; transpose q= x n3; add r= q p",
     "x=x/t p=b/t q=a/t r=c/t"},
    {.what = "a bias that only one has",
     "in x; fc a x w1 w2; exp b x",
     "in x; fc a x w1; exp b x",
     "x=x/n b=b/n -a +a"},
    {.what = "operands of one order only",
     "in x=; custom s= x; logistic l= s; ceil t= s; add c= l t; softmax d= c",
     "in x=; exp s= x; ceil t= s; logistic l= s; add c= t l; softmax d= c",
     "x=x/t t=t/t l=l/t c=c/t d=d/t -s +s"},
    {.what = "operands of one order only, as what is further up shows",
     "in x=; custom s= x; logistic l= s; ceil t= s; relu p= l; relu q= t; add c= p q; softmax d= c",
     "in x=; exp s= x; ceil t= s; logistic l= s; relu q= t; relu p= l; add c= q p; softmax d= c",
     "x=x/t t=t/t l=l/t q=q/t p=p/t c=c/t d=d/t -s +s"},
    {.what = "operands of any order",
     "in x=; custom s= x; logistic l= s; logistic t= s; add c= l t; softmax d= c",
     "in x=; exp s= x; logistic t= s; logistic l= s; add c= t l; softmax d= c",
     "x=x/t c=c/t d=d/t -s -t -l +s +l +t"},
    {.what = "nothing in common", "in x; exp a x", "in y@3; relu b@3 y", "-y -b +x +a"},
    {.what = "custom operators",
     "in x; custom a x; relu b a",
     "in x; custom a x; relu b a",
     "x=x/n a=a/n b=b/n"},
    {.what = "mapped names",
     "in x; conv a=net/a x w1; softmax b=net/b a; exp c=net/c b",
     "in x; conv a=top/a x w1; custom s a; softmax b=top/b s; exp c=top/c b",
     "x=x/n a=a/n b=b/n c=c/n -s",
     1,
     1,
     false,
     "s/^top/net/"},
    {.what = "included",
     "in x; conv a x w1; relu b a",
     "in x; conv a x w1; relu b a",
     "b=b/n",
     1,
     1,
     false,
     NULL,
     "^b$"},
    {.what = "excluded",
     "in x; conv a x w1; relu b a",
     "in x; conv a x w1; relu b a",
     "x=x/n a=a/n",
     1,
     1,
     false,
     NULL,
     NULL,
     "b"},
};

static graph_text *models[2]; /* reference, candidate */

static void set_up(void)
{
    models[0] = malloc(sizeof *models[0]);
    models[1] = malloc(sizeof *models[1]);
    ck_assert(models[0] && models[1]);
}

static void tear_down(void)
{
    free(models[0]);
    free(models[1]);
}

static void say(char *out, size_t size, const char *format, const char *a, const char *b, char how)
{
    size_t length = strlen(out);
    snprintf(out + length, size - length, format, length ? " " : "", a, b, how);
}

static void describe(const ql_pairing *p, char *out, size_t size)
{
    *out = 0;
    for (int i = 0; i < p->pair_count; i++) {
        const ql_pair *x = &p->pairs[i];
        char how = x->how == QL_PAIR_NORMALIZED ? 'N' : *ql_pair_how_text(x->how);
        say(out, size, x->alias ? "%s%s=%s/%c*" : "%s%s=%s/%c", models[1]->ids[x->candidate],
            models[0]->ids[x->reference], how);
    }
    for (int i = 0; i < p->unpaired_count; i++) {
        const ql_unpaired *x = &p->unpaired[i];
        size_t length = strlen(out);
        snprintf(out + length, size - length, "%s%c%s", length ? " " : "", x->in_candidate ? '-' : '+',
                 models[!!x->in_candidate]->ids[x->tensor]);
        ck_assert_ptr_nonnull(x->reason);
    }
}

static void check(const ql_case *c)
{
    ql_arena arena;
    ql_pairing pairing;
    ql_err err;
    char got[1024];
    ck_assert_msg(graph_text_read(models[0], c->reference, c->reference_batch ? c->reference_batch : 1) &&
                      graph_text_read(models[1], c->candidate, c->candidate_batch ? c->candidate_batch : 1),
                  "%s: the text is malformed", c->what);
    ql_pair_rules rules = {.map_count = c->map != NULL,
                           .maps = &c->map,
                           .include = c->include,
                           .exclude = c->exclude,
                           .ignore_names = c->ignore_names};
    ql_arena_init(&arena, 0);
    ql_code code = ql_pair_models_by(&rules, (ql_side){&models[0]->model, 0}, (ql_side){&models[1]->model, 0},
                                     &arena, &pairing, &err);
    ck_assert_int_eq(code, QL_OK);
    describe(&pairing, got, sizeof got);
    ck_assert_msg(!strcmp(got, c->pairs), "%s: '%s', not '%s'", c->what, got, c->pairs);
    ql_arena_free(&arena);
}

START_TEST(graphs_pair_as_they_should)
{
    check(&cases[_i]);
}
END_TEST

/* A table of operators, chained or side by side, longer than any real one. */
static void make_long(graph_text *g, bool chained, int seed_step)
{
    static char text[GT_OPS * 32];
    int length = snprintf(text, sizeof text, "in x");
    for (int i = 0; i < 1000; i++) {
        int from = chained ? i - 1 : -1;
        length += from < 0 ? snprintf(text + length, sizeof text - (size_t)length, ";conv a%d= x w%d", i,
                                      i * seed_step)
                           : snprintf(text + length, sizeof text - (size_t)length, ";conv a%d= a%d w%d", i,
                                      from, i * seed_step);
    }
    ck_assert(graph_text_read(g, text, 1));
}

static const struct {
    bool chained;
    int seed_step;
} long_ones[] = {{true, 1}, {false, 1}, {true, 0}, {false, 0}};

START_TEST(a_thousand_operators_pair_at_once)
{
    ql_arena arena;
    ql_pairing pairing;
    ql_err err;
    make_long(models[0], long_ones[_i].chained, long_ones[_i].seed_step);
    make_long(models[1], long_ones[_i].chained, long_ones[_i].seed_step);
    ql_arena_init(&arena, 0);
    clock_t start = clock();
    ck_assert_int_eq(ql_pair_models((ql_side){&models[0]->model, 0}, (ql_side){&models[1]->model, 0}, &arena,
                                    &pairing, &err),
                     QL_OK);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    ck_assert_int_eq(pairing.pair_count, 1001);
    for (int i = 0; i < pairing.pair_count; i++) {
        ck_assert_str_eq(models[1]->ids[pairing.pairs[i].candidate],
                         models[0]->ids[pairing.pairs[i].reference]);
    }
    ck_assert_msg(seconds < 2, "%g s", seconds); /* also under sanitizers */
    ql_arena_free(&arena);
}
END_TEST

static const struct {
    const char *name, *normalized;
} normal[] = {
    {"", ""},
    {"conv", "conv"},
    {"conv_int8", "conv"},
    {"conv_requantized_int16", "conv"},
    {"_int8", "_int8"},
    {"m/quant_conv/Conv2D", "m/conv/Conv2D"},
    {"quant_a/x;quant_b/y", "a/x;b/y"},
    {"m/requant_a", "m/requant_a"},
    {"a_dequant_float32", "a"},
    {"quant_", "quant_"},
};

START_TEST(names_normalize)
{
    char out[64];
    ql_str name = {normal[_i].name, strlen(normal[_i].name)};
    ck_assert_uint_eq(ql_name_normalize(name, out), strlen(normal[_i].normalized));
    ck_assert_str_eq(out, normal[_i].normalized);
}
END_TEST

static const struct {
    const char *a, *b;
    double strength;
} strengths[] = {
    {"a", "a", 3},         {"a", "b", 0},         {"", "", 0},           {"", "a", 0},
    {"a", "a1", 2},        {"a12", "a", 2},       {"a1", "a2", 0},       {"a1", "a11", 2},
    {"a1234", "a", 0},     {"a_int8", "a", 2},    {"a_int8", "a1", 2},   {"m/quant_a/b", "m/a/b", 2},
    {"a;b;c", "c;b;a", 1}, {"a;b", "a;c", 0.5},   {"a;b;c", "c;d;e", 0}, {"a;b;c", "c1", 1},
    {";;", "a", 0},        {"conv", "conv2d", 0},
};

START_TEST(names_speak_for_each_other)
{
    ql_arena arena;
    ql_name_key a, b;
    ql_err err;
    char scratch[64];
    ql_arena_init(&arena, 0);
    ql_str x = {strengths[_i].a, strlen(strengths[_i].a)}, y = {strengths[_i].b, strlen(strengths[_i].b)};
    ck_assert_int_eq(ql_name_key_make(&a, x, scratch, &arena, &err), QL_OK);
    ck_assert_int_eq(ql_name_key_make(&b, y, scratch, &arena, &err), QL_OK);
    ck_assert_double_eq_tol(ql_names_strength(&a, &b), strengths[_i].strength, 1e-12);
    ck_assert_double_eq_tol(ql_names_strength(&b, &a), strengths[_i].strength, 1e-12);
    ql_arena_free(&arena);
}
END_TEST

static const struct {
    const char *map, *include;
    ql_code code;
    const char *message;
} bad_rules[] = {
    {"s/a", NULL, QL_E_USAGE, "rule 's/a': must look like s/A/B/ with flags g and i"},
    {"s/a/b", NULL, QL_E_USAGE, "rule 's/a/b': must look like s/A/B/ with flags g and i"},
    {"s/a/b/x", NULL, QL_E_USAGE, "rule 's/a/b/x': must look like s/A/B/ with flags g and i"},
    {"y/a/b/", NULL, QL_E_USAGE, "rule 'y/a/b/': must look like s/A/B/ with flags g and i"},
    {"", NULL, QL_E_USAGE, "rule '': must look like s/A/B/ with flags g and i"},
    {"s/(/b/", NULL, QL_E_USAGE, "regular expression '(': character 2: missing closing parenthesis"},
    {"s/x/$3/", NULL, QL_E_USAGE, "regular expression 'x': unknown substring"},
    {NULL, "a[", QL_E_USAGE,
     "regular expression 'a[': character 3: missing terminating ] for character class"},
    {NULL, "(x+x+)+[^x]", QL_E_UNSUPPORTED, "regular expression '(x+x+)+[^x]': match limit exceeded"},
};

START_TEST(bad_rules_say_why)
{
    ql_arena arena;
    ql_pairing pairing;
    ql_err err;
    char text[1024];
    const char *twin = "in x=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; relu a x";
    ck_assert(graph_text_read(models[0], twin, 1) && graph_text_read(models[1], twin, 1));
    ql_pair_rules rules = {
        .map_count = bad_rules[_i].map != NULL, .maps = &bad_rules[_i].map, .include = bad_rules[_i].include};
    ql_err_clear(&err);
    ql_arena_init(&arena, 0);
    ck_assert_int_eq(ql_pair_models_by(&rules, (ql_side){&models[0]->model, 0},
                                       (ql_side){&models[1]->model, 0}, &arena, &pairing, &err),
                     bad_rules[_i].code);
    ck_assert_str_eq(ql_err_text(&err, text, sizeof text), bad_rules[_i].message);
    ql_arena_free(&arena);
}
END_TEST

static const struct {
    const char *rule, *text, *result;
} substitutions[] = {
    {"s/a/b/", "aaa", "baa"},
    {"s/a/b/g", "aaa", "bbb"},
    {"s/A/b/", "aaa", "aaa"},
    {"s/A/b/gi", "aaa", "bbb"},
    {"s|a/b|c|", "x/a/b", "x/c"},
    {"s/a\\/b/c/", "x/a/b", "x/c"},
    {"s/^(\\w+)\\/(.*)$/$2:$1/", "net/conv", "conv:net"},
    {"s/x//", "axb", "ab"},
    {"s/$/_int8/", "conv", "conv_int8"},
    {"s/\\d+$//", "conv12", "conv"},
};

START_TEST(substitutions_apply)
{
    ql_arena arena;
    ql_substitution *s;
    ql_str out;
    ql_err err;
    ql_arena_init(&arena, 0);
    ck_assert_int_eq(ql_substitution_make(&s, substitutions[_i].rule, &err), QL_OK);
    ql_str text = {substitutions[_i].text, strlen(substitutions[_i].text)};
    ck_assert_int_eq(ql_substitute(s, text, &out, &arena, &err), QL_OK);
    ck_assert_str_eq(out.text, substitutions[_i].result);
    ck_assert_uint_eq(out.length, strlen(substitutions[_i].result));
    ql_substitution_free(s);
    ql_arena_free(&arena);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

Suite *ql_suite(void)
{
    Suite *suite = suite_create("pair");
    TCase *pair = tcase_create("pair");
    tcase_add_checked_fixture(pair, set_up, tear_down);
    tcase_add_loop_test(pair, graphs_pair_as_they_should, 0, COUNT(cases));
    tcase_add_loop_test(pair, a_thousand_operators_pair_at_once, 0, COUNT(long_ones));
    tcase_add_loop_test(pair, names_normalize, 0, COUNT(normal));
    tcase_add_loop_test(pair, names_speak_for_each_other, 0, COUNT(strengths));
    tcase_add_loop_test(pair, bad_rules_say_why, 0, COUNT(bad_rules));
    tcase_add_loop_test(pair, substitutions_apply, 0, COUNT(substitutions));
    suite_add_tcase(suite, pair);
    return suite;
}
