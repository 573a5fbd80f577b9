"""Casts."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings
from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.convert import Bitcast, Cast

TABLE = Lowerings()

FLOAT8 = frozenset({DType.F8E4M3, DType.F8E4M3FNUZ, DType.F8E5M2, DType.F8E5M2FNUZ})


@TABLE.lower(Cast)
def cast(op: Cast, ctx: Context, x: Any) -> Any:
    source = ctx.type(0).dtype
    if op.saturate and op.to.is_integer and source is not DType.BOOL:
        return _saturated(op, ctx, x, source)
    saturate = op.saturate if op.to in FLOAT8 or op.to is DType.F8E8M0 else None
    rounding = op.rounding if op.to is DType.F8E8M0 else None
    return ctx.emit("Cast", x, to=ctx.code(op.to), saturate=saturate, round_mode=rounding)


def _saturated(op: Cast, ctx: Context, x: Any, source: DType) -> Any:
    """ONNX saturates float8 alone: the bounds of an integer are put in by hand."""
    low = -(1 << (op.to.bits - 1)) if op.to.kind == "int" else 0
    high = low + (1 << op.to.bits) - 1
    if source.is_integer:
        least = -(1 << (source.bits - 1)) if source.kind == "int" else 0
        greatest = least + (1 << source.bits) - 1
        raised = ctx.emit("Max", x, ctx.constant(max(low, least), source))
        return ctx.cast(ctx.emit("Min", raised, ctx.constant(min(high, greatest), source)), op.to)
    at = DType.F64 if source is DType.F64 else DType.F32
    x = ctx.cast(x, at)
    above = ctx.emit("GreaterOrEqual", x, ctx.constant(float(high), at))
    below = ctx.emit("LessOrEqual", x, ctx.constant(float(low), at))
    outside = ctx.emit("Or", ctx.emit("Or", above, below), ctx.emit("IsNaN", x))
    inside = ctx.cast(ctx.emit("Where", outside, ctx.constant(0.0, at), x), op.to)
    inside = ctx.emit("Where", above, ctx.constant(high, op.to), inside)
    return ctx.emit("Where", below, ctx.constant(low, op.to), inside)


def _integral(node: Node, _: Any) -> bool:
    op = node.op
    assert isinstance(op, Bitcast)
    return node.operand(0).tensor.dtype.kind in ("int", "uint", "bool") and op.to.is_integer


@TABLE.lower(Bitcast, when=[Condition("both are integers", _integral)])
def bitcast_integer(op: Bitcast, ctx: Context, x: Any) -> Any:
    """Integers of as many bits wrap into one another; that needs no BitCast, which is of opset 26."""
    return ctx.cast(x, op.to)


@TABLE.lower(Bitcast)
def bitcast(op: Bitcast, ctx: Context, x: Any) -> Any:
    return ctx.emit("BitCast", x, to=ctx.code(op.to))
