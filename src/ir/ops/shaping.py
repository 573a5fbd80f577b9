"""Shape vectors as values: what decompositions and frontends need of a shape that only the run may know.

Everything here is a constant where the dims are integers, and a few nodes where they are not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from itertools import groupby

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.shape import Concat, Reshape, Slice
from interlingua.ir.ops.source import Iota, ShapeOf


def dim_of(b: Builder, x: Value, axis: int) -> int | Value:
    """The size of ``x`` along ``axis``: an integer, or a vector of one int64."""
    dim = x.tensor.dims[axis]
    if isinstance(dim, int):
        return dim
    place = axis % x.tensor.rank
    return b(Slice(axes=(0,)), b(ShapeOf(), x), b.constant([place]), b.constant([place + 1]))


def dims_of(b: Builder, x: Value, *axes: int) -> list[int | Value]:
    """The sizes of ``x`` along ``axes``, as :func:`dim_of` gives each."""
    return [dim_of(b, x, axis) for axis in axes]


def vector(b: Builder, parts: Sequence[int | Value]) -> Value:
    """An int64 vector of integers and of vectors, one after the other."""
    pieces: list[Value] = []
    for fixed, run in groupby(parts, lambda part: isinstance(part, int)):
        found = list(run)
        pieces += [b.constant(found, DType.I64)] if fixed else [p for p in found if isinstance(p, Value)]
    if not pieces:
        return b.constant([], DType.I64)
    return pieces[0] if len(pieces) == 1 else b(Concat(axis=0), *pieces)


def reshaped(b: Builder, x: Value, parts: Sequence[int | Value]) -> Value:
    """``x`` in the shape that ``parts`` are; a lone unknown part may be −1."""
    dynamic = [i for i, p in enumerate(parts) if not isinstance(p, int)]
    if len(dynamic) == 1 and not any(p == -1 or p == 0 for p in parts if isinstance(p, int)):
        parts = [-1 if i == dynamic[0] else p for i, p in enumerate(parts)]
    return b(Reshape(), x, vector(b, parts))


def scalar_of(b: Builder, part: int | Value, dtype: DType = DType.I64) -> Value:
    """One dim as a rank-0 value of ``dtype``."""
    if isinstance(part, int):
        return b.constant(part, dtype)
    scalar = b(Reshape(), part, b.constant([], DType.I64))
    return scalar if dtype is DType.I64 else b(Cast(to=dtype), scalar)


def dim_scalar(b: Builder, x: Value, axis: int, dtype: DType = DType.I64) -> Value:
    """The size of ``x`` along ``axis`` as a rank-0 value of ``dtype``."""
    return scalar_of(b, dim_of(b, x, axis), dtype)


def count_of(b: Builder, x: Value, axes: Sequence[int], dtype: DType) -> Value:
    """The number of elements of ``x`` over ``axes`` as a rank-0 value of ``dtype``."""
    from interlingua.ir.ops.binary import Mul

    fixed, total = 1, None
    for axis in axes:
        part = dim_of(b, x, axis)
        if isinstance(part, int):
            fixed *= part
        else:
            total = part if total is None else b(Mul(), total, part)
    if total is None:
        return b.constant(fixed, dtype)
    return scalar_of(b, total if fixed == 1 else b(Mul(), total, b.constant([fixed])), dtype)


def product_of(b: Builder, parts: Sequence[int | Value]) -> int | Value:
    """The product of extents, as :func:`dim_of` gives each."""
    from interlingua.ir.ops.binary import Mul

    fixed = math.prod(p for p in parts if isinstance(p, int))
    unknown = [p for p in parts if isinstance(p, Value)]
    if not unknown:
        return fixed
    factors = unknown if fixed == 1 else [*unknown, b.constant([fixed], DType.I64)]
    return reduce(lambda p, q: b(Mul(), p, q), factors)


def quotient_of(b: Builder, part: int | Value, divisor: int) -> int | Value:
    """An extent, as :func:`dim_of` gives it, over one of its divisors."""
    from interlingua.ir.ops.binary import Div

    return part // divisor if isinstance(part, int) else b(Div(), part, b.constant([divisor], DType.I64))


def expanded(b: Builder, x: Value, *axes: int) -> Value:
    """``x`` with axes of size 1 put in, where they are in the result."""
    from interlingua.ir.ops.layout import ExpandDims

    return b(ExpandDims(axes=axes), x) if axes else x


def index_along(b: Builder, size: Value, axis: int, rank: int, dtype: DType = DType.I64) -> Value:
    """``0, 1 … size - 1`` along ``axis`` of ``rank`` axes, the others of size 1; ``size`` is a rank-0
    int64."""
    line = b(Iota(), b.constant(0, DType.I64), size, b.constant(1, DType.I64))
    line = line if dtype is DType.I64 else b(Cast(to=dtype), line)
    return b(Reshape(), line, b.constant([-1 if a == axis else 1 for a in range(rank)]))
