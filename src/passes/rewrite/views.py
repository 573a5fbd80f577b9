"""Views: ops that give the same elements, in row-major order, another shape."""

from __future__ import annotations

from collections.abc import Sequence

from interlingua.ir.builder import Builder
from interlingua.ir.dims import DimLike, product, same
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.layout import ExpandDims, Flatten, Squeeze
from interlingua.ir.ops.shape import Reshape

VIEWS: tuple[type[Op], ...] = (Reshape, ExpandDims, Squeeze, Flatten)


def same_dims(a: Sequence[DimLike], b: Sequence[DimLike]) -> bool:
    """Whether two shapes are one for certain."""
    return len(a) == len(b) and all(same(p, q) is True for p, q in zip(a, b, strict=True))


def is_one(dim: DimLike) -> bool:
    """Whether a dim is 1 for certain."""
    return same(dim, 1) is True


def as_many(a: Sequence[DimLike], b: Sequence[DimLike]) -> bool:
    """Whether two shapes have as many elements for certain."""
    return same(product(tuple(a)), product(tuple(b))) is True


def put_in(short: Sequence[DimLike], long: Sequence[DimLike]) -> tuple[int, ...] | None:
    """The axes of ``long``, all of size 1, without which it is ``short``; ``None`` where there are no such."""
    axes: list[int] = []
    taken = 0
    for axis, dim in enumerate(long):
        if taken < len(short) and same(short[taken], dim) is True:
            taken += 1
        elif is_one(dim):
            axes.append(axis)
        else:
            return None
    return tuple(axes) if taken == len(short) else None


def viewed(b: Builder, x: Value, dims: Sequence[DimLike]) -> Value | None:
    """``x`` in the shape ``dims``, by one op at most; ``None`` where that takes a shape that only the run knows, or
    where there may not be as many elements: what is to fail then goes on to fail."""
    have = x.tensor.dims
    if same_dims(have, dims):
        return x
    if not as_many(have, dims):
        return None
    axes = put_in(have, dims)
    if axes:
        return b(ExpandDims(axes), x)
    axes = put_in(dims, have)
    if axes:
        return b(Squeeze(axes), x)
    sizes = listed(dims)
    return None if sizes is None else b(Reshape(), x, b.constant(sizes, DType.I64))


def listed(dims: Sequence[DimLike]) -> list[int] | None:
    """``dims`` as a reshape takes them, −1 for the only one that is no integer; ``None`` where there are several, or
    where −1 would stand beside a 0."""
    sizes = [d if isinstance(d, int) else -1 for d in dims]
    opened = sizes.count(-1)
    return sizes if opened == 0 or (opened == 1 and 0 not in sizes) else None
