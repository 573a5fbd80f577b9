"""Ops that read and write elements by index."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, cautious, dtypes, filled, ranked
from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import DType
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

SCATTER_SINCE = {"none": 13, "add": 16, "mul": 16, "min": 18, "max": 18}


def _can_combine(node: Node, target: Any) -> bool:
    return bool(target.opset >= SCATTER_SINCE[node.op.attributes()["reduction"]])


COMBINES = Condition("add and mul take opset 16, min and max opset 18", _can_combine)


def _one_string(node: Node) -> bool:
    """Whether what an index names is no block of strings, of which the runtime copies the first alone."""
    x, op = node.operand(0).tensor, node.op
    assert isinstance(op, Gather)
    return x.dtype is not DType.STRING or op.axis in (-1, x.rank - 1)


@TABLE.lower(Gather, when=[cautious("ONNX Runtime gathers single strings alone", _one_string)])
def gather(op: Gather, ctx: Context, x: Any, indices: Any) -> Any:
    return ctx.emit("Gather", x, indices, axis=op.axis)


@TABLE.lower(Gather, when=[dtypes({DType.STRING}, 0), ranked(0), ranked(1)])
def gather_blocks(op: Gather, ctx: Context, x: Any, indices: Any) -> Any:
    """GatherND copies blocks of strings whole: along the first axis, whose place the indices' axes then take."""
    rank, axis, own = ctx.type(0).rank, op.axis % ctx.type(0).rank, ctx.type(1).rank
    front = [axis, *(i for i in range(rank) if i != axis)]
    back = [*range(own, own + axis), *range(own), *range(own + axis, own + rank - 1)]
    rows = ctx.emit("Unsqueeze", indices, ctx.constant([-1]))
    found = ctx.emit("GatherND", ctx.emit("Transpose", x, perm=front) if axis else x, rows)
    return ctx.emit("Transpose", found, perm=back) if axis else found


def _no_scalars(node: Node, _: Any) -> bool:
    return all(v.tensor.rank > 0 for v in node.operands if v is not None)


@TABLE.lower(GatherNd, when=[Condition("an operand is a scalar", _no_scalars)])
def gather_nd(op: GatherNd, ctx: Context, x: Any, indices: Any) -> Any:
    return ctx.emit("GatherND", x, indices, batch_dims=op.batch_dims)


@TABLE.lower(GatherAlong, when=[filled()])
def gather_along(op: GatherAlong, ctx: Context, x: Any, indices: Any) -> Any:
    return ctx.emit("GatherElements", x, indices, axis=op.axis)


def _reduction(op: ScatterAlong | ScatterNd) -> str | None:
    return None if op.reduction == "none" else op.reduction


@TABLE.lower(ScatterAlong, when=[COMBINES])
def scatter_along(op: ScatterAlong, ctx: Context, x: Any, indices: Any, updates: Any) -> Any:
    return ctx.emit("ScatterElements", x, indices, updates, axis=op.axis, reduction=_reduction(op))


def _indexed(node: Node, _: Any) -> bool:
    """Whether an index has components: one without means the whole tensor, again and again."""
    x, shape = node.operand(0).tensor, node.operand(1).tensor.shape
    return x.rank > 0 and shape is not None and shape[-1] != 0


INDEXED = Condition("an index has no component", _indexed)


@TABLE.lower(ScatterNd, when=[COMBINES, INDEXED])
def scatter_nd(op: ScatterNd, ctx: Context, x: Any, indices: Any, updates: Any) -> Any:
    return ctx.emit("ScatterND", x, indices, updates, reduction=_reduction(op))


@TABLE.lower(TensorScatter)
def tensor_scatter(op: TensorScatter, ctx: Context, cache: Any, update: Any, starts: Any = None) -> Any:
    return ctx.emit("TensorScatter", cache, update, starts, axis=op.axis, mode=op.mode)


def _ordered(ctx: Context, x: Any) -> Any:
    """uint64 as int64 of the same order: less 2**63, without an overflow on the way."""
    wrapped, least, most = ctx.cast(x, DType.I64), -(2**63), 2**63 - 1
    high = ctx.emit("Less", wrapped, ctx.constant(0))
    near = ctx.emit("Add", wrapped, ctx.emit("Where", high, ctx.constant(most), ctx.constant(least)))
    return ctx.emit("Add", near, ctx.cast(high, DType.I64))


@TABLE.lower(TopK)
def top_k(op: TopK, ctx: Context, x: Any, k: Any) -> Any:
    count = k if ctx.type(1).shape == (1,) else ctx.emit("Reshape", k, ctx.constant([1]))
    attributes: dict[str, Any] = {"axis": op.axis, "largest": op.largest, "sorted": op.sorted}
    if ctx.type(0).dtype is not DType.U64:
        return ctx.emit("TopK", x, count, outputs=2, **attributes)
    _, places = ctx.emit("TopK", _ordered(ctx, x), count, outputs=2, **attributes)
    return ctx.emit("GatherElements", x, places, axis=op.axis), places


@TABLE.lower(NonZero)
def non_zero(op: NonZero, ctx: Context, x: Any) -> Any:
    """What is zero stays zero as bool, which every dtype goes to but strings, of which the empty one is zero."""
    if ctx.type(0).dtype is DType.STRING:
        x = ctx.emit("Not", ctx.emit("Equal", x, ctx.constant("", DType.STRING)))
    x = ctx.cast(x, DType.BOOL)
    if ctx.type(0).shape != ():
        return ctx.emit("NonZero", x)
    found = ctx.emit("NonZero", ctx.emit("Reshape", x, ctx.constant([1])))
    return ctx.emit("Slice", found, ctx.constant([1]), ctx.constant([1]), ctx.constant([0]))


@TABLE.lower(Unique, when=[filled()])
def unique(op: Unique, ctx: Context, x: Any) -> Any:
    return ctx.emit("Unique", x, outputs=4, axis=op.axis, sorted=op.sorted)


@TABLE.lower(
    OneHot,
    when=[
        dtypes({DType.I32, DType.I64}, 0),
        Condition("the index is a scalar", lambda node, _: node.operand(0).tensor.rank > 0),
    ],
)
def one_hot(op: OneHot, ctx: Context, indices: Any, depth: Any, values: Any) -> Any:
    return ctx.emit("OneHot", indices, depth, values, axis=op.axis)


@TABLE.lower(Compress)
def compress(op: Compress, ctx: Context, x: Any, condition: Any) -> Any:
    return ctx.emit("Compress", x, condition, axis=op.axis)


def _leading_axes(node: Node, _: Any) -> bool:
    attributes = node.op.attributes()
    return {attributes["batch_axis"], attributes["time_axis"]} == {0, 1}


@TABLE.lower(ReverseSequence, when=[Condition("its axes are not the first two", _leading_axes)])
def reverse_sequence(op: ReverseSequence, ctx: Context, x: Any, lengths: Any) -> Any:
    return ctx.emit("ReverseSequence", x, lengths, batch_axis=op.batch_axis, time_axis=op.time_axis)
