"""Operators that move elements, by way of simpler ones: axes moved, parts, copies of views."""

from __future__ import annotations

from collections.abc import Sequence

from interlingua.frontends.torch.along import common_shape, lined
from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.frontends.torch.translations.shape import narrow, permute, unbind, view
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.layout import ExpandDims, Split, Stack
from interlingua.ir.ops.shape import Reshape, Transpose
from interlingua.ir.ops.shaping import vector

TABLE = Table()

TABLE.translate("narrow_copy.default")(narrow)
TABLE.translate("unbind_copy.int")(unbind)
TABLE.translate("permute_copy.default")(permute)
TABLE.translate("view_copy.default", "_reshape_copy.default")(view)

_NEW: dict[str, tuple[tuple[int, ...], ...]] = {
    "atleast_1d": ((0,),),
    "atleast_2d": ((0, 1), (0,)),
    "atleast_3d": ((0, 1, 2), (0, 2), (2,)),
}
"""The new axes of a tensor of rank 0, 1 …, by operator."""


@TABLE.translate(*(f"{name}.default" for name in _NEW), *(f"{name}.Sequence" for name in _NEW))
def at_least(n: TorchNode, b: Builder) -> Value | Sequence[Value]:
    """A tensor, or several, with axes of size 1 put in."""
    new = _NEW[n.op.partition(".")[0]]

    def grown(x: Value) -> Value:
        rank = x.tensor.rank
        return b(ExpandDims(axes=new[rank]), x) if rank < len(new) else x

    return grown(n["self"]) if "self" in n.arguments else [grown(x) for x in n["tensors"]]


@TABLE.translate("movedim.int", "movedim.intlist", "moveaxis.int", "moveaxis.intlist")
def move_axes(n: TorchNode, b: Builder) -> Value:
    x = n.value("self")
    rank = x.tensor.rank
    source, target = ([a % rank for a in n.ints(name)] if rank else [] for name in ("source", "destination"))
    rest = iter(a for a in range(rank) if a not in source)
    perm = tuple(source[target.index(i)] if i in target else next(rest) for i in range(rank))
    return b(Transpose(perm=perm), x) if perm != tuple(range(rank)) else x


@TABLE.translate("ravel.default")
def ravel(n: TorchNode, b: Builder) -> Value:
    return b(Reshape(), n.value("self"), b.constant([-1]))


@TABLE.translate("mH.default")
def conjugate_transpose(n: TorchNode, b: Builder) -> Value:
    """Of real numbers no more than a transpose."""
    x = n.value("self")
    if x.tensor.dtype.kind == "complex":
        n.unsupported("of complex numbers")
    rank = x.tensor.rank
    return b(Transpose(perm=(*range(rank - 2), rank - 1, rank - 2)), x)


@TABLE.translate("hsplit.int", "vsplit.int", "dsplit.int", "hsplit.array", "vsplit.array", "dsplit.array",
                 "tensor_split.indices")  # fmt: skip
def parts(n: TorchNode, b: Builder) -> Sequence[Value]:
    """Parts as long as PyTorch made them, where it knows how long that is."""
    x = n.value("self")
    axis = {"hsplit": min(1, x.tensor.rank - 1), "vsplit": 0, "dsplit": 2}.get(n.op.partition(".")[0])
    axis = n.axis("dim", x.tensor.rank) if axis is None else axis
    lengths = [part.shape[axis] for part in n.fake]
    if not all(isinstance(s, int) for s in lengths):
        n.unsupported("how long its parts are is known at the run only")
    if len(lengths) == 1:
        return [x]
    return b.add_all(Split(axis=axis, parts=len(lengths)), x, vector(b, lengths))


@TABLE.translate("cartesian_prod.default")
def cartesian_product(n: TorchNode, b: Builder) -> Value:
    """A row for each way to take an element of every vector; of one vector, that vector."""
    values = [lined(b, v) for v in n["tensors"]]
    if len(values) == 1:
        return values[0]
    lines = common_shape(b, [Expr(b, v).along(i, len(values)).value for i, v in enumerate(values)])
    return b(Reshape(), b(Stack(axis=-1), *lines), b.constant([-1, len(lines)], DType.I64))
