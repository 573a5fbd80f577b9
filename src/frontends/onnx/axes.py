"""Axes that are an operand and that only the run knows.

The IR names axes in attributes. What depends on a run-time axis is said with the ops it has: vectors over all
axes, scattered into at the named ones, and for reductions a choice, axis by axis, between reduced and not.
"""

from __future__ import annotations

from collections.abc import Callable

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add, Sub
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import Gather, TopK
from interlingua.ir.ops.logic import Eq, Lt, Select
from interlingua.ir.ops.reduction import CumSum
from interlingua.ir.ops.scatter import ScatterAlong
from interlingua.ir.ops.shape import BroadcastTo, Concat, Reshape, Slice
from interlingua.ir.ops.source import ShapeOf

MAX_RANK = 64
"""As in NumPy."""


def number_of_axes(n: OnnxNode, index: int) -> int:
    """How many axes the operand ``index`` lists, which must be known."""
    shape = n.tensor(index).shape
    if shape is None or len(shape) > 1 or not all(isinstance(d, int) for d in shape):
        n.unsupported(f"how many axes input {index} lists is unknown")
    count = next((d for d in shape if isinstance(d, int)), 1)
    if count > MAX_RANK:
        n.unsupported(f"input {index} lists {count} axes, and no tensor has so many")
    return count


def int64(b: Builder, x: Value) -> Value:
    return x if x.tensor.dtype is DType.I64 else b(Cast(to=DType.I64), x)


def spread(b: Builder, rank: int, axes: Value, values: Value, default: int) -> Value:
    """A vector over all ``rank`` axes: ``values`` at the named ones, ``default`` elsewhere."""
    return b(ScatterAlong(axis=0), b.constant([default] * rank, DType.I64), int64(b, axes), int64(b, values))


def marked(b: Builder, rank: int, axes: Value, count: int) -> Value:
    """A vector over all ``rank`` axes: 1 at the named ones, 0 elsewhere."""
    line = b(Reshape(), axes, b.constant([count]))
    return spread(b, rank, line, b.constant([1] * count, DType.I64), 0)


def without(b: Builder, x: Value, mark: Value, count: int) -> Value:
    """``x`` without its ``count`` marked axes, all of size 1."""
    rank = x.tensor.rank
    # unmarked axes in order have the greatest keys: a marked one's falls below all of these
    below = b(Select(), _true(b, mark), b.constant(2 * rank), b.constant(0))
    keys = b(Sub(), b.constant([rank - i for i in range(rank)]), below)
    _, kept = b.add_all(TopK(axis=0), keys, b.constant([rank - count]))
    return b(Reshape(), x, b(Gather(axis=0), b(ShapeOf(), x), kept))


def with_ones(b: Builder, x: Value, mark: Value) -> Value:
    """``x`` with axes of size 1 put in at the marked axes of the result."""
    place = b(Sub(), b(CumSum(axis=0), b(Sub(), b.constant(1), mark)), b.constant(1))
    inside = b(Select(), b(Lt(), place, b.constant(0)), b.constant(0), place)
    if x.tensor.rank == 0:
        return b(Reshape(), x, b.constant([1] * (mark.tensor.static_shape or (0,))[0]))
    own = b(Gather(axis=0), b(ShapeOf(), x), inside)
    return b(Reshape(), x, b(Select(), _true(b, mark), b.constant(1), own))


def _true(b: Builder, mark: Value) -> Value:
    return b(Eq(), mark, b.constant(1))


def reduced(b: Builder, x: Value, mark: Value, reduce: Callable[[Value, int], Value]) -> Value:
    """``x`` reduced one by one over its marked axes; ``reduce`` keeps its axis, with size 1."""
    for axis in range(x.tensor.rank):
        at, behind = b.constant([axis]), b.constant([axis + 1])
        chosen = _true(b, b(Slice(axes=(0,)), mark, at, behind))
        size = b(Slice(axes=(0,)), b(ShapeOf(), x), at, behind)
        whole = reduce(x, axis)
        # both choices are brought to 1 + size elements, the wanted ones first, and cut afterwards
        room = b(Add(), size, b.constant([1]))
        wide = b(BroadcastTo(), whole, _sized(b, x.tensor.rank, axis, room))
        both = b(Concat(axis=axis), x, whole)
        picked = b(Select(), b(Reshape(), chosen, b.constant([], DType.I64)), wide, both)
        x = b(Slice(axes=(axis,)), picked, b.constant([0]), b(Select(), chosen, b.constant([1]), size))
    return x


def _sized(b: Builder, rank: int, axis: int, size: Value) -> Value:
    return spread(b, rank, b.constant([axis]), size, 1)
