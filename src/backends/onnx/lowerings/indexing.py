"""Ops that read and write elements by index."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes, since
from interlingua.backends.onnx.context import Context
from interlingua.backends.onnx.lowerings.shape import as_int64
from interlingua.ir.dtypes import INTEGERS, DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.indexing import (
    Compress,
    Gather,
    GatherAlong,
    GatherNd,
    NonZero,
    OneHot,
    ReverseSequence,
    TopK,
    Unique,
)
from interlingua.ir.ops.scatter import ScatterAlong, ScatterNd, TensorScatter

TABLE = Lowerings()

NON_ZERO = frozenset({DType.BOOL, DType.F32, DType.I32, DType.I64, DType.U8})
"""What ONNX Runtime's NonZero is built for; of all others it is asked after a cast to bool, which keeps what
is zero."""
ONE_HOT = frozenset({DType.I64, DType.F32, DType.STRING})
"""The dtypes of values that ONNX Runtime's OneHot is built for."""
_SMALL = (DType.I8, DType.U8, DType.I16, DType.U16)
_HALF = {DType.F16: DType.F32, DType.BF16: DType.F32}
TOP_K = {**_HALF, **dict.fromkeys(_SMALL, DType.I32), DType.U32: DType.I64}
"""Where TopK is asked in another dtype, because ONNX Runtime (or ONNX) lacks it in this one. These casts keep
the order."""
UNIQUE = {**_HALF, **dict.fromkeys((*_SMALL, DType.I32, DType.U32), DType.I64), DType.BOOL: DType.I8}
"""The same for Unique."""
SELECTED = INTEGERS | {DType.F16, DType.F32, DType.F64, DType.BOOL, DType.STRING, DType.C64, DType.C128}
"""What ReverseSequence and Compress have always taken."""
SCATTER_SINCE = {"none": 13, "add": 16, "mul": 16, "min": 18, "max": 18}


def _can_combine(node: Node, target: Any) -> bool:
    return bool(target.opset >= SCATTER_SINCE[node.op.attributes()["reduction"]])


COMBINES = Condition("add and mul take opset 16, min and max opset 18", _can_combine)


@TABLE.lower(Gather)
def gather(op: Gather, ctx: Context, x: Any, indices: Any) -> Any:
    return ctx.emit("Gather", x, indices, axis=op.axis)


@TABLE.lower(GatherNd)
def gather_nd(op: GatherNd, ctx: Context, x: Any, indices: Any) -> Any:
    return ctx.emit("GatherND", x, as_int64(ctx, 1, indices), batch_dims=op.batch_dims)


@TABLE.lower(GatherAlong)
def gather_along(op: GatherAlong, ctx: Context, x: Any, indices: Any) -> Any:
    return ctx.emit("GatherElements", x, indices, axis=op.axis)


def _reduction(op: ScatterAlong | ScatterNd) -> str | None:
    return None if op.reduction == "none" else op.reduction


@TABLE.lower(ScatterAlong, when=[COMBINES])
def scatter_along(op: ScatterAlong, ctx: Context, x: Any, indices: Any, updates: Any) -> Any:
    return ctx.emit("ScatterElements", x, indices, updates, axis=op.axis, reduction=_reduction(op))


@TABLE.lower(ScatterNd, when=[COMBINES])
def scatter_nd(op: ScatterNd, ctx: Context, x: Any, indices: Any, updates: Any) -> Any:
    return ctx.emit("ScatterND", x, as_int64(ctx, 1, indices), updates, reduction=_reduction(op))


@TABLE.lower(TensorScatter, when=[since(24)])
def tensor_scatter(op: TensorScatter, ctx: Context, cache: Any, update: Any, starts: Any = None) -> Any:
    starts = None if starts is None else as_int64(ctx, 2, starts)
    return ctx.emit("TensorScatter", cache, update, starts, axis=op.axis, mode=op.mode)


@TABLE.lower(TopK)
def top_k(op: TopK, ctx: Context, x: Any, k: Any) -> Any:
    count = as_int64(ctx, 1, k)
    if ctx.type(1).shape != (1,):
        count = ctx.emit("Reshape", count, ctx.constant([1]))
    inner = TOP_K.get(ctx.type(0).dtype)
    if inner is not None:
        x = ctx.emit("Cast", x, to=ctx.code(inner))
    values, places = ctx.emit("TopK", x, count, outputs=2, axis=op.axis, largest=op.largest, sorted=op.sorted)
    return (_cast_back(ctx, values) if inner is not None else values), places


def _cast_back(ctx: Context, x: Any) -> Any:
    return ctx.emit("Cast", x, to=ctx.code(ctx.type(0).dtype))


@TABLE.lower(NonZero)
def non_zero(op: NonZero, ctx: Context, x: Any) -> Any:
    if ctx.type(0).dtype not in NON_ZERO:
        x = ctx.emit("Cast", x, to=ctx.code(DType.BOOL))
    if ctx.type(0).shape != ():
        return ctx.emit("NonZero", x)
    found = ctx.emit("NonZero", ctx.emit("Reshape", x, ctx.constant([1])))
    return ctx.emit("Slice", found, ctx.constant([1]), ctx.constant([1]), ctx.constant([0]))


@TABLE.lower(Unique)
def unique(op: Unique, ctx: Context, x: Any) -> Any:
    inner = UNIQUE.get(ctx.type(0).dtype)
    if inner is not None:
        x = ctx.emit("Cast", x, to=ctx.code(inner))
    values, *vectors = ctx.emit("Unique", x, outputs=4, axis=op.axis, sorted=op.sorted)
    return (_cast_back(ctx, values) if inner is not None else values), *vectors


@TABLE.lower(OneHot, when=[dtypes(ONE_HOT, 2), dtypes({DType.I32, DType.I64}, 0)])
def one_hot(op: OneHot, ctx: Context, indices: Any, depth: Any, values: Any) -> Any:
    return ctx.emit("OneHot", as_int64(ctx, 0, indices), as_int64(ctx, 1, depth), values, axis=op.axis)


@TABLE.lower(Compress, when=[dtypes(SELECTED, 0)])
def compress(op: Compress, ctx: Context, x: Any, condition: Any) -> Any:
    return ctx.emit("Compress", x, condition, axis=op.axis)


def _leading_axes(node: Node, _: Any) -> bool:
    attributes = node.op.attributes()
    return {attributes["batch_axis"], attributes["time_axis"]} == {0, 1}


@TABLE.lower(
    ReverseSequence, when=[Condition("its axes are not the first two", _leading_axes), dtypes(SELECTED, 0)]
)
def reverse_sequence(op: ReverseSequence, ctx: Context, x: Any, lengths: Any) -> Any:
    lengths = as_int64(ctx, 1, lengths)
    return ctx.emit("ReverseSequence", x, lengths, batch_axis=op.batch_axis, time_axis=op.time_axis)
