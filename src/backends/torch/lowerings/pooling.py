"""Pooling."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.functional import pooling as functional
from interlingua.backends.torch.lowerings.detours import COMPUTED, ORDERED, SINGLE, WIDE, rows
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.graph import Node
from interlingua.ir.ops.pooling import AvgPool, GlobalAvgPool, MaxPool, Windowed

TABLE = Lowerings()


def _symmetric(node: Node, _: Any) -> bool:
    """PyTorch pads by at most half the window, the same on both sides, and has no empty planes."""
    op = node.op
    assert isinstance(op, Windowed)
    n = len(op.window)
    sides = zip(op.pads[:n], op.pads[n:], op.window, strict=True)
    dims = (*node.operand(0).tensor.dims[1:], *node.results[0].tensor.dims[1:])
    return 1 <= n <= 3 and 0 not in dims and all(a == b and 2 * a <= w for a, b, w in sides)


PLAIN = Condition("its pads are none that PyTorch takes", _symmetric)


def _told(op: Windowed, *more: str) -> str:
    n = len(op.window)
    told = [f"stride={op.strides}"] if op.strides != op.window else []
    told += [f"padding={op.pads[:n]}"] if any(op.pads) else []
    return ", ".join([str(op.window), *told, *(["ceil_mode=True"] if op.ceil_mode else []), *more])


def _first(op: Any, x: str) -> str:
    return x if op.layout == "channels_first" else f"{x}.movedim(-1, 1)"


def _back(op: Any, y: str) -> str:
    return y if op.layout == "channels_first" else f"{y}.movedim(1, -1)"


def _windows(op: Windowed) -> dict[str, Any]:
    names = ("window", "strides", "pads", "dilations", "ceil_mode")
    return {name: getattr(op, name) for name in names}


@TABLE.lower(MaxPool, when=[dtypes(FLOATS), PLAIN])
def max_pool(op: MaxPool, ctx: Context, x: str) -> str:
    dilation = [f"dilation={op.dilations}"] if any(d != 1 for d in op.dilations) else []
    return _back(op, f"F.max_pool{len(op.window)}d({_first(op, x)}, {_told(op, *dilation)})")


@rows(TABLE, MaxPool, native=COMPUTED, detours=(WIDE, ORDERED))
def max_pool_any(op: MaxPool, ctx: Context, x: str) -> str:
    return _back(op, ctx.call(functional.max_pool, [_first(op, x)], _windows(op)))


def _near(node: Node, _: Any) -> bool:
    op = node.op
    assert isinstance(op, AvgPool)
    return all(d == 1 for d in op.dilations)


@TABLE.lower(AvgPool, when=[dtypes(FLOATS - SINGLE.dtypes.keys()), PLAIN, Condition("it is dilated", _near)])
def avg_pool(op: AvgPool, ctx: Context, x: str) -> str:
    count = [] if op.count_include_pad or not any(op.pads) else ["count_include_pad=False"]
    return _back(op, f"F.avg_pool{len(op.window)}d({_first(op, x)}, {_told(op, *count)})")


@rows(TABLE, AvgPool, native=FLOATS - SINGLE.dtypes.keys(), detours=(SINGLE,))
def avg_pool_any(op: AvgPool, ctx: Context, x: str) -> str:
    attributes = {**_windows(op), "count_include_pad": op.count_include_pad}
    return _back(op, ctx.call(functional.avg_pool, [_first(op, x)], attributes))


@TABLE.lower(GlobalAvgPool, when=[dtypes(FLOATS)])
def global_avg_pool(op: GlobalAvgPool, ctx: Context, x: str) -> str:
    rank, dtype = ctx.type(0).rank, ctx.type(0).dtype
    if rank == 2:
        return x
    dims = tuple(range(2, rank))
    axes = f"dim={dims[0] if len(dims) == 1 else dims}, keepdim=True"
    if dtype in SINGLE.dtypes:
        return f"{x}.mean({axes}, dtype=torch.float32).to({ctx.dtype(dtype)})"
    return f"{x}.mean({axes})"
