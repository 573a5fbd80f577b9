"""Ops that read elements by index, and that find indices.

Indices are int32 or int64; a negative one counts from the end; one out of bounds is undefined (the reference
raises).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from interlingua.errors import ConstraintError
from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN, Dim, DimLike, at_least, same
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import NUMBERS, DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import indexing as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.binary import Add, Sub
from interlingua.ir.ops.common import axis_in, elements_from
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.layout import Squeeze
from interlingua.ir.ops.logic import Eq, Lt, Select
from interlingua.ir.ops.shape import INDEX_DTYPES, BroadcastTo, Reshape
from interlingua.ir.ops.shaping import dim_scalar, dims_of, expanded, index_along, vector
from interlingua.ir.types import Tensor


def one_element(op: Op, operand: Tensor, name: str) -> DimLike | None:
    """The only element of an integer operand, where it is known."""
    op.require(operand.dtype in INDEX_DTYPES, f"{name} is int32 or int64", operand)
    op.require(operand.shape is None or same(operand.size, 1) is not False, f"{name} is one element", operand)
    if operand.elements is None:
        return None
    element = operand.elements.item()
    return element if isinstance(element, (int, Dim)) else None


@op("core.gather")
class Gather(Op):
    """``y[…, i…, …] = x[…, indices[i…], …]``: the shape of ``indices`` in the place of ``axis``.

    C1. ``indices`` is int32 or int64.  C2. ``axis`` is in [-rank, rank).
    """

    axis: int = 0
    kernel = kernels.gather
    symbolic = True

    def infer(self, x: Tensor, indices: Tensor) -> Tensor:
        self.require(indices.dtype in INDEX_DTYPES, "C1. indices is int32 or int64", indices)
        axis = axis_in(self, self.axis, x.rank)
        self._check_bounds(x.dims[axis], indices)
        return x.with_shape([*x.dims[:axis], *indices.dims, *x.dims[axis + 1 :]])

    def _check_bounds(self, size: DimLike, indices: Tensor) -> None:
        for index in indices.known() or ():
            inside = at_least(size, index + 1) if index >= 0 else at_least(size, -index)
            if inside is False:
                raise ConstraintError(f"{self.name}: index {index} is outside an axis of {size}")

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x = draw.array(draw.shape(1, least=1), draw.dtype(DType))
        axis = draw.axis(x.ndim)
        return Sample(cls(axis), (x, draw.indices(draw.shape(0, 2), x.shape[axis])), draw.some((0, 1)))


@op("core.gather_nd")
class GatherNd(Op):
    """``y[n…, j…] = x[n…, indices[n…, j…, :]…]``: each row of ``indices`` names a part of ``x``.

    C1. ``indices`` is int32 or int64 of rank > ``batch_dims`` ≥ 0.  C2. The first ``batch_dims`` dims agree.
    C3. A row is no longer than the rank of ``x`` less ``batch_dims``.
    """

    batch_dims: int = 0
    kernel = kernels.gather_nd
    symbolic = True

    def infer(self, x: Tensor, indices: Tensor) -> Tensor:
        self.require(indices.dtype in INDEX_DTYPES, "C1. indices is int32 or int64", indices)
        n = self.batch_dims
        self.require(0 <= n < indices.rank, "C1. indices has more than batch_dims axes", indices)
        agree = all(same(p, q) is not False for p, q in zip(x.dims[:n], indices.dims[:n], strict=False))
        self.require(agree, "C2. the batch dims agree", x, indices)
        depth = indices.dims[-1]
        if not isinstance(depth, int):
            return x.with_shape(None)
        self.require(n + depth <= x.rank, "C3. a row of indices fits the rank of x", x, indices)
        return x.with_shape([*indices.dims[:-1], *x.dims[n + depth :]])

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x = draw.array(draw.shape(least=1), draw.dtype(DType))
        n = draw.integer(0, min(2, x.ndim))
        depth = draw.integer(0, x.ndim - n)
        rows = draw.rows((*x.shape[:n], *draw.shape(0, 2)), x.shape[n : n + depth])
        return Sample(cls(n), (x, rows), draw.some((0, 1)))


@op("core.gather_along")
class GatherAlong(Op):
    """``y[i0, …, ia, …] = x[i0, …, indices[i0, …, ia, …], …]``, ``a`` the ``axis``; the shape of ``indices``.

    C1. ``indices`` is int32 or int64, of the rank of ``x``.  C2. ``axis`` is in [-rank, rank).
    C3. Off the axis no dim of ``indices`` exceeds that of ``x``; a smaller one reads the front (PyTorch;
    NumPy broadcasts).
    """

    axis: int = 0
    kernel = kernels.gather_along

    def infer(self, x: Tensor, indices: Tensor) -> Tensor:
        check_along(self, x, indices, self.axis)
        return x.with_shape(indices.dims)

    def unranked(self, x: Tensor, indices: Tensor) -> Tensor:
        return x.with_shape(indices.shape)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x, axis, indices = along_sample(draw)
        return Sample(cls(axis), (x, indices), draw.some((1,)))


def check_along(op: Op, x: Tensor, indices: Tensor, axis: int) -> None:
    """The constraints that gather_along and scatter_along share."""
    op.require(indices.dtype in INDEX_DTYPES, "C1. indices is int32 or int64", indices)
    op.require(x.rank == indices.rank, "C1. indices has the rank of x", x, indices)
    place = axis_in(op, axis, x.rank)
    for i, (p, q) in enumerate(zip(x.dims, indices.dims, strict=True)):
        op.require(
            i == place or at_least(p - q, 0) is not False, "C3. indices fits x off the axis", x, indices
        )


@op("core.top_k")
class TopK(Op):
    """The ``k`` greatest (or with ``largest=False`` least) elements along ``axis``, and their int64 indices.

    C1. ``x`` holds numbers.  C2. ``axis`` is in [-rank, rank).  C3. ``k`` is one int32 or int64, 0 ≤ k ≤ dim.
    In order, best first; of equal elements the lowest index comes first. NaN is above +inf (first among the
    greatest, last among the least); −0.0 equals 0.0. With ``sorted=False`` the order of the results is
    undefined, not their choice.
    """

    axis: int = -1
    largest: bool = True
    sorted: bool = True
    kernel = kernels.top_k

    def infer(self, x: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
        self.require(x.dtype in NUMBERS, "C1. x holds numbers", x)
        axis = axis_in(self, self.axis, x.rank)
        count = one_element(self, k, "C3. k")
        if count is not None:
            fits = at_least(count, 0) is not False and at_least(x.dims[axis] - count, 0) is not False
            self.require(fits, "C3. k is in [0, dim]", x, count)
        dims = [*x.dims[:axis], UNKNOWN if count is None else count, *x.dims[axis + 1 :]]
        return x.with_shape(dims), Tensor(DType.I64, tuple(dims))

    def unranked(self, x: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
        return x.with_shape(None), Tensor(DType.I64, None)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x = draw.array(draw.shape(1), draw.dtype(NUMBERS))
        axis = draw.axis(x.ndim)
        op = cls(axis, largest=draw.boolean(), sorted=not draw.rarely())
        return Sample(op, (x, draw.scalar(draw.integer(0, x.shape[axis]))), draw.some((1,)))


@op("core.non_zero")
class NonZero(Op):
    """The coordinates of all elements ≠ 0 in row-major order: ``[rank, count]`` int64, a column an element.

    NaN is not zero, −0.0 is. A rank-0 operand gives ``[0, 1]`` or ``[0, 0]`` (NumPy would call it a vector).
    """

    kernel = kernels.non_zero

    def infer(self, x: Tensor) -> Tensor:
        return Tensor(DType.I64, (x.rank, UNKNOWN))

    def unranked(self, x: Tensor) -> Tensor:
        return Tensor(DType.I64, (UNKNOWN, UNKNOWN))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        return Sample(cls(), (draw.array(draw.shape(), draw.dtype(DType)),))


@op("core.unique")
class Unique(Op):
    """The distinct elements of ``x`` (or slices along ``axis``), and three int64 vectors: where each is first
    in ``x``, which distinct one each element of ``x`` is, and how often each occurs.

    C1. ``axis`` is in [-rank, rank); without it ``x`` is flattened.
    ``sorted``: ascending (slices: lexicographic); otherwise in order of first occurrence. Several NaN are one
    element without an axis; with one, undefined. −0.0 equals 0.0, and the first of them is kept.
    """

    axis: int | None = None
    sorted: bool = True
    kernel = kernels.unique

    def infer(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        count = UNKNOWN
        vector_ = Tensor(DType.I64, (count,))
        if self.axis is None:
            total = UNKNOWN if x.shape is None else x.size
            return x.with_shape([count]), vector_, Tensor(DType.I64, (total,)), vector_
        axis = axis_in(self, self.axis, x.rank)
        dims = [*x.dims[:axis], count, *x.dims[axis + 1 :]]
        return x.with_shape(dims), vector_, Tensor(DType.I64, (x.dims[axis],)), vector_

    def unranked(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        vector_ = Tensor(DType.I64, (UNKNOWN,))
        return x.with_shape(None), vector_, vector_, vector_

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        if draw.boolean():
            return Sample(cls(None, draw.boolean()), (draw.array(draw.shape(), draw.dtype(DType)),))
        shape = draw.shape(1)
        x = draw.array(shape, draw.dtype(DType), kinds=("ties", "small", "normal"))
        return Sample(cls(draw.axis(len(shape)), draw.boolean()), (x,))


@op("nn.one_hot")
class OneHot(Op):
    """``y[i…, c, j…] = values[1] if c == indices[i…, j…] else values[0]``, the new axis of size ``depth`` at
    ``axis``.

    C1. ``indices`` is an integer tensor.  C2. ``depth`` is one int32 or int64.  C3. ``values`` is [off, on].
    C4. ``axis`` is in [-r, r) for the rank r of the result.
    An index in [-depth, 0) counts from the end; one outside [-depth, depth) gives off everywhere.
    """

    axis: int = -1
    kernel = kernels.one_hot

    def infer(self, indices: Tensor, depth: Tensor, values: Tensor) -> Tensor:
        self.require(indices.dtype.is_integer, "C1. indices is an integer tensor", indices)
        pair = values.shape is None or (values.rank == 1 and same(values.dims[0], 2) is not False)
        self.require(pair, "C3. values is [off, on]", values)
        count = one_element(self, depth, "C2. depth")
        elements_from(self, depth, 0, "C2. depth is not negative")
        axis = axis_in(self, self.axis, indices.rank + 1)
        dims = indices.dims
        return values.with_shape([*dims[:axis], UNKNOWN if count is None else count, *dims[axis:]])

    def unranked(self, indices: Tensor, depth: Tensor, values: Tensor) -> Tensor:
        return values.with_shape(None)

    def decompose(self, b: Builder, indices: Value, depth: Value, values: Value) -> Value:
        rank = indices.tensor.rank + 1
        axis = self.axis % rank
        ids = _as_index(b, indices)
        size = _as_index(b, b(Reshape(), depth, b.constant([], DType.I64)))
        wrapped = b(Select(), b(Lt(), ids, b.scalar(0, ids)), b(Add(), ids, size), ids)
        hot = b(Eq(), expanded(b, wrapped, axis), index_along(b, size, axis, rank))
        off, on = (b(Gather(), values, b.constant(i)) for i in (0, 1))
        return b(Select(), hot, on, off)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        dtype, shape = draw.dtype(d for d in DType if d.is_integer), draw.shape(0, 3)
        depth = draw.scalar(draw.choice((3, 1, 0, 6, 300)))
        indices = draw.array(shape, dtype, lo=-8, hi=8)
        op = cls(draw.axis(len(shape) + 1))
        return Sample(op, (indices, depth, draw.array((2,), draw.dtype(DType))), draw.some((1, 2)))


def _as_index(b: Builder, x: Value) -> Value:
    return x if x.tensor.dtype is DType.I64 else b(Cast(to=DType.I64), x)


@op("nn.embedding")
class Embedding(Op):
    """``y[i…, :] = table[ids[i…], :]``.  C1. ``ids`` is int32 or int64.  C2. ``table`` has rank 2."""

    kernel = kernels.embedding

    def infer(self, table: Tensor, ids: Tensor) -> Tensor:
        self.require(ids.dtype in INDEX_DTYPES, "C1. ids is int32 or int64", ids)
        self.require(table.rank == 2, "C2. table has rank 2", table)
        return table.with_shape([*ids.dims, table.dims[1]])

    def decompose(self, b: Builder, table: Value, ids: Value) -> Value:
        return b(Gather(axis=0), table, ids)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        table = draw.array(draw.shape(2, 2, least=1), draw.dtype(DType))
        return Sample(cls(), (table, draw.indices(draw.shape(0, 3), len(table))))


@op("nn.compress")
class Compress(Op):
    """The slices of ``x`` along ``axis`` (or the elements of ``x`` flattened) where ``condition`` is true.

    C1. ``condition`` is a bool vector.  C2. ``axis`` is in [-rank, rank).
    A ``condition`` shorter than the axis drops the rest; a longer one that is true out there is undefined.
    """

    axis: int | None = None
    kernel = kernels.compress

    def infer(self, x: Tensor, condition: Tensor) -> Tensor:
        vector_ = condition.dtype is DType.BOOL and (condition.shape is None or condition.rank == 1)
        self.require(vector_, "C1. condition is a bool vector", condition)
        if self.axis is None:
            return x.with_shape([UNKNOWN])
        axis = axis_in(self, self.axis, x.rank)
        return x.with_shape([*x.dims[:axis], UNKNOWN, *x.dims[axis + 1 :]])

    def decompose(self, b: Builder, x: Value, condition: Value) -> Value:
        chosen = b(Squeeze(axes=(0,)), b(NonZero(), condition))
        flat = b(Reshape(), x, b.constant([-1])) if self.axis is None else x
        return b(Gather(axis=0 if self.axis is None else self.axis), flat, chosen)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x = draw.array(draw.shape(1), draw.dtype(DType))
        axis = draw.axis(x.ndim) if draw.boolean() else None
        size = x.size if axis is None else x.shape[axis]
        condition = draw.array((draw.integer(0, size),), DType.BOOL)
        return Sample(cls(axis), (x, condition), draw.some((1,)))


@op("nn.reverse_sequence")
class ReverseSequence(Op):
    """Along ``time_axis``, the first ``lengths[n]`` elements of sample n of ``batch_axis`` backwards, the
    rest as they are.

    C1. ``lengths`` is an int32 or int64 vector, one element a sample, each in [0, time].
    C2. The axes are in [-rank, rank) and differ.
    """

    batch_axis: int = 1
    time_axis: int = 0
    kernel = kernels.reverse_sequence

    def infer(self, x: Tensor, lengths: Tensor) -> Tensor:
        batch, time = axis_in(self, self.batch_axis, x.rank), axis_in(self, self.time_axis, x.rank)
        self.require(batch != time, "C2. the axes differ", x)
        self.require(lengths.dtype in INDEX_DTYPES, "C1. lengths is int32 or int64", lengths)
        fits = lengths.shape is None or (
            lengths.rank == 1 and same(lengths.dims[0], x.dims[batch]) is not False
        )
        self.require(fits, "C1. lengths has one element a sample", x, lengths)
        return x.with_shape(x.dims)

    def decompose(self, b: Builder, x: Value, lengths: Value) -> Value:
        rank = x.tensor.rank
        batch, time = self.batch_axis % rank, self.time_axis % rank
        t = index_along(b, dim_scalar(b, x, time), time, rank)
        n = b(Reshape(), _as_index(b, lengths), b.constant([-1 if i == batch else 1 for i in range(rank)]))
        mirrored = b(Sub(), b(Sub(), n, b.constant(1)), t)
        source = b(Select(), b(Lt(), t, n), mirrored, t)
        whole = b(BroadcastTo(), source, vector(b, dims_of(b, x, *range(rank))))
        return b(GatherAlong(axis=time), x, whole)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x = draw.array(draw.shape(2), draw.dtype(DType))
        batch, time = draw.axes(x.ndim, least=2)[:2]
        lengths = draw.integers([draw.integer(0, x.shape[time]) for _ in range(x.shape[batch])])
        return Sample(cls(batch, time), (x, lengths), draw.some((1,)))


def along_sample(draw: Draw, dtypes: Iterable[DType] = DType) -> tuple[Any, int, Any]:
    """An array, an axis, and indices along it for a part of the array."""
    x = draw.array(draw.shape(1, least=1), draw.dtype(dtypes))
    axis = draw.axis(x.ndim)
    dims = [draw.integer(1, d) for d in x.shape]
    dims[axis] = draw.integer(0, 4)
    return x, axis, draw.indices(dims, x.shape[axis])
