"""Hyperbolic functions, their inverses, and the error function: LiteRT has TANH alone.

Each is put together of what keeps its digits near 0, where differences of exponentials and logarithms of numbers near
1 have none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.common import single
from interlingua.backends.litert.lowerings.unary import log1p_of
from interlingua.backends.lowering import Lowerings
from interlingua.ir.ops import unary

TABLE = Lowerings()

FAR = 2.0**20
"""From here on ``x² ± 1`` is ``x²`` in float32, and ``asinh`` and ``acosh`` are ``ln 2x``."""
CORE = (
    1.1283791657266882, -0.37612625824084756, 0.11283585146929052, -0.026853811864831965, 0.005188327551944567,
    -0.0008010192450704431, 7.853857477850231e-05,
)  # fmt: skip
"""``erf(x) / x`` in powers of ``x²`` for ``|x| < 1``, minimax in its relative error: 1.3e-9."""
TAIL = (
    0.000341512576409464, 1.1270892338347884, 0.6381447580711158, 0.10310682146251378, -0.021838097014160278,
    0.002947666808551483, -0.0001863800855223999,
)  # fmt: skip
"""``-ln(1 - erf(x))`` in powers of ``x`` for ``1 <= x <= 4``, minimax in the relative error of ``erf``: 1.1e-9."""
ONE_FROM = 4.0
"""From here on the error function rounds to 1."""


def _odd(ctx: Context, x: Edge, compute: Callable[[Edge], Edge]) -> Edge:
    """An odd function that ``compute`` gives of magnitudes; zeros keep their sign, and NaN stays."""
    zero, magnitude = ctx.constant(0, x.dtype), ctx.emit("ABS", x)
    above = compute(magnitude)
    signed = ctx.emit("SELECT_V2", ctx.emit("LESS", x, zero), ctx.emit("NEG", above), above)
    return ctx.emit("SELECT_V2", ctx.emit("GREATER", magnitude, zero), signed, x)


def _polynomial(ctx: Context, x: Edge, coefficients: Sequence[float]) -> Edge:
    """By Horner's rule, the lowest power first."""
    *rest, highest = (ctx.constant(c, x.dtype) for c in coefficients)
    total = ctx.emit("MUL", x, highest)
    for coefficient in reversed(rest[1:]):
        total = ctx.emit("MUL", ctx.emit("ADD", total, coefficient), x)
    return ctx.emit("ADD", total, rest[0])


@TABLE.lower(unary.Sinh)
def sinh(op: unary.Sinh, ctx: Context, x: Edge) -> Edge:
    """``(1 - e^-2x) / 2 · e^x``, ELU being ``e^x - 1`` below 0. The exponential is a product of roots: it overflows
    before the result does."""

    def above(x: Edge) -> Edge:
        half = ctx.constant(0.5, x.dtype)
        root = ctx.emit("EXP", ctx.emit("MUL", x, half))
        rest = ctx.emit("ELU", ctx.emit("MUL", x, ctx.constant(-2, x.dtype)))
        scale = ctx.emit("MUL", rest, ctx.constant(-0.5, x.dtype))
        return ctx.emit("MUL", ctx.emit("MUL", scale, root), root)

    return single(ctx, x, lambda x: _odd(ctx, x, above))


@TABLE.lower(unary.Cosh)
def cosh(op: unary.Cosh, ctx: Context, x: Edge) -> Edge:
    """Larger than the magnitude of its operand: the maximum of the two is it, or NaN, as with the exponential."""

    def emit(x: Edge) -> Edge:
        half, magnitude = ctx.constant(0.5, x.dtype), ctx.emit("ABS", x)
        root = ctx.emit("EXP", ctx.emit("MUL", magnitude, half))
        large = ctx.emit("MUL", ctx.emit("MUL", root, half), root)
        small = ctx.emit("MUL", ctx.emit("EXP", ctx.emit("NEG", magnitude)), half)
        return ctx.emit("MAXIMUM", ctx.emit("ADD", large, small), magnitude)

    return single(ctx, x, emit)


def _or_far(ctx: Context, x: Edge, near: Edge) -> Edge:
    """``near``, or ``ln 2x`` for large ``x``."""
    far = ctx.emit("ADD", ctx.own("LOG", x), ctx.constant(math.log(2), x.dtype))
    return ctx.emit("SELECT_V2", ctx.emit("LESS", x, ctx.constant(FAR, x.dtype)), near, far)


@TABLE.lower(unary.Asinh)
def asinh(op: unary.Asinh, ctx: Context, x: Edge) -> Edge:
    """``log1p(x + x² / (1 + √(x² + 1)))``."""

    def above(x: Edge) -> Edge:
        one, square = ctx.constant(1, x.dtype), ctx.emit("SQUARE", x)
        root = ctx.own("SQRT", ctx.emit("ADD", square, one))
        more = ctx.emit("DIV", square, ctx.emit("ADD", root, one))
        return _or_far(ctx, x, log1p_of(ctx, ctx.emit("ADD", x, more)))

    return single(ctx, x, lambda x: _odd(ctx, x, above))


@TABLE.lower(unary.Acosh)
def acosh(op: unary.Acosh, ctx: Context, x: Edge) -> Edge:
    """``log1p(t + √t · √(x + 1))`` with ``t = x - 1``: NaN below 1 by its root."""

    def emit(x: Edge) -> Edge:
        one = ctx.constant(1, x.dtype)
        t = ctx.emit("SUB", x, one)
        root = ctx.emit("MUL", ctx.own("SQRT", t), ctx.own("SQRT", ctx.emit("ADD", x, one)))
        return _or_far(ctx, x, log1p_of(ctx, ctx.emit("ADD", t, root)))

    return single(ctx, x, emit)


@TABLE.lower(unary.Atanh)
def atanh(op: unary.Atanh, ctx: Context, x: Edge) -> Edge:
    """``log1p(2x / (1 - x)) / 2``."""

    def above(x: Edge) -> Edge:
        rest = ctx.emit("SUB", ctx.constant(1, x.dtype), x)
        ratio = ctx.emit("DIV", ctx.emit("ADD", x, x), rest)
        return ctx.emit("MUL", log1p_of(ctx, ratio), ctx.constant(0.5, x.dtype))

    return single(ctx, x, lambda x: _odd(ctx, x, above))


@TABLE.lower(unary.Erf)
def erf(op: unary.Erf, ctx: Context, x: Edge) -> Edge:
    """``x`` times a polynomial in ``x²`` below 1, and ``1 - e^-p(x)`` above, where the exponential is small. It is
    larger than its operand, so the maximum of the two is it, or NaN."""

    def above(x: Edge) -> Edge:
        one = ctx.constant(1, x.dtype)
        near = ctx.emit("MUL", x, _polynomial(ctx, ctx.emit("SQUARE", x), CORE))
        far = ctx.emit("MINIMUM", ctx.constant(ONE_FROM, x.dtype), x)
        power = ctx.emit("NEG", _polynomial(ctx, far, TAIL))
        rest = ctx.emit("MAXIMUM", ctx.emit("EXP", power), power)
        return ctx.emit("SELECT_V2", ctx.emit("LESS", x, one), near, ctx.emit("SUB", one, rest))

    return single(ctx, x, lambda x: _odd(ctx, x, above))
