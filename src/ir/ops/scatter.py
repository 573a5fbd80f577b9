"""Ops that write elements by index.

Indices are int32 or int64; a negative one counts from the end; one out of bounds is undefined (the reference
raises).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Literal, get_args

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dims import DimLike, at_least, same
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import NUMBERS, DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import indexing as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.binary import Add, Rem
from interlingua.ir.ops.common import axis_in, one_dtype, shaped
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import along_sample, check_along
from interlingua.ir.ops.shape import INDEX_DTYPES, BroadcastTo, Reshape
from interlingua.ir.ops.shaping import dim_scalar, dims_of, index_along, vector
from interlingua.ir.types import Tensor

ScatterReduction = Literal["none", "add", "mul", "min", "max"]
CacheMode = Literal["linear", "circular"]


@op("core.scatter_nd")
class ScatterNd(Op):
    """``y = x`` but ``y[indices[i…, :]…] = updates[i…]``: each row of ``indices`` names the part that an
    update goes to.

    C1. ``indices`` is int32 or int64, of rank ≥ 1, its rows no longer than the rank of ``x``.
    C2. ``updates`` has the dtype of ``x`` and the shape ``indices.shape[:-1] + x.shape[depth:]``.
    C3. With a ``reduction``, ``x`` holds numbers.
    ``reduction`` combines with what is there, duplicates included, in an order that is not fixed; with
    ``none`` duplicates are undefined. min and max propagate NaN. Narrow floats are combined in float32 and
    rounded once.
    """

    reduction: ScatterReduction = "none"
    kernel = kernels.scatter_nd
    symbolic = True

    def infer(self, x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
        _check_reduction(self, one_dtype(self, x, updates), self.reduction, "C3")
        self.require(indices.dtype in INDEX_DTYPES, "C1. indices is int32 or int64", indices)
        self.require(indices.rank >= 1, "C1. indices has rank 1 or more", indices)
        depth = indices.dims[-1]
        if isinstance(depth, int) and updates.shape is not None:
            self.require(depth <= x.rank, "C1. a row of indices fits the rank of x", x, indices)
            self.require(
                _agree(updates.dims, (*indices.dims[:-1], *x.dims[depth:])),
                "C2. updates fits",
                x,
                indices,
                updates,
            )
        return x.with_shape(x.dims)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        reduction = draw.choice(get_args(ScatterReduction))
        allowed: Iterable[DType] = DType if reduction == "none" else NUMBERS
        dtype = draw.dtype(allowed)
        x = draw.array(draw.shape(least=1), dtype)
        depth = draw.integer(0, x.ndim)
        rows = draw.rows(draw.shape(0, 2), x.shape[:depth])
        if reduction == "none":
            rows = _distinct(draw, x.shape[:depth])
        updates = draw.array((*rows.shape[:-1], *x.shape[depth:]), dtype)
        return Sample(cls(reduction), (x, rows, updates), draw.some((0, 1, 2)))


def _check_reduction(op: Op, dtype: DType, reduction: ScatterReduction, constraint: str) -> None:
    op.require(reduction == "none" or dtype in NUMBERS, f"{constraint}. with a reduction, x holds numbers", dtype)


def _agree(dims: tuple[DimLike, ...], wanted: tuple[DimLike, ...]) -> bool:
    return len(dims) == len(wanted) and all(
        same(p, q) is not False for p, q in zip(dims, wanted, strict=True)
    )


@op("core.scatter_along")
class ScatterAlong(Op):
    """``y = x`` but ``y[i0, …, indices[i…], …] = updates[i…]``, the index in the place of coordinate
    ``axis``.

    C1. ``indices`` is int32 or int64, of the rank of ``x``.  C2. ``updates`` has the dtype of ``x`` and the
    shape of ``indices``.  C3. Off ``axis`` no dim of ``indices`` exceeds that of ``x``.
    C4. With a ``reduction``, ``x`` holds numbers.  ``reduction`` as for scatter_nd.
    """

    axis: int = 0
    reduction: ScatterReduction = "none"
    kernel = kernels.scatter_along
    symbolic = True

    def infer(self, x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
        _check_reduction(self, one_dtype(self, x, updates), self.reduction, "C4")
        check_along(self, x, indices, self.axis)
        self.require(
            _agree(updates.dims, indices.dims), "C2. updates has the shape of indices", indices, updates
        )
        return x.with_shape(x.dims)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        reduction = draw.choice(get_args(ScatterReduction))
        allowed: Iterable[DType] = DType if reduction == "none" else NUMBERS
        x, axis, indices = along_sample(draw, allowed)
        if reduction == "none":
            dims = list(indices.shape)
            size = dims[axis] = x.shape[axis]
            order = np.random.default_rng(draw.integer(0, 99)).permuted(np.indices(dims)[axis], axis=axis)
            indices = np.take(order, range(draw.integer(0, size)), axis) - size * draw.integer(0, 1)
        updates = draw.array(indices.shape, DType.of(x))
        return Sample(cls(axis, reduction), (x, indices, updates), draw.some((0, 1, 2)))


@op("nn.tensor_scatter")
class TensorScatter(Op):
    """``cache`` with ``update`` written along ``axis`` from ``starts[n]`` on (0 where absent), n the
    coordinate on axis 0.

    C1. The operands have one dtype and rank, and the same dims but at ``axis``, where ``update`` is no longer
    than ``cache``.
    C2. ``axis`` is in [-rank, rank) and is not 0.  C3. ``starts`` is an int32 or int64 vector, one element a
    sample.
    ``linear``: writing past the end is undefined; ``circular``: it goes on at the front.
    """

    axis: int = -2
    mode: CacheMode = "linear"
    kernel = kernels.tensor_scatter

    def infer(self, cache: Tensor, update: Tensor, starts: Tensor | None = None) -> Tensor:
        one_dtype(self, cache, update)
        axis = axis_in(self, self.axis, cache.rank)
        self.require(axis != 0, "C2. axis is not the batch axis", cache)
        self.require(update.rank == cache.rank, "C1. the operands have one rank", cache, update)
        for i, (p, q) in enumerate(zip(cache.dims, update.dims, strict=True)):
            fits = at_least(p - q, 0) if i == axis else same(p, q)
            self.require(fits is not False, "C1. update fits cache", cache, update)
        if starts is not None:
            self.require(starts.dtype in INDEX_DTYPES, "C3. starts is int32 or int64", starts)
            shaped(self, starts, (cache.dims[0],), "C3. starts has an element a sample")
        return cache.with_shape(cache.dims)

    def decompose(self, b: Builder, cache: Value, update: Value, starts: Value | None = None) -> Value:
        rank = cache.tensor.rank
        axis = self.axis % rank
        place = index_along(b, dim_scalar(b, update, axis), axis, rank)
        if starts is not None:
            wide = starts if starts.tensor.dtype is DType.I64 else b(Cast(to=DType.I64), starts)
            place = b(Add(), place, b(Reshape(), wide, b.constant([-1] + [1] * (rank - 1))))
        if self.mode == "circular":
            place = b(Rem(), place, dim_scalar(b, cache, axis))
        whole = b(BroadcastTo(), place, vector(b, dims_of(b, update, *range(rank))))
        return b(ScatterAlong(axis=axis), cache, whole, update)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        cache = draw.array(draw.shape(2, least=1), draw.dtype(DType))
        axis, mode = draw.integer(1, cache.ndim - 1) - cache.ndim * draw.integer(0, 1), draw.choice(get_args(CacheMode))
        size = cache.shape[axis]
        length = draw.integer(0, size)
        shape = list(cache.shape)
        shape[axis] = length
        last = 2 * size if mode == "circular" else size - length
        starts = draw.integers([draw.integer(0, last) for _ in range(shape[0])]) if draw.boolean() else None
        return Sample(cls(axis, mode), (cache, draw.array(shape, DType.of(cache)), starts), draw.some((2,)))


def _distinct(draw: Draw, dims: tuple[int, ...]) -> Any:
    """Rows of indices no two of which name the same part."""
    every = np.indices(dims, np.int64).reshape(len(dims), math.prod(dims)).T
    count = draw.integer(0, len(every))
    rows = np.random.default_rng(draw.integer(0, 99)).permutation(every)[:count]
    return rows - np.array(dims, np.int64) * draw.integer(0, 1)
