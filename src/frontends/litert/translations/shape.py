"""Shapes, and elements moved by them.

Semantics:
``tensorflow/lite/kernels/{reshape,squeeze,expand_dims,transpose,concatenation,pack,unpack,split,split_v,tile,
broadcast_to,broadcast_args,shape,rank,fill,range,reverse,zeros_like}.cc``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import LEVELS, REAL, Table
from interlingua.frontends.litert.translations.activation import activated
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Sub
from interlingua.ir.ops.layout import ExpandDims, Split, Squeeze, Stack, Tile
from interlingua.ir.ops.logic import Eq, Lt, Select
from interlingua.ir.ops.reduction import ReduceSum
from interlingua.ir.ops.shape import BroadcastTo, Concat, Pad, Reshape, Reverse, Transpose
from interlingua.ir.ops.shaping import dim_scalar
from interlingua.ir.ops.source import Iota, ShapeOf

TABLE = Table()


@TABLE.translate("RESHAPE", quantized=LEVELS)
def reshape(n: LiteRtNode, b: Builder) -> Value:
    """The shape is an operand or, in old files, an option, where [0] is a scalar."""
    if n.get(1) is not None:
        return b(Reshape(), n[0], n.shape(b, 1))
    shape = n.listed("new_shape")
    if shape is None:
        raise InvalidModel("RESHAPE says no shape")
    return b(Reshape(), n[0], b.constant(() if shape == (0,) else shape, DType.I64))


@TABLE.translate("SQUEEZE", quantized=LEVELS)
def squeeze(n: LiteRtNode, b: Builder) -> Value:
    """Without axes, all that are 1."""
    rank, listed = n.rank(0), n.listed("squeeze_dims")
    if listed:
        return b(Squeeze(axes=tuple(dict.fromkeys(n.within(axis, rank) for axis in listed))), n[0])
    dims = n.tensor(0).dims
    if any(not isinstance(d, int) for d in dims):
        n.unsupported("which axes are 1 only the run knows")
    return b(Squeeze(axes=tuple(i for i, d in enumerate(dims) if d == 1)), n[0])


@TABLE.translate("EXPAND_DIMS", quantized=LEVELS)
def expand_dims(n: LiteRtNode, b: Builder) -> Value:
    (axis,) = n.ints(1)
    return b(ExpandDims(axes=(n.within(axis, n.rank(0) + 1),)), n[0])


@TABLE.translate("TRANSPOSE", quantized=LEVELS)
def transpose(n: LiteRtNode, b: Builder) -> Value:
    rank = n.rank(0)
    return b(Transpose(perm=tuple(n.within(axis, rank) for axis in n.ints(1))), n[0])


@TABLE.translate("CONCATENATION", quantized=REAL)
def concatenation(n: LiteRtNode, b: Builder) -> Value:
    """Operands of several scales are brought to that of the result."""
    if len(n) == 0:
        raise InvalidModel("CONCATENATION of nothing")
    return activated(n, b, b(Concat(axis=n.axis("axis")), *n.all))


@TABLE.translate("PACK", quantized=LEVELS)
def pack(n: LiteRtNode, b: Builder) -> Value:
    if len(n) != n.required("values_count") or len(n) == 0:
        raise InvalidModel(f"PACK of {n.required('values_count')} values has {len(n)}")
    return b(Stack(axis=n.axis("axis", more=1)), *n.all)


@TABLE.translate("UNPACK", quantized=LEVELS)
def unpack(n: LiteRtNode, b: Builder) -> Sequence[Value]:
    axis, count = n.axis("axis"), int(n.required("num"))
    if not isinstance(n.tensor(0).dims[axis], int):
        n.unsupported("into how many parts it goes only the run knows")
    if count != len(n.results) or n.tensor(0).dims[axis] != count:
        raise InvalidModel(f"UNPACK of {n[0].type} into {len(n.results)} along axis {axis}")
    parts = b.add_all(Split(axis=axis, parts=count), n[0], b.constant([1] * count))
    return [b(Squeeze(axes=(axis,)), part) for part in parts]


@TABLE.translate("SPLIT", quantized=LEVELS)
def split(n: LiteRtNode, b: Builder) -> Sequence[Value]:
    """The axis is the first operand, of one element."""
    (axis,) = n.ints(0)
    axis, parts = n.within(axis, n.rank(1)), int(n.required("num_splits"))
    size = n.tensor(1).dims[axis]
    if not 1 <= parts == len(n.results):
        raise InvalidModel(f"SPLIT into {parts} has {len(n.results)} outputs")
    if not isinstance(size, int):
        n.unsupported("that its parts are equal only the run knows")
    if size % parts:
        raise InvalidModel(f"SPLIT of {n[1].type} into {parts} along axis {axis}")
    return b.add_all(Split(axis=axis, parts=parts), n[1])


@TABLE.translate("SPLIT_V", quantized=LEVELS)
def split_v(n: LiteRtNode, b: Builder) -> Sequence[Value]:
    """One size may be -1: what the others leave."""
    axis, known = n.within(n.ints(2)[0], n.rank(0)), n.constant(1)
    if known is None:
        return b.add_all(Split(axis=axis, parts=len(n.results)), n[0], _sizes(n, b, axis))
    sizes = [int(s) for s in known.ravel()]
    if len(sizes) != len(n.results) or sizes.count(-1) > 1 or min(sizes, default=0) < -1:
        raise InvalidModel(f"SPLIT_V into {sizes} has {len(n.results)} outputs")
    size = n.tensor(0).dims[axis]
    if -1 in sizes:
        if not isinstance(size, int):
            n.unsupported("the size of a part only the run knows")
        sizes[sizes.index(-1)] = size - sum(sizes) - 1
    return b.add_all(Split(axis=axis, parts=len(sizes)), n[0], b.constant(sizes))


def _sizes(n: LiteRtNode, b: Builder, axis: int) -> Value:
    """Sizes that the run computes, each of them as long as it is not -1."""
    sizes = n[1]
    whole, given = dim_scalar(b, n[0], axis, sizes.tensor.dtype), b(ReduceSum(axes=(0,)), sizes)
    left = b(Sub(), b(Sub(), whole, given), b.scalar(1, sizes))
    return b(Select(), b(Lt(), sizes, b.scalar(0, sizes)), left, sizes)


@TABLE.translate("TILE", quantized=LEVELS)
def tile(n: LiteRtNode, b: Builder) -> Value:
    return b(Tile(), n[0], n[1])


@TABLE.translate("BROADCAST_TO", quantized=LEVELS)
def broadcast_to(n: LiteRtNode, b: Builder) -> Value:
    return b(BroadcastTo(), n[0], n.shape(b, 1))


@TABLE.translate("BROADCAST_ARGS")
def broadcast_args(n: LiteRtNode, b: Builder) -> Value:
    """The shape that two shapes broadcast to: with ones put before the shorter one, at each axis the size that is not
    1."""
    first, second = n[0], n[1]
    sizes = [v.tensor.dims[0] for v in (first, second)]
    if not all(isinstance(s, int) for s in sizes):
        n.unsupported("how many axes there are only the run knows")
    known = [n.constant(i) for i in (0, 1)]
    if known[0] is not None and known[1] is not None:
        found = np.broadcast_shapes(tuple(map(int, known[0])), tuple(map(int, known[1])))
        return b.constant(found, n.dtype(0))
    rank = max(s for s in sizes if isinstance(s, int))
    one = [b.scalar(1, v) for v in (first, second)]
    missing = [rank - s for s in sizes if isinstance(s, int)]
    padded = [
        b(Pad(), v, b.constant([m, 0]), o) if m else v for v, m, o in zip((first, second), missing, one, strict=True)
    ]
    return b(Select(), b(Eq(), padded[0], one[0]), padded[1], padded[0])


@TABLE.translate("SHAPE")
def shape(n: LiteRtNode, b: Builder) -> Value:
    return n.settled(b, b(ShapeOf(), n[0]))


@TABLE.translate("RANK")
def rank(n: LiteRtNode, b: Builder) -> Value:
    return b.constant(n.rank(0), n.dtype(0))


@TABLE.translate("FILL", quantized=LEVELS)
def fill(n: LiteRtNode, b: Builder) -> Value:
    if n.rank(1) != 0:
        raise InvalidModel(f"FILL with {n[1].type}")
    return b(BroadcastTo(), n[1], n.shape(b, 0))


@TABLE.translate("ZEROS_LIKE")
def zeros_like(n: LiteRtNode, b: Builder) -> Value:
    return b(BroadcastTo(), b.scalar(0, n[0]), b(ShapeOf(), n[0]))


@TABLE.translate("RANGE")
def range_(n: LiteRtNode, b: Builder) -> Value:
    return b(Iota(), n[0], n[1], n[2])


@TABLE.translate("REVERSE_V2", quantized=LEVELS)
def reverse(n: LiteRtNode, b: Builder) -> Value:
    known_rank = n.rank(0)
    return b(Reverse(axes=tuple(n.within(axis, known_rank) for axis in n.ints(1))), n[0])
