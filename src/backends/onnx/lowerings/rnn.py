"""Recurrent layers, native where the hidden size is known."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, filled
from interlingua.backends.onnx.context import Context
from interlingua.ir.ops.rnn import Gru, Lstm, Recurrent, Rnn

TABLE = Lowerings()

NAMES: dict[str, tuple[str, bool, bool]] = {
    "relu": ("Relu", False, False),
    "tanh": ("Tanh", False, False),
    "sigmoid": ("Sigmoid", False, False),
    "softsign": ("Softsign", False, False),
    "softplus": ("Softplus", False, False),
    "affine": ("Affine", True, True),
    "leaky_relu": ("LeakyRelu", True, False),
    "thresholded_relu": ("ThresholdedRelu", True, False),
    "scaled_tanh": ("ScaledTanh", True, True),
    "hard_sigmoid": ("HardSigmoid", True, True),
    "elu": ("Elu", True, False),
}
"""ONNX's names, and whether a function takes an alpha and a beta: the lists hold those of functions that do,
in order."""

KNOWN = Condition(
    "the hidden size is not known",
    lambda node, _: node.operand(2).tensor.shape is not None and isinstance(node.operand(2).tensor.dims[2], int),
)


def _attributes(op: Recurrent, ctx: Context) -> dict[str, Any]:
    rows = [NAMES[name] for name in op.activations]
    alphas = [float(a) for a, row in zip(op.alphas, rows, strict=True) if row[1]]
    betas = [float(v) for v, row in zip(op.betas, rows, strict=True) if row[2]]
    return {
        "direction": op.direction,
        "activations": [row[0] for row in rows],
        "activation_alpha": alphas or None,
        "activation_beta": betas or None,
        "clip": None if op.clip is None else float(op.clip),
        "hidden_size": ctx.type(2).dims[2],
    }


@TABLE.lower(Rnn, when=[KNOWN, filled()])
def rnn(op: Rnn, ctx: Context, *operands: Any) -> Any:
    return ctx.emit("RNN", *operands, outputs=2, **_attributes(op, ctx))


@TABLE.lower(Gru, when=[KNOWN, filled()])
def gru(op: Gru, ctx: Context, *operands: Any) -> Any:
    linear = op.linear_before_reset
    return ctx.emit("GRU", *operands, outputs=2, linear_before_reset=linear, **_attributes(op, ctx))


@TABLE.lower(Lstm, when=[KNOWN, filled()])
def lstm(op: Lstm, ctx: Context, *operands: Any) -> Any:
    return ctx.emit("LSTM", *operands, outputs=3, input_forget=op.input_forget, **_attributes(op, ctx))
