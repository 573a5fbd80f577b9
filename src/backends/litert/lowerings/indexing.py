"""Gathering, and finding what is not zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.places import along, from_front, rows_of
from interlingua.backends.lowering import Condition, Lowerings, filled
from interlingua.ir.dims import product
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.indexing import Embedding, Gather, GatherAlong, GatherNd, NonZero
from interlingua.ir.types import Shape

TABLE = Lowerings()


def gathered(ctx: Context, x: Edge, indices: Edge, axis: int, shape: Shape) -> Edge:
    """Elements along an axis."""
    return ctx.emit("GATHER", x, from_front(ctx, indices, x, axis), shape=shape, axis=axis, batch_dims=0)


@TABLE.lower(Gather)
def gather(op: Gather, ctx: Context, x: Edge, indices: Edge) -> Edge:
    return gathered(ctx, x, indices, op.axis % x.rank, ctx.result.dims)


@TABLE.lower(Embedding)
def embedding(op: Any, ctx: Context, table: Edge, ids: Edge) -> Edge:
    return gathered(ctx, table, ids, 0, ctx.result.dims)


@TABLE.lower(GatherAlong, when=[filled(0, 1)])
def gather_along(op: GatherAlong, ctx: Context, x: Edge, indices: Edge) -> Edge:
    """The operand flat, and each index as the place of its element there."""
    flat = ctx.reshape(x, (product(x.shape),), x)
    at = along(ctx, x, indices, op.axis % x.rank)
    return ctx.emit("GATHER", flat, at, shape=indices.shape, axis=0, batch_dims=0)


def _deep(node: Node, _: Any) -> bool:
    return isinstance(node.operand(1).tensor.dims[-1], int)


@TABLE.lower(GatherNd, when=[Condition("how long a row of indices is, is not known", _deep), filled()])
def gather_nd(op: GatherNd, ctx: Context, x: Edge, indices: Edge) -> Edge:
    """The axes that a row of indices names as one, and each row as a place along it."""
    n, depth = op.batch_dims, indices.shape[-1]
    assert isinstance(depth, int)
    rest = x.shape[n + depth :]
    rows = ctx.reshape(x, (product(x.shape[: n + depth]), *rest), x)
    at = rows_of(ctx, x, indices, n)
    return ctx.emit("GATHER", rows, at, shape=(*indices.shape[:-1], *rest), axis=0, batch_dims=0)


@TABLE.lower(NonZero, when=[Condition("the rank is 0", lambda node, _: node.operand(0).tensor.rank > 0), filled()])
def non_zero(op: NonZero, ctx: Context, x: Edge) -> Edge:
    if x.dtype is not DType.BOOL:
        x = ctx.emit("NOT_EQUAL", x, ctx.constant(np.zeros((), x.dtype.numpy), x.dtype))
    rank, count = ctx.result.dims
    return ctx.transpose(ctx.emit("WHERE", x, shape=(count, rank)), (1, 0))
