"""How large the integers of an input may be: those that pick elements lie within the axis that they pick from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from interlingua.ir.dims import DimLike
from interlingua.ir.graph import Node, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import Embedding, Gather, GatherAlong
from interlingua.ir.ops.layout import ExpandDims, Flatten, Split, Squeeze, Stack, Tile
from interlingua.ir.ops.shape import BroadcastTo, Concat, Reshape, Reverse, Slice, Transpose

_PICKING: dict[type[Op], Callable[[Any], int]] = {
    Embedding: lambda op: 0,
    Gather: lambda op: op.axis,
    GatherAlong: lambda op: op.axis,
}
"""Ops whose second operand picks elements of the first, and along which axis."""
_JOINING = (Concat, Stack)
"""Ops whose results hold the elements of all operands as they are."""
_MOVING = (BroadcastTo, Cast, ExpandDims, Flatten, Reshape, Reverse, Slice, Split, Squeeze, Tile, Transpose, *_JOINING)
"""Those whose results hold elements of the first one."""


def extent(value: Value) -> int | None:
    """The least extent of an axis that elements of ``value`` pick from, of those that are known."""
    found = [e for e in _extents(value, set()) if isinstance(e, int)]
    return min(found, default=None)


def _extents(value: Value, seen: set[Value]) -> Iterator[DimLike]:
    if value in seen:
        return
    seen.add(value)
    for user, index in value.uses:
        if not isinstance(user, Node):
            continue
        axis = _PICKING.get(type(user.op))
        if axis is not None and index == 1 and user.operand(0).tensor.shape is not None:
            yield user.operand(0).tensor.dims[axis(user.op)]
        if isinstance(user.op, _MOVING) and (index == 0 or isinstance(user.op, _JOINING)):
            for result in user.results:
                yield from _extents(result, seen)
        offset = len(user.operands)
        for region in user.regions:
            inner = index - offset + len(region.inputs)
            if 0 <= inner < len(region.inputs):
                yield from _extents(region.inputs[inner], seen)
