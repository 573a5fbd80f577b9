"""Activations that LiteRT has natively; where it has not, they decompose."""

from __future__ import annotations

from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.fusion import fused
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.common import extreme, scalar_of, single
from interlingua.backends.lowering import Condition, Lowerings, filled
from interlingua.ir.dtypes import DType
from interlingua.ir.ops import activation as nn
from interlingua.ir.ops.softmax import LogSoftmax, Softmax

TABLE = Lowerings()

BOUNDED = {(0.0, 6.0): "RELU6", (-1.0, 1.0): "RELU_N1_TO_1"}
"""Bounds that have an op of their own, which others take along."""


@TABLE.lower(nn.Relu)
def relu(op: nn.Relu, ctx: Context, x: Edge) -> Edge:
    if x.dtype is DType.F32:
        return fused(ctx, x, "RELU")
    return ctx.emit("MAXIMUM", ctx.constant(0, x.dtype), x)


@TABLE.lower(nn.Clip)
def clip(op: nn.Clip, ctx: Context, x: Edge, low: Edge | None = None, high: Edge | None = None) -> Edge:
    bounds = scalar_of(low), scalar_of(high)
    name = BOUNDED.get((bounds[0], bounds[1])) if None not in bounds else None  # type: ignore[arg-type]
    if name is not None and x.dtype is DType.F32:
        return fused(ctx, x, name)
    raised = x if low is None else extreme(ctx, "MAXIMUM", low, x)
    return raised if high is None else extreme(ctx, "MINIMUM", high, raised)


@TABLE.lower(nn.LeakyRelu)
def leaky_relu(op: nn.LeakyRelu, ctx: Context, x: Edge) -> Edge:
    return single(ctx, x, lambda x: ctx.emit("LEAKY_RELU", x, alpha=float(op.alpha)))


@TABLE.lower(nn.Prelu)
def prelu(op: nn.Prelu, ctx: Context, x: Edge, slope: Edge) -> Edge:
    return ctx.emit("PRELU", x, slope)


@TABLE.lower(nn.Elu, when=[Condition("alpha is not 1", lambda node, _: node.op.attributes()["alpha"] == 1)])
def elu(op: nn.Elu, ctx: Context, x: Edge) -> Edge:
    return single(ctx, x, lambda x: ctx.emit("ELU", x))


@TABLE.lower(nn.HardSwish)
def hard_swish(op: nn.HardSwish, ctx: Context, x: Edge) -> Edge:
    return single(ctx, x, lambda x: ctx.emit("HARD_SWISH", x))


@TABLE.lower(nn.Gelu)
def gelu(op: nn.Gelu, ctx: Context, x: Edge) -> Edge:
    return single(ctx, x, lambda x: ctx.emit("GELU", x, approximate=op.form == "tanh"))


@TABLE.lower(nn.Silu, when=[Condition("alpha is not 1", lambda node, _: node.op.attributes()["alpha"] == 1)])
def silu(op: nn.Silu, ctx: Context, x: Edge) -> Edge:
    return single(ctx, x, lambda x: ctx.emit("MUL", x, ctx.emit("LOGISTIC", x)))


SOFTMAX = {Softmax: "SOFTMAX", LogSoftmax: "LOG_SOFTMAX"}


@TABLE.lower(Softmax, LogSoftmax, when=[filled()])
def softmax(op: Any, ctx: Context, x: Edge) -> Edge:
    """Along the last axis; the others are one to it."""
    options: dict[str, Any] = {"beta": 1.0} if type(op) is Softmax else {}
    rank = x.rank
    axis = op.axis % rank
    perm = [*(a for a in range(rank) if a != axis), axis]

    def along_last(x: Edge) -> Edge:
        return single(ctx, x, lambda x: ctx.emit(SOFTMAX[type(op)], x, shape=x.shape, **options))

    def emit(x: Edge) -> Edge:
        if rank <= 4:
            return along_last(x)
        lines = ctx.merged(x, [list(range(rank - 1)), [rank - 1]], rank)
        return ctx.reshape(along_last(lines), x.shape, x)

    if axis == rank - 1:
        return emit(x)
    return ctx.transpose(emit(ctx.transpose(x, perm)), [perm.index(a) for a in range(rank)])
