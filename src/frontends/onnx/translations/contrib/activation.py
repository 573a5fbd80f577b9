"""Activations with a bias, and the forms of GELU."""

from __future__ import annotations

import numpy as np

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.translations.contrib.table import ContribTable
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Gelu, Silu
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.layout import Flatten
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.ops.softmax import Softmax
from interlingua.ir.ops.source import ShapeOf

TABLE = ContribTable()


def biased(b: Builder, x: Value, bias: Value | None) -> Value:
    return x if bias is None else b(Add(), x, bias)


def softmax_from(b: Builder, x: Value, axis: int) -> Value:
    """Softmax over all axes from ``axis`` on together."""
    if axis % max(x.tensor.rank, 1) == x.tensor.rank - 1:
        return b(Softmax(axis=-1), x)
    return b(Reshape(), b(Softmax(axis=-1), b(Flatten(axis=axis), x)), b(ShapeOf(), x))


@TABLE.translate("Gelu", 1)
@TABLE.translate("BiasGelu", 1)
def gelu(n: OnnxNode, b: Builder) -> Value:
    return b(Gelu(form="erf"), biased(b, n[0], n.get(1)))


@TABLE.translate("FastGelu", 1)
def fast_gelu(n: OnnxNode, b: Builder) -> Value:
    """The documentation's 0.035677 is 0.044715·√(2/π)."""
    return b(Gelu(form="tanh"), biased(b, n[0], n.get(1)))


@TABLE.translate("QuickGelu", 1)
def quick_gelu(n: OnnxNode, b: Builder) -> Value:
    return b(Silu(alpha=n.attr("alpha", float(np.float32(1.702)))), n[0])


@TABLE.translate("BiasSplitGelu", 1)
def bias_split_gelu(n: OnnxNode, b: Builder) -> Value:
    """The left half of the features times the GELU of the right one."""
    x = Expr(b, biased(b, n[0], n[1]))
    width = x.value.tensor.dims[-1]
    if not isinstance(width, int):
        n.unsupported("the number of features is not known")
    left, right = (x.slice(x.rank - 1, half * width // 2, (half + 1) * width // 2) for half in (0, 1))
    return b(Mul(), left.value, b(Gelu(form="erf"), right.value))


@TABLE.translate("BiasAdd", 1)
def bias_add(n: OnnxNode, b: Builder) -> Value:
    return b(Add(), biased(b, n[0], n[1]), n[2])


@TABLE.translate("BiasSoftmax", 1)
def bias_softmax(n: OnnxNode, b: Builder) -> Value:
    """Softmax over all axes from ``axis`` on. ``is_inner_broadcast`` says which axes the bias lacks; its own shape,
    with ones there, says so too."""
    if n.tensor(1).shape is None or n.rank(1) != n.rank(0):
        n.unsupported("a bias of another rank than the data")
    return softmax_from(b, b(Add(), n[0], n[1]), n.attr("axis", 1))


@TABLE.translate("BiasDropout", 1)
def bias_dropout(n: OnnxNode, b: Builder) -> list[Value | None]:
    """Inference: nothing is dropped."""
    training = n.constant(4)
    if n.get(4) is not None and (training is None or bool(training)):
        n.unsupported("training_mode is set, or not known")
    x = Expr(b, biased(b, biased(b, n[0], n[1]), n.get(2)))
    return [x.value, x.constant(True).broadcast(x.shape()).value if n.wants(1) else None]
