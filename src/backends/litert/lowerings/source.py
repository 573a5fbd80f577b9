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
    return ctx.emit("RANGE", start, limit, step, shape=ctx.result.dims)
