"""Activations, as ops and fused behind others.

Semantics: ``tensorflow/lite/kernels/activations.cc`` and
``internal/reference/{softmax,log_softmax,hard_swish,gelu}.h``; the bounds of fused ones from
``CalculateActivationRange`` of ``kernel_util.h``.
"""

from __future__ import annotations

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import REAL, Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.activation import Clip, Elu, Gelu, HardSwish, LeakyRelu, Prelu, Relu
from interlingua.ir.ops.binary import Mul
from interlingua.ir.ops.math import Sigmoid
from interlingua.ir.ops.softmax import LogSoftmax, Softmax
from interlingua.ir.ops.unary import Tanh

TABLE = Table()

PLAIN: dict[str, Op] = {
    "ELU": Elu(),
    "HARD_SWISH": HardSwish(),
    "LOGISTIC": Sigmoid(),
    "LOG_SOFTMAX": LogSoftmax(),
    "RELU": Relu(),
    "TANH": Tanh(),
}
CLIPS = {"RELU6": (0, 6), "RELU_N1_TO_1": (-1, 1), "RELU_0_TO_1": (0, 1)}


@TABLE.translate(*PLAIN, quantized=REAL)
def plain(n: LiteRtNode, b: Builder) -> Value:
    return b(PLAIN[n.op], n[0])


@TABLE.translate(*CLIPS, quantized=REAL)
def clipped(n: LiteRtNode, b: Builder) -> Value:
    return _clip(b, n[0], *CLIPS[n.op])


def _clip(b: Builder, x: Value, low: int, high: int) -> Value:
    return b(Clip(), x, b.scalar(low, x), b.scalar(high, x))


def activated(n: LiteRtNode, b: Builder, x: Value) -> Value:
    """The activation that is fused behind an op; an op without such an option has none."""
    if not n.offers("fused_activation_function"):
        return x
    return activation(n, b, x, n.choice("fused_activation_function", "ActivationFunctionType"))


def activation(n: LiteRtNode, b: Builder, x: Value, kind: str) -> Value:
    """An activation by its name in the schema."""
    if kind == "NONE":
        return x
    if kind in CLIPS:
        return _clip(b, x, *CLIPS[kind])
    if kind not in PLAIN:
        n.unsupported(f"the fused activation {kind}")
    return b(PLAIN[kind], x)


@TABLE.translate("LEAKY_RELU")
def leaky_relu(n: LiteRtNode, b: Builder) -> Value:
    return b(LeakyRelu(alpha=float(n.required("alpha"))), n[0])


@TABLE.translate("PRELU", quantized=REAL)
def prelu(n: LiteRtNode, b: Builder) -> Value:
    """Input and slope broadcast as NumPy does; where the slope is the larger one, the IR's op does not take it."""
    if n.rank(1) > n.rank(0):
        n.unsupported("the slope has more axes than the input")
    return b(Prelu(), n[0], n[1])


@TABLE.translate("GELU", quantized=REAL)
def gelu(n: LiteRtNode, b: Builder) -> Value:
    return b(Gelu(form="tanh" if n.required("approximate") else "erf"), n[0])


@TABLE.translate("SOFTMAX", quantized=REAL)
def softmax(n: LiteRtNode, b: Builder) -> Value:
    """``softmax(beta * x)`` along the last axis."""
    beta = float(n.required("beta"))
    if n.rank(0) == 0:
        raise InvalidModel("SOFTMAX of a scalar")
    x = n[0] if beta == 1 else b(Mul(), n[0], b.scalar(beta, n[0]))
    return b(Softmax(axis=-1), x)
