"""Reductions, running sums, and where extremes are.

Semantics: ``tensorflow/lite/kernels/{reduce,arg_min_max,cumsum,topk_v2}.cc``. Integer means divide the sum towards
zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import LEVELS, OWN, REAL, Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Div
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import TopK, Unique
from interlingua.ir.ops.reduction import (
    All,
    Any,
    ArgMax,
    ArgMin,
    CumSum,
    Mean,
    ReduceMax,
    ReduceMin,
    ReduceProd,
    ReduceSum,
)
from interlingua.ir.ops.shaping import count_of

TABLE = Table()

OPS: dict[str, Callable[..., Op]] = {
    "REDUCE_ALL": All,
    "REDUCE_ANY": Any,
    "REDUCE_MAX": ReduceMax,
    "REDUCE_MIN": ReduceMin,
    "REDUCE_PROD": ReduceProd,
    "SUM": ReduceSum,
}


def _axes(n: LiteRtNode) -> tuple[int, ...]:
    """The axes, from the front; one that is named twice counts once."""
    rank = n.rank(0)
    return tuple(dict.fromkeys(n.within(axis, rank) for axis in n.ints(1)))


@TABLE.translate(*OPS, quantized=REAL)
def reduce(n: LiteRtNode, b: Builder) -> Value:
    return b(OPS[n.op](axes=_axes(n), keepdims=bool(n.required("keep_dims"))), n[0])


@TABLE.translate("MEAN", quantized=REAL)
def mean(n: LiteRtNode, b: Builder) -> Value:
    axes, keep, x = _axes(n), bool(n.required("keep_dims")), n[0]
    if x.tensor.dtype.is_float:
        return b(Mean(axes=axes, keepdims=keep), x)
    total = b(ReduceSum(axes=axes, keepdims=keep), b(Cast(to=DType.I64), x))
    return n.settled(b, b(Div(), total, count_of(b, x, axes, DType.I64)))


@TABLE.translate("ARG_MAX", "ARG_MIN", quantized=OWN)
def arg_extreme(n: LiteRtNode, b: Builder) -> Value:
    """Of levels as of reals: a scale is positive. Of equal elements the first."""
    (axis,) = n.ints(1) if n.known(1).size == 1 else (None,)
    if axis is None:
        raise InvalidModel(f"{n.op} along {n.ints(1)}")
    op = (ArgMax if n.op == "ARG_MAX" else ArgMin)(axis=n.within(axis, n.rank(0)))
    return n.settled(b, b(op, n[0]))


@TABLE.translate("CUMSUM")
def cumsum(n: LiteRtNode, b: Builder) -> Value:
    (axis,) = n.ints(1)
    return b(CumSum(n.within(axis, n.rank(0)), bool(n.required("exclusive")), bool(n.required("reverse"))), n[0])


@TABLE.translate("TOPK_V2", quantized=LEVELS)
def top_k(n: LiteRtNode, b: Builder) -> Sequence[Value]:
    """Along the last axis, best first, of equal elements the first one first."""
    values, indices = b.add_all(TopK(axis=-1), n[0], n[1])
    return values, n.settled(b, indices, 1)


@TABLE.translate("UNIQUE")
def unique(n: LiteRtNode, b: Builder) -> Sequence[Value]:
    """The distinct elements of a vector as they first come, and which of them each element is."""
    if n.rank(0) != 1:
        raise InvalidModel(f"UNIQUE of {n[0].type}")
    found = b.add_all(Unique(sorted=False), n[0])
    return found[0], n.settled(b, found[2], 1)
