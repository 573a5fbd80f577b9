"""Types of values: tensors, sequences and optionals.

Types are immutable and hashable. A tensor type may carry what is known of its *elements*: for a small integer
or bool tensor an object array of ``int``, :class:`~interlingua.ir.dims.Dim` or ``None`` (unknown), for a small float
tensor one of :class:`~interlingua.ir.ratios.Ratio` or ``None``. Elements take no part in equality; they let a chain
``shape → gather → mul → concat → reshape`` keep its symbols.
"""

from __future__ import annotations

from collections.abc import Sequence as Seq
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

import numpy as np

from interlingua.errors import ConstraintError
from interlingua.ir.broadcasting import broadcast_dim
from interlingua.ir.dims import UNKNOWN, DimLike, is_unknown, product, same
from interlingua.ir.dtypes import DType

Shape: TypeAlias = tuple[DimLike, ...]

MAX_ELEMENTS = 256
"""The largest tensor whose elements are tracked: shapes and index lists are far smaller, data far larger."""


class UnknownRank(Exception):
    """A type rule needs the rank of a tensor that has none."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of ``dtype``; ``shape`` is ``None`` where even the rank is unknown."""

    dtype: DType
    shape: Shape | None
    elements: np.ndarray[Any, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def dims(self) -> Shape:
        """The shape.

        Raises:
            UnknownRank: there is none.
        """
        if self.shape is None:
            raise UnknownRank
        return self.shape

    @property
    def rank(self) -> int:
        return len(self.dims)

    @property
    def size(self) -> DimLike:
        """The number of elements."""
        return product(self.dims)

    @property
    def static_shape(self) -> tuple[int, ...] | None:
        """The shape where every dim is an integer."""
        shape = self.shape
        if shape is None:
            return None
        for dim in shape:
            if not isinstance(dim, int):
                return None
        return cast("tuple[int, ...]", shape)

    def with_shape(self, shape: Seq[DimLike] | None) -> Tensor:
        """The same dtype with another shape, and nothing known of the elements."""
        return Tensor(self.dtype, None if shape is None else tuple(shape))

    def with_dtype(self, dtype: DType) -> Tensor:
        """The same shape with another dtype, and nothing known of the elements."""
        return Tensor(dtype, self.shape)

    def with_elements(self, elements: Any) -> Tensor:
        """The same type with what is known of the elements: an object array (or one object, for a scalar)."""
        return Tensor(self.dtype, self.shape, None if elements is None else np.asarray(elements, dtype=object))

    def known(self) -> list[int] | None:
        """The elements, flat, where every one is a known integer."""
        if self.elements is None:
            return None
        flat = self.elements.ravel().tolist()
        return flat if all(isinstance(e, int) for e in flat) else None

    def __str__(self) -> str:
        if self.shape is None:
            return f"{self.dtype}[*]"
        return f"{self.dtype}[{', '.join(str(d) for d in self.shape)}]"


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of values of one type, its length known at run time only."""

    element: Type

    def __str__(self) -> str:
        return f"sequence<{self.element}>"


@dataclass(frozen=True, slots=True)
class Optional:
    """A value of the type, or none."""

    element: Type

    def __str__(self) -> str:
        return f"optional<{self.element}>"


Type: TypeAlias = Tensor | Sequence | Optional


@dataclass(frozen=True, slots=True)
class Signature:
    """The types that go into a region and come out of it."""

    inputs: tuple[Type, ...]
    outputs: tuple[Type, ...]


def broadcast(*types: Tensor) -> Shape:
    """The NumPy broadcast of the shapes.

    Raises:
        ConstraintError: two dims differ for certain and neither is 1.
        UnknownRank: one of the types has no rank.
    """
    rank = max(t.rank for t in types)
    return tuple(_broadcast_axis(types, rank, axis) for axis in range(rank))


def _broadcast_axis(types: tuple[Tensor, ...], rank: int, axis: int) -> DimLike:
    out: DimLike = 1
    for t in types:
        index = axis - (rank - t.rank)
        dim = t.dims[index] if index >= 0 else 1
        if dim == 1 or dim == out:
            continue
        if out == 1:
            out = dim
            continue
        if isinstance(dim, int) and isinstance(out, int):
            shapes = " and ".join(str(t) for t in types)
            raise ConstraintError(f"{shapes} do not broadcast: axis {axis - rank} is both {out} and {dim}")
        out = _meet(out, dim)
    return out


def _meet(a: DimLike, b: DimLike) -> DimLike:
    """What two dims broadcast to; that of an unknown one and another is unknown, unless the other is not 1."""
    found = broadcast_dim(a, b)
    return UNKNOWN if is_unknown(found) else found


def join(a: Type, b: Type) -> Type:
    """The most precise type that covers both, as where two branches meet.

    Raises:
        ConstraintError: they are of different dtypes or kinds.
    """
    if a == b:
        if isinstance(a, Tensor):
            return Tensor(a.dtype, a.shape)
        return a
    if isinstance(a, Tensor) and isinstance(b, Tensor) and a.dtype == b.dtype:
        if a.shape is None or b.shape is None or len(a.shape) != len(b.shape):
            return Tensor(a.dtype, None)
        return Tensor(a.dtype, tuple(p if p == q else UNKNOWN for p, q in zip(a.shape, b.shape, strict=True)))
    if isinstance(a, Sequence) and isinstance(b, Sequence):
        return Sequence(join(a.element, b.element))
    if isinstance(a, Optional) and isinstance(b, Optional):
        return Optional(join(a.element, b.element))
    raise ConstraintError(f"{a} and {b} have no common type")


def compatible(a: Type, b: Type) -> bool:
    """Whether a value can be of both types: same kind and dtype, and no dim that differs for certain."""
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        if a.dtype != b.dtype:
            return False
        if a.shape is None or b.shape is None:
            return True
        return len(a.shape) == len(b.shape) and all(
            same(p, q) is not False for p, q in zip(a.shape, b.shape, strict=True)
        )
    if isinstance(a, Sequence) and isinstance(b, Sequence):
        return compatible(a.element, b.element)
    if isinstance(a, Optional) and isinstance(b, Optional):
        return compatible(a.element, b.element)
    return False
