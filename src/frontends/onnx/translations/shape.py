"""Reshape, Transpose, Expand, Concat, Slice, Pad, Flatten, Squeeze, Unsqueeze, Split, Tile, DepthToSpace,
CenterCropPad …"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from interlingua.errors import InvalidModel
from interlingua.frontends.onnx.axes import MAX_RANK, int64, marked, number_of_axes, spread, with_ones, without
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dims import Dim, same
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.blocks import CenterCropPad, DepthToSpace, SpaceToDepth
from interlingua.ir.ops.indexing import Gather, NonZero
from interlingua.ir.ops.layout import ExpandDims, Flatten, Split, Squeeze, Tile
from interlingua.ir.ops.logic import Eq, Not, Select
from interlingua.ir.ops.shape import BroadcastTo, Concat, Pad, Reshape, Slice, Transpose
from interlingua.ir.ops.shaping import dim_of, vector
from interlingua.ir.ops.source import ShapeOf

TABLE = Table()

IR_10 = (21, 23, 24, 25)
"""The opsets that only added element types to the ops of this module."""


@TABLE.translate("Reshape", 1, 5, 13, 14, 19, *IR_10)
def reshape(n: OnnxNode, b: Builder) -> Value:
    shape = b.constant(list(n.attr("shape", ())), DType.I64) if n.version == 1 else n[1]
    return b(Reshape(), n[0], shape if n.attr("allowzero", 0) else _copies_resolved(n, b, shape))


def _copies_resolved(n: OnnxNode, b: Builder, shape: Value) -> Value:
    """``shape`` with each 0 replaced by the dim of the operand there."""
    length = shape.tensor.dims[0] if shape.tensor.shape else None
    if not isinstance(length, int):
        n.unsupported("the length of its shape is unknown, and it may hold zeros that copy a dim")
    if length > MAX_RANK:
        n.unsupported(f"its shape lists {length} dims, and no tensor has so many")
    elements = [None] * length if shape.tensor.elements is None else shape.tensor.elements.tolist()
    if not any(e is None or (isinstance(e, int) and e == 0) for e in elements):
        return shape
    if not any(e is None for e in elements):
        return vector(b, [_kept(n, b, shape, i, e) for i, e in enumerate(elements)])
    own = b(Slice(axes=(0,)), b(ShapeOf(), n[0]), b.constant([0]), b.constant([length]))
    # where the operand has fewer axes, no 0 can stand there: any number fills the gap
    missing = b.constant([0] * max(0, length - n.rank(0)), DType.I64)
    return b(Select(), b(Eq(), shape, b.constant(0)), b(Concat(axis=0), own, missing), shape)


def _kept(n: OnnxNode, b: Builder, shape: Value, index: int, element: int | Dim) -> int | Value:
    if isinstance(element, Dim):
        return b(Slice(axes=(0,)), shape, b.constant([index]), b.constant([index + 1]))
    if element:
        return element
    if index >= n.rank(0):
        n.unsupported(f"element {index} of its shape copies a dim that its operand does not have")
    return dim_of(b, n[0], index)


@TABLE.translate("Transpose", 1, 13, *IR_10)
def transpose(n: OnnxNode, b: Builder) -> Value:
    perm = n.attr("perm")
    return b(Transpose(perm=tuple(reversed(range(n.rank(0)))) if perm is None else tuple(perm)), n[0])


@TABLE.translate("Expand", 8, 13)
def expand(n: OnnxNode, b: Builder) -> Value:
    return b(BroadcastTo(), n[0], n[1])


@TABLE.translate("Concat", 1, 4, 11, 13)
def concat(n: OnnxNode, b: Builder) -> Value:
    axis = n.attr("axis", 1) if n.version == 1 else n.required("axis")
    return b(Concat(axis=axis), *(n[i] for i in range(len(n))))


@TABLE.translate("Slice", 1)
def slice_1(n: OnnxNode, b: Builder) -> Value:
    starts, ends = (list(n.required(name)) for name in ("starts", "ends"))
    axes = tuple(n.attr("axes", range(len(starts))))
    return b(Slice(axes=axes), n[0], b.constant(starts, DType.I64), b.constant(ends, DType.I64))


@TABLE.translate("Slice", 10, 11, 13)
def slice_(n: OnnxNode, b: Builder) -> Value:
    if n.get(3) is not None and n.constant(3) is None:
        return _slice_dynamic(n, b)
    axes = n.ints(3)
    if axes is None:
        (count,) = n.tensor(1).shape or (None,)
        if not isinstance(count, int):
            n.unsupported("neither its axes nor their number are known")
        axes = tuple(range(count))
    return b(Slice(axes=axes), n[0], n[1], n[2], n.get(4))


def _slice_dynamic(n: OnnxNode, b: Builder) -> Value:
    """All axes are sliced: the ones that are not named, whole."""
    rank, axes = n.rank(0), n[3]
    starts = spread(b, rank, axes, n[1], 0)
    stops = spread(b, rank, axes, n[2], np.iinfo(np.int64).max)
    steps = None if n.get(4) is None else spread(b, rank, axes, n[4], 1)
    return b(Slice(axes=tuple(range(rank))), n[0], starts, stops, steps)


@TABLE.translate("Pad", 1, 2)
def pad_attributes(n: OnnxNode, b: Builder) -> Value:
    amounts = list(n.required("paddings" if n.version == 1 else "pads"))
    value = b.scalar(n.attr("value", 0.0), n[0])
    return b(Pad(mode=n.attr("mode", "constant")), n[0], b.constant(amounts, DType.I64), value)


@TABLE.translate("Pad", 11, 13, 18, 19, *IR_10)
def pad(n: OnnxNode, b: Builder) -> Value:
    mode = n.attr("mode", "constant")
    value = n.get(2) if mode == "constant" else None
    if n.get(3) is None:
        amounts = n[1]
    elif n.constant(3) is not None:
        amounts = _on_all_axes(n, b, n.ints(3) or ())
    else:
        count = number_of_axes(n, 3)
        ends = b.add_all(Split(axis=0, parts=2), n[1], b.constant([count, count]))
        amounts = b(Concat(axis=0), *(spread(b, n.rank(0), n[3], end, 0) for end in ends))
    return b(Pad(mode=mode), n[0], amounts, value)


def _on_all_axes(n: OnnxNode, b: Builder, axes: tuple[int, ...]) -> Value:
    """Amounts for some axes as amounts for all."""
    rank = n.rank(0)
    known = n.tensor(1).known()
    parts: list[int | Value] = [0] * (2 * rank)
    for side in range(2):
        for i, axis in enumerate(axes):
            at = side * len(axes) + i
            piece = (
                b(Slice(axes=(0,)), n[1], b.constant([at]), b.constant([at + 1]))
                if known is None
                else known[at]
            )
            parts[side * rank + axis % rank] = piece
    return vector(b, parts)


@TABLE.translate("Flatten", 1, 9, 11, 13, *IR_10)
def flatten(n: OnnxNode, b: Builder) -> Value:
    return b(Flatten(axis=n.attr("axis", 1)), n[0])


@TABLE.translate("Squeeze", 1, 11, 13, *IR_10)
def squeeze(n: OnnxNode, b: Builder) -> Value:
    if n.version >= 13 and n.get(1) is not None and n.constant(1) is None:
        count = number_of_axes(n, 1)
        return without(b, n[0], marked(b, n.rank(0), n[1], count), count)
    axes = n.attr("axes") if n.version < 13 else n.ints(1)
    if axes is not None:
        return b(Squeeze(axes=tuple(axes)), n[0])
    dims = n.tensor(0).shape
    if dims is None or any(same(d, 1) is None for d in dims):
        return _squeeze_dynamic(n, b)
    return b(Squeeze(axes=tuple(i for i, d in enumerate(dims) if same(d, 1))), n[0])


def _squeeze_dynamic(n: OnnxNode, b: Builder) -> Value:
    """Which axes are of size 1, the run knows, and so the rank of what is left."""
    shape = b(ShapeOf(), n[0])
    kept = b(Reshape(), b(NonZero(), b(Not(), b(Eq(), shape, b.constant(1)))), b.constant([-1]))
    return b(Reshape(), n[0], b(Gather(axis=0), shape, kept))


@TABLE.translate("Unsqueeze", 1, 11, 13, *IR_10)
def unsqueeze(n: OnnxNode, b: Builder) -> Value:
    if n.version >= 13 and n.constant(1) is None:
        count = number_of_axes(n, 1)
        return with_ones(b, n[0], marked(b, n.rank(0) + count, n[1], count))
    axes = n.required("axes") if n.version < 13 else n.ints(1)
    return b(ExpandDims(axes=tuple(axes or ())), n[0])


@TABLE.translate("Split", 1, 2, 11, 13, 18)
def split(n: OnnxNode, b: Builder) -> Sequence[Value]:
    parts = len(n.outputs)
    if n.attr("num_outputs", parts) != parts:
        raise InvalidModel(f"num_outputs is {n.attr('num_outputs')}, but {parts} outputs are listed")
    sizes: Value | None = None
    if n.version >= 13:
        sizes = n.get(1)
    elif n.version == 1 and n.get(1) is not None:
        sizes = int64(b, n[1])  # its schema wants them in the dtype of the data
    elif n.attr("split") is not None:
        sizes = b.constant(list(n.attr("split")), DType.I64)
    return b.add_all(Split(axis=n.attr("axis", 0), parts=parts), n[0], sizes)


@TABLE.translate("Tile", 6, 13)
def tile(n: OnnxNode, b: Builder) -> Value:
    return b(Tile(), n[0], n[1])


@TABLE.translate("Tile", 1)
def tile_axis(n: OnnxNode, b: Builder) -> Value:
    times, axis = n.constant(1), n.constant(2)
    if times is None or axis is None:
        n.unsupported("its number of tiles and its axis must be constant")
    repeats = [1] * n.rank(0)
    repeats[int(axis.reshape(()))] = int(times.reshape(()))
    return b(Tile(), n[0], b.constant(repeats))


@TABLE.translate("DepthToSpace", 1, 11, 13, 28)
def depth_to_space(n: OnnxNode, b: Builder) -> Value:
    return b(DepthToSpace(block=n.required("blocksize"), mode=n.attr("mode", "DCR").lower()), n[0])


@TABLE.translate("SpaceToDepth", 1, 13, 28)
def space_to_depth(n: OnnxNode, b: Builder) -> Value:
    return b(SpaceToDepth(block=n.required("blocksize"), mode=n.attr("mode", "DCR").lower()), n[0])


@TABLE.translate("CenterCropPad", 18)
def center_crop_pad(n: OnnxNode, b: Builder) -> Value:
    axes = n.attr("axes")
    return b(CenterCropPad(axes=tuple(range(n.rank(0)) if axes is None else axes)), n[0], n[1])
