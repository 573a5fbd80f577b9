"""Logic, bits, comparison and selection."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings
from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.logic import And, Eq, Le, Lt, Not, Or, Select, ShiftLeft, ShiftRight, Xor
from interlingua.ir.ops.math import Ge, Gt

TABLE = Lowerings()

_NAMES = {Le: "LessOrEqual", Lt: "Less", Ge: "GreaterOrEqual", Gt: "Greater"}


def _is(dtype: DType) -> Condition:
    return Condition(f"the dtype is not {dtype}", lambda node, _: node.operand(0).tensor.dtype is dtype)


@TABLE.lower(And, Or, Xor, when=[_is(DType.BOOL)])
def logical(op: Any, ctx: Context, a: Any, b: Any) -> Any:
    return ctx.emit(type(op).__name__, a, b)


@TABLE.lower(And, Or, Xor)
def bitwise(op: Any, ctx: Context, a: Any, b: Any) -> Any:
    return ctx.emit(f"Bitwise{type(op).__name__}", a, b)


@TABLE.lower(Not)
def invert(op: Not, ctx: Context, x: Any) -> Any:
    """Before opset 18 the bits of an integer are flipped by subtracting it from all ones."""
    dtype = ctx.type(0).dtype
    if dtype is DType.BOOL:
        return ctx.emit("Not", x)
    if ctx.opset >= 18:
        return ctx.emit("BitwiseNot", x)
    ones = -1 if dtype.kind == "int" else (1 << dtype.bits) - 1
    return ctx.emit("Sub", ctx.constant(ones, dtype), x)


@TABLE.lower(ShiftLeft, ShiftRight)
def shift(op: Any, ctx: Context, a: Any, b: Any) -> Any:
    """ONNX shifts unsigned integers. Signed ones go there and back; right, negative ones as complements."""
    dtype = ctx.type(0).dtype
    left = isinstance(op, ShiftLeft)
    direction = "LEFT" if left else "RIGHT"
    if dtype.kind == "uint":
        return ctx.emit("BitShift", a, b, direction=direction)
    unsigned = DType("u" + dtype.value[1:])
    amount = ctx.cast(b, unsigned)
    if left:
        return ctx.cast(ctx.emit("BitShift", ctx.cast(a, unsigned), amount, direction=direction), dtype)
    negative = ctx.emit("Less", a, ctx.constant(0, dtype))
    folded = ctx.emit("Where", negative, _complement(ctx, a, dtype), a)
    moved = ctx.cast(ctx.emit("BitShift", ctx.cast(folded, unsigned), amount, direction=direction), dtype)
    return ctx.emit("Where", negative, _complement(ctx, moved, dtype), moved)


def _complement(ctx: Context, x: Any, dtype: DType) -> Any:
    """``-1 - x``."""
    return ctx.emit("Sub", ctx.constant(-1, dtype), x)


@TABLE.lower(Eq)
def equal(op: Eq, ctx: Context, a: Any, b: Any) -> Any:
    return ctx.emit("Equal", a, b)


@TABLE.lower(Lt, Le, Gt, Ge)
def order(op: Any, ctx: Context, a: Any, b: Any) -> Any:
    return ctx.emit(_NAMES[type(op)], a, b)


@TABLE.lower(Select)
def select(op: Select, ctx: Context, condition: Any, a: Any, b: Any) -> Any:
    return ctx.emit("Where", condition, a, b)
