/* Fake quantization in the reference counts where it is the candidate's grid. */
#include "analyzer/analyzer.h"
#include "tests/support/graph_text.h"
#include "tests/support/suite.h"

/* Of the candidate's tensor `c`: which tensor of the reference it is compared with. Activations of type i8
 * hold 0 .. 6 in 255 steps. */
static const struct {
    const char *reference, *candidate, *compared;
    double scale_times; /* of c */
    int zero_plus;
    int fakes;
} cases[] = {
    {"in x; conv a x w1; quantize.i8 q a; dequantize f q; exp b f", "in x; conv.i8 c x w1q; exp.i8 b c", "f",
     1, 0, 2},
    {"in x; conv a x w1; exp b a", "in x; conv.i8 c x w1q; exp.i8 b c", "a", 1, 0, 0},
    /* other grids: twice as wide; shifted by less than a step, by more */
    {"in x; conv a x w1; quantize.i8 q a; dequantize f q; exp b f", "in x; conv.i8 c x w1q; exp.i8 b c", "a",
     2, 0, 0},
    {"in x; conv a x w1; quantize.i8 q a; dequantize f q; exp b f", "in x; conv.i8 c x w1q; exp.i8 b c", "f",
     1.003, 0, 2},
    {"in x; conv a x w1; quantize.i8 q a; dequantize f q; exp b f", "in x; conv.i8 c x w1q; exp.i8 b c", "a",
     1.005, 0, 0},
    {"in x; conv a x w1; quantize.i8 q a; dequantize f q; exp b f", "in x; conv.i8 c x w1q; exp.i8 b c", "a",
     1, 2, 0},
    /* a float candidate has no grid */
    {"in x; conv a x w1; quantize.i8 q a; dequantize f q; exp b f", "in x; conv c x w1; exp b c", "a", 1, 0,
     0},
    /* FAKE_QUANT without options says nothing */
    {"in x; conv a x w1; fake f a; exp b f", "in x; conv.i8 c x w1q; exp.i8 b c", "a", 1, 0, 0},
    /* FAKE_QUANT of 0 .. 6 in 8 bits, see below */
    {"in x; conv a x w1; fake6 f a; exp b f", "in x; conv.i8 c x w1q; exp.i8 b c", "f", 1, 0, 1},
    {"in x; conv a x w1; fake6 f a; exp b f", "in x; conv.i8 c x w1q; exp.i8 b c", "a", 1.01, 0, 0},
    /* not what another value's does */
    {"in x; conv a x w1; exp b a; quantize.i8 q b; dequantize f q", "in x; conv.i8 c x w1q; exp.i8 b c", "a",
     1, 0, 0},
};

enum { MIN, MAX, BITS };

static void set_ranges(graph_text *g)
{
    for (int i = 0; i < g->graph.operator_count; i++) {
        if (g->ops[i].options.table == ql_options_table_of(58, false)) {
            g->options[i][MIN].f = 0;
            g->options[i][MAX].f = 6;
            g->options[i][BITS].i = 8;
        }
    }
}

START_TEST(compared_after_the_fake_quantization)
{
    graph_text *r = malloc(sizeof *r), *c = malloc(sizeof *c);
    ck_assert(r && c && graph_text_read(r, cases[_i].reference, 1) &&
              graph_text_read(c, cases[_i].candidate, 1));
    set_ranges(r);
    int tensor = graph_text_find(c, "c"), wanted = graph_text_find(r, cases[_i].compared);
    c->scale[tensor] *= (float)cases[_i].scale_times;
    c->zero[tensor] += cases[_i].zero_plus;
    ql_arena arena;
    ql_pairing pairing;
    ql_arena_init(&arena, 0);
    ck_assert_int_eq(ql_pair_models((ql_side){&r->model, 0}, (ql_side){&c->model, 0}, &arena, &pairing, NULL),
                     QL_OK);
    int found = 0;
    for (int i = 0; i < pairing.pair_count; i++) {
        const ql_pair *pair = &pairing.pairs[i];
        if (pair->candidate == tensor) {
            found++;
            ck_assert_int_eq(pair->reference, graph_text_find(r, "a"));
            ck_assert_msg(pair->compared == wanted, "case %d: compared with '%s', not '%s'", _i,
                          r->ids[pair->compared], cases[_i].compared);
            ck_assert_int_eq(pair->fake_count, cases[_i].fakes);
        }
    }
    ck_assert_int_eq(found, 1);
    ql_arena_free(&arena);
    free(r);
    free(c);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("fake");
    TCase *tests = tcase_create("fake");
    tcase_add_loop_test(tests, compared_after_the_fake_quantization, 0, sizeof cases / sizeof *cases);
    suite_add_tcase(suite, tests);
    return suite;
}
