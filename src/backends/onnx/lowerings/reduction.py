"""Reductions, arg-reductions and running sums."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled
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
"""What the others reduce in: an integer of fewer bits wraps where theirs would not."""
SOME_AXES = Condition("it reduces over no axes", lambda node, _: bool(node.op.attributes()["axes"]))


def reduce(op: Reduction, ctx: Context, x: Any) -> Any:
    """The axes have been an input since opset 18, of ReduceSum since 13."""
    name = NAMES[type(op)]
    if ctx.opset >= (13 if name == "ReduceSum" else 18):
        return ctx.emit(name, x, ctx.constant(list(op.axes), DType.I64), keepdims=op.keepdims)
    return ctx.emit(name, x, axes=op.axes, keepdims=op.keepdims)


@TABLE.lower(ReduceSum, ReduceProd, ReduceMax, ReduceMin)
def core_reduction(op: Reduction, ctx: Context, x: Any) -> Any:
    """ONNX reads empty axes as all."""
    dtype = ctx.type(0).dtype
    if not op.axes:
        return ctx.emit("Identity", x)
    if dtype is DType.BOOL:
        return _of_bools(op, ctx, x)
    return reduce(op, ctx, x)


def _of_bools(op: Reduction, ctx: Context, x: Any) -> Any:
    """Any by counting what is true, so that nothing is false; all as not any not."""
    every = isinstance(op, ReduceMin)
    counted = ctx.emit("Cast", ctx.emit("Not", x) if every else x, to=ctx.code(DType.I64))
    found = ctx.emit("Cast", reduce(ReduceSum(op.axes, op.keepdims), ctx, counted), to=ctx.code(DType.BOOL))
    return ctx.emit("Not", found) if every else found


@TABLE.lower(Mean, L1, L2, LogSum, LogSumExp, SumSquare, when=[SOME_AXES, dtypes(REDUCED), filled()])
def composite(op: Reduction, ctx: Context, x: Any) -> Any:
    return reduce(op, ctx, x)


@TABLE.lower(ArgMax, ArgMin)
def arg_reduction(op: ArgReduction, ctx: Context, x: Any) -> Any:
    return ctx.emit(NAMES[type(op)], x, axis=op.axis, keepdims=op.keepdims, select_last_index=op.select_last)


@TABLE.lower(CumSum, CumProd)
def running(op: Running, ctx: Context, x: Any) -> Any:
    axis = ctx.constant(op.axis)
    return ctx.emit(NAMES[type(op)], x, axis, exclusive=op.exclusive, reverse=op.reverse)
