"""Weights as levels. All else of quantization is taken apart."""

from __future__ import annotations

from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge, Levels
from interlingua.backends.lowering import Condition, Lowerings, dtypes
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node, Value
from interlingua.ir.ops.quant import Dequantize
from interlingua.ir.ops.source import Constant

TABLE = Lowerings()


def _weight(value: Value | None) -> Any:
    """The elements of a constant, else ``None``."""
    if value is None or value.node is None or not isinstance(value.node.op, Constant):
        return None
    return value.node.op.weight.view()


def _constant(node: Node, _: Any) -> bool:
    return all(value is None or _weight(value) is not None for value in node.operands)


def _centred(node: Node, _: Any) -> bool:
    """LiteRT's own kernel rounds twice where there is a zero point."""
    return len(node.operands) < 3 or node.operands[2] is None or not _weight(node.operands[2]).any()


def _plain(node: Node, _: Any) -> bool:
    """The kernel takes scales along an axis of bytes alone."""
    op, x, scale = node.op, node.operand(0).tensor, node.operand(1).tensor
    assert isinstance(op, Dequantize)
    along = scale.size != 1
    return op.dtype in (None, DType.F32) and not (along and (op.block or x.dtype is not DType.I8))


@TABLE.lower(
    Dequantize,
    when=[
        dtypes((DType.I8, DType.I16), 0),
        dtypes((DType.F32,), 1),
        Condition("not all of it is constant", _constant),
        Condition("zero points are not 0", _centred),
        Condition("scales are none of the kernel's, or the result is not float32", _plain),
    ],
)
def dequantize(op: Dequantize, ctx: Context, x: Edge, scale: Edge, *_: Edge | None) -> Edge:
    """Constants of float32, stored as they are given."""
    assert scale.weight is not None
    scales = tuple(float(s) for s in scale.weight.view().ravel())
    return ctx.dequantized(x, Levels(scales, op.axis % x.rank if x.rank else 0))
