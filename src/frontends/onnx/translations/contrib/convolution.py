"""Convolutions with sum and activation fused in, or with channels last; poolings and sampling beside them."""

from __future__ import annotations

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.translations import convolution, pooling, vision
from interlingua.frontends.onnx.translations.contrib.fused import activated_by_list
from interlingua.frontends.onnx.translations.contrib.table import ContribTable
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.shape import Pad
from interlingua.ir.ops.vision import GridSample

TABLE = ContribTable()


def channels_first(b: Builder, x: Value) -> Value:
    rank = x.tensor.rank
    return Expr(b, x).transpose(0, rank - 1, *range(1, rank - 1)).value


def channels_last(b: Builder, x: Value) -> Value:
    rank = x.tensor.rank
    return Expr(b, x).transpose(0, *range(2, rank), 1).value


@TABLE.translate("FusedConv", 1)
def fused_conv(n: OnnxNode, b: Builder) -> Value:
    """``activation(conv(X, W) + B + Z)``."""
    y = convolution.conv(n, b)
    return activated_by_list(n, b, y if n.get(3) is None else b(Add(), y, n[3]))


@TABLE.translate("NhwcConv", 1)
@TABLE.translate("NhwcFusedConv", 1)
def nhwc_fused_conv(n: OnnxNode, b: Builder) -> Value:
    """Data has its channels last, the weight is as in Conv."""
    y = channels_last(b, convolution.conv(n.given(channels_first(b, n[0]), n[1], n.get(2)), b))
    return activated_by_list(n, b, y if n.get(3) is None else b(Add(), y, n[3]))


@TABLE.translate("NhwcMaxPool", 1)
def nhwc_max_pool(n: OnnxNode, b: Builder) -> Value:
    y = pooling.max_pool(n.given(channels_first(b, n[0])), b)
    assert isinstance(y, Value)
    return channels_last(b, y)


@TABLE.translate("ConvTransposeWithDynamicPads", 1)
def conv_transpose_with_dynamic_pads(n: OnnxNode, b: Builder) -> Value:
    """The whole result, cropped by the pads."""
    pads = n.get(2)
    if n.attr("auto_pad", "NOTSET") != "NOTSET":
        n.unsupported("auto_pad beside pads")
    y = convolution.conv_transpose(n.given(n[0], n[1], n.get(3)), b)
    if pads is None:
        return y
    spatial = n.rank(1) - 2
    crop = -Expr(b, pads).reshape([2, spatial])
    room = crop.constant([[0, 0], [0, 0]], DType.I64)
    return b(Pad(), y, room.concat(crop, axis=1).reshape([-1]).value)


@TABLE.translate("GridSample", 1)
def grid_sample(n: OnnxNode, b: Builder) -> Value:
    return vision.grid_sample(n, b)


@TABLE.translate("CropAndResize", 1)
def crop_and_resize(n: OnnxNode, b: Builder) -> Value:
    """Each box, in fractions of its image, resampled to ``crop_size`` with its corners kept; a size of 1 takes the
    middle. Places outside of the image count as ``extrapolation_value``."""
    mode = n.attr("mode", "bilinear")
    if mode not in ("bilinear", "nearest"):
        n.unsupported(f"the mode {mode!r}")
    x, boxes, size = Expr(b, n[0]), Expr(b, n[1]), Expr(b, n[3])
    images = x.gather(Expr(b, n[2]), 0)
    places = [_places(x, boxes, size, which, mode == "nearest") for which in (0, 1)]
    (row, row_inside), (column, column_inside) = (
        (at.expand(2 - i), ok.expand(2 - i)) for i, (at, ok) in enumerate(places)
    )
    zero = row * 0.0 + column * 0.0
    grid = ((column + zero).expand(3).concat((row + zero).expand(3), axis=3) - 0.5) * 2.0
    op = GridSample(mode="linear" if mode == "bilinear" else "nearest", padding="border", align_corners=True)
    found = images.apply(op, grid)
    inside = (row_inside & column_inside).expand(1)
    return inside.where(found, x.number(n.attr("extrapolation_value", 0.0))).value


def _places(x: Expr, boxes: Expr, size: Expr, which: int, whole: bool) -> tuple[Expr, Expr]:
    """Places along one axis in fractions of it, (boxes, size), and which of them are inside; of ``whole`` elements, a
    half going to the farther one."""
    count = size.take(0, which).to(DType.I64)
    low, high = (boxes.slice(1, i, i + 1) for i in (which, which + 2))
    gaps = (count - 1).to(x.dtype)
    step = (high - low) / gaps.max(1.0)
    start = count.equals(1).where((low + high) * 0.5, low)
    at = start + count.steps(2, 1).to(x.dtype) * step
    last = x.dim(2 + which, x.dtype) - 1.0
    inside = (at * last >= 0.0) & (at * last <= last)
    return ((at * last + 0.5).floor() / last.max(1.0) if whole else at), inside
