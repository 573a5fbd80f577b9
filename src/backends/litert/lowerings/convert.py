"""Casts."""

from __future__ import annotations

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.lowering import Lowerings
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.convert import Bitcast, Cast

TABLE = Lowerings()


@TABLE.lower(Cast)
def cast(op: Cast, ctx: Context, x: Edge) -> Edge:
    """A float16 constant is widened as LiteRT has it, so that it is stored in half the bytes; but not for an output of
    the graph, for which XNNPACK would compute of constants alone, and fails."""
    if op.saturate and op.to.is_integer and x.dtype is not DType.BOOL:
        return _saturated(op, ctx, x)
    inner = all(isinstance(user, Node) for user, _ in ctx.node.result.uses)
    if inner and x.weight is not None and x.dtype is DType.F16 and op.to is DType.F32:
        return ctx.emit("DEQUANTIZE", x, shape=x.shape)
    return ctx.cast(x, op.to)


def _bounds(dtype: DType) -> tuple[int, int]:
    low = -(1 << (dtype.bits - 1)) if dtype.kind == "int" else 0
    return low, low + (1 << dtype.bits) - 1


def _saturated(op: Cast, ctx: Context, x: Edge) -> Edge:
    """The bounds are put in by hand."""
    low, high = _bounds(op.to)
    if x.dtype.is_integer:
        least, most = _bounds(x.dtype)
        raised = ctx.emit("MAXIMUM", ctx.constant(max(low, least), x.dtype), x)
        return ctx.cast(ctx.emit("MINIMUM", ctx.constant(min(high, most), x.dtype), raised), op.to)
    x = ctx.cast(x, DType.F32)
    above = ctx.emit("GREATER_EQUAL", x, ctx.constant(float(high), DType.F32))
    below = ctx.emit("LESS_EQUAL", x, ctx.constant(float(low), DType.F32))
    outside = ctx.emit("LOGICAL_OR", ctx.emit("LOGICAL_OR", above, below), ctx.emit("NOT_EQUAL", x, x))
    inside = ctx.cast(ctx.emit("SELECT_V2", outside, ctx.constant(0, DType.F32), x), op.to)
    inside = ctx.emit("SELECT_V2", above, ctx.constant(high, op.to), inside)
    return ctx.emit("SELECT_V2", below, ctx.constant(low, op.to), inside)


@TABLE.lower(Bitcast)
def bitcast(op: Bitcast, ctx: Context, x: Edge) -> Edge:
    return ctx.bitcast(x, op.to)
