"""Reduce*, ArgMax, ArgMin, CumSum, CumProd."""

from __future__ import annotations

from interlingua.frontends.onnx.axes import int64, marked, number_of_axes, reduced, without
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Div, Mul
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.logic import Eq, Or, Select
from interlingua.ir.ops.reduction import (
    L1,
    L2,
    ArgMax,
    ArgMin,
    CumProd,
    CumSum,
    LogSum,
    LogSumExp,
    Mean,
    ReduceMax,
    ReduceMin,
    ReduceProd,
    ReduceSum,
    Reduction,
    SumSquare,
)
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.ops.shaping import count_of
from interlingua.ir.ops.unary import Log

TABLE = Table()

OPS: dict[str, tuple[type[Reduction], tuple[int, ...]]] = {
    "ReduceSum": (ReduceSum, (1, 11, 13)),
    "ReduceProd": (ReduceProd, (1, 11, 13, 18)),
    "ReduceMax": (ReduceMax, (1, 11, 12, 13, 18, 20)),
    "ReduceMin": (ReduceMin, (1, 11, 12, 13, 18, 20)),
    "ReduceMean": (Mean, (1, 11, 13, 18)),
    "ReduceL1": (L1, (1, 11, 13, 18)),
    "ReduceL2": (L2, (1, 11, 13, 18)),
    "ReduceLogSum": (LogSum, (1, 11, 13, 18, 28)),
    "ReduceLogSumExp": (LogSumExp, (1, 11, 13, 18, 28)),
    "ReduceSumSquare": (SumSquare, (1, 11, 13, 18)),
}
AXES_ARE_INPUT = {"ReduceSum": 13}
"""Since when the axes are an operand; 18 where not said."""


def _dynamic(n: OnnxNode, b: Builder, cls: type[Reduction]) -> Value | None:
    """The result where only the run knows the axes: reduced axis by axis, as sums, means, norms … may be."""
    axes = n.get(1) if n.version >= AXES_ARE_INPUT.get(n.op, 18) else None
    if axes is None or axes.tensor.shape == (0,) or n.constant(1) is not None:
        return None
    x, count = n[0], number_of_axes(n, 1)
    mark = marked(b, n.rank(0), axes, count)
    if x.tensor.dtype not in cls.allowed:
        n.unsupported("its axes are known to the run only, and its operand holds integers")
    step: type[Reduction] = ReduceSum if cls in (SumSquare, LogSum) else cls
    squares = b(Mul(), x, x) if cls is SumSquare else x
    out = reduced(b, squares, mark, lambda v, axis: b(step((axis,), True), v))
    out = b(Log(), out) if cls is LogSum else out
    return out if n.attr("keepdims", 1) else without(b, out, mark, count)


def _axes(n: OnnxNode, b: Builder) -> tuple[Value, tuple[int, ...]]:
    """The operand and the axes to reduce; an operand of unknown rank that is reduced whole is flattened
    first."""
    if n.version < AXES_ARE_INPUT.get(n.op, 18):
        named = n.attr("axes", ())
    else:
        given = n.get(1)
        empty = given is None or given.tensor.shape == (0,)
        named = () if empty else n.ints(1) or ()
        if not named and n.attr("noop_with_empty_axes", 0):
            return n[0], ()
    if named:
        return n[0], tuple(named)
    if n.tensor(0).shape is not None:
        return n[0], tuple(range(n.rank(0)))
    if n.attr("keepdims", 1):
        n.unsupported("all axes are kept, of a tensor whose rank is unknown")
    return b(Reshape(), n[0], b.constant([-1])), (0,)


def _reduction(cls: type[Reduction]) -> Translation:
    def translate(n: OnnxNode, b: Builder) -> Value:
        found = _dynamic(n, b, cls)
        if found is not None:
            return found
        x, axes = _axes(n, b)
        keepdims = bool(n.attr("keepdims", 1))
        dtype = x.tensor.dtype
        if dtype in cls.allowed:
            return b(cls(axes, keepdims), x)
        if cls is Mean:  # integer means truncate, as in ONNX Runtime; the standard leaves it open
            return b(Div(), b(ReduceSum(axes, keepdims), x), count_of(b, x, axes, dtype))
        return b(Cast(to=dtype), b(cls(axes, keepdims), b(Cast(to=DType.F64), x)))

    return translate


for _name, (_cls, _versions) in OPS.items():
    TABLE.translate(_name, *_versions)(_reduction(_cls))


@TABLE.translate("ArgMax", 1, 11, 12, 13)
@TABLE.translate("ArgMin", 1, 11, 12, 13)
def arg_reduction(n: OnnxNode, b: Builder) -> Value:
    cls = ArgMax if n.op == "ArgMax" else ArgMin
    last = bool(n.attr("select_last_index", 0))
    return b(cls(n.attr("axis", 0), bool(n.attr("keepdims", 1)), last), n[0])


@TABLE.translate("CumSum", 11, 14)
@TABLE.translate("CumProd", 26)
def running(n: OnnxNode, b: Builder) -> Value:
    cls = CumSum if n.op == "CumSum" else CumProd
    exclusive, reverse = bool(n.attr("exclusive", 0)), bool(n.attr("reverse", 0))
    axis = n.constant(1)
    if axis is not None:
        return b(cls(int(axis.reshape(())), exclusive, reverse), n[0])
    rank = n.rank(0)
    wanted = b(Reshape(), int64(b, n[1]), b.constant([], DType.I64))
    found = b(cls(0, exclusive, reverse), n[0])
    for place in range(1, rank):
        here = b(Or(), b(Eq(), wanted, b.constant(place)), b(Eq(), wanted, b.constant(place - rank)))
        found = b(Select(), here, b(cls(place, exclusive, reverse), n[0]), found)
    return found
