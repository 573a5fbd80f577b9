"""Binary core ops: two operands of one dtype, broadcast as NumPy does; the result has that dtype.

NaN in either operand gives NaN. Nothing is promoted: frontends insert ``core.cast``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.ir.dims import DimLike, bounds, exact_quotient, floordiv, maximum, minimum
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.kernels import binary as kernels
from interlingua.ir.op import op
from interlingua.ir.ops.elementwise import Binary, each, nonzero_divisors
from interlingua.ir.ratios import Ratio


def truncated_quotient(a: DimLike, b: DimLike) -> DimLike | None:
    """``a / b`` truncated towards zero, where that is a dim."""
    if b == 0:
        return None
    if isinstance(a, int) and isinstance(b, int):
        return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    exact = exact_quotient(a, b)
    if exact is not None:
        return exact
    (lo, _), (least, _) = bounds(a), bounds(b)
    return floordiv(a, b) if lo is not None and lo >= 0 and least is not None and least > 0 else None


def _remainder(a: DimLike, b: DimLike) -> DimLike | None:
    quotient = truncated_quotient(a, b)
    return None if quotient is None else a - quotient * b


def _quotient(a: Any, b: Any) -> Any:
    return a / b if isinstance(a, Ratio) else truncated_quotient(a, b)


@op("core.add")
class Add(Binary):
    """``y = a + b``.

    C1. ``a`` and ``b`` are integers or floating point, of one dtype.
    Integers wrap. -0.0 + -0.0 = -0.0, so adding 0.0 is not the identity; inf + -inf = NaN.
    """

    kernel = kernels.add
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(lambda p, q: p + q, a, b)


@op("core.sub")
class Sub(Binary):
    """``y = a - b``.

    C1. ``a`` and ``b`` are integers or floating point, of one dtype.
    Integers wrap, unsigned ones too; inf - inf = NaN.
    """

    kernel = kernels.sub
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(lambda p, q: p - q, a, b)


@op("core.mul")
class Mul(Binary):
    """``y = a * b``.

    C1. ``a`` and ``b`` are integers or floating point, of one dtype.
    Integers wrap; 0 * inf = NaN.
    """

    kernel = kernels.mul
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(lambda p, q: p * q, a, b)


@op("core.div")
class Div(Binary):
    """``y = a / b``; for integers the quotient truncated towards zero.

    C1. ``a`` and ``b`` are integers or floating point, of one dtype.
    Floats: x / ±0 = ±inf, 0 / 0 = NaN. Integers: division by zero, and the least integer by -1, are
    undefined. Python's ``//`` is ``math.floor_div``.
    """

    kernel = kernels.div
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(_quotient, a, b)

    @classmethod
    def defined(cls, a: Any, b: Any) -> tuple[Any, Any]:
        return nonzero_divisors(a, b)


@op("core.rem")
class Rem(Binary):
    """``y = a - b * trunc(a / b)``: the remainder with the sign of ``a``, as C's ``%`` and ``fmod``.

    C1. ``a`` and ``b`` are integers or floating point, of one dtype.
    Floats: exact; rem(±inf, y) = rem(x, 0) = NaN, rem(x, ±inf) = x; a zero result has the sign of ``a``.
    Integers: division by zero, and the least integer by -1 (it stops some runtimes), are undefined.
    Discontinuous where ``a / b`` is an integer. Python's ``%`` is ``math.mod``.
    """

    kernel = kernels.rem
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(_remainder, a, b)

    @classmethod
    def defined(cls, a: Any, b: Any) -> tuple[Any, Any]:
        return nonzero_divisors(a, b)


@op("core.pow")
class Pow(Binary):
    """``y = a ** b``.

    C1. ``a`` and ``b`` are integers or floating point, of one dtype.
    Floats as IEEE 754 ``pow``: x**0 = 1 even for NaN, a negative base with a fractional exponent is NaN.
    Integers wrap, 0**0 = 1, and a negative exponent gives the reciprocal truncated towards zero (0 to a
    negative power is undefined).
    Where a framework lets base and exponent differ in dtype, its frontend casts.
    """

    kernel = kernels.pow_

    @classmethod
    def defined(cls, a: Any, b: Any) -> tuple[Any, Any]:
        """No integer 0 to a negative power."""
        if a.dtype.kind != "i" or not (b < 0).any():
            return a, b
        return np.where(a == 0, 1, a).astype(a.dtype), b


@op("core.max")
class Max(Binary):
    """``y`` = the larger of ``a`` and ``b``.

    C1. ``a`` and ``b`` are integers or floating point, of one dtype.
    NaN propagates (IEEE ``maximum``, not ``maxNum``). The sign of max(0.0, -0.0) is undefined.
    """

    kernel = kernels.max_
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(maximum, a, b)


@op("core.min")
class Min(Binary):
    """``y`` = the smaller of ``a`` and ``b``.

    C1. ``a`` and ``b`` are integers or floating point, of one dtype.
    NaN propagates (IEEE ``minimum``, not ``minNum``). The sign of min(0.0, -0.0) is undefined.
    """

    kernel = kernels.min_
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(minimum, a, b)


@op("core.atan2")
class Atan2(Binary):
    """``y = the angle of the point (b, a)``: arctan(a / b) in the quadrant that the signs give, in [-pi, pi].

    C1. ``a`` and ``b`` are floating point, of one dtype.
    Zeros and infinities as IEEE 754 ``atan2``: atan2(±0, -0.0) = ±pi, atan2(±0, 0.0) = ±0, atan2(inf, inf) =
    pi/4.
    """

    allowed = FLOATS
    constraint = "C1. a and b are floating point, of 16 bits or more"
    kernel = kernels.atan2
