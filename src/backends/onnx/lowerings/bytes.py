"""Products of bytes, clear of the kernels that saturate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.source import Constant

RAISE = 128
"""What takes int8 to uint8."""


def unsigned(ctx: Context, operands: Sequence[Any], *, signed: int, zero: int, by: int) -> list[Any]:
    """The operands of a product, the one at ``signed`` and its zero point raised to uint8 where the one at ``by`` is.

    ONNX Runtime's kernels for uint8 times int8 saturate on x86 without VNNI, those for uint8 times uint8 do not. For
    a constant weight, ONNX Runtime has an option that does the same; other runtimes want it signed. An image is
    raised in any case: the option leaves it alone.
    """
    found = [*operands, *[None] * (zero + 1 - len(operands))]
    producer = ctx.node.operand(signed).node
    optional = signed > by and producer is not None and isinstance(producer.op, Constant)
    mixed = ctx.type(signed).dtype is DType.I8 and ctx.type(by).dtype is DType.U8
    if not (ctx.target.cautious and mixed) or optional:
        return list(operands)
    found[signed] = _raised(ctx, found[signed])
    found[zero] = ctx.constant(np.array(RAISE, np.uint8)) if found[zero] is None else _raised(ctx, found[zero])
    return found


def _raised(ctx: Context, x: Any) -> Any:
    by = ctx.constant(np.array(RAISE, np.int32))
    return ctx.cast(ctx.emit("Add", ctx.cast(x, DType.I32), by), DType.U8)
