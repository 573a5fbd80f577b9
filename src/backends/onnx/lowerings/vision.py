"""Sampling and boxes."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, cautious, dtypes, rank, since
from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.detection import MaxRoiPool, Nms, RoiAlign
from interlingua.ir.ops.vision import AffineGrid, GridSample

TABLE = Lowerings()

OLD_NAMES = {"linear": "bilinear", "cubic": "bicubic", "nearest": "nearest"}


BEFORE_22 = Condition("ONNX Runtime has no MaxRoiPool of opset 22", lambda _, target: target.opset < 22)
HALF_PIXEL = Condition(
    "half-pixel boxes take opset 16", lambda node, t: t.opset >= 16 or not node.op.attributes()["half_pixel"]
)
RUNS = Condition(
    "ONNX Runtime has no RoiAlign of opset 22",
    # without a fixed number of samples there is no decomposition to take instead
    lambda node, target: target.opset < 22 or node.op.attributes()["sampling_ratio"] == 0,
)
MAXIMUM = cautious(
    "ONNX Runtime's maximum over samples weighs them",
    lambda node: node.op.attributes()["mode"] != "max" or node.op.attributes()["sampling_ratio"] == 0,
)
PLANAR_CUBIC = Condition(
    "cubic over other than two axes",
    lambda node, _: node.op.attributes()["mode"] != "cubic" or node.operand(0).tensor.rank == 4,
)


@TABLE.lower(GridSample, when=[since(20), rank(4, 5), PLANAR_CUBIC])
@TABLE.lower(GridSample, when=[since(16), rank(4)])
def grid_sample(op: GridSample, ctx: Context, x: Any, grid: Any) -> Any:
    mode = op.mode if ctx.opset >= 20 else OLD_NAMES[op.mode]
    return ctx.emit("GridSample", x, grid, mode=mode, padding_mode=op.padding, align_corners=op.align_corners)


def _spread(node: Node, _: Any) -> bool:
    """Whether it is known that no extent is 0, and none 1 where corners are aligned: runtimes disagree on its place."""
    known, shape = node.operand(1).tensor.known(), node.operand(1).tensor.shape
    least = 2 if node.op.attributes()["align_corners"] else 1
    if shape not in ((4,), (5,)):
        return False
    return least == 1 if known is None else all(d >= least for d in known[2:])


@TABLE.lower(AffineGrid, when=[Condition("it has one axis, an extent of 0, or of 1 with aligned corners", _spread)])
def affine_grid(op: AffineGrid, ctx: Context, theta: Any, size: Any) -> Any:
    return ctx.emit("AffineGrid", theta, size, align_corners=op.align_corners)


@TABLE.lower(RoiAlign, when=[HALF_PIXEL, RUNS, MAXIMUM])
def roi_align(op: RoiAlign, ctx: Context, x: Any, boxes: Any, batch: Any) -> Any:
    half = "half_pixel" if op.half_pixel else "output_half_pixel"
    return ctx.emit(
        "RoiAlign",
        x,
        boxes,
        batch,
        output_height=op.height,
        output_width=op.width,
        sampling_ratio=op.sampling_ratio,
        spatial_scale=float(op.spatial_scale),
        mode=op.mode,
        coordinate_transformation_mode=None if ctx.opset < 16 else half,
    )


@TABLE.lower(MaxRoiPool, when=[BEFORE_22])
def max_roi_pool(op: MaxRoiPool, ctx: Context, x: Any, boxes: Any) -> Any:
    shape, scale = [op.height, op.width], float(op.spatial_scale)
    return ctx.emit("MaxRoiPool", x, boxes, pooled_shape=shape, spatial_scale=scale)


@TABLE.lower(Nms, when=[dtypes({DType.F32}, 0, 1)])
def nms(op: Nms, ctx: Context, *operands: Any) -> Any:
    return ctx.emit("NonMaxSuppression", *operands, center_point_box=op.center)
