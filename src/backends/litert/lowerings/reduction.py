"""Reductions and running sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.common import is_nan, single
from interlingua.backends.litert.ranks import alike, apart, fitting, merged_shape, place
from interlingua.backends.lowering import Condition, Lowerings, filled
from interlingua.ir.dtypes import DType
from interlingua.ir.op import Op
from interlingua.ir.ops.reduction import (
    CumSum,
    Mean,
    ReduceMax,
    ReduceMin,
    ReduceProd,
    ReduceSum,
    Reduction,
)
from interlingua.ir.types import Shape

TABLE = Lowerings()

NAMES: dict[type[Op], str] = {
    ReduceSum: "SUM",
    ReduceProd: "REDUCE_PROD",
    ReduceMax: "REDUCE_MAX",
    ReduceMin: "REDUCE_MIN",
    Mean: "MEAN",
}
OF_BOOLS: dict[type[Op], str] = {ReduceMax: "REDUCE_ANY", ReduceMin: "REDUCE_ALL"}
SOME_AXES = Condition("it reduces over no axes", lambda node, _: bool(node.op.attributes()["axes"]))


def reduced(ctx: Context, op: str, x: Edge, axes: Sequence[int], keepdims: bool, due: Shape) -> Edge:
    """A reduction, of neighbours that go together as one axis where there are too many."""
    axes = sorted(a % x.rank for a in axes)
    groups = fitting(op, x.rank, [x.dtype.value], alike(x.rank, axes))
    if groups is None:
        return ctx.emit(op, x, ctx.constant(axes), shape=due, keep_dims=keepdims)
    places = sorted({place(groups, a) for a in axes})
    kept = tuple(d for i, d in enumerate(merged_shape(x.shape, groups)) if i not in places)
    made = ctx.emit(op, ctx.merged(x, groups, x.rank), ctx.constant(places), shape=kept, keep_dims=False)
    return ctx.reshape(made, due, x)


@TABLE.lower(ReduceSum, ReduceProd, Mean, when=[SOME_AXES, filled()])
def total(op: Reduction, ctx: Context, x: Edge) -> Edge:
    return single(ctx, x, lambda x: reduced(ctx, NAMES[type(op)], x, op.axes, op.keepdims, ctx.result.dims))


@TABLE.lower(ReduceMax, ReduceMin, when=[SOME_AXES, filled()])
def extreme(op: Reduction, ctx: Context, x: Edge) -> Edge:
    """The kernels keep NaN or lose it by where it stands: it is put in again."""
    due = ctx.result.dims
    if x.dtype is DType.BOOL:
        return reduced(ctx, OF_BOOLS[type(op)], x, op.axes, op.keepdims, due)

    def emit(x: Edge) -> Edge:
        found = reduced(ctx, NAMES[type(op)], x, op.axes, op.keepdims, due)
        if not x.dtype.is_float:
            return found
        spoilt = reduced(ctx, "REDUCE_ANY", is_nan(ctx, x), op.axes, op.keepdims, due)
        return ctx.emit("SELECT_V2", spoilt, ctx.constant(float("nan"), x.dtype), found)

    return single(ctx, x, emit)


@TABLE.lower(ReduceSum, ReduceProd, ReduceMax, ReduceMin, when=[Condition("it reduces over axes",
             lambda node, _: not node.op.attributes()["axes"])])  # fmt: skip
def nothing(op: Reduction, ctx: Context, x: Edge) -> Edge:
    return x


@TABLE.lower(CumSum, when=[filled()])
def cumsum(op: CumSum, ctx: Context, x: Edge) -> Edge:
    axis = op.axis % x.rank

    def emit(x: Edge) -> Edge:
        groups = fitting("CUMSUM", x.rank, [x.dtype.value], apart(x.rank, [axis]))
        options: dict[str, Any] = {"exclusive": op.exclusive, "reverse": op.reverse}
        if groups is None:
            return ctx.emit("CUMSUM", x, ctx.constant(axis), shape=x.shape, **options)
        small = ctx.merged(x, groups, x.rank)
        made = ctx.emit("CUMSUM", small, ctx.constant(place(groups, axis)), shape=small.shape, **options)
        return ctx.reshape(made, x.shape, x)

    return single(ctx, x, emit)
