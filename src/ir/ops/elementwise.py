"""What pointwise ops share: type rules, and what is known of elements.

Arithmetic is defined on floats of 16 bits or more and on integers of 8 bits or more (``FLOATS``, ``INTEGERS``): what is
narrower is for storage, and is cast before it is computed with.

A known element is an ``int`` or a ``Dim``; ``None`` is an unknown one. A rule for elements answers for one
position.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

import numpy as np

from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import FLOATS, NUMBERS, DType
from interlingua.ir.op import Op
from interlingua.ir.ops.common import one_dtype
from interlingua.ir.types import Tensor, broadcast

Rule = Callable[..., Any]
T = TypeVar("T", bound=Op)


def each(rule: Rule, *elements: Any, strict: bool = True) -> Any:
    """``rule`` at every position of the broadcast operands; ``strict`` rules see no unknown element."""

    def at(*values: Any) -> Any:
        return None if strict and any(v is None for v in values) else rule(*values)

    return np.asarray(np.frompyfunc(at, len(elements), 1)(*elements), dtype=object)


class Unary(Op):
    """One operand, its dtype and shape."""

    allowed: ClassVar[frozenset[DType]] = FLOATS
    """Dtypes that the op takes."""
    constraint: ClassVar[str] = "C1. x is floating point, of 16 bits or more"
    domain: ClassVar[tuple[float | None, float | None]] = (None, None)
    """Where the op has values other than NaN: most samples are from there."""
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {}
    """Values to sample, by attribute."""

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.dtype in self.allowed, self.constraint, x)
        return x.with_shape(x.shape)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        lo, hi = (None, None) if draw.rarely() else cls.domain
        x = draw.array(draw.shape(), draw.dtype(cls.allowed), lo=lo, hi=hi)
        return Sample(drawn(cls, draw, cls.options), (x,), draw.some((0,)))


class Numeric(Unary):
    """A unary op on integers and floats."""

    allowed = NUMBERS
    constraint = "C1. x is a number: an integer of 8 bits or more, or floating point of 16 or more"


class Binary(Op):
    """Two operands of one dtype, broadcast as NumPy does."""

    allowed: ClassVar[frozenset[DType]] = NUMBERS
    """Dtypes that the op takes."""
    constraint: ClassVar[str] = "C1. a and b are numbers: integers of 8 bits or more, or floating point of 16 or more"

    def infer(self, a: Tensor, b: Tensor) -> Tensor:
        self.require(a.dtype in self.allowed, self.constraint, a, b)
        one_dtype(self, a, b)
        return a.with_shape(broadcast(a, b))

    def unranked(self, a: Tensor, b: Tensor) -> Tensor:
        return a.with_shape(None)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        left, right = broadcast_shapes(draw)
        dtype = draw.dtype(cls.allowed)
        return Sample(cls(), cls.defined(draw.array(left, dtype), draw.array(right, dtype)), draw.some((0, 1)))

    @classmethod
    def defined(cls, a: Any, b: Any) -> tuple[Any, Any]:
        """Operands like these for which the result is defined."""
        return a, b


class Comparison(Op):
    """Two operands of one dtype, broadcast as NumPy does; the result is bool."""

    kinds: ClassVar[tuple[str, ...]] = ("bool", "int", "uint", "float")
    constraint: ClassVar[str] = "C1. a and b are bool, integers or floating point"

    def infer(self, a: Tensor, b: Tensor) -> Tensor:
        self.require(a.dtype.kind in self.kinds, self.constraint, a, b)
        one_dtype(self, a, b)
        return Tensor(DType.BOOL, broadcast(a, b))

    def unranked(self, a: Tensor, b: Tensor) -> Tensor:
        return Tensor(DType.BOOL, None)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        left, right = broadcast_shapes(draw)
        dtype = draw.dtype([d for d in DType if d.kind in cls.kinds])
        return Sample(cls(), (draw.array(left, dtype), draw.array(right, dtype)), draw.some((0, 1)))


def drawn(cls: type[T], draw: Draw, options: Mapping[str, tuple[Any, ...]]) -> T:
    """An op of this class: its defaults, or any of the values of the attributes."""
    chosen = {name: draw.choice(values) for name, values in options.items()}
    return cls(**chosen)


def broadcast_shapes(draw: Draw) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Two shapes, most often one of them broadcast to the other, at times both to a third."""
    shape = draw.shape()
    other = draw.broadcastable(shape)
    if draw.rarely():
        return draw.broadcastable(shape), other
    return (other, shape) if draw.boolean() else (shape, other)


def nonzero_divisors(a: Any, b: Any) -> tuple[Any, Any]:
    """Integers whose quotient is defined: no division by zero, nor of the least integer by -1."""
    if a.dtype.kind not in "iu":
        return a, b
    least = np.iinfo(a.dtype).min
    return (np.where(a == least, least + 1, a).astype(a.dtype) if least else a), np.where(b == 0, 1, b).astype(b.dtype)


def within(op: Op, x: Tensor, other: Tensor, constraint: str) -> None:
    """Require that ``other`` broadcasts to the shape of ``x``, not beyond."""
    if x.shape is None or other.shape is None:
        return
    result = broadcast(x, other)
    op.require(len(result) == x.rank, constraint, x, other)
    for dim, own in zip(result, x.dims, strict=True):
        op.require(own != 1 or not isinstance(dim, int) or dim == 1, constraint, x, other)
