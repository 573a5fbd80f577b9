"""Activations, kept whole."""

from __future__ import annotations

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.activation import (
    Celu,
    Clip,
    Gelu,
    HardSigmoid,
    HardSwish,
    LeakyRelu,
    Mish,
    Relu,
    Selu,
    Silu,
)
from interlingua.ir.ops.layout import ExpandDims
from interlingua.ir.ops.softmax import LogSoftmax, Softmax

TABLE = Table()

_PLAIN: dict[str, Op] = {
    "relu": Relu(),
    "relu6": Relu(),
    "selu": Selu(),
    "silu": Silu(),
    "mish": Mish(),
    "hardsigmoid": HardSigmoid(alpha=1 / 6, beta=0.5),
    "hardswish": HardSwish(),
}
"""Activations without attributes of their own."""


def _plain(op: Op) -> Translation:
    return lambda n, b: b(op, n.value("self"))


for _name, _op in _PLAIN.items():
    if _name != "relu6":
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


@TABLE.translate("softmax.int", "_softmax.default", "log_softmax.int", "_log_softmax.default")
def softmax(n: TorchNode, b: Builder) -> Value:
    """A scalar counts as a vector of one."""
    op = LogSoftmax if "log" in n.op else Softmax
    x = n.value("self", n.dtype)
    if x.tensor.rank == 0:
        from interlingua.ir.ops.layout import Squeeze

        return b(Squeeze(axes=(0,)), b(op(axis=0), b(ExpandDims(axes=(0,)), x)))
    return b(op(axis=n.axis("dim", x.tensor.rank)), x)


@TABLE.translate("dropout.default", "feature_dropout.default", "alpha_dropout.default")
def dropout(n: TorchNode, b: Builder) -> Value:
    if n.static("train") and n.static("p"):
        n.unsupported("it drops at random in training: call eval()")
    return n.value("input" if "input" in n.arguments else "self")


@TABLE.translate("native_dropout.default")
def native_dropout(n: TorchNode, b: Builder) -> Value:
    n.unsupported("it drops at random in training: call eval()")
