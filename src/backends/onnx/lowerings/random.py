"""Random sources."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Lowerings
from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.random import RandomNormal, RandomUniform

TABLE = Lowerings()


@TABLE.lower(RandomUniform, RandomNormal)
def draw(op: Any, ctx: Context, shape: Any) -> Any:
    """Drawn in float or double, which every runtime has, and cast to narrower dtypes.

    ONNX takes the shape as an attribute, or that of another tensor.
    """
    name = type(op).__name__
    at = DType.F64 if op.dtype is DType.F64 else DType.F32
    given = {k: v for k, v in op.attributes().items() if k != "dtype"}
    if given.get("scale") == 0:  # ONNX Runtime aborts
        return ctx.cast(ctx.emit("Expand", ctx.constant(float(given["mean"]), at), shape), op.dtype)
    known = ctx.type(0).known()
    if known:  # no list of no integers can be written as an attribute
        y = ctx.emit(name, dtype=ctx.code(at), shape=known, **given)
    else:
        y = ctx.emit(f"{name}Like", ctx.emit("ConstantOfShape", shape), dtype=ctx.code(at), **given)
    return ctx.cast(y, op.dtype)
