"""Where elements are: indices as places in a tensor whose axes are one.

Elements are counted in int32: a tensor of 2**31 or more has none of these lowerings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from interlingua.backends.litert.context import INT32, Context
from interlingua.backends.litert.extents import extent
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.kernels import NoKernel
from interlingua.ir.dims import DimLike, product
from interlingua.ir.dtypes import DType
from interlingua.ir.types import Shape


def from_front(ctx: Context, indices: Edge, x: Edge, axis: int) -> Edge:
    """Indices, those that count from the end counted from the front."""
    known = indices.known
    size = x.shape[axis]
    if known is not None and min(known, default=0) >= 0:
        return indices
    if indices.weight is not None and isinstance(size, int):
        view = indices.weight.view()
        return ctx.constant(view + (view < 0) * size, indices.dtype)
    return _counted(ctx, indices, ctx.cast(scalar(ctx, size, x), indices.dtype))


def _counted(ctx: Context, indices: Edge, sizes: Edge) -> Edge:
    below = ctx.emit("LESS", indices, ctx.constant(0, indices.dtype))
    return ctx.emit("SELECT_V2", below, ctx.emit("ADD", indices, sizes), indices)


def scalar(ctx: Context, dim: DimLike, *sources: Edge) -> Edge:
    """An extent as a tensor of rank 0."""
    return ctx.reshape(extent(ctx, dim, sources), ())


def steps(ctx: Context, dim: DimLike, *sources: Edge) -> Edge:
    """0, 1, … below ``dim``."""
    if isinstance(dim, int):
        return ctx.constant(np.arange(dim))
    return ctx.emit("RANGE", ctx.constant(0), scalar(ctx, dim, *sources), ctx.constant(1), shape=(dim,))


def along(ctx: Context, x: Edge, indices: Edge, axis: int) -> Edge:
    """The places in ``x``, flat, of the elements that ``indices`` name along ``axis``."""
    _countable(x)
    found = from_front(ctx, ctx.cast(indices, DType.I32), x, axis)
    parts = {i: d for i, d in enumerate(indices.shape) if i != axis and d != 1}
    return _sum(ctx, _times(ctx, found, x.shape[axis + 1 :], x), _offsets(ctx, x, indices, parts))


def rows_of(ctx: Context, x: Edge, indices: Edge, batch: int = 0) -> Edge:
    """The places, along the axes of ``x`` that they and the first ``batch`` coordinates name, of rows of indices."""
    _countable(x)
    depth = indices.shape[-1]
    assert isinstance(depth, int)
    named = x.shape[batch : batch + depth]
    found = ctx.cast(indices, DType.I32)
    if indices.weight is None or not all(isinstance(d, int) for d in named):
        found = _counted(ctx, found, ctx.sizes(named, x)) if depth else found
    else:
        view = indices.weight.view()
        found = ctx.constant(view + (view < 0) * np.array(named, np.int64), DType.I32)
    lead = indices.shape[:-1]
    total: Edge | None = None
    for k in range(depth):
        bounds = [ctx.constant([*[0] * len(lead), k]), ctx.constant([*[-1] * len(lead), 1])]
        one = found if depth == 1 else ctx.emit("SLICE", found, *bounds, shape=(*lead, 1))
        part = _times(ctx, ctx.reshape(one, lead, found), x.shape[batch + k + 1 : batch + depth], x)
        total = part if total is None else _sum(ctx, total, part)
    if total is None:
        total = ctx.broadcast_to(ctx.constant(0), lead, indices)
    parts = {i: d for i, d in enumerate(lead[:batch]) if d != 1}
    offsets = _offsets(ctx, x, Edge("", DType.I32, lead), parts, batch + depth, indices)
    return _sum(ctx, total, offsets)


def _countable(x: Edge) -> None:
    size = product(x.shape)
    if isinstance(size, int) and size > INT32.max:
        raise NoKernel("elements are more than int32 counts")


def _times(ctx: Context, a: Edge, shape: Shape, *sources: Edge) -> Edge:
    """``a`` times the elements of ``shape``."""
    size = product(shape)
    if size == 1:
        return a
    if a.weight is not None and isinstance(size, int):
        return ctx.constant(a.weight.view() * size)
    return ctx.emit("MUL", a, scalar(ctx, size, *sources))


def _sum(ctx: Context, a: Edge, b: Edge | None) -> Edge:
    if b is None:
        return a
    if a.weight is not None and b.weight is not None:
        return ctx.constant(a.weight.view() + b.weight.view())
    return ctx.emit("ADD", a, b)


def _offsets(
    ctx: Context, x: Edge, indices: Edge, parts: dict[int, DimLike], end: int | None = None, *sources: Edge
) -> Edge | None:
    """What the coordinates on axes ``parts`` add to a place in axes of ``x`` before ``end``; of ``indices``' rank."""
    total: Edge | None = None
    for i, d in parts.items():
        vector = _times(ctx, steps(ctx, d, *(sources or (indices,))), x.shape[i + 1 : end], x)
        lined = ctx.reshape(vector, tuple(d if k == i else 1 for k in range(indices.rank)), vector)
        total = lined if total is None else _sum(ctx, total, lined)
    return total


def filled_with(ctx: Context, sizes: Sequence[DimLike], value: Edge, *sources: Edge) -> Edge:
    """A tensor of one value."""
    return ctx.emit("FILL", ctx.sizes(tuple(sizes), *sources), value, shape=tuple(sizes))
