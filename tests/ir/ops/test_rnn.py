"""Recurrent layers: one step by hand, directions, lengths, every activation, and their scans."""

from __future__ import annotations

import typing

import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.ops.rnn import Activation, Gru, Lstm, Rnn
from support.single import apply, apply_decomposed, close, f32, infer

RNG = np.random.default_rng(0)
TIME, BATCH, FEATURES, HIDDEN = 5, 3, 4, 2
GATES = {Rnn: 1, Gru: 3, Lstm: 4}
DEFAULTS = {Rnn: ("tanh",), Gru: ("sigmoid", "tanh"), Lstm: ("sigmoid", "tanh", "tanh")}


def layer(cls, direction="forward", activations=None, clip=None, **more):
    count = 2 if direction == "bidirectional" else 1
    names = (activations or DEFAULTS[cls]) * count
    return cls(direction, names, (0.5,) * len(names), (0.3,) * len(names), clip, **more)


def operands(cls, directions, lengths=None, states=True, dtype=np.float32):
    def normal(*shape):
        return (RNG.standard_normal(shape) * 0.7).astype(dtype)

    g = GATES[cls] * HIDDEN
    given = [normal(TIME, BATCH, FEATURES), normal(directions, g, FEATURES), normal(directions, g, HIDDEN)]
    if not states:
        return given
    count = 2 if cls is Lstm else 1
    initial = [normal(directions, BATCH, HIDDEN) for _ in range(count)]
    peepholes = [normal(directions, 3 * HIDDEN)] if cls is Lstm else []
    return [*given, normal(directions, 2 * g), lengths, *initial, *peepholes]


def same(a, b, times=64):
    return all(close(p, q, times=times) for p, q in zip(a, b, strict=True))


@pytest.mark.parametrize("cls", [Rnn, Gru, Lstm])
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("lengths", [None, np.array([5, 2, 3], np.int32)])
@pytest.mark.parametrize("dynamic", [False, True])
def test_scans(cls, direction, lengths, dynamic):
    arrays = operands(cls, 2 if direction == "bidirectional" else 1, lengths)
    op = layer(cls, direction, clip=0.6)
    assert same(apply_decomposed(op, *arrays, dynamic=dynamic), apply(op, *arrays))


@pytest.mark.parametrize("cls", [Rnn, Gru, Lstm])
def test_scans_without_the_optional_operands(cls):
    arrays = operands(cls, 1, states=False)
    assert same(apply_decomposed(layer(cls), *arrays), apply(layer(cls), *arrays))


@pytest.mark.parametrize("name", typing.get_args(Activation))
def test_activations(name):
    op, arrays = layer(Rnn, activations=(name,)), operands(Rnn, 1)
    assert same(apply_decomposed(op, *arrays), apply(op, *arrays))


@pytest.mark.parametrize("op", [layer(Gru, linear_before_reset=True), layer(Lstm, input_forget=True)])
def test_variants(op):
    arrays = operands(type(op), 1)
    assert same(apply_decomposed(op, *arrays), apply(op, *arrays))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_the_gates_of_an_lstm_are_i_o_f_c():
    x, w, r, b, _, h, c, p = operands(Lstm, 1, dtype=np.float64)
    y, _, cells = apply(layer(Lstm), x[:1], w, r, b, None, h, c, p)
    z = x[0] @ w[0].T + h[0] @ r[0].T + b[0, : 4 * HIDDEN] + b[0, 4 * HIDDEN :]
    i, o, f, g = np.split(z, 4, axis=1)
    pi, po, pf = np.split(p[0], 3)
    cell = sigmoid(f + pf * c[0]) * c[0] + sigmoid(i + pi * c[0]) * np.tanh(g)
    assert close(cells[0], cell, times=8)
    assert close(y[0, 0], sigmoid(o + po * cell) * np.tanh(cell), times=8)


@pytest.mark.parametrize("linear", [False, True])
def test_the_gates_of_a_gru_are_z_r_h(linear):
    x, w, r, b, _, h = operands(Gru, 1, dtype=np.float64)
    y, _ = apply(layer(Gru, linear_before_reset=linear), x[:1], w, r, b, None, h)
    (wz, wr, wh), (rz, rr, rh), bias = np.split(w[0], 3), np.split(r[0], 3), np.split(b[0], 6)
    update = sigmoid(x[0] @ wz.T + h[0] @ rz.T + bias[0] + bias[3])
    reset = sigmoid(x[0] @ wr.T + h[0] @ rr.T + bias[1] + bias[4])
    past = reset * (h[0] @ rh.T + bias[5]) if linear else (reset * h[0]) @ rh.T + bias[5]
    hidden = np.tanh(x[0] @ wh.T + bias[2] + past)
    assert close(y[0, 0], (1 - update) * hidden + update * h[0], times=8)


def test_the_reverse_direction_starts_at_the_last_element():
    lengths = np.array([5, 2, 3], np.int32)
    x, w, r, b, _, h = operands(Rnn, 1)
    y, last = apply(layer(Rnn, "reverse"), x, w, r, b, lengths, h)
    for i, n in enumerate(lengths):
        alone = apply(layer(Rnn, "reverse"), x[:n, i : i + 1], w, r, b, None, h[:, i : i + 1])
        assert close(y[:n, :, i], alone[0][:, :, 0], times=4) and not y[n:, :, i].any()
        assert close(last[:, i], alone[1][:, 0], times=4)


def test_no_time_gives_the_initial_state():
    _, w, r, b, _, h = operands(Rnn, 1)
    y, last = apply(layer(Rnn), np.zeros((0, BATCH, FEATURES), np.float32), w, r, b, None, h)
    assert y.shape == (0, 1, BATCH, HIDDEN) and np.array_equal(last, h)


def test_symbols_stay():
    y, h, _ = infer(layer(Lstm), f32("T", "N", 4), f32(1, 8, 4), f32(1, 8, 2))
    assert str(y) == "f32[T, 1, N, 2]" and str(h) == "f32[1, N, 2]"


@pytest.mark.parametrize(
    ("types", "constraint"),
    [([f32(5, 3, 4), f32(1, 8, 5), f32(1, 8, 2)], "C3"), ([f32(5, 3, 4), f32(1, 6, 4), f32(1, 6, 2)], "C3")],
)
def test_misfits_are_refused(types, constraint):
    with pytest.raises(ConstraintError, match=constraint):
        infer(layer(Lstm), *types)
    with pytest.raises(ConstraintError, match="C2"):
        infer(Rnn("bidirectional", ("tanh",), (1.0,), (0.0,)), *types)
