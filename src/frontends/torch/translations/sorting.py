"""Sorting and searching. Sorts are stable here, NaN is above everything, and a scalar counts as a vector of one."""

from __future__ import annotations

from collections.abc import Sequence

from interlingua.frontends.torch.along import lined, shape_of, unlined
from interlingua.frontends.torch.node import TorchNode, as_dtype
from interlingua.frontends.torch.table import Table
from interlingua.frontends.torch.translations.running import bound
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.indexing import Gather, GatherAlong, NonZero, TopK, Unique
from interlingua.ir.ops.layout import ExpandDims, Squeeze
from interlingua.ir.ops.math import Ne
from interlingua.ir.ops.reduction import Any, CumSum, ReduceMax, ReduceSum
from interlingua.ir.ops.scatter import ScatterAlong
from interlingua.ir.ops.shape import BroadcastTo, Reshape
from interlingua.ir.ops.shaping import dim_of, dim_scalar, dims_of, reshaped, vector
from interlingua.ir.ops.unary import IsNan

TABLE = Table()


def ordered(b: Builder, x: Value, axis: int, count: int | Value, largest: bool) -> tuple[Value, Value]:
    """The first ``count`` along an axis in order, and where each was."""
    dtype = x.tensor.dtype
    numbers = as_dtype(b, x, DType.U8) if dtype is DType.BOOL else x
    values, places = b.add_all(TopK(axis=axis, largest=largest), numbers, vector(b, [count]))
    return as_dtype(b, values, dtype), places


def _sorted(n: TorchNode, b: Builder) -> tuple[Value, Value]:
    x = n.value("self")
    line = lined(b, x)
    axis = n.axis("dim", line.tensor.rank) if "dim" in n.arguments else 0
    descending = bool(n.static("descending")) if "descending" in n.arguments else False
    values, places = ordered(b, line, axis, dim_of(b, line, axis), descending)
    return unlined(b, values, x), unlined(b, places, x)


@TABLE.translate("sort.default", "sort.stable")
def sort(n: TorchNode, b: Builder) -> Sequence[Value]:
    return _sorted(n, b)


@TABLE.translate("msort.default")
def msort(n: TorchNode, b: Builder) -> Value:
    return _sorted(n, b)[0]


@TABLE.translate("argsort.default", "argsort.stable")
def argsort(n: TorchNode, b: Builder) -> Value:
    return _sorted(n, b)[1]


@TABLE.translate("topk.default")
def topk(n: TorchNode, b: Builder) -> Sequence[Value]:
    """Of equal elements the first; PyTorch leaves open which."""
    x = n.value("self")
    line = lined(b, x)
    values, places = ordered(b, line, n.axis("dim", line.tensor.rank), n.part(n["k"]), bool(n.static("largest")))
    return [unlined(b, values, x), unlined(b, places, x)] if x.tensor.rank or n["k"] == 1 else [values, places]


def _picked(n: TorchNode, b: Builder, x: Value, axis: int, place: Value) -> tuple[Value, Value]:
    """What is at ``place``, of rank 0 or of rank 1, of ``x`` in ascending order, and where it was."""
    values, places = ordered(b, x, axis, dim_of(b, x, axis), largest=False)
    return b(Gather(axis=axis), values, place), b(Gather(axis=axis), places, place)


@TABLE.translate("kthvalue.default")
def kthvalue(n: TorchNode, b: Builder) -> Sequence[Value]:
    """The ``k``-th smallest, counted from 1."""
    x = n.value("self")
    line, keep = lined(b, x), bool(n.static("keepdim")) and n.rank("self") > 0
    k = n["k"]
    place = b.constant(k - 1, DType.I64) if isinstance(k, int) else (Expr(b, k) - 1).value
    place = b(Reshape(), place, b.constant([1])) if keep else place
    return _picked(n, b, line, n.axis("dim", line.tensor.rank), place)


@TABLE.translate("median.default", "nanmedian.default")
def median(n: TorchNode, b: Builder) -> Value:
    """Of all elements."""
    flat = b(Reshape(), n.value("self"), b.constant([-1]))
    return _median(n, b, flat, 0, keep=False)[0]


@TABLE.translate("median.dim", "nanmedian.dim")
def median_dim(n: TorchNode, b: Builder) -> Sequence[Value]:
    x = n.value("self")
    line = lined(b, x)
    return _median(n, b, line, n.axis("dim", line.tensor.rank), bool(n.static("keepdim")) and x.tensor.rank > 0)


def _median(n: TorchNode, b: Builder, x: Value, axis: int, keep: bool) -> tuple[Value, Value]:
    """The lower one of two in the middle. A NaN is the median where there is one, or is left out (``nanmedian``)."""
    size = x.tensor.dims[axis]
    if size == 0:
        n.unsupported("of nothing")
    values, places = ordered(b, x, axis, dim_of(b, x, axis), largest=False)
    whole = Expr(b, dim_scalar(b, x, axis))
    last = whole - 1
    middle = last / 2
    if x.tensor.dtype.is_float:
        missing = Expr(b, x).apply(IsNan()).to(DType.I64).sum((axis,))
        if n.op.startswith("nan"):
            middle = ((last - missing) / 2).max(0)
        else:
            middle = missing.equals(0).where(middle, whole - missing)
    else:
        shape = [1 if i == axis else d for i, d in enumerate(dims_of(b, x, *range(x.tensor.rank)))]
        middle = middle.broadcast(Expr(b, vector(b, shape)))
    found = tuple(b(GatherAlong(axis=axis), v, middle.value) for v in (values, places))
    values, places = found if keep else tuple(b(Squeeze(axes=(axis,)), v) for v in found)
    return values, places


@TABLE.translate("mode.default")
def mode(n: TorchNode, b: Builder) -> Sequence[Value]:
    """The most frequent one, the least of several, and where it is last. Quadratic. Beside NaN it is undefined."""
    x = n.value("self")
    line = lined(b, x)
    axis, keep = n.axis("dim", line.tensor.rank), bool(n.static("keepdim")) and x.tensor.rank > 0
    numbers = Expr(b, as_dtype(b, line, DType.U8) if x.tensor.dtype is DType.BOOL else line)
    counts = numbers.expand(axis).equals(numbers.expand(axis + 1)).to(DType.I64).apply(ReduceSum(axes=(axis,)))
    frequent = counts.equals(counts.greatest((axis,)))
    found = frequent.where(numbers, numbers.number(bound(numbers.dtype, least=False))).least((axis,))
    place = Expr(b, dim_scalar(b, line, axis)).steps(numbers.rank, axis)
    where = numbers.equals(found).where(place, place.number(-1)).apply(ReduceMax(axes=(axis,), keepdims=True))
    results = as_dtype(b, found.value, x.tensor.dtype), where.value
    return results if keep else [b(Squeeze(axes=(axis,)), r) for r in results]


@TABLE.translate("bucketize.Tensor", "bucketize.Scalar", "searchsorted.Tensor", "searchsorted.Scalar")
def searchsorted(n: TorchNode, b: Builder) -> Value:
    """How many sorted boundaries are below (or with ``right``, not above) each element; NaN is above all."""
    names = ("boundaries", "self") if n.op.startswith("bucketize") else ("sorted_sequence", "self")
    dtype = n.promoted(*names)
    bounds, x = (n.value(name, dtype) for name in names)
    right = bool(n.static("right")) or (n.arguments.get("side") == "right")
    sorter = n.optional("sorter") if "sorter" in n.arguments else None
    if sorter is not None:
        bounds = b(GatherAlong(axis=bounds.tensor.rank - 1), bounds, sorter)
    rank = x.tensor.rank
    if bounds.tensor.rank > 1:
        bounds = b(ExpandDims(axes=(bounds.tensor.rank - 1,)), bounds)
    first, second = Expr(b, bounds), Expr(b, b(ExpandDims(axes=(rank,)), x))
    above = first > second if right else first >= second
    return as_dtype(b, (~above).to(DType.I64).apply(ReduceSum(axes=(rank,))).value, n.dtype)


@TABLE.translate("_unique2.default", "_unique.default", "unique_dim.default")
def unique(n: TorchNode, b: Builder) -> Sequence[Value]:
    """The distinct elements in order, which of them each element is, and how often each occurs; a NaN differs from
    every other."""
    x = n.value("self")
    if "dim" in n.arguments:
        if x.tensor.dtype.is_float:
            n.unsupported("of slices of floats: here a NaN differs from every other")
        values, _, inverse, counts = b.add_all(Unique(axis=n.axis("dim", x.tensor.rank), sorted=True), x)
        return [values, inverse, counts]
    if x.tensor.dtype.is_float:
        values, inverse, counts = _unique_floats(b, x)
    else:
        values, _, inverse, counts = b.add_all(Unique(axis=None, sorted=True), x)
    shaped = reshaped(b, inverse, dims_of(b, x, *range(x.tensor.rank)))
    return [values, *_asked(n, b, shaped, counts)]


def _asked(n: TorchNode, b: Builder, inverse: Value, counts: Value) -> Sequence[Value]:
    """What is not asked for PyTorch leaves empty, for the most part."""
    nothing = b.constant([], DType.I64)
    pairs = zip((inverse, counts), n.fake[1:], strict=False)
    return [nothing if [s for s in fake.shape if isinstance(s, int)] == [0] else found for found, fake in pairs]


def _unique_floats(b: Builder, x: Value) -> tuple[Value, Value, Value]:
    flat = b(Reshape(), x, b.constant([-1]))
    values, places = ordered(b, flat, 0, dim_of(b, flat, 0), largest=False)
    found, runs, counts = _runs(b, values, 0)
    return found, b(ScatterAlong(axis=0), places, places, runs), counts


def _runs(b: Builder, x: Value, axis: int) -> tuple[Value, Value, Value]:
    """The first slice of each run of equal ones along an axis, which run each slice is in, and how long each is."""
    size = Expr(b, dim_scalar(b, x, axis))
    steps = size.steps()
    before = Expr(b, b(Gather(axis=axis), x, (steps - 1).max(0).value))
    others = tuple(i for i in range(x.tensor.rank) if i != axis)
    changed = Expr(b, x).apply(Ne(), before).apply(Any(axes=others)) if others else Expr(b, x).apply(Ne(), before)
    starts = steps.equals(0) | changed
    firsts = starts.apply(NonZero()).squeeze(0)
    ends = firsts.slice(0, 1, (1 << 63) - 1).concat(size.reshape([1]))
    runs = starts.to(DType.I64).apply(CumSum(axis=0)) - 1
    return b(Gather(axis=axis), x, firsts.value), runs.value, (ends - firsts).value


@TABLE.translate("unique_consecutive.default")
def unique_consecutive(n: TorchNode, b: Builder) -> Sequence[Value]:
    """The first of each run of equal elements, or slices along an axis."""
    x = n.value("self")
    if 0 in x.tensor.dims:
        n.unsupported("of nothing")
    if n["dim"] is None:
        values, runs, counts = _runs(b, b(Reshape(), x, b.constant([-1])), 0)
        runs = reshaped(b, runs, dims_of(b, x, *range(x.tensor.rank)))
    else:
        values, runs, counts = _runs(b, x, n.axis("dim", x.tensor.rank))
    return [values, *_asked(n, b, runs, counts)]


@TABLE.translate("bincount.default")
def bincount(n: TorchNode, b: Builder) -> Value:
    """How often each of 0, 1 … occurs, or the sum of its weights: up to the greatest, ``minlength`` at least."""
    x = Expr(b, n.value("self")).to(DType.I64)
    size = (x.apply(ReduceMax(axes=(0,))) + 1).max(Expr(b, n.scalar(n["minlength"])))
    weights = n.optional("weights", n.dtype)
    if weights is None:
        weights = b(BroadcastTo(), b.constant(1, n.dtype), shape_of(b, x.value))
    zeros = b(BroadcastTo(), b.constant(0, n.dtype), size.reshape([1]).value)
    return b(ScatterAlong(axis=0, reduction="add"), zeros, x.value, weights)
