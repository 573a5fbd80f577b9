"""Arithmetic ops of two operands."""

from __future__ import annotations

from math import pi
from typing import Any

from interlingua.backends.lowering import Lowerings, dtypes
from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import INTEGERS, DType
from interlingua.ir.ops.binary import Add, Atan2, Div, Max, Min, Mul, Pow, Rem, Sub
from interlingua.ir.ops.math import Mod

TABLE = Lowerings()


@TABLE.lower(Add, Sub, Mul, Div, Max, Min, Pow)
def arithmetic(op: Any, ctx: Context, a: Any, b: Any) -> Any:
    return ctx.emit(type(op).__name__, a, b)


@TABLE.lower(Rem)
def rem(op: Rem, ctx: Context, a: Any, b: Any) -> Any:
    return ctx.emit("Mod", a, b, fmod=1)


@TABLE.lower(Mod, when=[dtypes(INTEGERS)])
def mod(op: Mod, ctx: Context, a: Any, b: Any) -> Any:
    return ctx.emit("Mod", a, b, fmod=0)


@TABLE.lower(Atan2)
def atan2(op: Atan2, ctx: Context, y: Any, x: Any) -> Any:
    """From the arctangent of the smaller over the larger magnitude, unfolded octant by octant.

    Float16 and bfloat16 go through float32, so that the unfolding rounds once.
    """
    own = ctx.type(0).dtype
    at = DType.F64 if own is DType.F64 else DType.F32
    if own is not at:
        y, x = ctx.cast(y, at), ctx.cast(x, at)
    zero, one = ctx.constant(0.0, at), ctx.constant(1.0, at)
    height, width = ctx.emit("Abs", y), ctx.emit("Abs", x)
    steep = ctx.emit("Greater", height, width)
    small, large = ctx.emit("Where", steep, width, height), ctx.emit("Where", steep, height, width)
    ratio = ctx.emit("Div", small, ctx.emit("Where", ctx.emit("Equal", large, zero), one, large))
    ratio = ctx.emit("Where", ctx.emit("And", ctx.emit("IsInf", small), ctx.emit("IsInf", large)), one, ratio)
    angle = ctx.emit("Atan", ratio)
    angle = ctx.emit("Where", steep, ctx.emit("Sub", ctx.constant(pi / 2, at), angle), angle)
    angle = ctx.emit("Where", _negative(ctx, x, zero), ctx.emit("Sub", ctx.constant(pi, at), angle), angle)
    nan = ctx.emit("IsNaN", ctx.emit("Add", height, width))
    angle = ctx.emit("Where", nan, ctx.emit("Add", y, x), angle)
    # the sign comes in by a product, last: ONNX Runtime's Where may lose that of -0.0
    sign = ctx.emit("Where", _negative(ctx, y, zero), ctx.constant(-1.0, at), one)
    angle = ctx.emit("Mul", angle, sign)
    return ctx.cast(angle, own)


def _negative(ctx: Context, x: Any, zero: Any) -> Any:
    """Whether the sign bit is set: that of -0.0 shows in its reciprocal."""
    below = ctx.emit("Less", ctx.emit("Reciprocal", x), zero)
    return ctx.emit("Or", ctx.emit("Less", x, zero), ctx.emit("And", ctx.emit("Equal", x, zero), below))
