"""Elementwise ops of one operand."""

from __future__ import annotations

import math as numbers
from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.common import is_nan, single
from interlingua.backends.lowering import Lowerings
from interlingua.ir.dtypes import DType
from interlingua.ir.op import Op
from interlingua.ir.ops import math, unary

TABLE = Lowerings()

NAMES: dict[type[Op], str] = {
    unary.Sign: "SIGN",
    unary.Floor: "FLOOR",
    unary.Ceil: "CEIL",
    unary.Round: "ROUND",
    unary.Sqrt: "SQRT",
    unary.Sin: "SIN",
    unary.Cos: "COS",
    unary.Tanh: "TANH",
    math.Sigmoid: "LOGISTIC",
    math.Square: "SQUARE",
}


@TABLE.lower(*NAMES)
def same_name(op: Any, ctx: Context, x: Edge) -> Edge:
    return ctx.emit(NAMES[type(op)], x)


@TABLE.lower(unary.Abs)
def absolute(op: unary.Abs, ctx: Context, x: Edge) -> Edge:
    """Of int64, of which LiteRT has no ABS, the larger of both; the least integer stays what it is."""
    if x.dtype is DType.I64:
        return ctx.emit("MAXIMUM", x, ctx.emit("NEG", x))
    return ctx.emit("ABS", x)


@TABLE.lower(unary.Neg)
def neg(op: unary.Neg, ctx: Context, x: Edge) -> Edge:
    """LiteRT negates no unsigned integers, and XNNPACK gives 0 for that of 0: a product with −1 has its sign."""
    if x.dtype.is_float:
        return ctx.emit("MUL", x, ctx.constant(-1, x.dtype))
    return ctx.emit("SUB", ctx.constant(0, x.dtype), x) if x.dtype.kind == "uint" else ctx.emit("NEG", x)


@TABLE.lower(unary.Exp)
def exp(op: unary.Exp, ctx: Context, x: Edge) -> Edge:
    """XNNPACK's gives 0 for NaN. The exponential is larger than its operand, so the maximum of the two is it, or NaN:
    of operands that it cannot compare, MAXIMUM gives the second."""
    return single(ctx, x, lambda x: ctx.emit("MAXIMUM", ctx.emit("EXP", x), x))


@TABLE.lower(unary.Log)
def log(op: unary.Log, ctx: Context, x: Edge) -> Edge:
    """XNNPACK's gives numbers for NaN and for infinity, which are their own logarithms."""

    def emit(x: Edge) -> Edge:
        finite = ctx.emit("LESS", x, ctx.constant(numbers.inf, x.dtype))
        return ctx.emit("SELECT_V2", finite, ctx.emit("LOG", x), x)

    return single(ctx, x, emit)


@TABLE.lower(unary.Tan)
def tan(op: unary.Tan, ctx: Context, x: Edge) -> Edge:
    """By LiteRT's own kernels: near the poles XNNPACK's cosine has no digit right."""
    return single(ctx, x, lambda x: ctx.emit("DIV", ctx.own("SIN", x), ctx.own("COS", x)))


@TABLE.lower(math.Expm1)
def expm1(op: math.Expm1, ctx: Context, x: Edge) -> Edge:
    """ELU is it below 0; above, ``-expm1(-x) * exp(x)``, by LiteRT's own kernel: XNNPACK's is off by 64 roundings at
    87."""

    def emit(x: Edge) -> Edge:
        magnitude = ctx.emit("ABS", x)
        below = ctx.emit("ELU", ctx.emit("NEG", magnitude))
        above = ctx.emit("MUL", ctx.emit("NEG", below), ctx.own("EXP", magnitude))
        return ctx.emit("SELECT_V2", ctx.emit("LESS", x, ctx.constant(0, x.dtype)), below, above)

    return single(ctx, x, emit)


def log1p_of(ctx: Context, x: Edge) -> Edge:
    """``ln(u) * x / (u - 1)`` with ``u = 1 + x`` rounded: the error of ``u`` cancels (W. Kahan), that of XNNPACK's
    logarithm near 1 would not."""
    one = ctx.constant(1, x.dtype)
    u = ctx.emit("ADD", x, one)
    moved = ctx.emit("SUB", u, one)
    logarithm = ctx.own("LOG", u)
    exact = ctx.emit("MUL", logarithm, ctx.emit("DIV", x, moved))
    near = ctx.emit("LESS", ctx.emit("ABS", x), one)
    plain = ctx.emit("SELECT_V2", near, exact, logarithm)
    return ctx.emit("SELECT_V2", ctx.emit("EQUAL", moved, ctx.constant(0, x.dtype)), x, plain)


@TABLE.lower(math.Log1p)
def log1p(op: math.Log1p, ctx: Context, x: Edge) -> Edge:
    return single(ctx, x, lambda x: log1p_of(ctx, x))


@TABLE.lower(unary.Atan)
def atan(op: unary.Atan, ctx: Context, x: Edge) -> Edge:
    return single(ctx, x, lambda x: ctx.emit("ATAN2", x, ctx.constant(1, x.dtype)))


def _across(ctx: Context, x: Edge) -> Edge:
    """``sqrt(1 - x²)``, the other side of the triangle, without loss near 1."""
    one = ctx.constant(1, x.dtype)
    return ctx.emit("SQRT", ctx.emit("MUL", ctx.emit("SUB", one, x), ctx.emit("ADD", one, x)))


@TABLE.lower(unary.Asin)
def asin(op: unary.Asin, ctx: Context, x: Edge) -> Edge:
    return single(ctx, x, lambda x: ctx.emit("ATAN2", x, _across(ctx, x)))


@TABLE.lower(unary.Acos)
def acos(op: unary.Acos, ctx: Context, x: Edge) -> Edge:
    return single(ctx, x, lambda x: ctx.emit("ATAN2", _across(ctx, x), x))


@TABLE.lower(unary.IsNan)
def isnan(op: unary.IsNan, ctx: Context, x: Edge) -> Edge:
    return is_nan(ctx, x)


@TABLE.lower(unary.IsInf)
def isinf(op: unary.IsInf, ctx: Context, x: Edge) -> Edge:
    if op.detect_negative and op.detect_positive:
        return ctx.emit("EQUAL", ctx.emit("ABS", x), ctx.constant(numbers.inf, x.dtype))
    if not op.detect_negative and not op.detect_positive:
        return ctx.emit("LESS", x, x)  # no number is less than itself
    return ctx.emit("EQUAL", x, ctx.constant(numbers.inf if op.detect_positive else -numbers.inf, x.dtype))
