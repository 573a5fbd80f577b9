"""Sampling, boxes and images."""

from __future__ import annotations

from interlingua.errors import InvalidModel
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.detection import MaxRoiPool, Nms, RoiAlign
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.image import DecodeImage, Pixels
from interlingua.ir.ops.vision import AffineGrid, GridSample

TABLE = Table()

GRID_MODES = {
    "bilinear": "linear",
    "bicubic": "cubic",
    "linear": "linear",
    "cubic": "cubic",
    "nearest": "nearest",
}


PIXELS: dict[str, Pixels] = {"RGB": "rgb", "BGR": "bgr", "Grayscale": "gray"}


@TABLE.translate("ImageDecoder", 20)
def decode_image(n: OnnxNode, b: Builder) -> Value:
    pixels = PIXELS.get(n.attr("pixel_format", "RGB"))
    if pixels is None:
        raise InvalidModel(f"ImageDecoder has no pixel_format {n.attr('pixel_format')!r}")
    return b(DecodeImage(pixels), n[0])


@TABLE.translate("GridSample", 16, 20, 22)
def grid_sample(n: OnnxNode, b: Builder) -> Value:
    mode = GRID_MODES.get(n.attr("mode", "linear"))
    if mode is None:
        n.unsupported(f"the mode {n.attr('mode')!r}")
    padding, aligned = n.attr("padding_mode", "zeros"), bool(n.attr("align_corners", 0))
    return b(GridSample(mode=mode, padding=padding, align_corners=aligned), n[0], n[1])  # type: ignore[arg-type]


@TABLE.translate("AffineGrid", 20)
def affine_grid(n: OnnxNode, b: Builder) -> Value:
    return b(AffineGrid(align_corners=bool(n.attr("align_corners", 0))), n[0], n[1])


@TABLE.translate("RoiAlign", 10, 16, 22)
def roi_align(n: OnnxNode, b: Builder) -> Value:
    # before opset 16 there was no half-pixel mode
    half = n.version >= 16 and n.attr("coordinate_transformation_mode", "half_pixel") == "half_pixel"
    op = RoiAlign(
        height=n.attr("output_height", 1),
        width=n.attr("output_width", 1),
        sampling_ratio=n.attr("sampling_ratio", 0),
        spatial_scale=float(n.attr("spatial_scale", 1.0)),
        mode=n.attr("mode", "avg"),
        half_pixel=half,
    )
    return b(op, n[0], n[1], n[2])


@TABLE.translate("MaxRoiPool", 1, 22)
def max_roi_pool(n: OnnxNode, b: Builder) -> Value:
    height, width = n.required("pooled_shape")
    return b(
        MaxRoiPool(height=height, width=width, spatial_scale=float(n.attr("spatial_scale", 1.0))), n[0], n[1]
    )


@TABLE.translate("NonMaxSuppression", 10, 11)
def nms(n: OnnxNode, b: Builder) -> Value:
    scalars = [None if n.get(i) is None else Expr(b, n[i]).reshape([]).value for i in (2, 3, 4)]
    return b(Nms(center=bool(n.attr("center_point_box", 0))), n[0], n[1], *scalars)
