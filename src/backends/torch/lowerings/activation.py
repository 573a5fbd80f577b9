"""Activations and normalised exponentials."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.lowerings.detours import COMPUTED, MODULAR, ORDERED, WIDE, digits, number, rows
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Node
from interlingua.ir.op import Op
from interlingua.ir.ops import activation as ops
from interlingua.ir.ops.softmax import Hardmax, LogSoftmax, Softmax

TABLE = Lowerings()

FUNCTIONS: dict[type[Op], str] = {
    ops.Mish: "F.mish",
    ops.Softsign: "F.softsign",
    ops.HardSwish: "F.hardswish",
}


@TABLE.lower(*FUNCTIONS, when=[dtypes(FLOATS)])
def function(op: Op, ctx: Context, x: str) -> str:
    return f"{FUNCTIONS[type(op)]}({x})"


@rows(TABLE, ops.Relu, native=COMPUTED)
def relu(op: ops.Relu, ctx: Context, x: str) -> str:
    return f"F.relu({x})"


@rows(TABLE, ops.Relu, native={DType.U16, DType.U32, DType.U64})
def same(op: ops.Relu, ctx: Context, x: str) -> str:
    return x


@TABLE.lower(ops.Gelu, when=[dtypes(FLOATS)])
def gelu(op: ops.Gelu, ctx: Context, x: str) -> str:
    return f"F.gelu({x})" if op.form == "erf" else f'F.gelu({x}, approximate="tanh")'


@TABLE.lower(ops.LeakyRelu, when=[dtypes(FLOATS)])
def leaky_relu(op: ops.LeakyRelu, ctx: Context, x: str) -> str:
    return f"F.leaky_relu({x})" if digits(ctx, op.alpha) == "0.01" else f"F.leaky_relu({x}, {digits(ctx, op.alpha)})"


@rows(TABLE, ops.Prelu, native=COMPUTED, detours=(WIDE,))
def prelu(op: ops.Prelu, ctx: Context, x: str, slope: str) -> str:
    return f"torch.where({x} < 0, {number(ctx, 1, slope)} * {x}, {x})"


@rows(TABLE, ops.Prelu, native=(), detours=(MODULAR,))
def nothing_below(op: ops.Prelu, ctx: Context, x: str, slope: str) -> str:
    return x


@TABLE.lower(ops.Elu, when=[dtypes(FLOATS)])
def elu(op: ops.Elu, ctx: Context, x: str) -> str:
    return f"F.elu({x})" if op.alpha == 1 else f"F.elu({x}, {digits(ctx, op.alpha)})"


@TABLE.lower(ops.Celu, when=[dtypes(FLOATS)])
def celu(op: ops.Celu, ctx: Context, x: str) -> str:
    return f"F.celu({x})" if op.alpha == 1 else f"F.celu({x}, {digits(ctx, op.alpha)})"


def _published(node: Node, _: Any) -> bool:
    """The paper's constants, rounded as ONNX does: the same floats in 32 bits."""
    op, usual = node.op, ops.Selu()
    assert isinstance(op, ops.Selu)
    return (op.alpha, op.gamma) == (usual.alpha, usual.gamma) and node.operand(0).tensor.dtype is not DType.F64


@TABLE.lower(ops.Selu, when=[dtypes(FLOATS), Condition("the constants are none of PyTorch's", _published)])
def selu(op: ops.Selu, ctx: Context, x: str) -> str:
    return f"F.selu({x})"


@TABLE.lower(ops.Silu, when=[dtypes({DType.F32, DType.F64})])
def silu(op: ops.Silu, ctx: Context, x: str) -> str:
    return f"F.silu({x})" if op.alpha == 1 else f"{x} * torch.sigmoid({digits(ctx, op.alpha)} * {x})"


@TABLE.lower(ops.Softplus, when=[dtypes(FLOATS)])
def softplus(op: ops.Softplus, ctx: Context, x: str) -> str:
    # from the threshold on it is x itself: exp(-20) is below the spacing of float32, exp(-40) below that of float64
    return f"F.softplus({x}, threshold=40)" if ctx.type(0).dtype is DType.F64 else f"F.softplus({x})"


@TABLE.lower(ops.HardSigmoid, when=[dtypes(FLOATS)])
def hard_sigmoid(op: ops.HardSigmoid, ctx: Context, x: str) -> str:
    if (op.alpha, op.beta) == (1 / 6, 0.5):
        return f"F.hardsigmoid({x})"
    return f"({digits(ctx, op.alpha)} * {x} + {digits(ctx, op.beta)}).clamp(0, 1)"


@TABLE.lower(ops.ThresholdedRelu, when=[dtypes(FLOATS)])
def thresholded_relu(op: ops.ThresholdedRelu, ctx: Context, x: str) -> str:
    return f"torch.where({x} > {digits(ctx, op.alpha)}, {x}, 0.0)"


@rows(TABLE, ops.Clip, native=COMPUTED, detours=(WIDE, ORDERED))
def clip(op: ops.Clip, ctx: Context, x: str, low: str = "None", high: str = "None") -> str:
    bounds = {"min": (low, 1), "max": (high, 2)}
    given = {k: (text, number(ctx, i, text)) for k, (text, i) in bounds.items() if text != "None"}
    numbers = all(n != text and "nan" not in n for text, n in given.values())
    told = ", ".join(f"{k}={n if numbers else text}" for k, (text, n) in given.items())
    return f"{x}.clamp({told})" if told else x


@TABLE.lower(Softmax)
def softmax(op: Softmax, ctx: Context, x: str) -> str:
    return f"F.softmax({x}, dim={op.axis})"


@TABLE.lower(LogSoftmax)
def log_softmax(op: LogSoftmax, ctx: Context, x: str) -> str:
    return f"F.log_softmax({x}, dim={op.axis})"


@TABLE.lower(Hardmax, when=[dtypes(FLOATS), filled()])
def hardmax(op: Hardmax, ctx: Context, x: str) -> str:
    return f"torch.zeros_like({x}).scatter({op.axis}, {x}.argmax(dim={op.axis}, keepdim=True), 1)"
