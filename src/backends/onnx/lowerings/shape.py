"""Ops that move elements about."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.backends.lowering import Condition, Lowerings
from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.blocks import DepthToSpace, SpaceToDepth
from interlingua.ir.ops.layout import ExpandDims, Flatten, Split, Squeeze, Tile
from interlingua.ir.ops.shape import BroadcastTo, Concat, Pad, Reshape, Reverse, Slice, Transpose

TABLE = Lowerings()

INT64 = np.iinfo(np.int64)


def as_int64(ctx: Context, index: int, x: Any) -> Any:
    """Operand ``index``, which ONNX takes as int64 only."""
    return x if ctx.type(index).dtype is DType.I64 else ctx.emit("Cast", x, to=ctx.code(DType.I64))


@TABLE.lower(Reshape)
def reshape(op: Reshape, ctx: Context, x: Any, shape: Any) -> Any:
    """A 0 means "as before" to ONNX unless ``allowzero`` is set, which opset 13 lacks.

    There, a shape that holds a 0 for certain goes by way of Expand; sizes that only the run knows are taken
    as not 0.
    """
    known = ctx.type(1).known()
    shape = as_int64(ctx, 1, shape)
    if known is not None and 0 not in known:
        return ctx.emit("Reshape", x, shape)
    if ctx.opset >= 14:
        return ctx.emit("Reshape", x, shape, allowzero=1)
    if known is None:
        return ctx.emit("Reshape", x, shape)
    line = ctx.emit("Reshape", x, ctx.constant([-1]))
    lead = ctx.emit(
        "Reshape", line, ctx.constant([-1 if i == known.index(0) else 1 for i in range(len(known))])
    )
    return ctx.emit("Expand", lead, shape)


@TABLE.lower(Transpose)
def transpose(op: Transpose, ctx: Context, x: Any) -> Any:
    return ctx.emit("Transpose", x, perm=op.perm) if op.perm else ctx.emit("Identity", x)


@TABLE.lower(BroadcastTo)
def broadcast_to(op: BroadcastTo, ctx: Context, x: Any, shape: Any) -> Any:
    return ctx.emit("Expand", x, as_int64(ctx, 1, shape))


@TABLE.lower(Concat)
def concat(op: Concat, ctx: Context, *xs: Any) -> Any:
    return ctx.emit("Concat", *xs, axis=op.axis)


@TABLE.lower(Slice)
def slice_(op: Slice, ctx: Context, x: Any, starts: Any, stops: Any, steps: Any = None) -> Any:
    """All index operands have one type in ONNX."""
    wide = [as_int64(ctx, i, v) for i, v in ((1, starts), (2, stops))]
    by = None if steps is None else as_int64(ctx, 3, steps)
    if not op.axes:
        return ctx.emit("Identity", x)
    return ctx.emit("Slice", x, *wide, ctx.constant(list(op.axes)), by)


def _pad_mode(node: Node, target: Any) -> bool:
    return node.op.attributes()["mode"] != "wrap" or bool(target.opset >= 19)


@TABLE.lower(Pad, when=[Condition("wrapping takes opset 19", _pad_mode)])
def pad(op: Pad, ctx: Context, x: Any, amounts: Any, value: Any = None) -> Any:
    if value is not None and ctx.type(2).shape != ():
        value = ctx.emit("Reshape", value, ctx.constant([], DType.I64))
    return ctx.emit("Pad", x, as_int64(ctx, 1, amounts), value, mode=op.mode)


@TABLE.lower(Reverse)
def reverse(op: Reverse, ctx: Context, x: Any) -> Any:
    if not op.axes:
        return ctx.emit("Identity", x)
    n = len(op.axes)
    bounds = (ctx.constant([fill] * n) for fill in (-1, INT64.min))
    return ctx.emit("Slice", x, *bounds, ctx.constant(list(op.axes)), ctx.constant([-1] * n))


@TABLE.lower(ExpandDims)
def expand_dims(op: ExpandDims, ctx: Context, x: Any) -> Any:
    return ctx.emit("Unsqueeze", x, ctx.constant(list(op.axes), DType.I64))


@TABLE.lower(
    Squeeze, when=[Condition("it names no axes", lambda node, _: bool(node.op.attributes()["axes"]))]
)
def squeeze(op: Squeeze, ctx: Context, x: Any) -> Any:
    return ctx.emit("Squeeze", x, ctx.constant(list(op.axes)))


def _split_into_equals(node: Node, target: Any) -> bool:
    """Before opset 18 pieces without sizes had to be equal; since then runtimes want every piece but the last
    full."""
    op = node.op
    assert isinstance(op, Split)
    if len(node.operands) > 1:
        return True
    dim = node.operand(0).tensor.shape and node.operand(0).tensor.dims[op.axis]
    return isinstance(dim, int) and dim % op.parts == 0


@TABLE.lower(Split, when=[Condition("the pieces may differ in size", _split_into_equals)])
def split(op: Split, ctx: Context, x: Any, sizes: Any = None) -> Any:
    sizes = None if sizes is None else as_int64(ctx, 1, sizes)
    count = op.parts if sizes is None and ctx.opset >= 18 else None
    return ctx.emit("Split", x, sizes, outputs=op.parts, axis=op.axis, num_outputs=count)


@TABLE.lower(Tile)
def tile(op: Tile, ctx: Context, x: Any, repeats: Any) -> Any:
    return ctx.emit("Tile", x, as_int64(ctx, 1, repeats))


@TABLE.lower(Flatten)
def flatten(op: Flatten, ctx: Context, x: Any) -> Any:
    return ctx.emit("Flatten", x, axis=op.axis)


@TABLE.lower(DepthToSpace)
def depth_to_space(op: DepthToSpace, ctx: Context, x: Any) -> Any:
    return ctx.emit("DepthToSpace", x, blocksize=op.block, mode=op.mode.upper())


def _row_order(node: Node, target: Any) -> bool:
    return node.op.attributes()["mode"] == "dcr" or bool(target.opset >= 28)


@TABLE.lower(SpaceToDepth, when=[Condition("the order crd takes opset 28", _row_order)])
def space_to_depth(op: SpaceToDepth, ctx: Context, x: Any) -> Any:
    return ctx.emit("SpaceToDepth", x, blocksize=op.block, mode=None if op.mode == "dcr" else "CRD")
