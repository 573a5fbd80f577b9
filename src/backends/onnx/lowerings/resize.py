"""Resize, where ONNX and ONNX Runtime compute what we pin; else it decomposes into gathers."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, ranked
from interlingua.backends.onnx.context import Context, OnnxTarget
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.resize import Resize

TABLE = Lowerings()


def _in_opset(node: Node, target: OnnxTarget) -> bool:
    op = node.op
    assert isinstance(op, Resize)
    recent = op.antialias or op.keep_aspect != "stretch"
    symmetric = op.coordinates == "half_pixel_symmetric"
    return target.opset >= (19 if symmetric else 18 if recent else 13)


def _supported(node: Node, _: Any) -> bool:
    """ONNX Runtime interpolates over the last two axes of two or four, or the last three of three or five."""
    op = node.op
    assert isinstance(op, Resize)
    size = node.operand(0).tensor.rank
    axes = {axis % size for axis in op.axes}
    if op.mode == "nearest":
        return bool(axes)
    if op.antialias and op.factors is None:
        # such a filter has no decomposition: which axes really change, the run decides
        return bool(axes) and size in ((2, 4) if op.mode == "cubic" else (2, 3, 4, 5))
    planes = axes <= {size - 2, size - 1} and size in (2, 4)
    return bool(axes) and (planes or (op.mode == "linear" and axes <= set(range(size - 3, size)) and size in (3, 5)))


def _one_length(node: Node, _: Any) -> bool:
    """Whether ``scale * in`` is the output's extent: where it is a fraction, implementations take one or the
    other."""
    op = node.op
    assert isinstance(op, Resize)
    if (
        op.coordinates in ("half_pixel", "asymmetric")
        or op.antialias
        or (len(node.operands) > 1 and node.operands[1] is not None)
    ):
        return True
    return op.factors is not None and all(float(f).is_integer() for f in op.factors)


WHEN = [
    ranked(),
    Condition("the mode takes a later opset", _in_opset),
    Condition("these axes are not interpolated by ONNX Runtime", _supported),
    Condition(
        "integers are interpolated with another rounding",
        lambda node, _: node.op.attributes()["mode"] == "nearest" or node.operand(0).tensor.dtype.is_float,
    ),
    Condition(
        "a box is antialiased",
        lambda node, _: (
            not node.op.attributes()["antialias"] or node.op.attributes()["coordinates"] != "tf_crop_and_resize"
        ),
    ),
    Condition("the scaled extent may be a fraction", _one_length),
    Condition(
        "roi names some axes only",
        lambda node, _: len(node.operands) < 4 or len(node.op.attributes()["axes"]) == node.operand(0).tensor.rank,
    ),
]


@TABLE.lower(Resize, when=WHEN)
def resize(op: Resize, ctx: Context, x: Any, sizes: Any = None, scales: Any = None, roi: Any = None) -> Any:
    size = ctx.type(0).rank
    axes = [axis % size for axis in op.axes]
    some = op.keep_aspect != "stretch"
    if op.factors is not None:
        factors = dict(zip(axes, op.factors, strict=True))
        scales = ctx.constant([float(factors.get(axis, 1.0)) for axis in range(size)], DType.F32)
    elif not some and axes != list(range(size)):
        at = ctx.constant(axes)
        if sizes is not None:
            sizes = ctx.emit("ScatterElements", ctx.emit("Shape", x), at, sizes, axis=0)
        else:
            scales = ctx.emit("ScatterElements", ctx.constant([1.0] * size, DType.F32), at, scales, axis=0)
    return ctx.emit(
        "Resize",
        x,
        roi,
        scales,
        sizes,
        mode=op.mode,
        coordinate_transformation_mode=op.coordinates,
        nearest_mode=op.nearest if op.mode == "nearest" else None,
        cubic_coeff_a=float(op.cubic_coeff) if op.mode == "cubic" else None,
        exclude_outside=(op.exclude_outside and (op.mode == "cubic" or op.antialias)) or None,
        extrapolation_value=float(op.extrapolation) if op.coordinates == "tf_crop_and_resize" else None,
        antialias=op.antialias or None,
        keep_aspect_ratio_policy=op.keep_aspect if some else None,
        axes=axes if some else None,
    )
