"""Gathering."""

from __future__ import annotations

from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.lowering import Lowerings, filled
from interlingua.ir.ops.indexing import Embedding, Gather
from interlingua.ir.types import Shape

TABLE = Lowerings()


def from_front(ctx: Context, indices: Edge, x: Edge, axis: int) -> Edge:
    """Indices, those that count from the end counted from the front."""
    known = indices.known
    size = x.shape[axis]
    if known is not None and min(known, default=0) >= 0:
        return indices
    extent = ctx.sizes((size,), x)
    extent = ctx.cast(ctx.reshape(extent, ()), indices.dtype)
    if known is not None and isinstance(size, int):
        assert indices.weight is not None
        view = indices.weight.view()
        return ctx.constant(view + (view < 0) * size, indices.dtype)
    below = ctx.emit("LESS", indices, ctx.constant(0, indices.dtype))
    return ctx.emit("SELECT_V2", below, ctx.emit("ADD", indices, extent), indices)


def gathered(ctx: Context, x: Edge, indices: Edge, axis: int, shape: Shape) -> Edge:
    """Elements along an axis."""
    return ctx.emit("GATHER", x, from_front(ctx, indices, x, axis), shape=shape, axis=axis, batch_dims=0)


@TABLE.lower(Gather, when=[filled(0, 1)])
def gather(op: Gather, ctx: Context, x: Edge, indices: Edge) -> Edge:
    return gathered(ctx, x, indices, op.axis % x.rank, ctx.result.dims)


@TABLE.lower(Embedding, when=[filled(0, 1)])
def embedding(op: Any, ctx: Context, table: Edge, ids: Edge) -> Edge:
    return gathered(ctx, table, ids, 0, ctx.result.dims)
