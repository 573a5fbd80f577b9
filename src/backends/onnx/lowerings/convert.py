"""Casts."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, since
from interlingua.backends.onnx.context import Context
from interlingua.backends.onnx.detour import SHORT, detour, where
from interlingua.backends.onnx.detour import cast as plain
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.convert import Bitcast, Cast

TABLE = Lowerings()

FLOAT8 = frozenset({DType.F8E4M3, DType.F8E4M3FNUZ, DType.F8E5M2, DType.F8E5M2FNUZ})
SINCE: dict[DType, int] = {
    **dict.fromkeys(FLOAT8, 19),
    **dict.fromkeys((DType.I4, DType.U4), 21),
    DType.F4E2M1: 23,
    DType.F8E8M0: 24,
    **dict.fromkeys((DType.I2, DType.U2), 25),
}
"""The opset in which ONNX got a dtype, where that is after 13."""


def _known(node: Node, target: Any) -> bool:
    ends = node.operand(0).tensor.dtype, node.result.tensor.dtype
    return all(target.opset >= SINCE.get(dtype, 13) for dtype in ends)


@TABLE.lower(Cast, when=[Condition("ONNX has the dtype since a later opset", _known)])
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
        raised = detour(ctx, "Max", x, ctx.constant(max(low, least), source), via=SHORT)
        return plain(
            ctx, detour(ctx, "Min", raised, ctx.constant(min(high, greatest), source), via=SHORT), op.to
        )
    at = DType.F64 if source is DType.F64 else DType.F32
    x = x if source is at else plain(ctx, x, at)
    above = ctx.emit("GreaterOrEqual", x, ctx.constant(float(high), at))
    below = ctx.emit("LessOrEqual", x, ctx.constant(float(low), at))
    outside = ctx.emit("Or", ctx.emit("Or", above, below), ctx.emit("IsNaN", x))
    inside = plain(ctx, ctx.emit("Where", outside, ctx.constant(0.0, at), x), op.to)
    inside = where(ctx, above, ctx.constant(high, op.to), inside, op.to)
    return where(ctx, below, ctx.constant(low, op.to), inside, op.to)


@TABLE.lower(Bitcast, when=[since(26)])
def bitcast(op: Bitcast, ctx: Context, x: Any) -> Any:
    return ctx.emit("BitCast", x, to=ctx.code(op.to))
