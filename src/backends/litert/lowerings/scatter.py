"""Scattering, on tensors whose scattered axes are one.

Where elements are put, each place takes the last that goes to it: the greatest of their numbers is found, and what is
there is gathered of the operand and the updates.
"""

from __future__ import annotations

from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.common import single
from interlingua.backends.litert.lowerings.keys import from_keys, keys
from interlingua.backends.litert.lowerings.places import along, rows_of, scalar, steps
from interlingua.backends.lowering import Condition, Lowerings, filled
from interlingua.ir.dims import product
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.scatter import ScatterAlong, ScatterNd

TABLE = Lowerings()

SEGMENT = {"mul": "UNSORTED_SEGMENT_PROD", "min": "UNSORTED_SEGMENT_MIN", "max": "UNSORTED_SEGMENT_MAX"}


def _deep(node: Node, _: Any) -> bool:
    return isinstance(node.operand(1).tensor.dims[-1], int)


def _nothing(node: Node, _: Any) -> bool:
    return 0 in node.operand(2).tensor.dims


@TABLE.lower(ScatterNd, ScatterAlong, when=[Condition("something is scattered", _nothing)])
def unchanged(op: Any, ctx: Context, x: Edge, indices: Edge, updates: Edge) -> Edge:
    return x


@TABLE.lower(ScatterAlong, when=[filled(0, 2)])
def scatter_along(op: ScatterAlong, ctx: Context, x: Edge, indices: Edge, updates: Edge) -> Edge:
    at = along(ctx, x, indices, op.axis % x.rank)
    flat, new, at = (ctx.reshape(e, (product(e.shape),), e) for e in (x, updates, at))
    return ctx.reshape(_scattered(ctx, op.reduction, flat, at, new), x.shape, x)


@TABLE.lower(ScatterNd, when=[Condition("how long a row of indices is, is not known", _deep), filled(0, 2)])
def scatter_nd(op: ScatterNd, ctx: Context, x: Edge, indices: Edge, updates: Edge) -> Edge:
    depth = indices.shape[-1]
    assert isinstance(depth, int)
    rest = x.shape[depth:]
    at = rows_of(ctx, x, indices)
    flat = ctx.reshape(x, (product(x.shape[:depth]), *rest), x)
    new = ctx.reshape(updates, (product(at.shape), *rest), updates)
    at = ctx.reshape(at, (product(at.shape),), at)
    return ctx.reshape(_scattered(ctx, op.reduction, flat, at, new), x.shape, x)


def _scattered(ctx: Context, reduction: str, x: Edge, at: Edge, new: Edge) -> Edge:
    """``x`` with each row of ``new`` put to the row that ``at`` says."""
    if reduction == "none":
        return _put(ctx, x, at, new)
    if reduction == "add":
        sizes = ctx.sizes(x.shape, x)
        rows = ctx.reshape(at, (*at.shape, 1), at)
        return single(ctx, x, lambda x: ctx.emit(
            "ADD", x, ctx.emit("SCATTER_ND", rows, ctx.cast(new, x.dtype), sizes, shape=x.shape)
        ))  # fmt: skip
    if reduction == "mul":
        return single(ctx, x, lambda x: ctx.emit(
            "MUL", x, _segments(ctx, SEGMENT["mul"], ctx.cast(new, x.dtype), at, x)
        ))  # fmt: skip
    return _extreme(ctx, reduction, x, at, new)


def _segments(ctx: Context, op: str, new: Edge, at: Edge, x: Edge) -> Edge:
    return ctx.emit(op, new, at, scalar(ctx, x.shape[0], x), shape=x.shape)


def _put(ctx: Context, x: Edge, at: Edge, new: Edge) -> Edge:
    count = x.shape[0]
    own = steps(ctx, count, x)
    numbers = ctx.emit("ADD", steps(ctx, at.shape[0], at), scalar(ctx, count, x))
    last = ctx.emit("UNSORTED_SEGMENT_MAX", numbers, at, scalar(ctx, count, x), shape=own.shape)
    both = ctx.emit("CONCATENATION", x, new, shape=(count + at.shape[0], *x.shape[1:]), axis=0)
    return ctx.emit("GATHER", both, ctx.emit("MAXIMUM", last, own), shape=x.shape, axis=0, batch_dims=0)


def _extreme(ctx: Context, reduction: str, x: Edge, at: Edge, new: Edge) -> Edge:
    """By keys: a place to which nothing goes gets the extreme of them, which none is beyond."""
    greatest = reduction == "max"
    a, b = (keys(ctx, e, nan_greatest=greatest) for e in (x, new))
    op = "MAXIMUM" if greatest else "MINIMUM"
    narrow = a.dtype is not DType.I64
    a, b = (ctx.cast(e, DType.I32) if narrow else e for e in (a, b))
    return from_keys(ctx, ctx.emit(op, a, _segments(ctx, SEGMENT[reduction], b, at, a)), x.dtype)
