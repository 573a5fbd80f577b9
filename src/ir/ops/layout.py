"""Composites that move elements about: expand_dims, squeeze, stack, split, tile, flatten

As the core ops of :mod:`~interlingua.ir.ops.shape`, all keep every bit and are defined for every dtype.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN, DimLike, ceildiv, exact_quotient, maximum, minimum, product, same
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import shape as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.binary import Add, Div, Min, Mul
from interlingua.ir.ops.common import axes_in, axis_in, elements_from, one_dtype
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.shape import BroadcastTo, Concat, Slice, listed, named
from interlingua.ir.ops.shaping import dim_of, dims_of, reshaped, vector
from interlingua.ir.types import Tensor


@op("nn.expand_dims")
class ExpandDims(Op):
    """``x`` with axes of size 1 put in at ``axes`` of the *result*.

    C1. Each axis is in [-r, r) for the rank r of the result, none named twice.
    """

    axes: tuple[int, ...]
    kernel = kernels.expand_dims
    symbolic = True

    def infer(self, x: Tensor) -> Tensor:
        rank = x.rank + len(self.axes)
        new, old = axes_in(self, self.axes, rank), iter(x.dims)
        return x.with_shape([1 if i in new else next(old) for i in range(rank)])

    def decompose(self, b: Builder, x: Value) -> Value:
        rank = x.tensor.rank + len(self.axes)
        new, old = {a % rank for a in self.axes}, iter(dims_of(b, x, *range(x.tensor.rank)))
        return reshaped(b, x, [1 if i in new else next(old) for i in range(rank)])

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape, count = draw.shape(0, 3), draw.integer(0, 2)
        axes = draw.axes(len(shape) + count, least=count)[:count]
        return Sample(cls(axes), (draw.array(shape, draw.dtype(DType)),), draw.some((0,)))


@op("nn.squeeze")
class Squeeze(Op):
    """``x`` without ``axes``.

    C1. Each axis is in [-rank, rank), none named twice.  C2. The axes have size 1.
    """

    axes: tuple[int, ...]
    kernel = kernels.squeeze
    symbolic = True

    def infer(self, x: Tensor) -> Tensor:
        gone = axes_in(self, self.axes, x.rank)
        self.require(
            all(same(x.dims[i], 1) is not False for i in gone), f"C2. the axes {self.axes} have size 1", x
        )
        return x.with_shape([d for i, d in enumerate(x.dims) if i not in gone])

    def decompose(self, b: Builder, x: Value) -> Value:
        gone = {a % x.tensor.rank for a in self.axes}
        return reshaped(b, x, dims_of(b, x, *(i for i in range(x.tensor.rank) if i not in gone)))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape = list(draw.shape())
        axes = draw.axes(len(shape))
        for axis in axes:
            shape[axis] = 1
        return Sample(cls(axes), (draw.array(shape, draw.dtype(DType)),), draw.some((0,)))


@op("nn.stack")
class Stack(Op):
    """The operands side by side along a new axis, at ``axis`` of the result.

    C1. One operand at least, all of one dtype and shape.  C2. ``axis`` is in [-r, r) for the rank r of the
    result.
    """

    axis: int = 0
    kernel = kernels.stack
    symbolic = True

    def infer(self, *xs: Tensor) -> Tensor:
        self.require(xs, "C1. one operand at least")
        one_dtype(self, *xs)
        first = xs[0]
        axis = axis_in(self, self.axis, first.rank + 1)
        for other in xs[1:]:
            fits = other.rank == first.rank and all(
                same(p, q) is not False for p, q in zip(first.dims, other.dims, strict=True)
            )
            self.require(fits, "C1. the operands have one shape", *xs)
        return first.with_shape([*first.dims[:axis], len(xs), *first.dims[axis:]])

    def decompose(self, b: Builder, *xs: Value) -> Value:
        axis = self.axis % (xs[0].tensor.rank + 1)
        return b(Concat(axis=axis), *(b(ExpandDims(axes=(axis,)), x) for x in xs))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape, dtype = draw.shape(0, 3), draw.dtype(DType)
        xs = tuple(draw.array(shape, dtype) for _ in range(draw.integer(1, 3)))
        return Sample(cls(draw.axis(len(shape) + 1)), xs, draw.some(range(len(xs))))


@op("nn.split")
class Split(Op):
    """``parts`` consecutive pieces of ``x`` along ``axis``, as so many results.

    C1. ``axis`` is in [-rank, rank).  C2. ``parts`` ≥ 1.  C3. ``sizes``, if given, is a vector of ``parts``
    sizes that add up to the dim. Without ``sizes`` each piece has ``ceil(dim / parts)`` elements, but the
    last ones what is left: less, or none.
    """

    axis: int
    parts: int
    kernel = kernels.split

    def infer(self, x: Tensor, sizes: Tensor | None = None) -> tuple[Tensor, ...]:
        self.require(self.parts >= 1, "C2. parts is 1 or more")
        axis = axis_in(self, self.axis, x.rank)
        lengths = self._lengths(x, axis, sizes)
        found = [x.with_shape([*x.dims[:axis], length, *x.dims[axis + 1 :]]) for length in lengths]
        if x.elements is None or not all(isinstance(n, int) for n in lengths):
            return tuple(found)
        ends = np.cumsum(np.array(lengths[:-1], dtype=np.int64))
        return tuple(t.with_elements(e) for t, e in zip(found, np.split(x.elements, ends, axis), strict=True))

    def unranked(self, x: Tensor, sizes: Tensor | None = None) -> tuple[Tensor, ...]:
        return (x.with_shape(None),) * self.parts

    def _lengths(self, x: Tensor, axis: int, sizes: Tensor | None) -> list[DimLike]:
        dim = x.dims[axis]
        if sizes is not None:
            lengths = listed(self, sizes, "C3. sizes", self.parts) or [None] * self.parts
            whole = None if None in lengths else sum((n for n in lengths if n is not None), start=0)
            self.require(
                whole is None or same(whole, dim) is not False,
                f"C3. the sizes {lengths} add up to the dim",
                x,
            )
            return [named(n) for n in lengths]
        exact = exact_quotient(dim, self.parts)
        if exact is not None:
            return [exact] * self.parts
        chunk = ceildiv(dim, self.parts)
        ends = [minimum(chunk * i, dim) for i in range(self.parts + 1)]
        return [maximum(q - p, 0) for p, q in pairwise(ends)]

    def decompose(self, b: Builder, x: Value, sizes: Value | None = None) -> tuple[Value, ...]:
        axis = self.axis % x.tensor.rank
        ends = self._ends(b, x, axis, sizes)
        cuts = pairwise(ends)
        return tuple(b(Slice(axes=(axis,)), x, vector(b, [p]), vector(b, [q])) for p, q in cuts)

    def _ends(self, b: Builder, x: Value, axis: int, sizes: Value | None) -> list[int | Value]:
        """Where each piece starts, and where the last one stops."""
        if sizes is None:
            size = dim_of(b, x, axis)
            if isinstance(size, int):
                return [min(-(-size // self.parts) * i, size) for i in range(self.parts + 1)]
            chunk = b(Div(), b(Add(), size, b.constant([self.parts - 1])), b.constant([self.parts]))
            return [
                0,
                *(b(Min(), b(Mul(), chunk, b.constant([i])), size) for i in range(1, self.parts)),
                size,
            ]
        known = sizes.tensor.known()
        if known is not None:
            return [sum(known[:i]) for i in range(self.parts + 1)]
        pieces = [b(Slice(axes=(0,)), sizes, vector(b, [i]), vector(b, [i + 1])) for i in range(self.parts)]
        ends: list[int | Value] = [0, pieces[0]]
        for piece in pieces[1:]:
            last = ends[-1]
            assert not isinstance(last, int)
            ends.append(b(Add(), last, piece))
        return ends

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape, parts = list(draw.shape(1)), draw.integer(1, 4)
        axis, sizes = draw.axis(len(shape)), None
        if draw.boolean():
            sizes = draw.integers([draw.integer(0, 3) for _ in range(parts)])
            shape[axis] = int(sizes.sum())
        return Sample(cls(axis, parts), (draw.array(shape, draw.dtype(DType)), sizes), draw.some((0, 1)))


@op("nn.tile")
class Tile(Op):
    """``x`` repeated whole ``repeats[i]`` times along axis ``i``.

    C1. ``repeats`` is an int32 or int64 vector of ``rank`` elements ≥ 0.
    """

    kernel = kernels.tile
    symbolic = True

    def infer(self, x: Tensor, repeats: Tensor) -> Tensor:
        times = listed(self, repeats, "C1. repeats", x.rank) or [None] * x.rank
        elements_from(self, repeats, 0, "C1. repeats are not negative")
        return x.with_shape([UNKNOWN if t is None else d * t for d, t in zip(x.dims, times, strict=True)])

    def unranked(self, x: Tensor, repeats: Tensor) -> Tensor:
        times = listed(self, repeats, "C1. repeats")
        return x.with_shape(None if times is None else [UNKNOWN] * len(times))

    def decompose(self, b: Builder, x: Value, repeats: Value) -> Value:
        rank = x.tensor.rank
        apart = b(ExpandDims(axes=tuple(range(0, 2 * rank, 2))), x) if rank else x
        known = repeats.tensor.known()
        if known is None and repeats.tensor.dtype is not DType.I64:
            repeats = b(Cast(to=DType.I64), repeats)
        times: list[int | Value] = []
        for i in range(rank):
            piece = (
                b(Slice(axes=(0,)), repeats, vector(b, [i]), vector(b, [i + 1]))
                if known is None
                else known[i]
            )
            times += [piece, 1]
        repeated = b(BroadcastTo(), apart, vector(b, times))
        sizes = dims_of(b, x, *range(rank))
        return reshaped(b, repeated, [times_of(b, size, times[2 * i]) for i, size in enumerate(sizes)])

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x = draw.array(draw.shape(0, 3), draw.dtype(DType))
        repeats = [draw.choice((1, 2, 3, 0)) for _ in x.shape]
        return Sample(cls(), (x, draw.integers(repeats)), draw.some((0, 1)))


def times_of(b: Builder, p: int | Value, q: int | Value) -> int | Value:
    """The product of two dims."""
    return p * q if isinstance(p, int) and isinstance(q, int) else b(Mul(), vector(b, [p]), vector(b, [q]))


@op("nn.flatten")
class Flatten(Op):
    """``x`` as a matrix: the dims before ``axis`` multiplied are its rows, the others its columns (an empty
    product is 1).

    C1. ``axis`` is in [-rank, rank].
    """

    axis: int = 1
    kernel = kernels.flatten

    def infer(self, x: Tensor) -> Tensor:
        self.require(-x.rank <= self.axis <= x.rank, f"C1. axis {self.axis} is in [-{x.rank}, {x.rank}]", x)
        return x.with_shape([product(x.dims[: self.axis]), product(x.dims[self.axis :])])

    def unranked(self, x: Tensor) -> Tensor:
        return x.with_shape([UNKNOWN, UNKNOWN])

    def decompose(self, b: Builder, x: Value) -> Value:
        axis = self.axis % x.tensor.rank if self.axis < 0 else self.axis
        sides: list[int | Value] = []
        for axes in (range(axis), range(axis, x.tensor.rank)):
            side: int | Value = 1
            for i in axes:
                side = times_of(b, side, dim_of(b, x, i))
            sides.append(side)
        return reshaped(b, x, sides)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x = draw.array(draw.shape(), draw.dtype(DType))
        return Sample(cls(draw.integer(-x.ndim, x.ndim)), (x,))
