"""Activations, kept whole."""

from __future__ import annotations

import math
from collections.abc import Sequence

from interlingua.frontends.torch.along import lined, unlined
from interlingua.frontends.torch.node import TorchNode, as_dtype
from interlingua.frontends.torch.table import Table, Translation
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
    Silu,
    Softplus,
    Softsign,
)
from interlingua.ir.ops.binary import Mul
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.logic import And, Eq, Or
from interlingua.ir.ops.math import Expm1, Ne
from interlingua.ir.ops.reduction import All
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.ops.softmax import LogSoftmax, Softmax

TABLE = Table()

_PLAIN: dict[str, Op] = {
    "relu": Relu(),
    "selu": Selu(),
    "silu": Silu(),
    "mish": Mish(),
    "hardsigmoid": HardSigmoid(alpha=1 / 6, beta=0.5),
    "hardswish": HardSwish(),
    "softsign": Softsign(),
}
"""Activations without attributes of their own."""


def _plain(op: Op) -> Translation:
    return lambda n, b: b(op, n.value("self"))


for _name, _op in _PLAIN.items():
    TABLE.translate(f"{_name}.default")(_plain(_op))


@TABLE.translate("relu6.default")
def relu6(n: TorchNode, b: Builder) -> Value:
    x = n.value("self")
    return b(Clip(), x, b.scalar(0, x), b.scalar(6, x))


@TABLE.translate("hardtanh.default")
def hardtanh(n: TorchNode, b: Builder) -> Value:
    x = n.value("self")
    return b(Clip(), x, b.scalar(n.static("min_val"), x), b.scalar(n.static("max_val"), x))


@TABLE.translate("gelu.default")
def gelu(n: TorchNode, b: Builder) -> Value:
    return b(Gelu(form="tanh" if n.static("approximate") == "tanh" else "erf"), n.value("self"))


@TABLE.translate("leaky_relu.default")
def leaky_relu(n: TorchNode, b: Builder) -> Value:
    return b(LeakyRelu(alpha=float(n.static("negative_slope"))), n.value("self"))


@TABLE.translate("celu.default")
def celu(n: TorchNode, b: Builder) -> Value:
    return b(Celu(alpha=float(n.static("alpha"))), n.value("self"))


@TABLE.translate("elu.default")
def elu(n: TorchNode, b: Builder) -> Value:
    """``scale * x`` above zero, ``scale * alpha * (exp(input_scale * x) - 1)`` elsewhere."""
    alpha, scale, input_scale = (float(n.static(name)) for name in ("alpha", "scale", "input_scale"))
    x = Expr(b, n.value("self"))
    if input_scale == 1:
        y = x.apply(Elu(alpha=alpha))
        return (y if scale == 1 else y * scale).value
    negative = (x * input_scale).apply(Expm1()) * (alpha * scale)
    return (x > 0).where(x * scale, negative).value


_LINEAR_FROM = {24: 18.0, 11: 9.0, 8: 6.0}
"""From where on ``ln(1 + exp(x))`` is ``x`` in floats of so many significant bits: ``exp(-x)`` is below half of the
spacing at ``x``."""


@TABLE.translate("softplus.default")
def softplus(n: TorchNode, b: Builder) -> Value:
    """``ln(1 + exp(beta * x)) / beta``, and ``x`` where ``beta * x`` is above the threshold: which shows only in floats
    that are fine enough, or if it is low."""
    x, beta, threshold = Expr(b, n.value("self")), float(n.static("beta")), float(n.static("threshold"))
    scaled = x if beta == 1 else x * beta
    y = scaled.apply(Softplus())
    y = y if beta == 1 else y / beta
    bits = {"f32": 24, "f16": 11, "bf16": 8}.get(x.dtype.value)
    if beta == 1 and bits is not None and threshold >= _LINEAR_FROM[bits]:
        return y.value
    return (scaled > threshold).where(x, y).value


@TABLE.translate("log_sigmoid.default")
def log_sigmoid(n: TorchNode, b: Builder) -> Value:
    """``-softplus(-x)``."""
    return (-(-Expr(b, n.value("self"))).apply(Softplus())).value


@TABLE.translate("log_sigmoid_forward.default")
def log_sigmoid_forward(n: TorchNode, b: Builder) -> Sequence[Value | None]:
    """The second result is for gradients."""
    return [log_sigmoid(n, b), None]


@TABLE.translate("hardshrink.default", "softshrink.default")
def shrink(n: TorchNode, b: Builder) -> Value:
    """0 from ``-lambd`` to ``lambd``; beyond ``x``, or for the soft one ``x`` nearer to 0 by ``lambd``. NaN stays."""
    x, lambd = Expr(b, n.value("self")), float(n.static("lambd"))
    if n.op.startswith("hard"):
        return (x.abs() <= lambd).where(x.number(0), x).value
    beyond = (x > lambd).where(x - lambd, x + lambd)
    return (x.abs() <= lambd).where(x.number(0), beyond).value


@TABLE.translate("threshold.default")
def threshold_(n: TorchNode, b: Builder) -> Value:
    """``value`` where ``x`` is not above the threshold; NaN stays."""
    x, least = Expr(b, n.value("self")), Expr(b, n.value("threshold", n.dtype))
    return (x <= least).where(Expr(b, n.value("value", n.dtype)), x).value


@TABLE.translate("prelu.default", "_prelu_kernel.default")
def prelu(n: TorchNode, b: Builder) -> Value:
    """A weight for all, or one for each of axis 1."""
    x, weight = n.value("self"), n.value("weight")
    rank = x.tensor.rank
    if n.op.startswith("prelu"):
        weight = b(Reshape(), weight, b.constant([-1 if i == 1 else 1 for i in range(rank)], DType.I64))
    return b(Prelu(), x, weight)


@TABLE.translate("glu.default")
def glu(n: TorchNode, b: Builder) -> Value:
    """The first half along an axis, times the sigmoid of the second."""
    from interlingua.ir.ops.layout import Split
    from interlingua.ir.ops.math import Sigmoid

    x = n.value("self")
    first, second = b.add_all(Split(axis=n.axis("dim", x.tensor.rank), parts=2), x)
    return b(Mul(), first, b(Sigmoid(), second))


@TABLE.translate("softmax.int", "_softmax.default", "special_softmax.default", "log_softmax.int",
                 "_log_softmax.default", "special_log_softmax.default")  # fmt: skip
def softmax(n: TorchNode, b: Builder) -> Value:
    """A scalar counts as a vector of one."""
    op = LogSoftmax if "log_" in n.op else Softmax
    x = n.value("self", n.dtype)
    line = lined(b, x)
    return unlined(b, b(op(axis=n.axis("dim", line.tensor.rank)), line), x)


@TABLE.translate("_safe_softmax.default")
def safe_softmax(n: TorchNode, b: Builder) -> Value:
    """0 where all along the axis are −inf."""
    x = Expr(b, n.value("self", n.dtype))
    axis = n.axis("dim", x.rank)
    y = Expr(b, softmax(n, b))
    empty = x.equals(-math.inf).apply(All(axes=(axis,), keepdims=True))
    return empty.where(y.number(0), y).value


@TABLE.translate("rrelu.default", "rrelu_with_noise.default")
def rrelu(n: TorchNode, b: Builder) -> Value:
    if n.static("training"):
        n.unsupported("it draws slopes at random in training: call eval()")
    return b(LeakyRelu(alpha=(float(n.static("lower")) + float(n.static("upper"))) / 2), n.value("self"))


@TABLE.translate("dropout.default", "feature_dropout.default", "alpha_dropout.default",
                 "feature_alpha_dropout.default")  # fmt: skip
def dropout(n: TorchNode, b: Builder) -> Value:
    if n.static("train") and n.static("p"):
        n.unsupported("it drops at random in training: call eval()")
    return n.value("input" if "input" in n.arguments else "self")


@TABLE.translate("native_dropout.default")
def native_dropout(n: TorchNode, b: Builder) -> Sequence[Value]:
    """What is kept, and whether it is: all, but in training."""
    if n["train"] is not False and n.static("p"):
        n.unsupported("it drops at random in training: call eval()")
    x = n.value("input")
    return [x, b(Or(), b(Eq(), x, x), b(Ne(), x, x))]


@TABLE.translate("native_dropout_backward.default")
def native_dropout_backward(n: TorchNode, b: Builder) -> Value:
    """``grad_output * mask * scale``, in this order: integers are dropped before they become floats."""
    gradient = n.value("grad_output")
    kept = b(And(), gradient, n.value("mask")) if gradient.tensor.dtype is DType.BOOL else \
        b(Mul(), gradient, n.value("mask", gradient.tensor.dtype))  # fmt: skip
    return b(Mul(), as_dtype(b, kept, n.dtype), n.value("scale", n.dtype))
