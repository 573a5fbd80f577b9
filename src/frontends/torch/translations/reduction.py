"""Reductions over axes: all of them where none is named. A scalar has none, and is its own reduction."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from interlingua.frontends.torch.along import lined
from interlingua.frontends.torch.node import TorchNode, as_dtype
from interlingua.frontends.torch.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.layout import Squeeze
from interlingua.ir.ops.logic import Not
from interlingua.ir.ops.reduction import (
    L1,
    L2,
    All,
    Any,
    ArgMax,
    ArgMin,
    LogSumExp,
    Mean,
    ReduceMax,
    ReduceMin,
    ReduceProd,
    ReduceSum,
)
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.ops.shaping import count_of
from interlingua.ir.ops.unary import IsNan

TABLE = Table()

_CAST: dict[type[Op], tuple[str, ...]] = {
    ReduceSum: ("sum.default", "sum.dim_IntList"),
    Mean: ("mean.default", "mean.dim"),
    ReduceMax: ("amax.default", "max.default"),
    ReduceMin: ("amin.default", "min.default"),
    ReduceProd: ("prod.default", "prod.dim_int"),
    LogSumExp: ("logsumexp.default", "special_logsumexp.default"),
}
"""Reductions in the element type of the result."""


def axes_of(n: TorchNode, x: Value) -> tuple[int, ...]:
    return n.axes("dim", x.tensor.rank) if "dim" in n.arguments else tuple(range(x.tensor.rank))


def keeps(n: TorchNode) -> bool:
    return bool(n.static("keepdim")) if "keepdim" in n.arguments else False


def reduction(op: type[Op]) -> Translation:
    def reduce(n: TorchNode, b: Builder) -> Value:
        x = n.value("self", n.dtype)
        return b(op(axes=axes_of(n, x), keepdims=keeps(n)), x)  # type: ignore[call-arg]

    return reduce


for _op, _names in _CAST.items():
    TABLE.translate(*_names)(reduction(_op))


@TABLE.translate("nansum.default", "nanmean.default")
def nan_sum(n: TorchNode, b: Builder) -> Value:
    """NaN left out."""
    own = n.value("self")
    x = Expr(b, as_dtype(b, own, n.dtype))
    axes, keep = axes_of(n, own), keeps(n)
    if not own.tensor.dtype.is_float:
        return x.apply(ReduceSum(axes, keep)).value
    missing = Expr(b, own).apply(IsNan())
    total = missing.where(x.number(0), x).apply(ReduceSum(axes, keep))
    if n.op.startswith("nansum"):
        return total.value
    return (total / (~missing).to(n.dtype).apply(ReduceSum(axes, keep))).value


@TABLE.translate("any.default", "any.dim", "any.dims", "all.default", "all.dim", "all.dims")
def any_(n: TorchNode, b: Builder) -> Value:
    """Of numbers, those that are not 0 are true, NaN included. An empty list of axes, unlike none, reduces nothing."""
    x = n.value("self", DType.BOOL)
    axes = () if n.arguments.get("dim", None) in ([], ()) else axes_of(n, x)
    op = Any if n.op.startswith("any") else All
    return as_dtype(b, b(op(axes=axes, keepdims=keeps(n)), x), n.dtype)


@TABLE.translate("count_nonzero.default", "count_nonzero.dim_IntList")
def count_nonzero(n: TorchNode, b: Builder) -> Value:
    x = n.value("self", DType.BOOL)
    return b(ReduceSum(axes=axes_of(n, x)), as_dtype(b, x, DType.I64))


@TABLE.translate("argmax.default", "argmin.default")
def argmax(n: TorchNode, b: Builder) -> Value:
    """The first of several; NaN counts as the extreme. Without an axis, a place in the tensor laid flat."""
    x = n.value("self")
    op = ArgMax if n.op.startswith("argmax") else ArgMin
    rank, keep = x.tensor.rank, keeps(n)
    if n["dim"] is None or rank == 0:
        place = b(op(axis=0), b(Reshape(), x, b.constant([-1])))
        return b(Reshape(), place, b.constant([1] * rank)) if keep and rank else place
    return b(op(axis=n.axis("dim", rank), keepdims=keep), x)


@TABLE.translate("max.dim", "min.dim")
def max_dim(n: TorchNode, b: Builder) -> Sequence[Value]:
    """The extreme and where it is first; NaN counts as the extreme."""
    x = n.value("self")
    line, keep = lined(b, x), keeps(n)
    axis = n.axis("dim", line.tensor.rank)
    reduce, find = (ReduceMax, ArgMax) if n.op.startswith("max") else (ReduceMin, ArgMin)
    numbers = as_dtype(b, line, DType.U8) if x.tensor.dtype is DType.BOOL else line
    keep = keep and x.tensor.rank > 0
    return [b(reduce(axes=(axis,), keepdims=keep), line), b(find(axis=axis, keepdims=keep), numbers)]


@TABLE.translate("aminmax.default")
def aminmax(n: TorchNode, b: Builder) -> Sequence[Value]:
    x = n.value("self")
    rank, keep = x.tensor.rank, keeps(n)
    axes = tuple(range(rank)) if n["dim"] is None else n.axes("dim", rank)
    return [b(op(axes=axes, keepdims=keep), x) for op in (ReduceMin, ReduceMax)]


def _moments(n: TorchNode, b: Builder) -> tuple[Expr, Expr]:
    """The variance and the mean: ``sum((x - mean)**2) / max(0, count - correction)``; narrow floats in float32."""
    x = Expr(b, n.value("self")).wide()
    axes, keep = axes_of(n, x.value), keeps(n)
    if "correction" in n.arguments:
        correction = 1.0 if n["correction"] is None else float(n.static("correction"))
    else:
        correction = float(bool(n.static("unbiased")))
    mean = x.mean(axes)
    centred = x - mean
    total = (centred * centred).apply(ReduceSum(axes, keep))
    count = Expr(b, count_of(b, x.value, axes, x.dtype))
    freedom = (count - correction).max(0)
    gone = mean if keep or not axes else mean.apply(Squeeze(axes=axes))
    return total / freedom, gone


@TABLE.translate("var.default", "var.dim", "var.correction")
def var(n: TorchNode, b: Builder) -> Value:
    return _moments(n, b)[0].to(n.dtype).value


@TABLE.translate("std.default", "std.dim", "std.correction")
def std(n: TorchNode, b: Builder) -> Value:
    return _moments(n, b)[0].sqrt().to(n.dtype).value


@TABLE.translate("var_mean.default", "var_mean.dim", "var_mean.correction", "std_mean.default", "std_mean.dim",
                 "std_mean.correction")  # fmt: skip
def var_mean(n: TorchNode, b: Builder) -> Sequence[Value]:
    variance, mean = _moments(n, b)
    spread = variance.sqrt() if n.op.startswith("std") else variance
    return [spread.to(n.dtype).value, mean.to(n.dtype).value]


_NORMS: dict[float, type[Op]] = {1.0: L1, 2.0: L2}


@TABLE.translate("linalg_vector_norm.default")
def vector_norm(n: TorchNode, b: Builder) -> Value:
    return norm(n, Expr(b, n.value("self", n.dtype)), float(n.static("ord")))


@TABLE.translate("dist.default")
def dist(n: TorchNode, b: Builder) -> Value:
    """The norm of the difference."""
    return norm(n, Expr(b, n.value("self", n.dtype)) - Expr(b, n.value("other", n.dtype)), float(n.static("p")))


@TABLE.translate("_cdist_forward.default")
def cdist(n: TorchNode, b: Builder) -> Value:
    """The norm of each row of one less each row of the other."""
    x, y = Expr(b, n.value("x1")), Expr(b, n.value("x2"))
    difference = x.expand(x.rank - 1) - y.expand(y.rank - 2)
    return normed(difference, float(n.static("p")), (difference.rank - 1,), False)


@TABLE.translate("_pdist_forward.default")
def pdist(n: TorchNode, b: Builder) -> Value:
    """The norm of each row less each of those below it."""
    x = Expr(b, n.value("self"))
    rows = x.value.tensor.dims[0]
    if not isinstance(rows, int):
        n.unsupported("how many rows there are is known at the run only")
    first, second = (x.gather(x.constant(places, DType.I64), 0) for places in np.triu_indices(rows, 1))
    return normed(first - second, float(n.static("p")), (1,), False)


def norm(n: TorchNode, x: Expr, order: float) -> Value:
    return normed(x, order, axes_of(n, x.value), keeps(n))


def normed(x: Expr, order: float, axes: tuple[int, ...], keep: bool) -> Value:
    """``sum(|x|**order)**(1/order)``; the greatest, the least, or the number of those that are not 0, for an order of
    inf, −inf and 0."""
    if order in _NORMS:
        return x.apply(_NORMS[order](axes=axes, keepdims=keep)).value  # type: ignore[call-arg]
    if math.isinf(order):
        return x.abs().apply((ReduceMax if order > 0 else ReduceMin)(axes, keep)).value
    wide = x.wide()
    if order == 0:
        return wide.equals(0).apply(Not()).to(wide.dtype).apply(ReduceSum(axes, keep)).to(x.dtype).value
    return wide.abs().pow(order).apply(ReduceSum(axes, keep)).pow(1 / order).to(x.dtype).value
