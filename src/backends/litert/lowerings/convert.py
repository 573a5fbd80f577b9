"""Casts."""

from __future__ import annotations

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.lowering import Lowerings
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.convert import Bitcast, Cast

TABLE = Lowerings()


@TABLE.lower(Cast)
def cast(op: Cast, ctx: Context, x: Edge) -> Edge:
    if op.saturate and op.to.is_integer and x.dtype is not DType.BOOL:
        return _saturated(op, ctx, x)
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
