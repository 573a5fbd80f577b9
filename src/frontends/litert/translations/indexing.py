"""Elements taken by index.

Semantics: ``tensorflow/lite/kernels/{gather,gather_nd,one_hot,where,reverse_sequence}.cc``.
"""

from __future__ import annotations

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import LEVELS, Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import Gather, GatherNd, NonZero, OneHot, ReverseSequence
from interlingua.ir.ops.layout import ExpandDims, Stack
from interlingua.ir.ops.logic import And, Le, Lt, Select
from interlingua.ir.ops.shape import Transpose

TABLE = Table()


def _wide(b: Builder, indices: Value) -> Value:
    """Indices in a type that the IR takes."""
    return indices if indices.tensor.dtype in (DType.I32, DType.I64) else b(Cast(to=DType.I32), indices)


@TABLE.translate("GATHER", quantized=LEVELS)
def gather(n: LiteRtNode, b: Builder) -> Value:
    """With batch axes the gathered axis goes to the front of the others, and what lay between them back before the
    indices."""
    rank, batch = n.rank(0), int(n.required("batch_dims"))
    axis = n.axis("axis")
    batch = batch + n.rank(1) if batch < 0 else batch
    if not 0 <= batch <= min(axis, n.rank(1)):
        raise InvalidModel(f"GATHER along axis {axis} with {batch} batch axes")
    indices = _wide(b, n[1])
    if batch == 0:
        return b(Gather(axis=axis), n[0], indices)
    order = [*range(batch), axis, *(a for a in range(batch, rank) if a != axis)]
    x = n[0] if order == list(range(rank)) else b(Transpose(perm=tuple(order)), n[0])
    found = b(GatherNd(batch_dims=batch), x, b(ExpandDims(axes=(indices.tensor.rank,)), indices))
    between, picked = axis - batch, indices.tensor.rank - batch
    if not between:
        return found
    places = range(found.tensor.rank)
    back = [*places[:batch], *places[batch + picked : batch + picked + between], *places[batch : batch + picked]]
    return b(Transpose(perm=(*back, *places[batch + picked + between :])), found)


@TABLE.translate("GATHER_ND", quantized=LEVELS)
def gather_nd(n: LiteRtNode, b: Builder) -> Value:
    return b(GatherNd(), n[0], _wide(b, n[1]))


@TABLE.translate("ONE_HOT")
def one_hot(n: LiteRtNode, b: Builder) -> Value:
    """An index outside of [0, depth), negative ones too, gives off everywhere; where the IR counts those from the end,
    they become the depth."""
    axis = int(n.required("axis"))
    rank = n.rank(0) + 1
    indices, depth, on, off = (n[i] for i in range(4))
    if depth.tensor.dtype is not indices.tensor.dtype:
        depth = b(Cast(to=indices.tensor.dtype), depth)
    inside = b(And(), b(Le(), b.scalar(0, indices), indices), b(Lt(), indices, depth))
    kept = b(Select(), inside, indices, depth)
    place = rank - 1 if axis == -1 else n.within(axis, rank)
    depth = depth if depth.tensor.dtype in (DType.I32, DType.I64) else b(Cast(to=DType.I32), depth)
    return b(OneHot(axis=place), kept, depth, b(Stack(axis=0), off, on))


@TABLE.translate("WHERE")
def where(n: LiteRtNode, b: Builder) -> Value:
    """The coordinates of what is not zero, a row an element."""
    return n.settled(b, b(Transpose(perm=(1, 0)), b(NonZero(), n[0])))


@TABLE.translate("REVERSE_SEQUENCE", quantized=LEVELS)
def reverse_sequence(n: LiteRtNode, b: Builder) -> Value:
    op = ReverseSequence(batch_axis=n.axis("batch_dim"), time_axis=n.axis("seq_dim"))
    return b(op, n[0], n[1])
