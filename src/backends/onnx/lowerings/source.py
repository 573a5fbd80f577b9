"""Shapes and ranges; constants are written by the emitter itself."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Lowerings
from interlingua.backends.onnx.context import Context
from interlingua.backends.onnx.lowerings.reduction import through
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.source import Iota, ShapeOf

TABLE = Lowerings()

RANGE = {DType.F32, DType.F64, DType.I16, DType.I32, DType.I64}


@TABLE.lower(ShapeOf)
def shape_of(op: ShapeOf, ctx: Context, x: Any) -> Any:
    return ctx.emit("Shape", x)


@TABLE.lower(Iota)
def iota(op: Iota, ctx: Context, start: Any, limit: Any, step: Any) -> Any:
    dtype = ctx.type(0).dtype
    if dtype in RANGE:
        return ctx.emit("Range", start, limit, step)
    inner = DType.F32 if dtype.is_float else DType.I64
    others = [ctx.emit("Cast", x, to=ctx.code(inner)) for x in (limit, step)]
    return through(ctx, start, dtype, inner, lambda first: ctx.emit("Range", first, *others))
