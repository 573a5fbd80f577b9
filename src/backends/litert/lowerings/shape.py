"""Ops that move elements about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.ranks import apart, fitting, merged_shape, place
from interlingua.backends.lowering import Condition, Lowerings
from interlingua.ir.graph import Node
from interlingua.ir.ops.blocks import DepthToSpace, SpaceToDepth
from interlingua.ir.ops.layout import ExpandDims, Flatten, Split, Squeeze, Stack, Tile
from interlingua.ir.ops.shape import BroadcastTo, Concat, Reshape, Reverse, Slice, Transpose
from interlingua.ir.types import Shape

TABLE = Lowerings()

FULL = Condition(
    "an extent is not positive for certain",
    lambda node, _: all(d != 0 for v in node.results for d in v.tensor.dims),
)


@TABLE.lower(Reshape)
def reshape(op: Reshape, ctx: Context, x: Edge, shape: Edge) -> Edge:
    due = ctx.result.dims
    if all(isinstance(d, int) for d in due):
        return ctx.reshape(x, due)
    return ctx.emit("RESHAPE", x, shape, shape=due)


@TABLE.lower(ExpandDims, Squeeze, Flatten)
def reshaped(op: Any, ctx: Context, x: Edge) -> Edge:
    return ctx.reshape(x, ctx.result.dims, x)


@TABLE.lower(Transpose)
def transpose(op: Transpose, ctx: Context, x: Edge) -> Edge:
    return ctx.transpose(x, op.perm)


@TABLE.lower(BroadcastTo)
def broadcast_to(op: BroadcastTo, ctx: Context, x: Edge, shape: Edge) -> Edge:
    """Two-way: the sizes are those of the result, of which ``shape`` may say some alone."""
    due = ctx.result.dims
    if all(isinstance(d, int) for d in due):
        return ctx.broadcast_to(x, due)
    sizes = ctx.index(shape)
    own = ctx.shape_of(x)
    if x.rank == 0 or all(d == 1 for d in x.shape):
        return ctx.emit("BROADCAST_TO", x, _padded_sizes(ctx, sizes, x.rank), shape=due)
    length = max(x.rank, sizes.shape[0] if isinstance(sizes.shape[0], int) else 0)
    parts = [_front(ctx, each, length) for each in (own, sizes)]
    one = ctx.constant(1)
    first = ctx.emit("EQUAL", parts[0], one)
    both = ctx.emit("SELECT_V2", first, parts[1], parts[0])
    return ctx.emit("BROADCAST_TO", x, both, shape=due)


def _front(ctx: Context, sizes: Edge, length: int) -> Edge:
    """A vector of sizes with ones before it, ``length`` in all."""
    missing = length - (sizes.shape[0] if isinstance(sizes.shape[0], int) else length)
    if missing <= 0:
        return sizes
    return ctx.emit("CONCATENATION", ctx.constant([1] * missing), sizes, shape=(length,), axis=0)


def _padded_sizes(ctx: Context, sizes: Edge, rank: int) -> Edge:
    return _front(ctx, sizes, rank)


@TABLE.lower(Concat)
def concat(op: Concat, ctx: Context, *xs: Edge) -> Edge:
    if len(xs) == 1:
        return xs[0]
    return _joined(ctx, xs, op.axis % xs[0].rank, ctx.result.dims)


def _joined(ctx: Context, xs: Sequence[Edge], axis: int, shape: Shape) -> Edge:
    rank = len(shape)
    groups = fitting("CONCATENATION", rank, [xs[0].dtype.value], apart(rank, [axis]))
    if groups is None:
        return ctx.emit("CONCATENATION", *xs, shape=shape, axis=axis)
    narrow = [ctx.merged(x, groups, rank) for x in xs]
    made = ctx.emit("CONCATENATION", *narrow, shape=merged_shape(shape, groups), axis=place(groups, axis))
    return ctx.reshape(made, shape, *xs)


@TABLE.lower(Stack)
def stack(op: Stack, ctx: Context, *xs: Edge) -> Edge:
    return ctx.emit("PACK", *xs, shape=ctx.result.dims, axis=op.axis % (xs[0].rank + 1), values_count=len(xs))


@TABLE.lower(Slice)
def slice_(op: Slice, ctx: Context, x: Edge, starts: Edge, stops: Edge, steps: Edge | None = None) -> Edge:
    if not op.axes:
        return x
    rank, due = x.rank, ctx.result.dims
    axes = [a % rank for a in op.axes]
    groups = fitting("STRIDED_SLICE", rank, [x.dtype.value], apart(rank, axes))
    small = x if groups is None else ctx.merged(x, groups, rank)
    places = axes if groups is None else [place(groups, a) for a in axes]
    vectors = [_spread(ctx, v, places, small.rank, fill) for v, fill in ((starts, 0), (stops, 0))]
    by = ctx.constant([1] * small.rank) if steps is None else _spread(ctx, steps, places, small.rank, 1)
    mask = sum(1 << a for a in range(small.rank) if a not in places)
    shape = due if groups is None else merged_shape(due, groups)
    made = ctx.emit("STRIDED_SLICE", small, *vectors, by, shape=shape, begin_mask=mask, end_mask=mask)
    return ctx.reshape(made, due, x, made) if groups is not None else made


def _spread(ctx: Context, values: Edge, places: Sequence[int], rank: int, fill: int) -> Edge:
    """A vector with the elements of ``values`` at ``places`` and ``fill`` elsewhere."""
    values = ctx.index(values)
    if values.known is not None:
        found = dict(zip(places, values.known, strict=True))
        return ctx.constant([found.get(a, fill) for a in range(rank)])
    order = [places.index(a) if a in places else len(places) for a in range(rank)]
    more = ctx.emit("CONCATENATION", values, ctx.constant([fill]), shape=(len(places) + 1,), axis=0)
    return ctx.emit("GATHER", more, ctx.constant(order), shape=(rank,), axis=0)


@TABLE.lower(Reverse)
def reverse(op: Reverse, ctx: Context, x: Edge) -> Edge:
    return reversed_along(ctx, x, op.axes)


def reversed_along(ctx: Context, x: Edge, axes: Sequence[int]) -> Edge:
    """A slice backwards: the kernel of REVERSE_V2 reads what is not there where an extent is 0."""
    axes = sorted(a % x.rank for a in axes)
    if not axes:
        return x
    if x.weight is not None:
        key = ("reverse", *axes)
        return ctx.computed(x, x.dtype, x.weight.shape, lambda array: np.flip(array, tuple(axes)), key)
    groups = fitting("STRIDED_SLICE", x.rank, [x.dtype.value], apart(x.rank, axes))
    small = x if groups is None else ctx.merged(x, groups, x.rank)
    places = axes if groups is None else [place(groups, a) for a in axes]
    steps = ctx.constant([-1 if a in places else 1 for a in range(small.rank)])
    bounds, mask = ctx.constant([0] * small.rank), (1 << small.rank) - 1
    made = ctx.emit(
        "STRIDED_SLICE", small, bounds, bounds, steps, shape=small.shape, begin_mask=mask, end_mask=mask
    )  # fmt: skip
    return ctx.reshape(made, x.shape, x)


@TABLE.lower(Split)
def split(op: Split, ctx: Context, x: Edge, sizes: Edge | None = None) -> tuple[Edge, ...]:
    axis = op.axis % x.rank
    shapes = [r.tensor.dims for r in ctx.node.results]
    lengths = [s[axis] for s in shapes]
    if sizes is None and not isinstance(x.shape[axis], int):
        from interlingua.backends.litert.kernels import NoKernel

        raise NoKernel("the axis that is split has no known extent")
    if op.parts == 1:
        return (x,)
    at = ctx.constant(axis)
    if all(n == lengths[0] for n in lengths) and lengths[0] != 0:
        return ctx.emit_all("SPLIT", at, x, shapes=shapes, num_splits=op.parts)
    vector = ctx.index(sizes) if sizes is not None else ctx.constant([n for n in lengths if isinstance(n, int)])
    return ctx.emit_all("SPLIT_V", x, vector, at, shapes=shapes, num_splits=op.parts)


@TABLE.lower(Tile)
def tile(op: Tile, ctx: Context, x: Edge, repeats: Edge) -> Edge:
    if x.rank == 0:
        return x
    return ctx.emit("TILE", x, repeats, shape=ctx.result.dims)


def _dcr(node: Node, _: Any) -> bool:
    return bool(node.op.attributes()["mode"] == "dcr")


@TABLE.lower(DepthToSpace, SpaceToDepth, when=[Condition("the order is crd", _dcr)])
def blocks(op: Any, ctx: Context, x: Edge) -> Edge:
    name = "DEPTH_TO_SPACE" if isinstance(op, DepthToSpace) else "SPACE_TO_DEPTH"
    if op.block == 1:
        return x
    n, c, h, w = ctx.result.dims
    made = ctx.emit(name, ctx.transpose(x, (0, 2, 3, 1)), shape=(n, h, w, c), block_size=op.block)
    return ctx.transpose(made, (0, 3, 1, 2))
