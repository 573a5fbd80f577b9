"""What translations of elementwise nodes share: casts, and the broadcasting of early opsets."""

from __future__ import annotations

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.layout import ExpandDims


def as_dtype(b: Builder, x: Value, dtype: DType) -> Value:
    """``x`` cast to ``dtype`` where it is not of it already."""
    return x if x.tensor.dtype is dtype else b(Cast(to=dtype), x)


def aligned(n: OnnxNode, b: Builder) -> tuple[Value, Value]:
    """Both operands of a binary node, ready for NumPy broadcasting.

    Up to opset 6 the second operand lines up with the axes of the first from ``axis`` on; where that is left
    out, with the last ones.
    """
    x, y = n[0], n[1]
    axis = n.attr("axis")
    if n.version >= 7 or not n.attr("broadcast", 0) or axis is None:
        return x, y
    rank, own = n.rank(0), n.rank(1)
    trailing = rank - (axis % rank) - own
    return x, (b(ExpandDims(axes=tuple(range(own, own + trailing))), y) if trailing > 0 else y)
