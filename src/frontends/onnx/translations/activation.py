"""Activations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from interlingua.frontends.onnx.elementwise import as_dtype
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.activation import (
    Celu,
    Clip,
    Elu,
    Gelu,
    HardSigmoid,
    HardSwish,
    LeakyRelu,
    Mish,
    Prelu,
    Relu,
    Selu,
    Shrink,
    Silu,
    Softplus,
    Softsign,
    Swiglu,
    ThresholdedRelu,
)
from interlingua.ir.ops.layout import ExpandDims, Flatten
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.ops.softmax import Hardmax, LogSoftmax, Softmax
from interlingua.ir.ops.source import ShapeOf
from interlingua.runtimes.numerics import largest

TABLE = Table()

F32_MAX = 3.4028234663852886e38
"""The default bound of Clip from opset 6 to 10, written out in its schema."""

_ACTIVATIONS: dict[str, tuple[type[Op], tuple[int, ...], dict[str, float]]] = {
    "Celu": (Celu, (12, 28), {"alpha": 1.0}),
    "Elu": (Elu, (1, 6, 22), {"alpha": 1.0}),
    "HardSigmoid": (HardSigmoid, (1, 6, 22), {"alpha": float(np.float32(0.2)), "beta": 0.5}),
    "HardSwish": (HardSwish, (14, 22), {}),
    "LeakyRelu": (LeakyRelu, (1, 6, 16), {"alpha": float(np.float32(0.01))}),
    "Mish": (Mish, (18, 22), {}),
    "Relu": (Relu, (1, 6, 13, 14), {}),
    "Selu": (Selu, (6, 22), {"alpha": float(np.float32(1.6732632)), "gamma": float(np.float32(1.050701))}),
    "Softplus": (Softplus, (1, 22), {}),
    "Softsign": (Softsign, (1, 22), {}),
    "Swish": (Silu, (24,), {"alpha": 1.0}),
    "ThresholdedRelu": (ThresholdedRelu, (10, 22), {"alpha": 1.0}),
}
"""ONNX ops that are an IR op with the same attributes: versions, and defaults as float32 stores them."""


def _activation(op: Callable[..., Op], defaults: dict[str, float]) -> Translation:
    return lambda n, b: b(op(**{name: n.attr(name, value) for name, value in defaults.items()}), n[0])


for _name, (_op, _versions, _defaults) in _ACTIVATIONS.items():
    TABLE.translate(_name, *_versions)(_activation(_op, _defaults))


@TABLE.translate("Selu", 1)
def selu_1(n: OnnxNode, b: Builder) -> Value:
    """The constants of opset 1 are shorter."""
    return b(Selu(alpha=n.attr("alpha", 1.673200011253357), gamma=n.attr("gamma", 1.0506999492645264)), n[0])


@TABLE.translate("Gelu", 20)
def gelu(n: OnnxNode, b: Builder) -> Value:
    return b(Gelu(form="tanh" if n.attr("approximate", "none") == "tanh" else "erf"), n[0])


@TABLE.translate("SwiGLU", 28)
def swiglu(n: OnnxNode, b: Builder) -> Value:
    return b(Swiglu(alpha=n.attr("alpha", 1.0)), n[1], n[0])


@TABLE.translate("PRelu", 1, 6, 7, 9, 16)
def prelu(n: OnnxNode, b: Builder) -> Value:
    """Up to opset 6 a slope vector runs along the channels."""
    x, slope = n[0], n[1]
    if n.version < 7 and slope.tensor.rank == 1 and slope.tensor.size != 1:
        slope = b(ExpandDims(axes=tuple(range(1, n.rank(0) - 1))), slope)
    return b(Prelu(), x, slope)


@TABLE.translate("Shrink", 9)
def shrink(n: OnnxNode, b: Builder) -> Value:
    """Integers are compared and moved as float64, then truncated."""
    x = n[0]
    dtype = x.tensor.dtype
    real = x if dtype.is_float else as_dtype(b, x, DType.F64)
    return as_dtype(b, b(Shrink(lambd=n.attr("lambd", 0.5), bias=n.attr("bias", 0.0)), real), dtype)


@TABLE.translate("Clip", 1, 6)
def clip_attributes(n: OnnxNode, b: Builder) -> Value:
    """The default bounds are the finite extremes: in opset 1 of the operand's dtype, in opset 6 of float32."""
    default = F32_MAX if n.version == 6 else largest(n.tensor(0).dtype)
    low, high = n.attr("min", -default), n.attr("max", default)
    return b(Clip(), n[0], *(b.scalar(v, n[0]) for v in (low, high)))


@TABLE.translate("Clip", 11, 12, 13)
def clip(n: OnnxNode, b: Builder) -> Value:
    """The default bounds are the finite extremes of the dtype, and infinities are beyond them; integers never are."""
    x, low, high = n[0], n.get(1), n.get(2)
    if x.tensor.dtype.is_float:
        most = largest(x.tensor.dtype)
        low = b.scalar(-most, x) if low is None else low
        high = b.scalar(most, x) if high is None else high
    return b(Clip(), x, low, high)


def _along_axis(op: Callable[..., Op]) -> Translation:
    return lambda n, b: b(op(axis=n.attr("axis", -1)), n[0])


def _flattened(op: Callable[..., Op]) -> Translation:
    """Up to opset 12 all axes from ``axis`` on count as one."""

    def translate(n: OnnxNode, b: Builder) -> Value:
        axis, rank = n.attr("axis", 1), n.rank(0)
        if axis % max(rank, 1) == rank - 1:
            return b(op(axis=-1), n[0])
        flat = b(op(axis=-1), b(Flatten(axis=axis), n[0]))
        return b(Reshape(), flat, b(ShapeOf(), n[0]))

    return translate


for _name, _op in (("Softmax", Softmax), ("LogSoftmax", LogSoftmax), ("Hardmax", Hardmax)):
    TABLE.translate(_name, 1, 11)(_flattened(_op))
    TABLE.translate(_name, 13)(_along_axis(_op))
