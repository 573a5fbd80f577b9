"""Logic, bits and comparison: core ops, broadcast as NumPy does."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.ir.dims import DimLike, bounds, same
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import INTEGERS, DType
from interlingua.ir.kernels import logic as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.common import one_dtype
from interlingua.ir.ops.elementwise import Binary, Comparison, Unary, each
from interlingua.ir.types import Tensor, broadcast

BITS = INTEGERS | {DType.BOOL}


def less(a: DimLike, b: DimLike) -> bool | None:
    """Whether ``a < b``: yes, no, or ``None`` where that depends."""
    lo, hi = bounds(b - a)
    if lo is not None and lo > 0:
        return True
    return False if hi is not None and hi <= 0 else None


def negated(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


class _Bits(Binary):
    """Logical on bool, bitwise on integers."""

    allowed = BITS
    constraint = "C1. a and b are bool, or integers of 8 bits or more"


@op("core.not")
class Not(Unary):
    """``y = not x`` for bool, every bit flipped (``-1 - x``) for integers.

    C1. ``x`` is bool or an integer.
    """

    allowed = BITS
    constraint = "C1. x is bool, or an integer of 8 bits or more"
    kernel = kernels.not_

    def infer(self, x: Tensor) -> Tensor:
        result = super().infer(x)
        if x.dtype is not DType.BOOL or x.elements is None:
            return result
        return result.with_elements(each(lambda v: int(not v) if isinstance(v, int) else None, x.elements))


def _and(a: Any, b: Any) -> Any:
    if 0 in (a, b):
        return 0
    return a & b if isinstance(a, int) and isinstance(b, int) else None


def _or(a: Any, b: Any) -> Any:
    return a | b if isinstance(a, int) and isinstance(b, int) else None


@op("core.and")
class And(_Bits):
    """``y = a and b`` for bool, ``a & b`` bit by bit for integers.

    C1. ``a`` and ``b`` are bool or integers, of one dtype.
    """

    kernel = kernels.and_
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(_and, a, b, strict=False)


@op("core.or")
class Or(_Bits):
    """``y = a or b`` for bool, ``a | b`` bit by bit for integers.

    C1. ``a`` and ``b`` are bool or integers, of one dtype.
    """

    kernel = kernels.or_
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(_or, a, b, strict=False)


@op("core.xor")
class Xor(_Bits):
    """``y = a != b`` for bool, ``a ^ b`` bit by bit for integers.

    C1. ``a`` and ``b`` are bool or integers, of one dtype.
    """

    kernel = kernels.xor


class _Shift(Binary):
    """Integers moved by a number of bits."""

    allowed = INTEGERS
    constraint = "C1. a and b are integers of 8 bits or more"

    @classmethod
    def defined(cls, a: Any, b: Any) -> tuple[Any, Any]:
        bits = 8 * b.dtype.itemsize
        return a, b % np.asarray(bits, b.dtype)


@op("core.shift_left")
class ShiftLeft(_Shift):
    """``y = a * 2**b``, bits that leave the dtype dropped.

    C1. ``a`` and ``b`` are integers of one dtype.
    ``b`` outside [0, bits of the dtype) is undefined.
    """

    kernel = kernels.shift_left


@op("core.shift_right")
class ShiftRight(_Shift):
    """``y = floor(a / 2**b)``: the sign bit is copied, unsigned integers take zeros.

    C1. ``a`` and ``b`` are integers of one dtype.
    ``b`` outside [0, bits of the dtype) is undefined.
    """

    kernel = kernels.shift_right


@op("core.eq")
class Eq(Comparison):
    """``y = a == b``, as bool.

    C1. ``a`` and ``b`` have one dtype; strings compare by their characters.
    NaN equals nothing; 0.0 equals -0.0.
    """

    kinds = ("bool", "int", "uint", "float", "complex", "string")
    constraint = "C1. a and b are of any dtype"
    kernel = kernels.eq
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(same, a, b)


@op("core.lt")
class Lt(Comparison):
    """``y = a < b``, as bool.

    C1. ``a`` and ``b`` are bool (false < true), integers or floating point, of one dtype.
    False where an operand is NaN.
    """

    kernel = kernels.lt
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(less, a, b)


@op("core.le")
class Le(Comparison):
    """``y = a <= b``, as bool.

    C1. ``a`` and ``b`` are bool (false < true), integers or floating point, of one dtype.
    False where an operand is NaN, so not the opposite of ``b < a``.
    """

    kernel = kernels.le
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(lambda p, q: negated(less(q, p)), a, b)


def _choose(condition: Any, a: Any, b: Any) -> Any:
    if condition is None:
        return a if a is not None and a == b else None
    return a if condition else b


@op("core.select")
class Select(Op):
    """``y = a where condition else b``, all three broadcast together. Both branches are evaluated.

    C1. ``condition`` is bool.  C2. ``a`` and ``b`` have one dtype, any.
    A NaN in the branch not taken does not show.
    """

    kernel = kernels.select
    symbolic = True

    def infer(self, condition: Tensor, a: Tensor, b: Tensor) -> Tensor:
        self.require(condition.dtype is DType.BOOL, "C1. condition is bool", condition)
        one_dtype(self, a, b)
        return a.with_shape(broadcast(condition, a, b))

    def unranked(self, condition: Tensor, a: Tensor, b: Tensor) -> Tensor:
        return a.with_shape(None)

    def known_elements(self, condition: Any, a: Any, b: Any) -> Any:
        return each(_choose, condition, a, b, strict=False)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape, dtype = draw.shape(), draw.dtype(tuple(DType))
        condition = draw.array(draw.broadcastable(shape), DType.BOOL)
        a, b = (draw.array(draw.broadcastable(shape), dtype) for _ in range(2))
        return Sample(cls(), (condition, a, b), draw.some(range(3)))
