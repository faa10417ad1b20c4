"""LSTM, RNN and their sequence and bidirectional forms: float, hybrid, integer. States go on from sample to sample."""
from itertools import product

from onop import Case, out, state, w, x


def matrix(rows, columns, kind):
    return w([rows, columns], kind, *([0.009] if kind == "int8" else []), low=-127 if kind == "int8" else None)


def vector(size, kind="float32"):
    return w([size], kind, *([0.008] if kind == "int8" else []), low=-127 if kind == "int8" else None)


def gates(count, cifg, there, make):
    """One tensor a gate, the input gate first; None where it is left out."""
    return [make() if there and not (cifg and gate == 0) else None for gate in range(count)]


def direction(kind, n, cells, outputs, cifg, peephole, projection, projection_bias):
    """Inputs 1 to 17."""
    return (gates(4, cifg, True, lambda: matrix(cells, n, kind)) + gates(4, cifg, True, lambda: matrix(cells, outputs, kind))
            + gates(3, cifg, peephole, lambda: vector(cells, kind)) + gates(4, cifg, True, lambda: vector(cells))
            + [matrix(outputs, cells, kind) if projection else None, vector(outputs) if projection and projection_bias else None])


def shape(steps, batch, time, size):
    return {"": [batch, size], "tm": [time, batch, size], "bm": [batch, time, size]}[steps]


def lstm(name, kind, steps="bm", cifg=0, peephole=0, projection=0, norm=0, asymmetric=False, activation="TANH",
         projection_bias=1, clips=(0.0, 0.0), sizes=(2, 4, 5, 19)):
    batch, time, n, cells = sizes
    outputs = 4 if projection else cells
    options = dict(fusedActivationFunction=activation, cellClip=clips[0], projClip=clips[1],
                   asymmetricQuantizeInputs=asymmetric) | (dict(timeMajor=steps == "tm") if steps else {})
    return Case("UNIDIRECTIONAL_SEQUENCE_LSTM" if steps else "LSTM", name,
                [x(shape(steps, batch, time, n)), *direction(kind, n, cells, outputs, cifg, peephole, projection, projection_bias),
                 state([batch, outputs]), state([batch, cells]), *gates(4, cifg, norm, lambda: vector(cells))],
                [out(shape(steps, batch, time, outputs))], options, 3)


def lstm_i8(name, steps="bm", cifg=0, peephole=0, projection=0, norm=0, exponent=-12, clips=(0.0, 0.0), hidden_zero=7):
    batch, time, n, cells = 2, 4, 5, 19
    outputs = 4 if projection else cells
    h = (0.0078, 3)
    options = dict(fusedActivationFunction="TANH", cellClip=clips[0], projClip=clips[1]) | (
        dict(timeMajor=steps == "tm") if steps else {})

    def weights(rows, columns):
        return w([rows, columns], "int8", 0.009, low=-127)

    def bias(size):
        return w([size], "int32", 0.0001, low=-9000, high=9000)

    def wide():
        return w([cells], "int16", 1 / 20000, low=-30000, high=30000)
    return Case("UNIDIRECTIONAL_SEQUENCE_LSTM" if steps else "LSTM", name,
                [x(shape(steps, batch, time, n), "int8", 0.031, 5), *gates(4, cifg, True, lambda: weights(cells, n)),
                 *gates(4, cifg, True, lambda: weights(cells, outputs)), *gates(3, cifg, peephole, wide),
                 *gates(4, cifg, True, lambda: bias(cells)), weights(outputs, cells) if projection else None,
                 bias(outputs) if projection else None, state([batch, outputs], "int8", *h),
                 state([batch, cells], "int16", 2.0 ** exponent), *gates(4, cifg, norm, wide)],
                [out(shape(steps, batch, time, outputs), "int8", *h)], options, 3,
                intermediates=[*(out([], "int16", 0.00021 + 0.00001 * gate) for gate in range(4)),
                               out([], "int8", *((0.0081, hidden_zero) if projection else h))])


def basic(name, unsigned, sizes=(2, 5, 19)):
    batch, n, cells = sizes
    if not unsigned:
        return Case("LSTM", name, [x([batch, n]), state([batch, cells]), matrix(4 * cells, n + cells, "float32"), vector(4 * cells),
                                   state([batch, cells])], [out([batch, cells]), out([batch, cells]), out([batch, n + cells]),
                                                            out([batch, 4 * cells])],
                    dict(fusedActivationFunction="TANH", kernelType="BASIC"), 2)
    u8, i16 = ("uint8", 1 / 128, 128), ("int16", 2.0 ** -11)
    return Case("LSTM", name, [x([batch, n], *u8), state([batch, cells], *u8), w([4 * cells, n + cells], "uint8", 0.0075, 131),
                               w([4 * cells], "int32", 0.0075 / 128, low=-9000, high=9000), state([batch, cells], *i16)],
                [out([batch, cells], *u8), out([batch, cells], *i16), out([batch, n + cells], *u8),
                 out([batch, 4 * cells], "int16", 2.0 ** -12)], dict(fusedActivationFunction="TANH", kernelType="BASIC"), 2, samples=4)


def both_lstm(name, kind, steps="tm", aux=0, cifg=0, peephole=0, projection=0, merge=False, asymmetric=False, sizes=(2, 3, 5, 18)):
    """aux: 0 none, 1 what the backward direction reads, 2 one more input with weights."""
    batch, time, n, cells = sizes
    outputs = 4 if projection else cells
    inputs = shape(steps, batch, time, n)
    more = [matrix(cells, n, kind) if aux == 2 and not (cifg and i % 4 == 0) else None for i in range(8)]
    one, two = shape(steps, batch, time, outputs), shape(steps, batch, time, 2 * outputs)
    return Case("BIDIRECTIONAL_SEQUENCE_LSTM", name,
                [x(inputs), *direction(kind, n, cells, outputs, cifg, peephole, projection, 1),
                 *direction(kind, n, cells, outputs, cifg, peephole, projection, 1),
                 *[state([batch, size]) for size in (outputs, cells, outputs, cells)], x(inputs) if aux else None, *more],
                [out(two)] if merge else [out(one), out(one)],
                dict(fusedActivationFunction="TANH", mergeOutputs=merge, timeMajor=steps == "tm", asymmetricQuantizeInputs=asymmetric),
                3)


def rnn(name, kind, steps, activation="TANH", asymmetric=False, sizes=(2, 3, 5, 18)):
    batch, time, n, units = sizes
    options = dict(fusedActivationFunction=activation, asymmetricQuantizeInputs=asymmetric) | (
        dict(timeMajor=steps == "tm") if steps else {})
    return Case("UNIDIRECTIONAL_SEQUENCE_RNN" if steps else "RNN", name,
                [x(shape(steps, batch, time, n)), matrix(units, n, kind), matrix(units, units, kind), vector(units), state([batch, units])],
                [out(shape(steps, batch, time, units))], options, 3)


def both_rnn(name, kind, steps, aux=0, merge=False, activation="TANH", asymmetric=False):
    batch, time, n, units = 2, 3, 5, 18
    inputs = shape(steps, batch, time, n)

    def one_direction():
        return [matrix(units, n, kind), matrix(units, units, kind), vector(units), state([batch, units])]
    more = [matrix(units, n, kind) if aux == 2 else None for _ in range(2)]
    one, two = shape(steps, batch, time, units), shape(steps, batch, time, 2 * units)
    return Case("BIDIRECTIONAL_SEQUENCE_RNN", name,
                [x(inputs), *one_direction(), *one_direction(), x(inputs) if aux else None, *more],
                [out(two)] if merge else [out(one), out(one)],
                dict(timeMajor=steps == "tm", fusedActivationFunction=activation, mergeOutputs=merge,
                     asymmetricQuantizeInputs=asymmetric), 3)


def float_cases(prefix, kind, asymmetric):
    more = dict(asymmetric=asymmetric)
    return [
        lstm(prefix, kind, **more),
        lstm(prefix + "_tm", kind, "tm", **more),
        lstm(prefix + "_cifg_peephole", kind, cifg=1, peephole=1, **more),
        lstm(prefix + "_peephole_projection_clips", kind, peephole=1, projection=1, clips=(0.3, 0.2), **more),
        lstm(prefix + "_norm", kind, norm=1, **more),
        lstm(prefix + "_all", kind, "tm", cifg=1, peephole=1, projection=1, norm=1, projection_bias=0, **more),
        lstm(prefix + "_relu", kind, activation="RELU", **more),
        lstm(prefix, kind, "", **more),
        lstm(prefix + "_all", kind, "", cifg=0, peephole=1, projection=1, norm=1, **more),
        both_lstm(prefix, kind, **more),
        both_lstm(prefix + "_bm", kind, "bm", peephole=1, **more),
        both_lstm(prefix + "_merged", kind, merge=True, projection=1, **more),
        both_lstm(prefix + "_merged_bm", kind, "bm", merge=True, sizes=(1, 3, 5, 18), **more),
        both_lstm(prefix + "_crossed", kind, aux=1, **more),
        both_lstm(prefix + "_aux", kind, aux=2, cifg=1, **more),
        both_lstm(prefix + "_aux_bm", kind, "bm", aux=2, **more),
        rnn(prefix, kind, "", **more),
        rnn(prefix + "_relu6", kind, "", "RELU6", **more),
        rnn(prefix, kind, "bm", **more),
        rnn(prefix + "_tm", kind, "tm", "RELU", **more),
        both_rnn(prefix + "_bm", kind, "bm", **more),
        both_rnn(prefix + "_merged", kind, "bm", merge=True, **more),
        both_rnn(prefix + "_crossed_bm", kind, "bm", aux=1, **more),
        both_rnn(prefix + "_aux_bm", kind, "bm", aux=2, **more),
    ]


CASES = [
    *float_cases("f32", "float32", False),
    *float_cases("hybrid", "int8", False),
    *float_cases("hybrid_asymmetric", "int8", True),
    both_rnn("f32_tm", "float32", "tm"),
    both_rnn("f32_crossed_tm", "float32", "tm", aux=1),
    both_rnn("f32_aux_tm", "float32", "tm", aux=2),
    # without the asymmetric option the official kernel reads a null pointer here
    both_rnn("hybrid_asymmetric_tm", "int8", "tm", asymmetric=True, merge=True),
    both_rnn("hybrid_asymmetric_aux_tm", "int8", "tm", aux=2, asymmetric=True),
    *(lstm_i8("i8_" + "".join(map(str, mix)), "tm" if sum(mix) % 2 else "bm", *mix, exponent=-11 - mix[0],
              clips=(2.5 * mix[1], 0.5 * mix[3])) for mix in product((0, 1), repeat=4)),
    # sizes at which products are added in other orders: vectors, few terms, blocks of outputs and what is left of them
    lstm("f32_seven", "float32", sizes=(1, 6, 5, 7)),
    lstm("f32_one", "float32", sizes=(1, 3, 1, 1)),
    lstm("f32_few_tm", "float32", "tm", sizes=(3, 3, 4, 5)),
    lstm("f32_blocks_tm", "float32", "tm", projection=1, sizes=(6, 2, 37, 31)),
    lstm("f32_wide", "float32", "", cifg=1, sizes=(5, 1, 65, 13)),
    both_lstm("f32_nine_bm", "float32", "bm", aux=2, sizes=(2, 3, 8, 9)),
    rnn("f32_seven", "float32", "bm", sizes=(1, 4, 9, 7)),
    rnn("f32_three", "float32", "", sizes=(3, 1, 2, 3)),
    basic("basic_f32_one", False, (1, 9, 16)),
    basic("basic_f32_few", False, (2, 3, 1)),
    basic("basic_f32_blocks", False, (5, 12, 31)),
    lstm_i8("i8_fine_state", exponent=-15),
    lstm_i8("i8_coarse_state", exponent=-9),
    lstm_i8("i8_peephole_tm", "tm", peephole=1, projection=1),
    lstm_i8("i8", ""),
    lstm_i8("i8_all", "", peephole=1, projection=1, norm=1, exponent=-10),
    basic("basic_f32", False),
    basic("basic_u8", True),
]
