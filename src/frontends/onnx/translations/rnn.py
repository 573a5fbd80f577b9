"""Recurrent layers. The IR is time-major and names all activations; ``layout`` and defaults are resolved here.

Up to opset 6 the formulas write ``Ht-1*R`` where later ones have ``Ht-1*(R^T)``: a slip of the text, since ``R`` has a
row for each gate and unit, as ``W`` has. ``output_sequence`` 0 only says that nobody wants ``Y``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.rnn import Gru, Lstm, Recurrent, Rnn
from interlingua.ir.ops.shape import Transpose

TABLE = Table()

ACTIVATIONS: dict[str, tuple[str, float | None, float | None]] = {
    "relu": ("relu", None, None),
    "tanh": ("tanh", None, None),
    "sigmoid": ("sigmoid", None, None),
    "softsign": ("softsign", None, None),
    "softplus": ("softplus", None, None),
    "affine": ("affine", 1.0, 0.0),
    "leakyrelu": ("leaky_relu", 0.01, None),
    "thresholdedrelu": ("thresholded_relu", 1.0, None),
    "scaledtanh": ("scaled_tanh", 1.0, 1.0),
    "hardsigmoid": ("hard_sigmoid", 0.2, 0.5),
    "elu": ("elu", 1.0, None),
}
"""By ONNX's name in lower case: ours, and the defaults of alpha and beta where the function has them."""


def activations(n: OnnxNode, defaults: Sequence[str]) -> dict[str, Any]:
    """The activations of all directions. ``activation_alpha`` lists the alphas of those functions that have
    one, in order."""
    count = 2 if n.attr("direction", "forward") == "bidirectional" else 1
    names = [str(name).lower() for name in n.attr("activations", tuple(defaults) * count)]
    if len(names) == 2 * len(defaults) * count and names[: len(names) // 2] == names[len(names) // 2 :]:
        names = names[: len(names) // 2]  # the schema's default names those of both directions
    unknown = [name for name in names if name not in ACTIVATIONS]
    if unknown or len(names) != len(defaults) * count:
        n.unsupported(f"the activations {names}")
    rows = [ACTIVATIONS[name] for name in names]
    parameters = []
    for which, attribute in ((1, "activation_alpha"), (2, "activation_beta")):
        given = list(n.attr(attribute, ()))
        taking = [row[which] for row in rows]
        aligned = len(given) == len(rows)
        values = []
        for i, default in enumerate(taking):
            if default is None:
                values.append(0.0)
            else:
                values.append(float(given[i] if aligned else given.pop(0)) if given else float(default))
        parameters.append(tuple(values))
    return {"activations": tuple(row[0] for row in rows), "alphas": parameters[0], "betas": parameters[1]}


def shared(n: OnnxNode, defaults: Sequence[str]) -> dict[str, Any]:
    """The attributes that all recurrent layers have."""
    clip = n.attr("clip")
    direction = n.attr("direction", "forward")
    if n.op == "GRU" and direction == "foward":  # the default of opset 1, as its schema spells it
        direction = "forward"
    return {"direction": direction, "clip": None if clip is None else float(clip), **activations(n, defaults)}


def layer(n: OnnxNode, b: Builder, op: Recurrent, states: Sequence[int], *rest: Value | None) -> Sequence[Value]:
    """Add the layer, batch-major data (``layout`` 1) transposed around it."""
    batch_major = bool(n.attr("layout", 0))

    def turned(value: Value | None, *perm: int) -> Value | None:
        return value if value is None or not batch_major else b(Transpose(perm=perm), value)

    initial = [turned(n.get(i), 1, 0, 2) for i in states]
    results = b.add_all(op, turned(n[0], 1, 0, 2), n[1], n[2], n.get(3), n.get(4), *initial, *rest)
    if not batch_major:
        return results
    outputs = b(Transpose(perm=(2, 0, 1, 3)), results[0])
    return [outputs, *(b(Transpose(perm=(1, 0, 2)), state) for state in results[1:])]


@TABLE.translate("RNN", 1, 7, 14, 22)
def rnn(n: OnnxNode, b: Builder) -> Sequence[Value]:
    return layer(n, b, Rnn(**shared(n, ["Tanh"])), [5])


@TABLE.translate("GRU", 1, 3, 7, 14, 22)
def gru(n: OnnxNode, b: Builder) -> Sequence[Value]:
    linear = bool(n.attr("linear_before_reset", 0))
    return layer(n, b, Gru(**shared(n, ["Sigmoid", "Tanh"]), linear_before_reset=linear), [5])


@TABLE.translate("LSTM", 1, 7, 14, 22)
def lstm(n: OnnxNode, b: Builder) -> Sequence[Value]:
    forget = bool(n.attr("input_forget", 0))
    return layer(n, b, Lstm(**shared(n, ["Sigmoid", "Tanh", "Tanh"]), input_forget=forget), [5, 6], n.get(7))
