"""Pooling."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes
from interlingua.backends.torch.context import Context
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.graph import Node
from interlingua.ir.ops.pooling import MaxPool

TABLE = Lowerings()


def _symmetric(node: Node, _: Any) -> bool:
    """PyTorch pads by at most half the window, the same on both sides."""
    op = node.op
    assert isinstance(op, MaxPool)
    n = len(op.window)
    sides = zip(op.pads[:n], op.pads[n:], op.window, strict=True)
    return op.layout == "channels_first" and 1 <= n <= 3 and all(a == b and 2 * a <= w for a, b, w in sides)


@TABLE.lower(MaxPool, when=[dtypes(FLOATS), Condition("its pads are none that PyTorch takes", _symmetric)])
def max_pool(op: MaxPool, ctx: Context, x: str) -> str:
    n = len(op.window)
    told = [f"stride={op.strides}"] if op.strides != op.window else []
    told += [f"padding={op.pads[:n]}"] if any(op.pads) else []
    told += [f"dilation={op.dilations}"] if any(d != 1 for d in op.dilations) else []
    told += ["ceil_mode=True"] if op.ceil_mode else []
    return f"F.max_pool{n}d({', '.join([x, str(op.window), *told])})"
