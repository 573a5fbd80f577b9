"""Mathematical composites: each has a kernel of its own and a decomposition into core ops."""

from __future__ import annotations

import math
from typing import Any

from interlingua.ir.builder import Builder
from interlingua.ir.dims import DimLike, bounds, floordiv, same
from interlingua.ir.dtypes import INTEGERS
from interlingua.ir.graph import Value
from interlingua.ir.kernels import activation
from interlingua.ir.kernels import math as kernels
from interlingua.ir.op import op
from interlingua.ir.ops.binary import Add, Div, Mul, Rem, Sub
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.elementwise import Binary, Comparison, Numeric, Unary, each, nonzero_divisors
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.logic import And, Eq, Le, Lt, Not, Select, ShiftRight, Xor, less, negated
from interlingua.ir.ops.unary import Abs, Exp, Floor, Log, Neg, Sin, Sqrt


@op("math.ne")
class Ne(Comparison):
    """``y = a != b``, as bool: ``not eq(a, b)``.

    C1. ``a`` and ``b`` have one dtype, any.
    NaN differs from everything, itself included.
    """

    kinds = ("bool", "int", "uint", "float", "complex", "string")
    constraint = "C1. a and b are of any dtype"
    kernel = kernels.ne
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(lambda p, q: negated(same(p, q)), a, b)

    def decompose(self, b: Builder, p: Value, q: Value) -> Value:
        return b(Not(), b(Eq(), p, q))


@op("math.gt")
class Gt(Comparison):
    """``y = a > b``, as bool: ``lt(b, a)``.

    C1. ``a`` and ``b`` are bool (false < true), integers or floating point, of one dtype.
    False where an operand is NaN.
    """

    kernel = kernels.gt
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(lambda p, q: less(q, p), a, b)

    def decompose(self, b: Builder, p: Value, q: Value) -> Value:
        return b(Lt(), q, p)


@op("math.ge")
class Ge(Comparison):
    """``y = a >= b``, as bool: ``le(b, a)``.

    C1. ``a`` and ``b`` are bool (false < true), integers or floating point, of one dtype.
    False where an operand is NaN.
    """

    kernel = kernels.ge
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(lambda p, q: negated(less(p, q)), a, b)

    def decompose(self, b: Builder, p: Value, q: Value) -> Value:
        return b(Le(), q, p)


@op("math.reciprocal")
class Reciprocal(Unary):
    """``y = 1 / x``.

    C1. ``x`` is floating point.
    1/±0 = ±inf, 1/±inf = ±0.
    """

    kernel = kernels.reciprocal

    def decompose(self, b: Builder, x: Value) -> Value:
        return b(Div(), b.scalar(1, x), x)


@op("math.rsqrt")
class Rsqrt(Unary):
    """``y = 1 / sqrt(x)``.

    C1. ``x`` is floating point.
    rsqrt(±0) = ±inf, NaN below zero, rsqrt(inf) = 0. Both steps round: up to one unit in the last place from
    the exact value.
    """

    kernel = kernels.rsqrt
    domain = (0, None)

    def decompose(self, b: Builder, x: Value) -> Value:
        return b(Div(), b.scalar(1, x), b(Sqrt(), x))


@op("math.square")
class Square(Numeric):
    """``y = x * x``.

    C1. ``x`` is an integer or floating point.
    Integers wrap.
    """

    kernel = kernels.square

    def decompose(self, b: Builder, x: Value) -> Value:
        return b(Mul(), x, x)


@op("math.log1p")
class Log1p(Unary):
    """``y = ln(1 + x)``, accurate near zero.

    C1. ``x`` is floating point.
    log1p(-1) = -inf, NaN below -1, log1p(-0.0) = -0.0, log1p(inf) = inf.
    """

    kernel = kernels.log1p
    domain = (-1, None)

    def decompose(self, b: Builder, x: Value) -> Value:
        """``ln(u) * x / (u - 1)`` with ``u = 1 + x`` rounded: the error of ``u`` cancels (W. Kahan)."""
        u = b(Add(), x, b.scalar(1, x))
        moved = b(Sub(), u, b.scalar(1, x))
        log = b(Log(), u)
        exact = b(Mul(), log, b(Div(), x, moved))
        plain = b(Select(), b(Lt(), b(Abs(), x), b.scalar(1, x)), exact, log)
        return b(Select(), b(Eq(), moved, b.scalar(0, x)), x, plain)


@op("math.expm1")
class Expm1(Unary):
    """``y = exp(x) - 1``, accurate near zero.

    C1. ``x`` is floating point.
    expm1(-inf) = -1, expm1(inf) = inf, expm1(-0.0) = -0.0.
    """

    kernel = kernels.expm1

    def decompose(self, b: Builder, x: Value) -> Value:
        """``(u - 1) * x / ln(u)`` with ``u = exp(x)`` rounded: the error of ``u`` cancels (W. Kahan)."""
        u = b(Exp(), x)
        moved = b(Sub(), u, b.scalar(1, x))
        exact = b(Mul(), moved, b(Div(), x, b(Log(), u)))
        near = b(Lt(), b(Abs(), x), b.scalar(1, x))
        return b(Select(), b(Eq(), moved, b.scalar(0, x)), x, b(Select(), near, exact, moved))


def _mod(a: DimLike, b: DimLike) -> DimLike | None:
    quotient = _floor_quotient(a, b)
    return None if quotient is None else a - quotient * b


def _floor_quotient(a: DimLike, b: DimLike) -> DimLike | None:
    lo, hi = bounds(b)
    nonzero = (lo is not None and lo > 0) or (hi is not None and hi < 0)
    return floordiv(a, b) if nonzero else None


@op("math.floor_div")
class FloorDiv(Binary):
    """``y = floor(a / b)``.

    C1. ``a`` and ``b`` are integers or floating point, of one dtype.
    Integers: exact; division by zero, and the least integer by -1, are undefined. Floats: the rounded
    quotient is floored, so x / ±0 = ±inf and 0 / 0 = NaN (Python's ``//`` derives it from the exact remainder
    and may differ by one).
    """

    kernel = kernels.floor_div
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(_floor_quotient, a, b)

    @classmethod
    def defined(cls, a: Any, b: Any) -> tuple[Any, Any]:
        return nonzero_divisors(a, b)

    def decompose(self, b: Builder, p: Value, q: Value) -> Value:
        quotient = b(Div(), p, q)
        if p.tensor.dtype.is_float:
            return b(Floor(), quotient)
        if p.tensor.dtype.kind == "uint":
            return quotient
        rest = b(Rem(), p, q)
        return b(Sub(), quotient, b(Cast(to=p.tensor.dtype), _opposed(b, rest, q)))


def _opposed(b: Builder, rest: Value, divisor: Value) -> Value:
    """Whether the remainder is not zero and has the other sign than the divisor."""
    zero = b.scalar(0, rest)
    signs = b(Xor(), b(Lt(), rest, zero), b(Lt(), divisor, zero))
    return b(And(), b(Ne(), rest, zero), signs)


@op("math.mod")
class Mod(Binary):
    """``y = a - b * floor(a / b)``: the remainder with the sign of ``b``, as Python's ``%``.

    C1. ``a`` and ``b`` are integers or floating point, of one dtype.
    Floats: exact but for one rounding where the signs differ; mod(±inf, y) = mod(x, 0) = NaN; for finite
    ``x``, mod(x, ±inf) is ``x`` where the signs agree, else ±inf; a zero result has the sign of ``b``.
    Integers: division by zero, and the least integer by -1 (it stops some runtimes), are undefined.
    Discontinuous where ``a / b`` is an integer.
    """

    kernel = kernels.mod
    symbolic = True

    def known_elements(self, a: Any, b: Any) -> Any:
        return each(_mod, a, b)

    @classmethod
    def defined(cls, a: Any, b: Any) -> tuple[Any, Any]:
        return nonzero_divisors(a, b)

    def decompose(self, b: Builder, p: Value, q: Value) -> Value:
        rest = b(Rem(), p, q)
        if p.tensor.dtype.kind == "uint":
            return rest
        moved = b(Select(), _opposed(b, rest, q), b(Add(), rest, q), rest)
        if not p.tensor.dtype.is_float:
            return moved
        # a zero takes the sign of the divisor
        zero = b.scalar(0, p)
        signed = b(Select(), b(Lt(), q, zero), b(Neg(), b(Abs(), rest)), b(Abs(), rest))
        return b(Select(), b(Eq(), rest, zero), signed, moved)


@op("math.sinc")
class Sinc(Unary):
    """``y = sin(pi * x) / (pi * x)``, and 1 at zero: the normalised sinc of NumPy and torch.

    C1. ``x`` is floating point.
    ±inf gives NaN. ``pi * x`` is rounded, so zeros at the integers come out as small numbers.
    """

    kernel = kernels.sinc

    def decompose(self, b: Builder, x: Value) -> Value:
        scaled = b(Mul(), x, b.scalar(math.pi, x))
        value = b(Div(), b(Sin(), scaled), scaled)
        return b(Select(), b(Eq(), scaled, b.scalar(0, x)), b.scalar(1, x), value)


@op("math.bit_count")
class BitCount(Unary):
    """``y`` = the number of one bits of each integer, in two's complement where it is signed.

    C1. ``x`` is an integer of 8 bits or more.
    """

    allowed = INTEGERS
    constraint = "C1. x is an integer of 8 bits or more"
    kernel = kernels.bit_count

    def decompose(self, b: Builder, x: Value) -> Value:
        one, total = b.scalar(1, x), b(And(), x, b.scalar(1, x))
        for bit in range(1, x.tensor.dtype.bits):
            total = b(Add(), total, b(And(), b(ShiftRight(), x, b.scalar(bit, x)), one))
        return total


@op("math.sigmoid")
class Sigmoid(Unary):
    """``y = 1 / (1 + exp(-x))``.

    C1. ``x`` is floating point.
    sigmoid(-inf) = 0, sigmoid(inf) = 1; NaN stays. Float16 and bfloat16 compute in float32 and round once: ``exp(-x)``
    is beyond float16 where the result is not yet 0.
    """

    kernel = activation.sigmoid

    def decompose(self, b: Builder, x: Value) -> Value:
        power = (-Expr(b, x).wide()).exp()
        return (power.number(1) / (power + 1)).to(x.tensor.dtype).value
