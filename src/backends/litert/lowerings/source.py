"""Shapes and ranges; constants are written by the emitter itself."""

from __future__ import annotations

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.lowering import Lowerings
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.source import Iota, ShapeOf

TABLE = Lowerings()


@TABLE.lower(ShapeOf)
def shape_of(op: ShapeOf, ctx: Context, x: Edge) -> Edge:
    return ctx.shape_of(x, DType.I64)


@TABLE.lower(Iota)
def iota(op: Iota, ctx: Context, start: Edge, limit: Edge, step: Edge) -> Edge:
    """The kernel wants the limit beyond the start, as the step leads: an empty range ends where it starts."""
    most, least = ctx.emit("MAXIMUM", limit, start), ctx.emit("MINIMUM", limit, start)
    up = ctx.emit("GREATER", step, ctx.constant(0, step.dtype))
    limit = ctx.emit("SELECT_V2", up, most, least)
    return ctx.emit("RANGE", start, limit, step, shape=ctx.result.dims)
