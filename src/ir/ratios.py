"""What is known of the elements of a float tensor: dims that pass through floats on their way to a shape.

``int(H * 0.5)`` and ``ceil(H / 32) * 32`` are exported as casts, products and floors of floats. A :class:`Ratio` says
which rational number such an element is *exactly*, rounding included, for sizes below :data:`EXACT`. Where rounding
could show there is no ratio: arithmetic raises, and nothing is known of the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd, isfinite
from typing import TypeAlias

from interlingua.ir.dims import Dim, DimLike, at_least, ceildiv, floordiv, terms_of
from interlingua.ir.dtypes import DType

EXACT = 1 << 24
"""Integers up to here are floats of 32 bits, and so are their quotients by a power of two."""
DTYPES = frozenset({DType.F32, DType.F64})
MAX_CONSTANT = 16
"""The largest constant whose elements are tracked: scales and sizes are smaller, other constants of no interest."""
_MAX_DENOMINATOR = 1 << 8


@dataclass(frozen=True, slots=True)
class Ratio:
    """``num / den`` in lowest terms; build it with :func:`ratio`.

    Where ``den`` is no power of two the float is the quotient rounded: floor, ceiling and truncation are still exact
    (a quotient below an integer rounds to at most that integer, and to it only from :data:`EXACT` on), sums and
    products are not.
    """

    num: DimLike
    den: int

    def __add__(self, other: Ratio) -> Ratio:
        return _exact(self.num * other.den + other.num * self.den, self, other)

    def __sub__(self, other: Ratio) -> Ratio:
        return _exact(self.num * other.den - other.num * self.den, self, other)

    def __mul__(self, other: Ratio) -> Ratio:
        return _exact(self.num * other.num, self, other)

    def __truediv__(self, other: Ratio) -> Ratio:
        if not isinstance(other.num, int) or not other.num or not _dyadic(self.den) or not _dyadic(other.den):
            raise TypeError("the quotient is no ratio")
        sign = 1 if other.num > 0 else -1
        return ratio(self.num * (other.den * sign), self.den * abs(other.num))

    def __neg__(self) -> Ratio:
        return Ratio(-self.num, self.den)

    def floor(self) -> DimLike:
        """The largest integer that is not above it."""
        return floordiv(self.num, self.den)

    def ceil(self) -> DimLike:
        """The smallest integer that is not below it."""
        return ceildiv(self.num, self.den)

    def truncated(self) -> DimLike | None:
        """The integer next to it towards zero; ``None`` where its sign is unknown."""
        if at_least(self.num, 0):
            return self.floor()
        return self.ceil() if at_least(-self.num, 0) else None


Element: TypeAlias = "Ratio | None"


def ratio(num: DimLike, den: int = 1) -> Ratio:
    """``num / den`` for a positive ``den``.

    Raises:
        TypeError: it is too large for a float to be exact.
    """
    common = gcd(den, *(c for _, c in terms_of(num)))
    lowest = floordiv(num, common)
    size = abs(lowest) if isinstance(lowest, int) else max(abs(c) for _, c in lowest.terms)
    if size >= EXACT or den // common >= EXACT:
        raise TypeError("a float may round it")
    return Ratio(lowest, den // common)


def _exact(num: DimLike, a: Ratio, b: Ratio) -> Ratio:
    if not _dyadic(a.den) or not _dyadic(b.den):
        raise TypeError("a rounded quotient is computed with")
    return ratio(num, a.den * b.den)


def _dyadic(den: int) -> bool:
    return den & (den - 1) == 0


def of_float(value: float) -> Element:
    """A constant, where it is a small multiple of a small power of two. −0.0 is none."""
    if not isfinite(value) or (value == 0 and str(value).startswith("-")):
        return None
    numerator, denominator = value.as_integer_ratio()
    if denominator > _MAX_DENOMINATOR or abs(numerator) >= EXACT:
        return None
    return Ratio(numerator, denominator)


def of_integer(value: DimLike | None) -> Element:
    """An element of an integer tensor, cast to floats."""
    if value is None or (isinstance(value, int) and abs(value) >= EXACT):
        return None
    return ratio(value) if isinstance(value, Dim | int) else None
