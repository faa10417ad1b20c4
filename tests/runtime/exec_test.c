/* The interpreter: what is found out before a run, what in it, and where tensors live. */
#include "tests/support/net.h"
#include "tests/support/suite.h"

#include <stdlib.h>

enum {
    ADD = 0,
    CONCATENATION = 2,
    RESHAPE = 22,
    RNN = 24,
    CALL = 31,
    NEG = 59,
    SHAPE = 77,
    IF = 118,
    WHILE = 119
};
enum { DEQUANTIZE = 6, CALL_ONCE = 129, VAR_HANDLE = 142, READ_VARIABLE, ASSIGN_VARIABLE };
enum { ADD_T = 11, CONCATENATION_T = 10, RNN_T = 7, CALL_T = 16, IF_T = 92, WHILE_T = 93, CALL_ONCE_T = 103 };
enum { VAR_HANDLE_T = 111 };

static net *n;
static ql_err err;
static char text[1024];

static void setup(void)
{
    n = calloc(1, sizeof *n);
    ck_assert_ptr_nonnull(n);
    net_graph_add(n);
    ql_err_clear(&err);
}

static void teardown(void)
{
    free(n);
}

#define DIMS(...)                                                                                            \
    (int)(sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t)), (const int32_t[])                             \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }

static ql_exec *opened(ql_exec_options options)
{
    ql_exec *exec;
    ql_code code = ql_exec_open(&exec, &n->model, &options, &err);
    ck_assert_msg(!code, "%s", ql_err_text(&err, text, sizeof text));
    return exec;
}

static void run(ql_exec *exec)
{
    ql_code code = ql_exec_run(exec, NULL, NULL, &err);
    ck_assert_msg(!code, "%s", ql_err_text(&err, text, sizeof text));
}

static void feed(ql_exec *exec, int i, const void *values)
{
    memcpy(ql_exec_input(exec, i)->data, values, ql_exec_input(exec, i)->bytes);
}

static double out_f32(const ql_exec *exec, int o, int k)
{
    return (double)((const float *)ql_exec_output(exec, o)->data)[k];
}

static int f32(int g, int size)
{
    return net_tensor(n, g, QL_F32, DIMS(size), NULL);
}

/* The open must fail with that message. */
static void refused(ql_exec_options options, ql_code code, const char *message)
{
    ql_exec *exec;
    ck_assert_int_eq(ql_exec_open(&exec, &n->model, &options, &err), code);
    ck_assert_ptr_null(exec);
    ck_assert_str_eq(ql_err_text(&err, text, sizeof text), message);
}

/* --- Planning --- */

static const float ones[] = {1, 1, 1}, tens[] = {10, 20, 30};

START_TEST(constants_are_folded_and_still_shown)
{
    int a = net_tensor(n, 0, QL_F32, DIMS(3), ones), b = net_tensor(n, 0, QL_F32, DIMS(3), tens);
    int x = f32(0, 3), folded = f32(0, 3), y = f32(0, 3);
    net_op(n, 0, ADD, NET_LIST(a, b), NET_LIST(folded), ADD_T, 0, 0);
    net_op(n, 0, ADD, NET_LIST(folded, x), NET_LIST(y), ADD_T, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
    ql_exec *exec = opened((ql_exec_options){0});
    ck_assert(ql_exec_tensor(exec, folded)->known);
    ck_assert(!ql_exec_tensor(exec, y)->known);
    ck_assert_double_eq((double)((const float *)ql_exec_tensor(exec, folded)->data)[1], 21);
    feed(exec, 0, ones);
    run(exec);
    ck_assert_double_eq(out_f32(exec, 0, 2), 32);
    ql_exec_close(exec);
}
END_TEST

START_TEST(an_exec_to_look_at_cannot_be_run)
{
    int x = f32(0, 3), y = f32(0, 3);
    net_op(n, 0, NEG, NET_LIST(x), NET_LIST(y), 0, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
    ql_exec *exec = opened((ql_exec_options){.look_only = true});
    ck_assert_uint_eq(ql_exec_output(exec, 0)->count, 3);
    ck_assert_int_eq(ql_exec_run(exec, NULL, NULL, &err), QL_E_UNSUPPORTED);
    ql_exec_close(exec);
}
END_TEST

static ql_code count_shown(void *user, int op, const ql_view *view, ql_err *e)
{
    (void)op;
    (void)e;
    *(int *)user += view->data != NULL;
    return *(int *)user < 100 ? QL_OK : QL_E_GATE;
}

START_TEST(the_tap_sees_every_operators_output_and_can_stop)
{
    int a = net_tensor(n, 0, QL_F32, DIMS(3), ones), x = f32(0, 3), y = f32(0, 3), z = f32(0, 3);
    net_op(n, 0, ADD, NET_LIST(a, a), NET_LIST(y), ADD_T, 0, 0);
    net_op(n, 0, ADD, NET_LIST(x, y), NET_LIST(z), ADD_T, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(z));
    ql_exec *exec = opened((ql_exec_options){0});
    feed(exec, 0, ones);
    int shown = 0, limit = 99;
    ck_assert_int_eq(ql_exec_run(exec, count_shown, &shown, &err), QL_OK);
    ck_assert_int_eq(shown, 2);
    ck_assert_int_eq(ql_exec_run(exec, count_shown, &limit, &err), QL_E_GATE);
    ck_assert_int_eq(limit, 100);
    ql_exec_close(exec);
}
END_TEST

START_TEST(shapes_are_folded_though_the_input_is_not_known)
{
    int x = net_tensor(n, 0, QL_F32, DIMS(2, 5), NULL), s = net_tensor(n, 0, QL_I32, DIMS(2), NULL);
    net_op(n, 0, SHAPE, NET_LIST(x), NET_LIST(s), 55, QL_I32, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(s));
    ql_exec *exec = opened((ql_exec_options){0});
    ck_assert(ql_exec_output(exec, 0)->known);
    ck_assert_int_eq(((const int32_t *)ql_exec_output(exec, 0)->data)[1], 5);
    ql_exec_close(exec);
}
END_TEST

START_TEST(a_shape_computed_from_values_is_found_in_each_run)
{
    int x = f32(0, 6), s = net_tensor(n, 0, QL_I32, DIMS(2), NULL);
    int y = net_tensor(n, 0, QL_F32, DIMS(1, 1), NULL), z = net_tensor(n, 0, QL_F32, DIMS(1, 1), NULL);
    net_op(n, 0, RESHAPE, NET_LIST(x, s), NET_LIST(y), 0, 0, 0);
    net_op(n, 0, NEG, NET_LIST(y), NET_LIST(z), 0, 0, 0);
    net_io(n, 0, NET_LIST(x, s), NET_LIST(z));
    ql_exec *exec = opened((ql_exec_options){0});
    ck_assert(!ql_exec_shaped(exec));
    for (int32_t rows = 1; rows <= 3; rows++) {
        feed(exec, 0, (float[]){1, 2, 3, 4, 5, 6});
        feed(exec, 1, (int32_t[]){rows, -1});
        run(exec);
        ck_assert_int_eq(ql_exec_output(exec, 0)->dims[0], rows);
        ck_assert_int_eq(ql_exec_output(exec, 0)->dims[1], 6 / rows);
        ck_assert_double_eq(out_f32(exec, 0, 5), -6);
    }
    feed(exec, 1, (int32_t[]){4, -1});
    ck_assert_int_eq(ql_exec_run(exec, NULL, NULL, &err), QL_E_FORMAT);
    ck_assert_str_eq(err.op_name, "RESHAPE");
    ck_assert(!ql_exec_shaped(exec));
    ql_exec_close(exec);
}
END_TEST

START_TEST(a_resized_input_changes_what_follows)
{
    int x = net_tensor(n, 0, QL_F32, DIMS(1, 3), NULL), b = net_tensor(n, 0, QL_F32, DIMS(3), tens);
    int y = net_tensor(n, 0, QL_F32, DIMS(1, 3), NULL);
    net_op(n, 0, ADD, NET_LIST(x, b), NET_LIST(y), ADD_T, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
    ql_exec *exec = opened((ql_exec_options){0});
    ck_assert_int_eq(ql_exec_resize(exec, 0, 2, (int32_t[]){4, 3}, &err), QL_OK);
    ck_assert_uint_eq(ql_exec_output(exec, 0)->count, 12);
    float values[12] = {[11] = 5};
    feed(exec, 0, values);
    run(exec);
    ck_assert_double_eq(out_f32(exec, 0, 11), 35);
    ck_assert_double_eq(out_f32(exec, 0, 9), 10);
    ck_assert_int_eq(ql_exec_resize(exec, 0, 2, (int32_t[]){4, 2}, &err), QL_E_FORMAT);
    ck_assert_int_eq(ql_exec_resize(exec, 0, 2, (int32_t[]){1 << 16, 1 << 16}, &err), QL_E_FIT);
    ck_assert_int_eq(ql_exec_resize(exec, 0, 2, (int32_t[]){-1, 3}, &err), QL_E_FIT);
    ql_exec_close(exec);
}
END_TEST

/* --- Where tensors live: random graphs --- */

enum { OPS = 60, GRAPHS = 200, LARGEST = 300 };

static unsigned random_state;

static int below(int bound)
{
    random_state = random_state * 1103515245u + 12345u;
    return (int)((random_state >> 8) % (unsigned)bound);
}

/* Vectors negated and put end to end; a few of them outputs. */
static void random_graph(unsigned seed)
{
    int32_t inputs[] = {0, 1, INT32_MIN}, outputs[NET_LINKS + 1];
    random_state = seed;
    for (int i = 0; i < 2; i++) {
        f32(0, 1 + below(9));
    }
    for (int op = 0; op < OPS; op++) {
        int a = below(op + 2), b = below(op + 2), size_a = n->graphs[0].shapes[a][0];
        int size_b = n->graphs[0].shapes[b][0];
        bool join = size_a + size_b <= LARGEST && below(3);
        int y = f32(0, join ? size_a + size_b : size_a);
        if (join) {
            net_op(n, 0, CONCATENATION, NET_LIST(a, b), NET_LIST(y), CONCATENATION_T, 0, 0);
        } else {
            net_op(n, 0, NEG, NET_LIST(a), NET_LIST(y), 0, 0, 0);
        }
    }
    for (int o = 0; o < 3; o++) {
        outputs[o] = o ? below(OPS + 2) : OPS + 1;
    }
    outputs[3] = INT32_MIN;
    net_io(n, 0, inputs, outputs);
}

static int last_use(int t)
{
    const ql_subgraph *graph = &n->subgraphs[0];
    int last = t < 2 ? -1 : t - 2;
    for (int op = 0; op < graph->operator_count; op++) {
        for (int i = 0; i < graph->operators[op].input_count; i++) {
            last = graph->operators[op].inputs[i] == t ? op : last;
        }
    }
    for (int o = 0; o < graph->output_count; o++) {
        last = graph->outputs[o] == t ? OPS : last;
    }
    return last;
}

static bool overlap(const ql_view *a, const ql_view *b)
{
    const char *x = a->data, *y = b->data;
    return x < y + b->bytes && y < x + a->bytes;
}

START_TEST(tensors_alive_together_never_overlap)
{
    random_graph((unsigned)_i);
    ql_exec *exec = opened((ql_exec_options){0});
    int last[OPS + 2];
    for (int t = 0; t < OPS + 2; t++) {
        last[t] = last_use(t);
        ck_assert_uint_eq((uintptr_t)ql_exec_tensor(exec, t)->data % 64, 0);
    }
    for (int a = 0; a < OPS + 2; a++) {
        for (int b = 0; b < a; b++) {
            int birth = a < 2 ? -1 : a - 2; /* b is born before */
            bool together = last[b] >= birth;
            if (together && overlap(ql_exec_tensor(exec, a), ql_exec_tensor(exec, b))) {
                ck_abort_msg("graph %d: tensors %d and %d", _i, b, a);
            }
        }
    }
    ql_exec_close(exec);
}
END_TEST

START_TEST(memory_reused_gives_the_values_of_memory_kept)
{
    random_graph((unsigned)_i);
    ql_exec *reuse = opened((ql_exec_options){0}), *keep = opened((ql_exec_options){.keep_all = true});
    float values[16];
    for (int k = 0; k < 16; k++) {
        values[k] = (float)(k * k + _i);
    }
    for (int i = 0; i < 2; i++) {
        feed(reuse, i, values);
        feed(keep, i, values + i);
    }
    feed(reuse, 1, values + 1);
    for (int times = 0; times < 2; times++) {
        run(keep);
        run(reuse);
        for (int o = 0; o < 3 && !times; o++) {
            const ql_view *a = ql_exec_output(reuse, o), *b = ql_exec_output(keep, o);
            ck_assert_mem_eq(a->data, b->data, b->bytes);
        }
    }
    ck_assert_uint_le(ql_exec_memory(reuse), ql_exec_memory(keep));
    ql_exec_close(reuse);
    ql_exec_close(keep);
}
END_TEST

START_TEST(kept_values_let_one_operator_run_again)
{
    int x = f32(0, 2), y = f32(0, 2), z = f32(0, 2);
    net_op(n, 0, NEG, NET_LIST(x), NET_LIST(y), 0, 0, 0);
    net_op(n, 0, ADD, NET_LIST(y, y), NET_LIST(z), ADD_T, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(z));
    ql_exec *exec = opened((ql_exec_options){.keep_all = true});
    feed(exec, 0, (float[]){1, 2});
    run(exec);
    float *middle = ql_exec_tensor(exec, y)->data;
    ck_assert_double_eq((double)middle[1], -2);
    middle[1] = 50;
    ck_assert_int_eq(ql_exec_run_op(exec, 1, &err), QL_OK);
    ck_assert_double_eq(out_f32(exec, 0, 1), 100);
    ck_assert_double_eq(out_f32(exec, 0, 0), -2);
    ql_exec_close(exec);
}
END_TEST

START_TEST(more_memory_than_allowed_is_refused)
{
    int x = f32(0, 1 << 20), y = f32(0, 1 << 20);
    net_op(n, 0, NEG, NET_LIST(x), NET_LIST(y), 0, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
    refused((ql_exec_options){.max_bytes = 1 << 20}, QL_E_NOMEM,
            "at least 8519680 bytes of memory are needed: at most 1048576 are allowed");
    ql_exec_close(opened((ql_exec_options){.max_bytes = 1 << 24}));
}
END_TEST

/* --- What is refused --- */

static const struct {
    int code, version, inputs, outputs;
    ql_code refusal;
    const char *message;
} misuses[] = {
    {NEG, 1, 2, 1, QL_E_FORMAT, "op #0 NEG 't02': 2 inputs: must be 1 to 1"},
    {NEG, 1, 1, 2, QL_E_FORMAT, "op #0 NEG 't02': 2 outputs: must be 1 to 1"},
    {ADD, 1, 1, 1, QL_E_FORMAT, "op #0 ADD 't02': 1 inputs: must be 2 to 2"},
    {ADD, 99, 2, 1, QL_E_UNSUPPORTED, "op #0 ADD 't02': version 99: at most version 5 is supported"},
    {5000, 1, 1, 1, QL_E_UNSUPPORTED,
     "op #0 BUILTIN_5000 't02': this operator is not supported (qloupe ops lists those that are)"},
};

START_TEST(misuse_is_refused)
{
    int32_t in[] = {f32(0, 2), f32(0, 2), INT32_MIN}, out[] = {f32(0, 2), f32(0, 2), INT32_MIN};
    in[misuses[_i].inputs] = out[misuses[_i].outputs] = INT32_MIN;
    net_op(n, 0, misuses[_i].code, in, out, 0, 0, 0);
    n->codes[0].version = misuses[_i].version;
    net_io(n, 0, NET_LIST(0, 1), NET_LIST(2));
    refused((ql_exec_options){0}, misuses[_i].refusal, misuses[_i].message);
}
END_TEST

START_TEST(a_left_out_input_is_refused)
{
    int x = f32(0, 2), y = f32(0, 2);
    net_op(n, 0, ADD, NET_LIST(x, -1), NET_LIST(y), ADD_T, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
    refused((ql_exec_options){0}, QL_E_FORMAT, "op #0 ADD 't01': input 1 is left out: it is not optional");
    refused((ql_exec_options){.subgraph = 1}, QL_E_FIT, "subgraph 1: the model has 1");
}
END_TEST

/* --- States and variables --- */

START_TEST(states_last_until_they_are_reset)
{
    static const float one = 1, zero = 0;
    int x = net_tensor(n, 0, QL_F32, DIMS(1, 1), NULL), w = net_tensor(n, 0, QL_F32, DIMS(1, 1), &one);
    int b = net_tensor(n, 0, QL_F32, DIMS(1), &zero), s = net_tensor(n, 0, QL_F32, DIMS(1, 1), NULL);
    int y = net_tensor(n, 0, QL_F32, DIMS(1, 1), NULL);
    n->subgraphs[0].tensors[s].variable = true;
    net_op(n, 0, RNN, NET_LIST(x, w, w, b, s), NET_LIST(y), RNN_T, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
    ql_exec *exec = opened((ql_exec_options){0});
    for (int round = 0; round < 2; round++) {
        for (int k = 1; k <= 3; k++) {
            feed(exec, 0, &one);
            run(exec);
            ck_assert_double_eq(out_f32(exec, 0, 0), k); /* it adds up */
        }
        ql_exec_reset(exec);
    }
    ql_exec_close(exec);
}
END_TEST

/* A float RNN of one unit whose state an operator sets from the constant 10: in the first run only. */
START_TEST(a_state_set_from_constants_goes_on_from_there)
{
    static const float one = 1, zero = 0;
    static const uint16_t ten = 0x4900; /* float16 */
    int c = net_tensor(n, 0, QL_F16, DIMS(1, 1), &ten);
    int x = net_tensor(n, 0, QL_F32, DIMS(1, 1), NULL), w = net_tensor(n, 0, QL_F32, DIMS(1, 1), &one);
    int b = net_tensor(n, 0, QL_F32, DIMS(1), &zero), s = net_tensor(n, 0, QL_F32, DIMS(1, 1), NULL);
    int y = net_tensor(n, 0, QL_F32, DIMS(1, 1), NULL);
    n->subgraphs[0].tensors[s].variable = true;
    net_op(n, 0, DEQUANTIZE, NET_LIST(c), NET_LIST(s), 0, 0, 0);
    net_op(n, 0, RNN, NET_LIST(x, w, w, b, s), NET_LIST(y), RNN_T, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
    ql_exec *exec = opened((ql_exec_options){0});
    for (int round = 0; round < 2; round++) {
        for (int k = 1; k <= 3; k++) {
            feed(exec, 0, &one);
            run(exec);
            ck_assert_double_eq(out_f32(exec, 0, 0), 10 + k);
        }
        ql_exec_reset(exec);
    }
    ql_exec_close(exec);
}
END_TEST

/* The reader lets custom operators name tensors that nothing writes; those that are known here read them. */
START_TEST(inputs_that_nothing_writes_are_refused_when_read)
{
    int x = f32(0, 3), y = f32(0, 3), z = f32(0, 3);
    net_op(n, 0, ADD, NET_LIST(x, y), NET_LIST(z), ADD_T, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(z));
    ql_exec *exec = opened((ql_exec_options){0});
    feed(exec, 0, ones);
    ck_assert_int_eq(ql_exec_run(exec, NULL, NULL, &err), QL_E_FORMAT);
    ck_assert_str_eq(ql_err_text(&err, text, sizeof text),
                     "op #0 ADD 't01': an input that nothing writes: it must have a value");
    ql_exec_close(exec);
}
END_TEST

START_TEST(variables_keep_their_shape)
{
    int x = f32(0, 4), s = f32(0, 3);
    n->subgraphs[0].tensors[s].variable = true;
    net_op(n, 0, NEG, NET_LIST(x), NET_LIST(s), 0, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(s));
    refused((ql_exec_options){0}, QL_E_FORMAT,
            "op #0 NEG 't01': a variable of 12 bytes: the operator gives it another shape or type");
}
END_TEST

START_TEST(inputs_that_are_variables_keep_their_shape)
{
    int x = f32(0, 3), y = f32(0, 3);
    n->subgraphs[0].tensors[x].variable = true;
    net_op(n, 0, NEG, NET_LIST(x), NET_LIST(y), 0, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
    ql_exec *exec = opened((ql_exec_options){0});
    ck_assert_int_eq(ql_exec_resize(exec, 0, 1, (int32_t[]){5}, &err), QL_E_FIT);
    feed(exec, 0, ones);
    run(exec);
    ck_assert_double_eq(out_f32(exec, 0, 2), -1);
    ql_exec_close(exec);
}
END_TEST

START_TEST(integer_states_start_at_their_zero_point)
{
    static const int64_t zero = -7;
    static const float scale = 0.5f;
    int s = net_tensor(n, 0, QL_I8, DIMS(3), NULL), x = f32(0, 1), y = f32(0, 1);
    n->subgraphs[0].tensors[s].variable = true;
    n->subgraphs[0].tensors[s].quant = (ql_quant){.scale_count = 1, .scale = &scale, .zero_point = &zero};
    net_op(n, 0, NEG, NET_LIST(x), NET_LIST(y), 0, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
    ql_exec *exec = opened((ql_exec_options){0});
    ck_assert_int_eq(((const int8_t *)ql_exec_tensor(exec, s)->data)[2], -7);
    ql_exec_close(exec);
}
END_TEST

/* A handle, and in a graph of its own the assignment of `first` to it. */
static int handle(int g)
{
    int id = net_tensor(n, g, QL_RESOURCE, 0, NULL, NULL);
    net_op(n, g, VAR_HANDLE, NET_NONE, NET_LIST(id), VAR_HANDLE_T, 0, 0);
    return id;
}

START_TEST(call_once_gives_variables_their_first_value_again_after_a_reset)
{
    int init = net_graph_add(n), start = net_tensor(n, init, QL_F32, DIMS(3), tens);
    net_op(n, init, ASSIGN_VARIABLE, NET_LIST(handle(init), start), NET_NONE, 0, 0, 0);
    int x = f32(0, 3), was = f32(0, 3), y = f32(0, 3);
    net_op(n, 0, CALL_ONCE, NET_NONE, NET_NONE, CALL_ONCE_T, init, 0);
    int id = handle(0);
    net_op(n, 0, READ_VARIABLE, NET_LIST(id), NET_LIST(was), 0, 0, 0);
    net_op(n, 0, ADD, NET_LIST(was, x), NET_LIST(y), ADD_T, 0, 0);
    net_op(n, 0, ASSIGN_VARIABLE, NET_LIST(id, y), NET_NONE, 0, 0, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
    ql_exec *exec = opened((ql_exec_options){0});
    for (int round = 0; round < 2; round++) {
        for (int k = 1; k <= 3; k++) {
            feed(exec, 0, ones);
            run(exec);
            ck_assert_double_eq(out_f32(exec, 0, 0), 10 + k);
        }
        ql_exec_reset(exec);
    }
    ql_exec_close(exec);
}
END_TEST

START_TEST(a_variable_is_read_with_what_it_was_assigned)
{
    int id = handle(0), y = net_tensor(n, 0, QL_F32, 0, NULL, NULL),
        z = net_tensor(n, 0, QL_F32, 0, NULL, NULL);
    net_op(n, 0, READ_VARIABLE, NET_LIST(id), NET_LIST(y), 0, 0, 0);
    net_op(n, 0, NEG, NET_LIST(y), NET_LIST(z), 0, 0, 0);
    net_io(n, 0, NET_NONE, NET_LIST(z));
    ql_exec *exec = opened((ql_exec_options){0});
    ck_assert_int_eq(ql_exec_run(exec, NULL, NULL, &err), QL_E_FORMAT);
    ck_assert_str_eq(err.text, "nothing was assigned to this variable: it cannot be read");
    const ql_call *call = ql_exec_call(exec, 0);
    ql_variable *variable = ql_exec_variable(call, 0);
    ck_assert_ptr_null(ql_exec_variable(call, 1));
    ck_assert_ptr_null(ql_exec_variable(call, -1));
    for (int size = 3; size > 0; size--) {
        ql_view value = {.type = QL_F32,
                         .rank = 1,
                         .dims = {size},
                         .count = (size_t)size,
                         .data = (void *)(uintptr_t)tens};
        value.bytes = value.count * sizeof(float);
        ck_assert_int_eq(ql_exec_assign(call, variable, &value), QL_OK);
        run(exec);
        ck_assert_int_eq(ql_exec_output(exec, 0)->dims[0], size);
        ck_assert_double_eq(out_f32(exec, 0, size - 1), -(double)tens[size - 1]);
    }
    variable->type = QL_I32;
    ck_assert_int_eq(ql_exec_run(exec, NULL, NULL, &err), QL_E_FORMAT);
    ql_exec_close(exec);
}
END_TEST

/* --- Subgraphs --- */

/* Graph `g` answers a constant bool about one vector. */
static int condition(bool answer, int size)
{
    static const bool answers[] = {false, true};
    int g = net_graph_add(n), x = f32(g, size), yes = net_tensor(n, g, QL_BOOL, 0, NULL, &answers[answer]);
    net_io(n, g, NET_LIST(x), NET_LIST(yes));
    return g;
}

/* Graph `g` doubles a vector: its length (join) or its values. */
static int doubling(bool join, int size)
{
    int g = net_graph_add(n), x = f32(g, size), y = f32(g, join ? 2 * size : size);
    net_op(n, g, join ? CONCATENATION : ADD, NET_LIST(x, x), NET_LIST(y), join ? CONCATENATION_T : ADD_T, 0,
           0);
    net_io(n, g, NET_LIST(x), NET_LIST(y));
    return g;
}

static bool stop_after(void *user, uint64_t work)
{
    (void)work;
    return --*(int *)user < 0;
}

START_TEST(an_endless_loop_can_be_stopped)
{
    int cond = condition(true, 3), body = doubling(false, 3), x = f32(0, 3), y = f32(0, 3), left = 1000;
    net_op(n, 0, WHILE, NET_LIST(x), NET_LIST(y), WHILE_T, cond, body);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
    ql_exec *exec = opened((ql_exec_options){.stop = stop_after, .stop_user = &left});
    feed(exec, 0, ones);
    ck_assert_int_eq(ql_exec_run(exec, NULL, NULL, &err), QL_E_INTERRUPTED);
    ck_assert_int_eq(left, -1);
    ql_exec_close(exec);
}
END_TEST

START_TEST(a_branch_of_another_shape_is_shaped_in_the_run)
{
    int then = doubling(true, 3), otherwise = doubling(false, 3), x = f32(0, 3), y = f32(0, 3), z = f32(0, 3);
    int c = net_tensor(n, 0, QL_BOOL, 0, NULL, NULL);
    net_op(n, 0, IF, NET_LIST(c, x), NET_LIST(y), IF_T, then, otherwise);
    net_op(n, 0, NEG, NET_LIST(y), NET_LIST(z), 0, 0, 0);
    net_io(n, 0, NET_LIST(c, x), NET_LIST(z));
    ql_exec *exec = opened((ql_exec_options){0});
    ck_assert(!ql_exec_shaped(exec));
    for (int k = 0; k < 4; k++) {
        bool longer = k % 2;
        feed(exec, 0, &longer);
        feed(exec, 1, tens);
        run(exec);
        ck_assert_int_eq(ql_exec_output(exec, 0)->dims[0], longer ? 6 : 3);
        ck_assert_double_eq(out_f32(exec, 0, longer ? 5 : 2), longer ? -30 : -60);
    }
    ql_exec_close(exec);
}
END_TEST

START_TEST(a_resize_reaches_the_subgraph)
{
    int inner = doubling(false, 3), x = f32(0, 3), y = f32(0, 3);
    net_op(n, 0, CALL, NET_LIST(x), NET_LIST(y), CALL_T, inner, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
    ql_exec *exec = opened((ql_exec_options){0});
    ck_assert(ql_exec_shaped(exec));
    ck_assert_int_eq(ql_exec_resize(exec, 0, 1, (int32_t[]){2}, &err), QL_OK);
    ck_assert_int_eq(ql_exec_output(exec, 0)->dims[0], 2);
    feed(exec, 0, tens);
    run(exec);
    ck_assert_double_eq(out_f32(exec, 0, 1), 40);
    ql_exec_close(exec);
}
END_TEST

START_TEST(recursion_and_fan_out_end)
{
    int self = net_graph_add(n), x = f32(self, 3), y = f32(self, 3);
    net_op(n, self, CALL, NET_LIST(x), NET_LIST(y), CALL_T, self, 0);
    net_io(n, self, NET_LIST(x), NET_LIST(y));
    refused((ql_exec_options){.subgraph = self}, QL_E_FORMAT,
            "op #0 CALL 't01': subgraph 1 calls itself: recursion has no end here");
    for (int g = self + 1; g < 16; g++) { /* each calls the next three times: 3^14 calls */
        int at = net_graph_add(n), last = f32(at, 3);
        net_io(n, at, NET_LIST(last), NET_LIST(last));
        for (int k = 0; k < 3 && g < 15; k++) {
            int to = f32(at, 3);
            net_op(n, at, CALL, NET_LIST(last), NET_LIST(to), CALL_T, g + 1, 0);
            last = to;
        }
    }
    refused(
        (ql_exec_options){.subgraph = self + 1}, QL_E_FORMAT,
        "op #2 CALL 't03': subgraphs call each other more than 16 deep, or come to more than 1024 calls or "
        "4194304 tensors and operators: that is the limit");
}
END_TEST

static const struct {
    int code, table, first, second;
    const char *message;
} misfits[] = {
    {CALL, CALL_T, 2, 0, "op #0 CALL 't02': subgraph 2 has 1 inputs and 1 outputs: must be 2 and 1"},
    {CALL, CALL_T, 9, 0, "op #0 CALL 't02': subgraph 9: the model has 3"},
    {WHILE, WHILE_T, 1, 2, "op #0 WHILE 't02': 2 inputs and 1 outputs: must be as many"},
    {IF, IF_T, 1, 2, "op #0 IF 't00': type float32: this operator has no kernel for it"},
    {CALL_ONCE, CALL_ONCE_T, 1, 0, "op #0 CALL_ONCE 't02': 2 inputs: must be 0 to 0"},
};

START_TEST(subgraphs_that_do_not_fit_are_refused)
{
    int x = f32(0, 3), y = f32(0, 3), z = f32(0, 3);
    condition(true, 3);
    doubling(false, 3);
    net_op(n, 0, misfits[_i].code, NET_LIST(x, y), NET_LIST(z), misfits[_i].table, misfits[_i].first,
           misfits[_i].second);
    net_io(n, 0, NET_LIST(x, y), NET_LIST(z));
    refused((ql_exec_options){0},
            QL_E_FORMAT * (misfits[_i].code != IF) + QL_E_UNSUPPORTED * (misfits[_i].code == IF),
            misfits[_i].message);
}
END_TEST

START_TEST(a_value_of_another_type_is_refused)
{
    int inner = doubling(false, 3), x = net_tensor(n, 0, QL_I32, DIMS(3), NULL), y = f32(0, 3);
    net_op(n, 0, CALL, NET_LIST(x), NET_LIST(y), CALL_T, inner, 0);
    net_io(n, 0, NET_LIST(x), NET_LIST(y));
    refused((ql_exec_options){0}, QL_E_FORMAT,
            "op #0 CALL 't00': type int32: the subgraph's tensor is float32, it must be the same");
}
END_TEST

#define LOOP(test, count) tcase_add_loop_test(tests, test, 0, count)
Suite *ql_suite(void)
{
    Suite *suite = suite_create("exec");
    TCase *tests = tcase_create("exec");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, constants_are_folded_and_still_shown);
    tcase_add_test(tests, an_exec_to_look_at_cannot_be_run);
    tcase_add_test(tests, the_tap_sees_every_operators_output_and_can_stop);
    tcase_add_test(tests, shapes_are_folded_though_the_input_is_not_known);
    tcase_add_test(tests, a_shape_computed_from_values_is_found_in_each_run);
    tcase_add_test(tests, a_resized_input_changes_what_follows);
    LOOP(tensors_alive_together_never_overlap, GRAPHS);
    LOOP(memory_reused_gives_the_values_of_memory_kept, GRAPHS);
    tcase_add_test(tests, kept_values_let_one_operator_run_again);
    tcase_add_test(tests, more_memory_than_allowed_is_refused);
    LOOP(misuse_is_refused, sizeof misuses / sizeof *misuses);
    tcase_add_test(tests, a_left_out_input_is_refused);
    tcase_add_test(tests, states_last_until_they_are_reset);
    tcase_add_test(tests, a_state_set_from_constants_goes_on_from_there);
    tcase_add_test(tests, inputs_that_nothing_writes_are_refused_when_read);
    tcase_add_test(tests, variables_keep_their_shape);
    tcase_add_test(tests, inputs_that_are_variables_keep_their_shape);
    tcase_add_test(tests, integer_states_start_at_their_zero_point);
    tcase_add_test(tests, call_once_gives_variables_their_first_value_again_after_a_reset);
    tcase_add_test(tests, a_variable_is_read_with_what_it_was_assigned);
    tcase_add_test(tests, an_endless_loop_can_be_stopped);
    tcase_add_test(tests, a_branch_of_another_shape_is_shaped_in_the_run);
    tcase_add_test(tests, a_resize_reaches_the_subgraph);
    tcase_add_test(tests, recursion_and_fan_out_end);
    LOOP(subgraphs_that_do_not_fit_are_refused, sizeof misfits / sizeof *misfits);
    tcase_add_test(tests, a_value_of_another_type_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
