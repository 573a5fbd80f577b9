"""Elementwise ops of one operand."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Lowerings
from interlingua.backends.onnx.context import Context
from interlingua.ir.ops import math, unary
from interlingua.ir.ops.unary import IsInf, IsNan, Neg

TABLE = Lowerings()


_SAME_NAME = (
    *(unary.Abs, unary.Sign, unary.Floor, unary.Ceil, unary.Round, unary.Sqrt, unary.Exp, unary.Log, unary.Erf),
    *(unary.Sin, unary.Cos, unary.Tan, unary.Asin, unary.Acos, unary.Atan),
    *(unary.Sinh, unary.Cosh, unary.Tanh, unary.Asinh, unary.Acosh, unary.Atanh),
)


@TABLE.lower(*_SAME_NAME)
def same_name(op: Any, ctx: Context, x: Any) -> Any:
    return ctx.emit(type(op).__name__, x)


@TABLE.lower(math.Reciprocal, math.Sigmoid)
def composite(op: Any, ctx: Context, x: Any) -> Any:
    return ctx.emit(type(op).__name__, x)


@TABLE.lower(Neg)
def neg(op: Neg, ctx: Context, x: Any) -> Any:
    """ONNX negates no unsigned integers."""
    dtype = ctx.type(0).dtype
    return ctx.emit("Sub", ctx.constant(0, dtype), x) if dtype.kind == "uint" else ctx.emit("Neg", x)


@TABLE.lower(IsNan)
def is_nan(op: IsNan, ctx: Context, x: Any) -> Any:
    return ctx.emit("IsNaN", x)


@TABLE.lower(IsInf)
def is_inf(op: IsInf, ctx: Context, x: Any) -> Any:
    return ctx.emit("IsInf", x, detect_negative=op.detect_negative, detect_positive=op.detect_positive)
