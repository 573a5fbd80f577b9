"""Shapes and ranges; constants are written by the emitter itself."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Lowerings
from interlingua.backends.onnx.context import Context
from interlingua.ir.ops.source import Iota, ShapeOf

TABLE = Lowerings()


@TABLE.lower(ShapeOf)
def shape_of(op: ShapeOf, ctx: Context, x: Any) -> Any:
    return ctx.emit("Shape", x)


@TABLE.lower(Iota)
def iota(op: Iota, ctx: Context, start: Any, limit: Any, step: Any) -> Any:
    return ctx.emit("Range", start, limit, step)
