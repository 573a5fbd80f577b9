"""Reductions, arg-reductions and running sums."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes, since
from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import DType
from interlingua.ir.op import Op
from interlingua.ir.ops.reduction import (
    L1,
    L2,
    ArgMax,
    ArgMin,
    ArgReduction,
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
    Running,
    SumSquare,
)

TABLE = Lowerings()

NAMES: dict[type[Op], str] = {
    ReduceSum: "ReduceSum",
    ReduceProd: "ReduceProd",
    ReduceMax: "ReduceMax",
    ReduceMin: "ReduceMin",
    Mean: "ReduceMean",
    L1: "ReduceL1",
    L2: "ReduceL2",
    LogSum: "ReduceLogSum",
    LogSumExp: "ReduceLogSumExp",
    SumSquare: "ReduceSumSquare",
    ArgMax: "ArgMax",
    ArgMin: "ArgMin",
    CumSum: "CumSum",
    CumProd: "CumProd",
}
REDUCED = frozenset({DType.U32, DType.U64, DType.I32, DType.I64, DType.F16, DType.BF16, DType.F32, DType.F64})
"""What every Reduce* and CumSum takes in every opset."""
SOME_AXES = Condition("it reduces over no axes", lambda node, _: bool(node.op.attributes()["axes"]))


def reduce(op: Reduction, ctx: Context, x: Any) -> Any:
    """The axes have been an input since opset 18, of ReduceSum since 13."""
    name = NAMES[type(op)]
    if ctx.opset >= (13 if name == "ReduceSum" else 18):
        return ctx.emit(name, x, ctx.constant(list(op.axes), DType.I64), keepdims=op.keepdims)
    return ctx.emit(name, x, axes=op.axes, keepdims=op.keepdims)


def through(ctx: Context, x: Any, dtype: DType, inner: DType, work: Any) -> Any:
    """``work`` done on ``x`` in another dtype."""
    return ctx.emit("Cast", work(ctx.emit("Cast", x, to=ctx.code(inner))), to=ctx.code(dtype))


@TABLE.lower(ReduceSum, ReduceProd, ReduceMax, ReduceMin)
def core_reduction(op: Reduction, ctx: Context, x: Any) -> Any:
    """ONNX reads empty axes as all. Small integers wrap alike whether they wrap at every step or once, at the
    end."""
    dtype = ctx.type(0).dtype
    if not op.axes:
        return ctx.emit("Identity", x)
    if dtype is DType.BOOL:
        return _of_bools(op, ctx, x)
    if dtype in REDUCED:
        return reduce(op, ctx, x)
    return through(ctx, x, dtype, DType.I32, lambda wide: reduce(op, ctx, wide))


def _of_bools(op: Reduction, ctx: Context, x: Any) -> Any:
    """Any by counting what is true, so that nothing is false; all as not any not."""
    every = isinstance(op, ReduceMin)
    counted = ctx.emit("Cast", ctx.emit("Not", x) if every else x, to=ctx.code(DType.I64))
    found = ctx.emit("Cast", reduce(ReduceSum(op.axes, op.keepdims), ctx, counted), to=ctx.code(DType.BOOL))
    return ctx.emit("Not", found) if every else found


@TABLE.lower(Mean, L1, L2, LogSum, LogSumExp, SumSquare, when=[SOME_AXES, dtypes(REDUCED)])
def composite(op: Reduction, ctx: Context, x: Any) -> Any:
    return reduce(op, ctx, x)


@TABLE.lower(ArgMax, ArgMin)
def arg_reduction(op: ArgReduction, ctx: Context, x: Any) -> Any:
    return ctx.emit(NAMES[type(op)], x, axis=op.axis, keepdims=op.keepdims, select_last_index=op.select_last)


def _running(op: Running, ctx: Context, x: Any) -> Any:
    axis = ctx.constant(op.axis)
    return ctx.emit(NAMES[type(op)], x, axis, exclusive=op.exclusive, reverse=op.reverse)


@TABLE.lower(CumSum)
def cumsum(op: CumSum, ctx: Context, x: Any) -> Any:
    dtype = ctx.type(0).dtype
    if dtype in REDUCED:
        return _running(op, ctx, x)
    return through(ctx, x, dtype, DType.I32, lambda wide: _running(op, ctx, wide))


@TABLE.lower(CumProd, when=[since(26), dtypes(REDUCED)])
def cumprod(op: CumProd, ctx: Context, x: Any) -> Any:
    return _running(op, ctx, x)
