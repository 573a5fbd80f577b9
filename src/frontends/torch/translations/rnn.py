"""Recurrent layers of several directions and depths, one IR op a layer.

PyTorch stores the gates of an LSTM in the order i f g o and those of a GRU as r z n; the IR has i o f c and z r h.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.layout import ExpandDims, Squeeze, Stack
from interlingua.ir.ops.rnn import Gru, Lstm, Recurrent, Rnn
from interlingua.ir.ops.shape import Concat, Slice, Transpose
from interlingua.ir.ops.shaping import dims_of, reshaped
from interlingua.ir.ops.source import Constant
from interlingua.ir.weights import LazyWeight

TABLE = Table()

ORDERS: dict[type[Recurrent], tuple[int, ...]] = {Rnn: (0,), Gru: (1, 0, 2), Lstm: (0, 3, 1, 2)}
"""Where PyTorch keeps each gate of the IR."""


def _rows(hidden: int, order: Sequence[int]) -> np.ndarray:
    return np.concatenate([np.arange(gate * hidden, (gate + 1) * hidden) for gate in order])


def packed(b: Builder, matrices: Sequence[Value], rows: np.ndarray) -> Value:
    """The matrices (or vectors) of all directions as one, their gates in the IR's order; constants stay lazy."""
    nodes = [m.node for m in matrices]
    ops = [n.op for n in nodes if n is not None and isinstance(n.op, Constant)]
    if len(ops) == len(matrices):
        weights = [op.weight for op in ops]
        shape = (len(weights), *weights[0].shape)
        lazy = LazyWeight(weights[0].dtype, shape, lambda: np.stack([w.view()[rows] for w in weights]))
        return b.weight(lazy, matrices[0].name)
    return b(Stack(axis=0), *(b(Gather(axis=0), m, b.constant(rows)) for m in matrices))


def layers(n: TorchNode, b: Builder, kind: type[Recurrent], activations: Sequence[str]) -> list[Value]:
    """All layers, one on the other: the outputs, then the last states of all layers and directions."""
    x, batch_first = n.value("input"), bool(n.static("batch_first"))
    states = [n.as_value(h) for h in (n["hx"] if isinstance(n["hx"], list) else [n["hx"]])]
    alone = x.tensor.rank == 2
    if alone:
        x, states = b(ExpandDims(axes=(1,)), x), [b(ExpandDims(axes=(1,)), h) for h in states]
    elif batch_first:
        x = b(Transpose(perm=(1, 0, 2)), x)
    if n.static("train") and n.static("dropout"):
        n.unsupported("it drops at random between its layers: call eval()")
    directions = 2 if n.static("bidirectional") else 1
    params = [n.as_value(p) for p in n["params"]]
    each = 4 if n.static("has_biases") else 2
    if len(params) != each * directions * n.static("num_layers"):
        n.unsupported("projections of its states")
    last: list[list[Value]] = [[] for _ in states]
    for layer in range(n.static("num_layers")):
        first = layer * directions
        own = [params[(first + d) * each : (first + d + 1) * each] for d in range(directions)]
        given = [_part(b, h, first, directions) for h in states]
        x, *after = _layer(b, kind, activations, x, own, given)
        for found, state in zip(last, after, strict=True):
            found.append(state)
    ends = [s[0] if len(s) == 1 else b(Concat(axis=0), *s) for s in last]
    if alone:
        return [b(Squeeze(axes=(1,)), v) for v in (x, *ends)]
    return [b(Transpose(perm=(1, 0, 2)), x) if batch_first else x, *ends]


def _part(b: Builder, state: Value, first: int, count: int) -> Value:
    if state.tensor.dims[0] == count:
        return state
    return b(Slice(axes=(0,)), state, b.constant([first]), b.constant([first + count]))


def _layer(
    b: Builder, kind: type[Recurrent], activations: Sequence[str], x: Value, own: list[list[Value]], states: list[Value]
) -> Sequence[Value]:
    hidden = states[0].tensor.dims[2]
    assert isinstance(hidden, int)
    rows = _rows(hidden, ORDERS[kind])
    w, r, *biases = (packed(b, [p[i] for p in own], rows) for i in range(len(own[0])))
    bias = b(Concat(axis=1), *biases) if biases else None
    count = len(activations) * len(own)
    settings: dict[str, Any] = {
        "direction": "bidirectional" if len(own) == 2 else "forward",
        "activations": tuple(activations) * len(own),
        "alphas": (0.0,) * count,
        "betas": (0.0,) * count,
    }
    if kind is Gru:
        settings["linear_before_reset"] = True
    y, *after = b.add_all(kind(**settings), x, w, r, bias, None, *states)
    if len(own) == 1:
        return [b(Squeeze(axes=(1,)), y), *after]
    time, batch = dims_of(b, y, 0, 2)
    flat = reshaped(b, b(Transpose(perm=(0, 2, 1, 3)), y), [time, batch, 2 * hidden])
    return [flat, *after]


@TABLE.translate("lstm.input")
def lstm(n: TorchNode, b: Builder) -> Sequence[Value]:
    return layers(n, b, Lstm, ("sigmoid", "tanh", "tanh"))


@TABLE.translate("gru.input")
def gru(n: TorchNode, b: Builder) -> Sequence[Value]:
    return layers(n, b, Gru, ("sigmoid", "tanh"))


@TABLE.translate("rnn_tanh.input", "rnn_relu.input")
def rnn(n: TorchNode, b: Builder) -> Sequence[Value]:
    return layers(n, b, Rnn, ("relu" if "relu" in n.op else "tanh",))
