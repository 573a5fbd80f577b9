"""What operators along axes share: scalars as vectors, axes moved to the front, one shape for several values."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from interlingua.ir.builder import Builder
from interlingua.ir.dims import same
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.layout import ExpandDims, Squeeze
from interlingua.ir.ops.logic import Eq, Or
from interlingua.ir.ops.shape import BroadcastTo, Transpose
from interlingua.ir.ops.shaping import dims_of, vector
from interlingua.ir.ops.source import ShapeOf
from interlingua.ir.types import broadcast


def lined(b: Builder, x: Value) -> Value:
    """``x``; a scalar as a vector of one."""
    return x if x.tensor.rank else b(ExpandDims(axes=(0,)), x)


def unlined(b: Builder, y: Value, x: Value) -> Value:
    """``y``; as a scalar where ``x``, which it was made of, is one."""
    return y if x.tensor.rank else b(Squeeze(axes=(0,)), y)


def to_front(b: Builder, x: Value, axes: Sequence[int]) -> Value:
    """``x`` with ``axes`` first, the others behind them in their order."""
    return _permuted(b, x, front_order(axes, x.tensor.rank))


def from_front(b: Builder, x: Value, axes: Sequence[int]) -> Value:
    """The inverse of :func:`to_front`."""
    order = front_order(axes, x.tensor.rank)
    return _permuted(b, x, [order.index(i) for i in range(len(order))])


def front_order(axes: Sequence[int], rank: int) -> list[int]:
    return [*axes, *(i for i in range(rank) if i not in axes)]


def _permuted(b: Builder, x: Value, order: Sequence[int]) -> Value:
    return x if list(order) == sorted(order) else b(Transpose(perm=tuple(order)), x)


def shape_of(b: Builder, x: Value) -> Value:
    """The shape of ``x`` as an int64 vector."""
    return vector(b, dims_of(b, x, *range(x.tensor.rank)))


def broadcast_to(b: Builder, x: Value, shape: Value) -> Value:
    """``x`` broadcast to a shape, if it is not of it."""
    known, dims = shape.tensor.elements, x.tensor.dims
    if known is not None and len(known) == len(dims) and all(same(p, q) for p, q in zip(dims, known, strict=True)):
        return x
    return b(BroadcastTo(), x, shape)


def common_shape(b: Builder, values: Sequence[Value]) -> list[Value]:
    """The values broadcast against each other."""
    dims = broadcast(*(v.tensor for v in values)) or ()
    if all(isinstance(d, int) for d in dims):
        shape = b.constant([d for d in dims if isinstance(d, int)], DType.I64)
    else:
        flags = [b(Eq(), v, v) for v in values]
        shape = b(ShapeOf(), reduce(lambda p, q: b(Or(), p, q), flags))
    return [broadcast_to(b, v, shape) for v in values]
