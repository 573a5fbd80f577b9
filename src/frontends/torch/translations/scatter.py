"""Elements written by index: functional forms, in-place ones being the same under the old name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from interlingua.frontends.torch.along import broadcast_to, common_shape, from_front, lined, shape_of, to_front, unlined
from interlingua.frontends.torch.node import TorchNode, as_dtype
from interlingua.frontends.torch.selection import MASKS, selection
from interlingua.frontends.torch.table import Table
from interlingua.frontends.torch.translations.indexing import as_index
from interlingua.frontends.torch.translations.running import bound
from interlingua.ir.builder import Builder
from interlingua.ir.dims import same
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Div, Mul
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.layout import ExpandDims
from interlingua.ir.ops.logic import And, Select
from interlingua.ir.ops.math import FloorDiv
from interlingua.ir.ops.reduction import Any as AnyOf
from interlingua.ir.ops.reduction import CumSum
from interlingua.ir.ops.scatter import ScatterAlong, ScatterNd, ScatterReduction
from interlingua.ir.ops.shape import BroadcastTo, Concat, Reshape, Slice
from interlingua.ir.ops.shaping import dim_scalar, dims_of, reshaped, vector

TABLE = Table()

_REDUCTIONS: dict[str, ScatterReduction] = {
    "add": "add",
    "sum": "add",
    "mean": "add",
    "multiply": "mul",
    "prod": "mul",
    "amax": "max",
    "amin": "min",
}


_LOGICAL: dict[ScatterReduction, ScatterReduction] = {"add": "max", "mul": "min", "max": "max", "min": "min"}
"""What a reduction is of bools."""


@TABLE.translate("index_put.default", "_unsafe_index_put.default")
def index_put(n: TorchNode, b: Builder) -> Value:
    """``x[indices] = values``, or ``+=``. One value under a mask is a choice for each element."""
    x, items, values = n.value("self"), n["indices"], n.value("values", n.dtype)
    accumulate = bool(n.static("accumulate"))
    mask = _mask(items)
    if mask is not None and values.tensor.size == 1 and values.tensor.rank <= 1 and not accumulate:
        trailing = tuple(range(mask.tensor.rank, x.tensor.rank))
        mask = as_dtype(b, b(ExpandDims(axes=trailing), mask) if trailing else mask, DType.BOOL)
        return b(Select(), mask, b(Reshape(), values, b.constant([], DType.I64)), x)
    chosen = selection(b, x, items)
    updates = chosen.updates(b, values)
    op = ScatterNd(reduction="add" if accumulate else "none")
    return chosen.back(b, combined(b, op, chosen.front(b), chosen.rows, updates))


def _mask(items: Sequence[Value | None]) -> Value | None:
    """The mask that is all that is given, from the first axis on."""
    first = items[0] if items else None
    others = any(item is not None for item in items[1:])
    return None if others or first is None or first.tensor.dtype not in MASKS else first


@TABLE.translate("put.default")
def put(n: TorchNode, b: Builder) -> Value:
    """``index_put`` into the tensor laid flat."""
    x, places = n.value("self"), n.value("index")
    line = b(Reshape(), x, b.constant([-1]))
    rows = b(Reshape(), places, b.constant([-1, 1]))
    updates = b(Reshape(), n.value("source"), b.constant([-1]))
    op = ScatterNd(reduction="add" if n.static("accumulate") else "none")
    done = combined(b, op, line, rows, updates)
    return reshaped(b, done, dims_of(b, x, *range(x.tensor.rank)))


@TABLE.translate("masked_scatter.default")
def masked_scatter(n: TorchNode, b: Builder) -> Value:
    """The elements of ``source`` in their order, to where the mask is true."""
    x, mask = common_shape(b, [n.value("self"), n.value("mask")])
    flags = Expr(b, b(Reshape(), mask, b.constant([-1])))
    place = (flags.to(DType.I64).apply(CumSum(axis=0)) - 1).max(0)
    source = b(Concat(axis=0), b(Reshape(), n.value("source"), b.constant([-1])), b.constant([0], x.tensor.dtype))
    picked = reshaped(b, b(Gather(axis=0), source, place.value), dims_of(b, x, *range(x.tensor.rank)))
    return b(Select(), mask, picked, x)


def combined(b: Builder, op: ScatterNd | ScatterAlong, x: Value, places: Value, updates: Value) -> Value:
    """What a scatter gives; sums of bools are or, products are and."""
    if x.tensor.dtype is not DType.BOOL or op.reduction == "none":
        return b(op, x, places, updates)
    logical = replace(op, reduction=_LOGICAL[op.reduction])
    numbers = (as_dtype(b, v, DType.U8) for v in (x, updates))
    whole, parts = numbers
    return as_dtype(b, b(logical, whole, places, parts), DType.BOOL)


class Scatter:
    """Updates along an axis, of operands of rank 1 or more."""

    def __init__(self, b: Builder, x: Value, axis: int, places: Value, updates: Value) -> None:
        self.b, self.x, self.axis, self.places, self.updates = b, x, axis, places, updates

    def put(self, x: Value, reduction: ScatterReduction) -> Value:
        op = ScatterAlong(axis=self.axis, reduction=reduction)
        return combined(self.b, op, x, self.places, self.updates)

    def counts(self) -> Expr:
        """How many updates go to each element."""
        b = self.b
        zeros = b(BroadcastTo(), b.constant(0, DType.I64), shape_of(b, self.x))
        ones = b(BroadcastTo(), b.constant(1, DType.I64), shape_of(b, self.places))
        return Expr(b, b(ScatterAlong(axis=self.axis, reduction="add"), zeros, self.places, ones))

    def reduced(self, reduce: str, include_self: bool) -> Value:
        """``x`` and all that goes to each of its elements put together; without ``x`` where anything goes."""
        b, dtype = self.b, self.x.tensor.dtype
        if reduce == "mean":
            return self._mean(include_self)
        start = self.x
        if not include_self:
            start = (self.counts() > 0).where(Expr(b, self._identity(reduce, dtype)), Expr(b, start)).value
        return self.put(start, _REDUCTIONS[reduce])

    def _mean(self, include_self: bool) -> Value:
        """Of integers rounded down."""
        b, dtype = self.b, self.x.tensor.dtype
        found = self.counts()
        counts = found + 1 if include_self else found.max(1)
        total = self.reduced("sum", include_self)
        divide = Div() if dtype.is_float else FloorDiv()
        return b(divide, total, counts.to(dtype).value)

    def _identity(self, reduce: str, dtype: DType) -> Value:
        starts: dict[str, Any] = {"sum": 0, "prod": 1}
        if dtype is DType.BOOL:
            starts |= {"amax": False, "amin": True}
        if reduce in starts:
            return self.b.scalar(starts[reduce], dtype)
        return self.b.scalar(bound(dtype, least=reduce == "amax"), dtype)


def _scatter(n: TorchNode, b: Builder) -> Scatter | None:
    """The operands: scalars as vectors of one, updates cut to the extent of the indices; nothing without indices."""
    x, places = lined(b, n.value("self")), as_index(b, lined(b, n.value("index")))
    if x.tensor.rank != places.tensor.rank or 0 in places.tensor.dims:
        return None
    name = "src" if "src" in n.arguments else "value"
    if name == "src":
        updates = lined(b, n.value("src"))
        axes = tuple(i for i, (p, q) in enumerate(zip(updates.tensor.dims, places.tensor.dims, strict=True)) if p != q)
        if axes:
            stops = vector(b, dims_of(b, places, *axes))
            updates = b(Slice(axes=axes), updates, b.constant([0] * len(axes)), stops)
    else:
        updates = b(BroadcastTo(), n.value("value", x.tensor.dtype), shape_of(b, places))
    return Scatter(b, x, n.axis("dim", x.tensor.rank), places, updates)


@TABLE.translate("scatter.src", "scatter.value", "scatter.reduce", "scatter.value_reduce", "scatter_add.default")
def scatter(n: TorchNode, b: Builder) -> Value:
    """With a reduction, duplicates count; without one, which of them stays is undefined."""
    x, found = n.value("self"), _scatter(n, b)
    if found is None:
        return x
    reduce = n.static("reduce") if "reduce" in n.arguments else None
    if n.op.startswith("scatter_add"):
        reduce = "add"
    if reduce is None:
        return unlined(b, found.put(found.x, "none"), x)
    return unlined(b, found.put(found.x, _REDUCTIONS[reduce]), x)


@TABLE.translate("scatter_reduce.two")
def scatter_reduce(n: TorchNode, b: Builder) -> Value:
    x, found = n.value("self"), _scatter(n, b)
    if found is None:
        return x
    if x.tensor.dtype is DType.BOOL and n.static("reduce") == "mean":
        n.unsupported("the mean of bools")
    return unlined(b, found.reduced(n.static("reduce"), bool(n.static("include_self"))), x)


def _along(n: TorchNode, b: Builder) -> tuple[Value, int, Value]:
    """A tensor of rank 1 or more, the axis, and a vector of places along it."""
    x = lined(b, n.value("self"))
    return x, n.axis("dim", x.tensor.rank), as_index(b, lined(b, n.value("index")))


@TABLE.translate("index_add.default", "index_copy.default")
def index_add(n: TorchNode, b: Builder) -> Value:
    """Slices of ``source`` added to, or put in the place of, those at the indices."""
    own = n.value("self")
    x, axis, places = _along(n, b)
    source = n.value("source")
    if source.tensor.rank < x.tensor.rank:
        source = b(ExpandDims(axes=(axis,)), source)
    add = n.op.startswith("index_add")
    if add and n.static("alpha") != 1:
        scaled = And() if x.tensor.dtype is DType.BOOL else Mul()
        source = b(scaled, source, b.scalar(n.static("alpha"), source))
    rows = b(Reshape(), places, b.constant([-1, 1]))
    op = ScatterNd(reduction="add" if add else "none")
    done = combined(b, op, to_front(b, x, (axis,)), rows, to_front(b, source, (axis,)))
    return unlined(b, from_front(b, done, (axis,)), own)


@TABLE.translate("index_fill.int_Scalar", "index_fill.int_Tensor")
def index_fill(n: TorchNode, b: Builder) -> Value:
    """One value at all of the indices; duplicates change nothing."""
    own = n.value("self")
    x, axis, places = _along(n, b)
    size = Expr(b, dim_scalar(b, x, axis))
    indices = Expr(b, places).to(DType.I64)
    wrapped = (indices < 0).where(indices + size, indices)
    hit = wrapped.equals(size.steps().expand(1)).apply(AnyOf(axes=(1,)))
    mask = hit.along(axis, x.tensor.rank).value
    return unlined(b, b(Select(), mask, n.value("value", x.tensor.dtype), x), own)


@TABLE.translate("index_reduce.default")
def index_reduce(n: TorchNode, b: Builder) -> Value:
    """``scatter_reduce`` of whole slices."""
    own = n.value("self")
    x, axis, places = _along(n, b)
    source = lined(b, n.value("source"))
    rank = x.tensor.rank
    whole = b(BroadcastTo(), Expr(b, places).along(axis, rank).value, shape_of(b, source))
    done = Scatter(b, x, axis, whole, source).reduced(n.static("reduce"), bool(n.static("include_self")))
    return unlined(b, done, own)


@TABLE.translate("select_scatter.default")
def select_scatter(n: TorchNode, b: Builder) -> Value:
    """``x`` with one of its slices replaced."""
    x, rank = n.value("self"), n.rank("self")
    axis = n.axis("dim", rank)
    index = n["index"]
    size = Expr(b, dim_scalar(b, x, axis))
    place = Expr(b, n.scalar(index))
    if not isinstance(index, int):
        place = (place < 0).where(place + size, place)
    elif index < 0:
        place = size + index
    hit = size.steps(rank, axis).equals(place)
    return b(Select(), hit.value, b(ExpandDims(axes=(axis,)), n.value("src", n.dtype)), x)


@TABLE.translate("slice_scatter.default")
def slice_scatter(n: TorchNode, b: Builder) -> Value:
    """``x`` with a part of it replaced: ``x[start:end:step] = src`` along an axis, as Python slices."""
    x, rank = n.value("self"), n.rank("self")
    axis, step = n.axis("dim", rank), n.static("step")
    source = n.value("src", n.dtype)
    size = Expr(b, dim_scalar(b, x, axis))
    start = _bound(n, b, n["start"], 0, size)
    count = Expr(b, dim_scalar(b, source, axis))
    if same(source.tensor.dims[axis], x.tensor.dims[axis]):
        return broadcast_to(b, source, shape_of(b, x))
    if step == 1:
        first = b(Slice(axes=(axis,)), x, b.constant([0]), start.reshape([1]).value)
        last = b(Slice(axes=(axis,)), x, (start + count).reshape([1]).value, size.reshape([1]).value)
        return b(Concat(axis=axis), first, source, last)
    places = (count.steps() * step + start).reshape([-1, 1])
    done = b(ScatterNd(), to_front(b, x, (axis,)), places.value, to_front(b, source, (axis,)))
    return from_front(b, done, (axis,))


def _bound(n: TorchNode, b: Builder, given: Any, default: int, size: Expr) -> Expr:
    """A bound of a slice, counted from the front and within the axis."""
    place = Expr(b, n.scalar(default if given is None else given))
    if not isinstance(given, Value):
        if given is not None and given < 0:
            place = size + given
        return place.max(0).min(size)
    return (place < 0).where(place + size, place).max(0).min(size)
