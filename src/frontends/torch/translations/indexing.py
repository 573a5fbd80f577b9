"""Elements picked by index."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from interlingua.frontends.torch.along import common_shape, lined, shape_of
from interlingua.frontends.torch.node import TorchNode, as_dtype
from interlingua.frontends.torch.selection import MASKS, selection
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.indexing import Gather, GatherAlong, NonZero, OneHot
from interlingua.ir.ops.layout import ExpandDims
from interlingua.ir.ops.math import Mod
from interlingua.ir.ops.reduction import CumSum, ReduceMax, ReduceSum
from interlingua.ir.ops.shape import BroadcastTo, Reshape, Transpose
from interlingua.ir.ops.shaping import dim_of, dim_scalar, dims_of, product_of, reshaped, vector

TABLE = Table()


def as_index(b: Builder, x: Value) -> Value:
    """An integer tensor in a width that indices have."""
    return x if x.tensor.dtype in (DType.I32, DType.I64) else b(Cast(to=DType.I64), x)


@TABLE.translate("index.Tensor", "_unsafe_index.Tensor")
def index(n: TorchNode, b: Builder) -> Value:
    """``x[indices]`` as NumPy has it: dims of several indices come where the first of them is, if they are next to each
    other, else in front; negative ones count from the end."""
    x, items = n.value("self"), n["indices"]
    given = [i for i, item in enumerate(items) if item is not None]
    if len(given) == 1 and items[given[0]].tensor.dtype not in MASKS:
        return b(Gather(axis=given[0]), x, as_index(b, items[given[0]]))
    return selection(b, x, items).get(b)


@TABLE.translate("index_select.default")
def index_select(n: TorchNode, b: Builder) -> Value:
    """The slices at a vector of indices, or at one."""
    x, places = n.value("self"), lined(b, n.value("index"))
    if x.tensor.rank == 0:
        picked = b(Gather(axis=0), lined(b, x), places)
        return b(Reshape(), picked, b.constant([], DType.I64))
    return b(Gather(axis=n.axis("dim", x.tensor.rank)), x, places)


@TABLE.translate("gather.default")
def gather(n: TorchNode, b: Builder) -> Value:
    """Scalars count as vectors of one."""
    x, places = lined(b, n.value("self")), as_index(b, n.value("index"))
    line = lined(b, places)
    if x.tensor.rank != line.tensor.rank:  # no index at all fits any rank
        return b(BroadcastTo(), b.scalar(0, x), shape_of(b, places))
    picked = b(GatherAlong(axis=n.axis("dim", x.tensor.rank)), x, line)
    return picked if places.tensor.rank else b(Reshape(), picked, b.constant([], DType.I64))


@TABLE.translate("take_along_dim.default")
def take_along_dim(n: TorchNode, b: Builder) -> Value:
    """As ``gather``, with what is off the axis broadcast both ways; without an axis both are laid flat."""
    x, places = n.value("self"), as_index(b, n.value("indices"))
    if n["dim"] is None:
        x, places = (b(Reshape(), v, b.constant([-1])) for v in (x, places))
        return b(GatherAlong(axis=0), x, places)
    rank = x.tensor.rank
    axis = n.axis("dim", rank)
    line = b.constant([1 if i == axis else 0 for i in range(rank)], DType.BOOL)
    shapes = [shape_of(b, v) for v in (x, places)]
    ones = b.constant([1] * rank, DType.I64)
    x, places = (
        b(BroadcastTo(), v, Expr(b, line).where(Expr(b, ones), Expr(b, other)).value)
        for v, other in zip((x, places), reversed(shapes), strict=True)
    )
    return b(GatherAlong(axis=axis), x, places)


@TABLE.translate("take.default")
def take(n: TorchNode, b: Builder) -> Value:
    """From the tensor laid flat; negative indices count from the end."""
    return b(Gather(axis=0), b(Reshape(), n.value("self"), b.constant([-1])), as_index(b, n.value("index")))


@TABLE.translate("nonzero.default", "argwhere.default")
def nonzero(n: TorchNode, b: Builder) -> Value:
    """A row for each."""
    return b(Transpose(perm=(1, 0)), b(NonZero(), n.value("self")))


@TABLE.translate("nonzero_numpy.default", "where.default")
def nonzero_numpy(n: TorchNode, b: Builder) -> Sequence[Value]:
    """A vector for each axis; a scalar counts as a vector of one."""
    x = lined(b, n.value("self" if "self" in n.arguments else "condition"))
    found = b(NonZero(), x)
    return [b(Gather(axis=0), found, b.constant(i, DType.I64)) for i in range(x.tensor.rank)]


@TABLE.translate("nonzero_static.default")
def nonzero_static(n: TorchNode, b: Builder) -> Value:
    """As many rows as asked for: what is too much goes, what lacks is filled."""
    x, size = n.value("self"), n.static("size")
    rows = b(Transpose(perm=(1, 0)), b(NonZero(), x))
    filling = b.constant(np.full((size, x.tensor.rank), n.static("fill_value")), DType.I64)
    return Expr(b, rows).concat(Expr(b, filling)).slice(0, 0, size).value


@TABLE.translate("masked_select.default")
def masked_select(n: TorchNode, b: Builder) -> Value:
    x, mask = common_shape(b, [n.value("self"), n.value("mask")])
    return selection(b, lined(b, x), [lined(b, mask)]).get(b)


@TABLE.translate("one_hot.default")
def one_hot(n: TorchNode, b: Builder) -> Value:
    count = n.static("num_classes")
    if count < 0:
        n.unsupported("how many classes there are is known at the run only: give num_classes")
    return b(OneHot(), n.value("self"), b.constant([count]), b.constant([0, 1]))


@TABLE.translate("unfold.default", "unfold_copy.default")
def unfold(n: TorchNode, b: Builder) -> Value:
    """Windows of ``size`` every ``step`` along an axis, their elements along a new last one."""
    x, size, step = n.value("self"), n.static("size"), n.static("step")
    if x.tensor.rank == 0:
        return lined(b, x) if size else b(BroadcastTo(), b(Reshape(), x, b.constant([1])), b.constant([0]))
    axis = n.axis("dimension", x.tensor.rank)
    count = (Expr(b, dim_scalar(b, x, axis)) - size) / step + 1
    starts = (count.steps() * step).expand(1)
    places = starts + count.constant(list(range(size)), DType.I64)
    rank = x.tensor.rank + 1
    picked = b(Gather(axis=axis), x, places.value)
    return b(Transpose(perm=(*(i for i in range(rank) if i != axis + 1), axis + 1)), picked)


@TABLE.translate("repeat_interleave.self_int")
def repeat_interleave(n: TorchNode, b: Builder) -> Value:
    """Each element, or slice along an axis, ``repeats`` times; laid flat where no axis is named."""
    x, repeats = n.value("self"), n.part(n["repeats"])
    if n["dim"] is None:
        x = b(Reshape(), x, b.constant([-1]))
    x = lined(b, x)
    axis = 0 if n["dim"] is None else n.axis("dim", x.tensor.rank)
    apart = b(ExpandDims(axes=(axis + 1,)), x)
    dims = dims_of(b, x, *range(x.tensor.rank))
    many = b(BroadcastTo(), apart, vector(b, [*dims[: axis + 1], repeats, *dims[axis + 1 :]]))
    return reshaped(b, many, [*dims[:axis], product_of(b, [dims[axis], repeats]), *dims[axis + 1 :]])


@TABLE.translate("repeat_interleave.Tensor")
def repeated_places(n: TorchNode, b: Builder) -> Value:
    """0, 1 … each as often as ``repeats`` says."""
    return as_dtype(b, _repeated(Expr(b, n.value("repeats", DType.I64))).value, n.dtype)


def _repeated(repeats: Expr) -> Expr:
    ends = repeats.apply(CumSum(axis=0))
    total = ends.apply(ReduceMax(axes=(0,))).max(0)
    passed = ends <= total.steps().expand(1)
    return passed.to(DType.I64).apply(ReduceSum(axes=(1,)))


@TABLE.translate("repeat_interleave.self_Tensor")
def repeat_each(n: TorchNode, b: Builder) -> Value:
    """Each element, or slice along an axis, as often as it is said of it; laid flat where no axis is named."""
    x = n.value("self")
    x = b(Reshape(), x, b.constant([-1])) if n["dim"] is None else lined(b, x)
    axis = 0 if n["dim"] is None else n.axis("dim", x.tensor.rank)
    repeats = b(BroadcastTo(), lined(b, n.value("repeats", DType.I64)), vector(b, [dim_of(b, x, axis)]))
    return b(Gather(axis=axis), x, _repeated(Expr(b, repeats)).value)


@TABLE.translate("roll.default")
def roll(n: TorchNode, b: Builder) -> Value:
    """Elements moved along axes, those that leave at one end coming in at the other; along the tensor laid flat where
    no axis is named."""
    x, shifts = n.value("self"), n["shifts"]
    dims = n.ints("dims") if n["dims"] else ()
    if not x.tensor.rank:
        return x
    if not dims:
        flat = _rolled(b, b(Reshape(), x, b.constant([-1])), 0, n.scalar(shifts[0]))
        return reshaped(b, flat, dims_of(b, x, *range(x.tensor.rank)))
    for axis, shift in zip(dims, shifts, strict=True):
        x = _rolled(b, x, axis % x.tensor.rank, n.scalar(shift))
    return x


def _rolled(b: Builder, x: Value, axis: int, shift: Value) -> Value:
    size = Expr(b, dim_scalar(b, x, axis))
    if x.tensor.dims[axis] == 0:
        return x
    places = (size.steps() - Expr(b, shift)).apply(Mod(), size)
    return b(Gather(axis=axis), x, places.value)
