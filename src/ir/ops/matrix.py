"""Matrices: triangles, the identity, determinants."""

from __future__ import annotations

from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN, same
from interlingua.ir.draw import FINITE, Draw, Sample
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import matrix as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.binary import Add, Div, Mul, Sub
from interlingua.ir.ops.common import elements_from
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import GatherAlong, one_element
from interlingua.ir.ops.layout import Squeeze
from interlingua.ir.ops.logic import Eq, Le, Select
from interlingua.ir.ops.reduction import ArgMax, narrowed, widened
from interlingua.ir.ops.shape import BroadcastTo, Reshape, Slice
from interlingua.ir.ops.shaping import dim_scalar, dims_of, index_along, vector
from interlingua.ir.ops.unary import Abs
from interlingua.ir.types import Tensor, UnknownRank

ZEROLESS = frozenset({DType.STRING, DType.F8E8M0})


@op("math.trilu")
class Trilu(Op):
    """The upper triangle of each matrix (``column - row >= k`` kept) or the lower one (``<= k``), zeros
    elsewhere.

    C1. The rank is 2 or more.  C2. ``k`` is one int32 or int64, of any sign; 0 where absent.
    C3. The dtype of ``x`` has a 0: it is neither string nor f8e8m0.
    """

    upper: bool = True
    kernel = kernels.trilu

    def infer(self, x: Tensor, k: Tensor | None = None) -> Tensor:
        self.require(x.rank >= 2, "C1. the rank is 2 or more", x)
        self.require(x.dtype not in ZEROLESS, "C3. the dtype of x has a 0", x)
        if k is not None:
            one_element(self, k, "C2. k")
        return x.with_shape(x.dims)

    def decompose(self, b: Builder, x: Value, k: Value | None = None) -> Value:
        row = index_along(b, dim_scalar(b, x, -2), 0, 2)
        column = index_along(b, dim_scalar(b, x, -1), 1, 2)
        if k is not None:
            row = b(Add(), row, _scalar(b, k))
        kept = b(Le(), row, column) if self.upper else b(Le(), column, row)
        return b(Select(), kept, x, b.scalar(0, x))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x = draw.array(draw.shape(2), draw.dtype(d for d in DType if d not in ZEROLESS))
        k = draw.scalar(draw.integer(-8, 8)) if draw.boolean() else None
        return Sample(cls(draw.boolean()), (x, k), draw.some((1,)))


def _scalar(b: Builder, x: Value) -> Value:
    """One integer of any shape as a rank-0 int64."""
    wide = x if x.tensor.dtype is DType.I64 else b(Cast(to=DType.I64), x)
    return wide if wide.tensor.shape == () else b(Reshape(), wide, b.constant([], DType.I64))


@op("math.eye")
class Eye(Op):
    """``y[i, j] = 1 if j - i == k else 0`` of ``rows`` × ``columns``.  C1. The operands are one int32 or
    int64 each.  C2. ``dtype`` has a 0: it is neither string nor f8e8m0."""

    k: int = 0
    dtype: DType = DType.F32
    kernel = kernels.eye

    def infer(self, rows: Tensor, columns: Tensor) -> Tensor:
        self.require(self.dtype not in ZEROLESS, "C2. dtype has a 0", self.dtype)
        sizes = [one_element(self, rows, "C1. rows"), one_element(self, columns, "C1. columns")]
        for size in (rows, columns):
            elements_from(self, size, 0, "C1. no extent is negative")
        return Tensor(self.dtype, tuple(UNKNOWN if n is None else n for n in sizes))

    def decompose(self, b: Builder, rows: Value, columns: Value) -> Value:
        row = b(Add(), index_along(b, _scalar(b, rows), 0, 2), b.constant(self.k))
        column = index_along(b, _scalar(b, columns), 1, 2)
        return b(Cast(to=self.dtype), b(Eq(), row, column))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        op = cls(draw.integer(-4, 4), draw.dtype(d for d in DType if d not in ZEROLESS))
        return Sample(op, (draw.scalar(draw.integer(0, 5)), draw.scalar(draw.integer(0, 5))), draw.some((0, 1)))


@op("math.det")
class Det(Op):
    """The determinant of each matrix of the last two axes; 1 of a 0 × 0 one.

    C1. ``x`` is floating point, of rank 2 or more.  C2. The matrices are square.
    By elimination with partial pivoting: the error grows with the condition. NaN or inf inside makes it NaN
    or inf, which of them is undefined.
    """

    kernel = kernels.det

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.dtype in FLOATS and x.rank >= 2, "C1. x is floating point, of rank 2 or more", x)
        self.require(same(x.dims[-1], x.dims[-2]) is not False, "C2. the matrices are square", x)
        return x.with_shape(x.dims[:-2])

    def decompose(self, b: Builder, x: Value) -> Value:
        """Elimination unrolled: the size of the matrices must be known."""
        size = x.tensor.dims[-1]
        if not isinstance(size, int):
            raise UnknownRank  # the number of steps is not known, no more than a rank would be
        rest, lead = widened(b, x), dims_of(b, x, *range(x.tensor.rank - 2))
        found = b(BroadcastTo(), b.scalar(1, rest), vector(b, lead))
        for _ in range(size):
            factor, rest = _eliminate(b, rest)
            found = b(Mul(), found, factor)
        return narrowed(b, found, x)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        size = draw.integer(0, 4)
        return Sample(cls(), (draw.array((*draw.shape(0, 2), size, size), draw.dtype(FLOATS), kinds=FINITE),))


def _eliminate(b: Builder, x: Value) -> tuple[Value, Value]:
    """The signed pivot of the first column, and what elimination leaves below and right of it."""
    rank, size = x.tensor.rank, x.tensor.dims[-1]
    first = _cut(b, x, (-1,), (0,), (1,))
    best = b(ArgMax(axis=-2, keepdims=True), b(Abs(), first))
    row = b.constant([[i] for i in range(size if isinstance(size, int) else 0)], DType.I64)
    zero = b.constant(0)
    source = b(Select(), b(Eq(), row, zero), best, b(Select(), b(Eq(), row, best), zero, row))
    swapped = b(
        GatherAlong(axis=rank - 2), x, b(BroadcastTo(), source, vector(b, dims_of(b, x, *range(rank))))
    )
    pivot = _cut(b, swapped, (-2, -1), (0, 0), (1, 1))
    safe = b(Select(), b(Eq(), pivot, b.scalar(0, x)), b.scalar(1, x), pivot)
    sign = b(Select(), b(Eq(), best, zero), b.scalar(1, x), b.scalar(-1, x))
    ratio = b(Div(), _cut(b, swapped, (-2, -1), (1, 0), (size, 1)), safe)
    below = _cut(b, swapped, (-2, -1), (1, 1), (size, size))
    right = _cut(b, swapped, (-2, -1), (0, 1), (1, size))
    return b(Squeeze(axes=(-2, -1)), b(Mul(), pivot, sign)), b(Sub(), below, b(Mul(), ratio, right))


def _cut(
    b: Builder, x: Value, axes: tuple[int, ...], starts: tuple[object, ...], stops: tuple[object, ...]
) -> Value:
    return b(Slice(axes=axes), x, b.constant(list(starts), DType.I64), b.constant(list(stops), DType.I64))
