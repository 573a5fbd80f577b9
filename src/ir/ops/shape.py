"""Core ops that move elements about: reshape, transpose, broadcast_to, concat, slice, pad, reverse.

All are defined for every dtype and keep every bit (NaN payloads and −0.0 included), and for empty tensors.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from interlingua.ir.dims import (
    UNKNOWN,
    Dim,
    DimLike,
    at_least,
    ceildiv,
    floordiv,
    maximum,
    minimum,
    product,
    same,
)
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import DType
from interlingua.ir.kernels import shape as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.common import axes_in, axis_in, one_dtype
from interlingua.ir.types import MAX_ELEMENTS, Tensor, broadcast

UNBOUNDED = 2**31 - 1
"""A start or stop at least this far out is "the end": exporters write INT32_MAX and INT64_MAX, and no axis is
longer."""

INDEX_DTYPES = frozenset({DType.I32, DType.I64})


def listed(op: Op, operand: Tensor, name: str, length: int | None = None) -> list[DimLike | None] | None:
    """The elements of an integer vector, each known or ``None``; ``None`` as a whole where its length is
    unknown."""
    op.require(operand.dtype in INDEX_DTYPES, f"{name} is an int32 or int64 vector", operand)
    op.require(operand.shape is None or operand.rank == 1, f"{name} is a vector", operand)
    count = None if operand.shape is None else operand.shape[0]
    if length is not None and count is not None:
        op.require(same(count, length) is not False, f"{name} has {length} element(s)", operand)
    if operand.elements is not None:
        return [e if isinstance(e, (int, Dim)) else None for e in operand.elements.ravel().tolist()]
    wanted = length if length is not None else count
    if not isinstance(wanted, int):
        return None
    op.require(length is not None or wanted <= MAX_ELEMENTS, f"{name} lists more than a tensor can have axes", operand)
    return [None] * wanted


def named(dim: DimLike | None) -> DimLike:
    """The dim, or the unknown one."""
    return UNKNOWN if dim is None else dim


@op("core.reshape")
class Reshape(Op):
    """``x`` in the shape that ``shape`` lists, elements in row-major order.

    C1. ``shape`` is an int32 or int64 vector, at most one element of it −1: whatever makes the counts equal.
    C2. The number of elements stays.
    A 0 is an axis of no elements, never "as before" (ONNX's copies are resolved by its frontend). −1 beside a
    0 is undefined.
    """

    kernel = kernels.reshape
    symbolic = True

    def infer(self, x: Tensor, shape: Tensor) -> Tensor:
        wanted = listed(self, shape, "C1. shape")
        if wanted is None:
            return x.with_shape(None)
        self.require(sum(d == -1 for d in wanted) <= 1, "C1. at most one element of shape is -1", shape)
        self.require(
            not any(isinstance(d, int) and d < -1 for d in wanted), "C1. no size is below -1", x, wanted
        )
        others = tuple(d for d in wanted if d is not None and d != -1)
        complete = x.shape is not None and None not in wanted
        if -1 in wanted:
            return x.with_shape([self._rest(x, others, complete) if d == -1 else named(d) for d in wanted])
        if complete:
            self.require(
                same(x.size, product(others)) is not False, "C2. the number of elements stays", x, wanted
            )
        return x.with_shape([named(d) for d in wanted])

    def _rest(self, x: Tensor, others: tuple[DimLike, ...], complete: bool) -> DimLike:
        rest = product(others)
        if not complete or rest == 0:
            return UNKNOWN
        whole = floordiv(x.size, rest)
        if isinstance(whole, int):
            self.require(
                same(x.size, whole * rest) is not False, "C2. the number of elements stays", x, others
            )
        return whole

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x = draw.array(draw.shape(), draw.dtype(DType))
        shape = _refactored(draw, x.shape)
        if shape and 0 not in shape and draw.boolean():
            shape[draw.integer(0, len(shape) - 1)] = -1
        return Sample(cls(), (x, draw.integers(shape)), draw.some((0, 1)))


@op("core.transpose")
class Transpose(Op):
    """``y[i0, i1, …] = x[…]`` with axis ``k`` of ``y`` being axis ``perm[k]`` of ``x``.

    C1. ``perm`` is a permutation of 0 … rank − 1.
    """

    perm: tuple[int, ...]
    kernel = kernels.transpose
    symbolic = True

    def infer(self, x: Tensor) -> Tensor:
        fits = sorted(self.perm) == list(range(len(self.perm)))
        self.require(
            fits and (x.shape is None or x.rank == len(self.perm)),
            f"C1. perm {self.perm} permutes the axes",
            x,
        )
        return x.with_shape([x.dims[p] for p in self.perm])

    def unranked(self, x: Tensor) -> Tensor:
        return x.with_shape([UNKNOWN] * len(self.perm))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape = draw.shape()
        perm = tuple(axis % len(shape) for axis in draw.axes(len(shape), least=len(shape)))
        return Sample(cls(perm), (draw.array(shape, draw.dtype(DType)),), draw.some((0,)))


@op("core.broadcast_to")
class BroadcastTo(Op):
    """``x`` repeated along axes of size 1, to the NumPy broadcast of its own shape *and* ``shape``.

    C1. ``shape`` is an int32 or int64 vector of sizes ≥ 0 that broadcasts with the shape of ``x``.
    Two-way as ONNX Expand: a 1 in ``shape`` keeps the axis of ``x`` (``numpy.broadcast_to`` refuses; PyTorch
    writes −1).
    """

    kernel = kernels.broadcast_to
    symbolic = True

    def infer(self, x: Tensor, shape: Tensor) -> Tensor:
        wanted = listed(self, shape, "C1. shape")
        if wanted is None or x.shape is None:
            return x.with_shape(None)
        self.require(
            not any(isinstance(d, int) and d < 0 for d in wanted), "C1. no size is negative", x, wanted
        )
        dims = tuple(named(d) for d in wanted)
        return x.with_shape(broadcast(x, Tensor(x.dtype, dims)))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        target = draw.shape()
        x = draw.array(draw.broadcastable(target), draw.dtype(DType))
        return Sample(cls(), (x, draw.integers(draw.broadcastable(target))), draw.some((0, 1)))


@op("core.concat")
class Concat(Op):
    """The operands one after the other along ``axis``.

    C1. One operand at least, all of one dtype and rank ≥ 1.  C2. ``axis`` is in [-rank, rank).
    C3. All dims but that of ``axis`` agree.
    """

    axis: int
    kernel = kernels.concat
    symbolic = True

    def infer(self, *xs: Tensor) -> Tensor:
        self.require(xs, "C1. one operand at least")
        one_dtype(self, *xs)
        ranked = [x for x in xs if x.shape is not None]
        if not ranked:
            return xs[0].with_shape(None)
        axis = axis_in(self, self.axis, ranked[0].rank)
        self.require(all(x.rank == ranked[0].rank for x in ranked), "C1. the operands have one rank", *xs)
        dims = [self._agreed(ranked, i) for i in range(ranked[0].rank)]
        lengths = [x.dims[axis] for x in ranked]
        dims[axis] = sum(lengths[1:], lengths[0]) if len(ranked) == len(xs) else UNKNOWN
        return self._joined(xs, xs[0].with_shape(dims))

    def _agreed(self, xs: list[Tensor], i: int) -> DimLike:
        """The dim of the operands at ``i``, an integer if one of them knows it."""
        first, *others = (x.dims[i] for x in xs)
        if i != axis_in(self, self.axis, xs[0].rank):
            for dim in others:
                self.require(same(first, dim) is not False, f"C3. the dims at axis {i} agree", *xs)
                first = dim if isinstance(dim, int) else first
        return first

    def _joined(self, xs: tuple[Tensor, ...], result: Tensor) -> Tensor:
        """What is known of a vector whose parts are known in part: a shape with one dim from elsewhere,
        say."""
        size = result.dims[0] if result.rank == 1 else None
        if not isinstance(size, int) or size > MAX_ELEMENTS or all(x.elements is None for x in xs):
            return result
        parts = [np.array([None] * _count(x)) if x.elements is None else x.elements for x in xs]
        return result.with_elements(np.concatenate(parts))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape, dtype = list(draw.shape(1)), draw.dtype(DType)
        axis, xs = draw.axis(len(shape)), []
        for _ in range(draw.integer(1, 3)):
            shape[axis] = draw.integer(0, 4)
            xs.append(draw.array(shape, dtype))
        return Sample(cls(axis), tuple(xs), draw.some(range(len(xs))))


def _count(x: Tensor) -> int:
    """The static length of a vector that is part of one of static length."""
    (length,) = x.static_shape or (0,)
    return length


@op("core.slice")
class Slice(Op):
    """``x[start:stop:step]`` along each of ``axes``, as Python slices.

    C1. ``starts``, ``stops`` and ``steps`` (1 where absent) are int32 or int64 vectors, one element an axis.
    C2. Each axis is in [-rank, rank), none named twice.  C3. No step is 0.
    Negative starts and stops count from the end; then both are clamped to what is there, so INT64_MAX is "to
    the end" and, going backwards, INT64_MIN "past the first element". A slice may be empty.
    """

    axes: tuple[int, ...]
    kernel = kernels.slice_
    symbolic = True

    def infer(self, x: Tensor, starts: Tensor, stops: Tensor, steps: Tensor | None = None) -> Tensor:
        axes_in(self, self.axes, x.rank)
        n = len(self.axes)
        first, last = (
            listed(self, t, f"C1. {name}", n) for t, name in ((starts, "starts"), (stops, "stops"))
        )
        by = [1] * n if steps is None else listed(self, steps, "C1. steps", n)
        if first is None or last is None or by is None:
            return x.with_shape([UNKNOWN] * x.rank)
        self.require(0 not in by, "C3. no step is 0", x)
        dims = list(x.dims)
        for axis, start, stop, step in zip(self.axes, first, last, by, strict=True):
            dims[axis] = slice_length(dims[axis], start, stop, step)
        return x.with_shape(dims)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape = draw.shape()
        axes, least, most = draw.axes(len(shape)), -(2**31), 2**31 - 1
        ends = [[draw.choice((*range(-n - 2, n + 3), least, most)) for n in (shape[a] for a in axes)] for _ in "ab"]
        steps = draw.integers([draw.choice((1, 2, 3, -1, -2)) for _ in axes]) if draw.boolean() else None
        x = draw.array(shape, draw.dtype(DType))
        return Sample(cls(axes), (x, *map(draw.integers, ends), steps), draw.some(range(4)))


def slice_length(size: DimLike, start: DimLike | None, stop: DimLike | None, step: DimLike | None) -> DimLike:
    """The number of elements of ``range(size)[start:stop:step]``."""
    if start is None or stop is None or not isinstance(step, int):
        return UNKNOWN
    if isinstance(size, int) and isinstance(start, int) and isinstance(stop, int):
        return len(range(size)[start:stop:step])
    if step < 0:
        return _backward_length(size, start, stop, -step)
    if (start == 0 or (isinstance(start, int) and start <= -UNBOUNDED)) and _at_end(stop, size):
        length = size
    elif isinstance(start, int) and start < 0 and _at_end(stop, size):
        length = minimum(size, -start)
    else:
        first, last = _place(size, start), _place(size, stop)
        if first is None or last is None:
            return UNKNOWN
        # a negative start is clamped to 0; other clamps matter only where the difference is negative anyway
        clamped = maximum(first, 0) if isinstance(start, int) and start < 0 else first
        length = maximum(last - clamped, 0)
    return length if step == 1 else ceildiv(length, step)


def _at_end(stop: DimLike, size: DimLike) -> bool:
    return stop == size or (isinstance(stop, int) and stop >= UNBOUNDED)


def _place(size: DimLike, index: DimLike) -> DimLike | None:
    """The index from the front, at most ``size``; ``None`` where its sign is unknown."""
    if isinstance(index, int) and abs(index) >= UNBOUNDED:
        return size if index > 0 else 0
    if at_least(index, 0):
        return minimum(index, size)
    if at_least(-index, 1):
        return size + index
    return None


def _backward_length(size: DimLike, start: DimLike, stop: DimLike, step: int) -> DimLike:
    """The length going backwards, where it runs from the last element to a place near the end, or to the
    first."""
    from_end = start == -1 or (isinstance(start, int) and start >= UNBOUNDED)
    if from_end and isinstance(stop, int) and stop <= -UNBOUNDED:
        return ceildiv(size, step)
    return UNKNOWN


PadMode = Literal["constant", "edge", "reflect", "wrap"]


@op("core.pad")
class Pad(Op):
    """``x`` with ``amounts[i]`` elements put before and ``amounts[rank + i]`` after axis ``i``.

    C1. ``amounts`` is an int32 or int64 vector of ``2 * rank`` elements.  C2. ``value`` is one element of the
    dtype of ``x``.
    C3. No dim becomes negative.  C4. ``value`` is there where the dtype has no 0 (f8e8m0).
    Modes: ``constant`` puts ``value`` (0, false or "" where absent); ``edge`` repeats the last element;
    ``reflect`` mirrors without repeating the edge, back and forth where the amount exceeds the axis; ``wrap``
    goes round. The last three read the axis as it was, so that a negative amount, which takes elements away,
    changes nothing of what the other end repeats; they are undefined on an empty axis.
    """

    mode: PadMode = "constant"
    kernel = kernels.pad
    symbolic = True

    def infer(self, x: Tensor, amounts: Tensor, value: Tensor | None = None) -> Tensor:
        if value is None and self.mode == "constant":
            self.require(x.dtype is not DType.F8E8M0, "C4. value is there where the dtype of x has no 0", x)
        if value is not None:
            one_dtype(self, x, value)
            self.require(
                value.shape is None or same(value.size, 1) is not False, "C2. value is one element", value
            )
        rank = x.rank
        widths = listed(self, amounts, "C1. amounts", 2 * rank) or [None] * (2 * rank)
        return x.with_shape([self._padded(x, d, widths[i], widths[rank + i]) for i, d in enumerate(x.dims)])

    def _padded(self, x: Tensor, dim: DimLike, before: DimLike | None, after: DimLike | None) -> DimLike:
        if before is None or after is None:
            return UNKNOWN
        self.require(at_least(dim + before + after, 0) is not False, "C3. no dim becomes negative", x)
        return dim + before + after

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        mode = draw.choice(get_args(PadMode))
        shape = draw.shape(least=int(mode != "constant"))
        border = len(shape) > 2 and draw.integer(0, 3) > 0
        if border:  # of an image, as models have it: constant
            before, after = ([0, 0, *(draw.integer(0, 2) for _ in shape[2:])] for _ in range(2))
        else:
            before = [draw.integer(-n - 1, 4) for n in shape]
            after = [max(draw.integer(-n - 1, 4), -n - p) for n, p in zip(shape, before, strict=True)]
        dtype = draw.dtype(DType)
        given = draw.boolean() or dtype is DType.F8E8M0
        value = draw.array(draw.choice(((), (1,))), dtype) if given else None
        operands = draw.array(shape, dtype), draw.integers(before + after), value
        return Sample(cls(mode), operands, frozenset({1, 2}) if border else draw.some((0, 1, 2)))


@op("core.reverse")
class Reverse(Op):
    """``x`` backwards along ``axes``.  C1. Each axis is in [-rank, rank), none named twice."""

    axes: tuple[int, ...]
    kernel = kernels.reverse
    symbolic = True

    def infer(self, x: Tensor) -> Tensor:
        axes_in(self, self.axes, x.rank)
        return x.with_shape(x.dims)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape = draw.shape()
        return Sample(cls(draw.axes(len(shape))), (draw.array(shape, draw.dtype(DType)),), draw.some((0,)))


def _refactored(draw: Draw, shape: tuple[int, ...]) -> list[int]:
    """Another shape of as many elements."""
    if 0 in shape:
        return [0, *draw.shape(0, 2)]
    dims = list(shape) if shape else [1] * draw.integer(0, 2)
    if len(dims) > 1 and draw.boolean():
        dims[:2] = [dims[0] * dims[1]]
    if draw.boolean():
        dims.insert(draw.integer(0, len(dims)), 1)
    return dims[::-1] if draw.boolean() else dims
