"""Elementwise ops of one operand."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Lowerings, dtypes
from interlingua.backends.onnx.context import Context
from interlingua.backends.onnx.detour import NARROW_FLOATS, SMALL, cast, detour
from interlingua.ir.dtypes import DType
from interlingua.ir.ops import math, unary
from interlingua.ir.ops.unary import IsInf, IsNan, Neg, Sign

TABLE = Lowerings()


_SAME_NAME = (
    *(unary.Abs, unary.Floor, unary.Ceil, unary.Round, unary.Sqrt, unary.Exp, unary.Log, unary.Erf),
    *(unary.Sin, unary.Cos, unary.Tan, unary.Asin, unary.Acos, unary.Atan),
    *(unary.Sinh, unary.Cosh, unary.Tanh, unary.Asinh, unary.Acosh, unary.Atanh),
)


@TABLE.lower(*_SAME_NAME)
def same_name(op: Any, ctx: Context, x: Any) -> Any:
    return detour(ctx, type(op).__name__, x, via=NARROW_FLOATS)


@TABLE.lower(Sign)
def sign(op: Sign, ctx: Context, x: Any) -> Any:
    """ONNX Runtime's float16 kernel gives 0 for NaN."""
    return detour(ctx, "Sign", x, via={**NARROW_FLOATS, DType.F16: DType.F32})


@TABLE.lower(math.Reciprocal, math.Sigmoid, when=[dtypes((DType.F16, DType.F32, DType.F64))])
def composite(op: Any, ctx: Context, x: Any) -> Any:
    return ctx.emit(type(op).__name__, x)


@TABLE.lower(Neg)
def neg(op: Neg, ctx: Context, x: Any) -> Any:
    """ONNX negates no unsigned integers."""
    dtype = ctx.type(0).dtype
    if dtype.kind != "uint":
        return detour(ctx, "Neg", x, via=NARROW_FLOATS)
    return detour(ctx, "Sub", ctx.constant(0, dtype), x, via=SMALL)


@TABLE.lower(IsNan)
def is_nan(op: IsNan, ctx: Context, x: Any) -> Any:
    return detour(ctx, "IsNaN", x, via=NARROW_FLOATS, back=False)


@TABLE.lower(IsInf)
def is_inf(op: IsInf, ctx: Context, x: Any) -> Any:
    """Before opset 20 there are float and double alone."""
    if ctx.type(0).dtype not in (DType.F32, DType.F64):
        x = cast(ctx, x, DType.F32)
    return ctx.emit("IsInf", x, detect_negative=op.detect_negative, detect_positive=op.detect_positive)
