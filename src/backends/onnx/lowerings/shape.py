"""Ops that move elements about."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.backends.lowering import Condition, Lowerings, ranked
from interlingua.backends.onnx.context import Context
from interlingua.ir.dims import Dim
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.blocks import DepthToSpace, SpaceToDepth
from interlingua.ir.ops.layout import ExpandDims, Flatten, Split, Squeeze, Tile
from interlingua.ir.ops.shape import BroadcastTo, Concat, Pad, Reshape, Reverse, Slice, Transpose
from interlingua.ir.types import Tensor

TABLE = Lowerings()

INT64 = np.iinfo(np.int64)


@TABLE.lower(Reshape)
def reshape(op: Reshape, ctx: Context, x: Any, shape: Any) -> Any:
    """A 0 means "as before" to ONNX unless ``allowzero`` is set, which opset 13 lacks.

    There, a shape that holds a 0 for certain goes by way of Expand; sizes that only the run knows are taken
    as not 0.
    """
    known = ctx.type(1).known()
    if known is not None and 0 not in known:
        return ctx.emit("Reshape", x, shape)
    copied = _copied(ctx.type(0), ctx.type(1))
    if copied is not None:
        return ctx.emit("Reshape", x, ctx.constant(copied))
    if ctx.opset >= 14:
        return ctx.emit("Reshape", x, shape, allowzero=1)
    if known is None:
        return ctx.emit("Reshape", x, shape)
    line = ctx.emit("Reshape", x, ctx.constant([-1]))
    lead = ctx.emit("Reshape", line, ctx.constant([-1 if i == known.index(0) else 1 for i in range(len(known))]))
    return ctx.emit("Expand", lead, shape)


def _copied(x: Tensor, shape: Tensor) -> list[int] | None:
    """A shape, every dim of which is a size other than 0, −1, or that of ``x`` in the same place: 0 stands for it."""
    if x.shape is None or shape.elements is None:
        return None
    own = [*x.shape, *[0] * shape.elements.size]
    sizes = [0 if e == d and isinstance(e, Dim) else e for e, d in zip(shape.elements.tolist(), own, strict=False)]
    plain = all(isinstance(s, int) and (s or isinstance(e, Dim)) for s, e in zip(sizes, shape.elements, strict=True))
    return sizes if plain else None


@TABLE.lower(Transpose)
def transpose(op: Transpose, ctx: Context, x: Any) -> Any:
    return ctx.emit("Transpose", x, perm=op.perm) if op.perm else ctx.emit("Identity", x)


@TABLE.lower(BroadcastTo)
def broadcast_to(op: BroadcastTo, ctx: Context, x: Any, shape: Any) -> Any:
    return ctx.emit("Expand", x, shape)


@TABLE.lower(Concat)
def concat(op: Concat, ctx: Context, *xs: Any) -> Any:
    return ctx.emit("Concat", *xs, axis=op.axis)


@TABLE.lower(Slice)
def slice_(op: Slice, ctx: Context, x: Any, starts: Any, stops: Any, steps: Any = None) -> Any:
    if not op.axes:
        return ctx.emit("Identity", x)
    return ctx.emit("Slice", x, starts, stops, ctx.constant(list(op.axes)), steps)


def _pad_mode(node: Node, target: Any) -> bool:
    return node.op.attributes()["mode"] != "wrap" or bool(target.opset >= 19)


def _reflected(node: Node, _: Any) -> bool:
    """Whether no pad is known to be longer than what it reflects: ONNX Runtime reflects once."""
    known, shape = node.operand(1).tensor.known(), node.operand(0).tensor.shape
    if node.op.attributes()["mode"] != "reflect" or known is None or shape is None:
        return True
    return all(not isinstance(d, int) or p < d or p <= 0 for p, d in zip(known, shape * 2, strict=True))


def _source_elements(node: Node, _: Any) -> bool:
    """Whether there is something to repeat, where elements are repeated."""
    return node.op.attributes()["mode"] == "constant" or 0 not in (node.operand(0).tensor.shape or ())


@TABLE.lower(
    Pad,
    when=[
        Condition("wrapping takes opset 19", _pad_mode),
        Condition("an extent is 0 where elements are repeated", _source_elements),
        Condition("a pad is longer than what it reflects", _reflected),
        ranked(),
    ],
)
def pad(op: Pad, ctx: Context, x: Any, amounts: Any, value: Any = None) -> Any:
    if ctx.type(0).rank == 0:
        return ctx.emit("Identity", x)
    if value is not None and ctx.type(2).shape != ():
        value = ctx.emit("Reshape", value, ctx.constant([], DType.I64))
    known = ctx.type(1).known()
    plain = op.mode == "constant" or (known is not None and min(known) >= 0)
    return ctx.emit("Pad", x, amounts, value, mode=op.mode) if plain else _pad_then_crop(op, ctx, x, amounts)


def _pad_then_crop(op: Pad, ctx: Context, x: Any, amounts: Any) -> Any:
    """ONNX Runtime crops before it repeats: what is to be repeated would be gone."""
    rank, zero = ctx.type(0).rank, ctx.constant(0, DType.I64)
    amounts = ctx.cast(amounts, DType.I64)
    padded = ctx.emit("Pad", x, ctx.emit("Max", amounts, zero), mode=op.mode)
    cut = ctx.emit("Neg", ctx.emit("Min", amounts, zero))
    begins, ends = (ctx.emit("Slice", cut, ctx.constant([i]), ctx.constant([i + rank])) for i in (0, rank))
    axes = ctx.constant(list(range(rank)))
    return ctx.emit("Slice", padded, begins, ctx.emit("Sub", ctx.emit("Shape", padded), ends), axes)


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


@TABLE.lower(Squeeze, when=[Condition("it names no axes", lambda node, _: bool(node.op.attributes()["axes"]))])
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
    count = op.parts if sizes is None and ctx.opset >= 18 else None
    return ctx.emit("Split", x, sizes, outputs=op.parts, axis=op.axis, num_outputs=count)


@TABLE.lower(Tile)
def tile(op: Tile, ctx: Context, x: Any, repeats: Any) -> Any:
    return ctx.emit("Tile", x, repeats)


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
