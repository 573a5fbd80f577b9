"""Detours: an ONNX op on a dtype that it, or every runtime, lacks is computed in a wider one and cast back.

A detour never changes a value: integers come back modulo 2**bits, as they would have wrapped; bfloat16 is
rounded once from float32, as the reference does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import DType

NARROW_FLOATS: dict[DType, DType] = {
    DType.BF16: DType.F32,
    DType.F8E4M3: DType.F16,
    DType.F8E4M3FNUZ: DType.F16,
    DType.F8E5M2: DType.F16,
    DType.F8E5M2FNUZ: DType.F16,
}
"""ONNX Runtime computes in no bfloat16, and ONNX in no float8; each float8 is exact in float16."""
TINY: dict[DType, DType] = {DType.I4: DType.I8, DType.U4: DType.U8, DType.I2: DType.I8, DType.U2: DType.U8}
SMALL: dict[DType, DType] = dict.fromkeys((DType.I8, DType.I16, DType.U8, DType.U16), DType.I32)
"""Integers that arithmetic takes since opset 14 only."""
SHORT: dict[DType, DType] = {DType.I16: DType.I32, DType.U16: DType.I32}
"""Integers that ONNX has for Max, Min and Where but ONNX Runtime lacks."""
UNORDERED: dict[DType, DType] = {DType.BOOL: DType.U8}
CHOICE: dict[DType, DType] = {DType.BOOL: DType.U8, DType.U64: DType.I64, **SHORT, **TINY, **NARROW_FLOATS}
"""How Where travels."""


def cast(ctx: Context, x: Any, to: DType) -> Any:
    return ctx.emit("Cast", x, to=ctx.code(to))


def detour(
    ctx: Context,
    op: str,
    *xs: Any,
    via: Mapping[DType, DType],
    index: int = 0,
    back: bool = True,
    **attributes: Any,
) -> Any:
    """Emit ``op`` in the dtype that ``via`` has for operand ``index``; ``back`` where it comes out so."""
    dtype = ctx.type(index).dtype
    wide = via.get(dtype)
    if wide is None:
        return ctx.emit(op, *xs, **attributes)
    y = ctx.emit(op, *(cast(ctx, x, wide) for x in xs), **attributes)
    return cast(ctx, y, dtype) if back else y


def where(ctx: Context, condition: Any, a: Any, b: Any, dtype: DType) -> Any:
    """``Where`` on any dtype."""
    wide = CHOICE.get(dtype)
    if wide is None:
        return ctx.emit("Where", condition, a, b)
    return cast(ctx, ctx.emit("Where", condition, cast(ctx, a, wide), cast(ctx, b, wide)), dtype)
