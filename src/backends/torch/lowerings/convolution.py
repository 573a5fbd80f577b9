"""Convolutions."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes
from interlingua.backends.torch.context import Context
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.graph import Node
from interlingua.ir.ops.convolution import Conv

TABLE = Lowerings()


def _first(node: Node, _: Any) -> bool:
    op = node.op
    assert isinstance(op, Conv)
    return op.layout == "channels_first" and 1 <= len(op.strides) <= 3


FIRST = Condition("channels are last, or there are more than three spatial axes", _first)


@TABLE.lower(Conv, when=[dtypes(FLOATS), FIRST])
def conv(op: Conv, ctx: Context, x: str, w: str, bias: str = "None") -> str:
    n = len(op.strides)
    before, after = op.pads[:n], op.pads[n:]
    if before != after:
        pairs = tuple(p for i in reversed(range(n)) for p in (before[i], after[i]))
        x, before = f"F.pad({x}, {pairs})", (0,) * n
    options = {
        "stride": (op.strides, 1),
        "padding": (before, 0),
        "dilation": (op.dilations, 1),
        "groups": ((op.groups,), 1),
    }
    told = "".join(f", {k}={_short(v)}" for k, (v, default) in options.items() if any(e != default for e in v))
    return f"F.conv{n}d({x}, {w}{'' if bias == 'None' else f', {bias}'}{told})"


def _short(values: tuple[int, ...]) -> str:
    return str(values[0] if len(set(values)) == 1 else values)
