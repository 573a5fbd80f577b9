"""Resize and its predecessor Upsample."""

from __future__ import annotations

from typing import Any

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.resize import Resize

TABLE = Table()


def _given(n: OnnxNode, index: int) -> Value | None:
    """An operand, taken as absent where it is an empty tensor (how opset 11 leaves one out)."""
    value = n.get(index)
    return None if value is None or (value.tensor.shape is not None and value.tensor.shape == (0,)) else value


def _resize(
    n: OnnxNode, b: Builder, attributes: dict[str, Any], scales: int, sizes: int | None, roi: int | None
) -> Value:
    rank = n.rank(0)
    axes = tuple(axis % rank for axis in n.attr("axes", range(rank)))
    factors = None
    scale, size = _given(n, scales), None if sizes is None else _given(n, sizes)
    if scale is not None and size is not None:
        scale = None
    constant = n.constant(scales) if scale is not None else None
    if constant is not None:
        factors, scale = tuple(float(v) for v in constant.ravel()), None
        if size is None and len(factors) == len(axes):
            axes, factors = _needed(axes, factors, attributes)
    crop = _given(n, roi) if roi is not None and attributes.get("coordinates") == "tf_crop_and_resize" else None
    return b(Resize(axes=axes, factors=factors, **attributes), n[0], size, scale, crop)


def _needed(
    axes: tuple[int, ...], factors: tuple[float, ...], attributes: dict[str, Any]
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Leave out the axes that keep their extent: they are copied, whatever the mode."""
    if attributes.get("coordinates") == "tf_crop_and_resize":
        return axes, factors
    kept = [(axis, factor) for axis, factor in zip(axes, factors, strict=True) if factor != 1.0]
    return tuple(axis for axis, _ in kept), tuple(factor for _, factor in kept)


@TABLE.translate("Resize", 11, 13, 18, 19)
def resize(n: OnnxNode, b: Builder) -> Value:
    coordinates = n.attr("coordinate_transformation_mode", "half_pixel")
    if coordinates == "tf_half_pixel_for_nn":
        n.unsupported("tf_half_pixel_for_nn, which ONNX has withdrawn")
    attributes = {
        "mode": n.attr("mode", "nearest"),
        "coordinates": coordinates,
        "nearest": n.attr("nearest_mode", "round_prefer_floor"),
        "cubic_coeff": float(n.attr("cubic_coeff_a", -0.75)),
        "exclude_outside": bool(n.attr("exclude_outside", 0)),
        "extrapolation": float(n.attr("extrapolation_value", 0.0)),
        "antialias": bool(n.attr("antialias", 0)),
        "keep_aspect": n.attr("keep_aspect_ratio_policy", "stretch"),
    }
    return _resize(n, b, attributes, scales=2, sizes=3, roi=1)


@TABLE.translate("Resize", 10)
@TABLE.translate("Upsample", 9, 10)
def upsample(n: OnnxNode, b: Builder) -> Value:
    """Scales as an operand; asymmetric coordinates, nearest rounding down."""
    return _resize(n, b, _asymmetric(n), scales=1, sizes=None, roi=None)


@TABLE.translate("Upsample", 1, 7)
def upsample_by_attribute(n: OnnxNode, b: Builder) -> Value:
    """Opset 1 knows images alone."""
    named = (1, 1, n.required("height_scale"), n.required("width_scale")) if n.version == 1 else n.required("scales")
    factors = tuple(float(v) for v in named)
    axes, factors = _needed(tuple(range(n.rank(0))), factors, {})
    return b(Resize(axes=axes, factors=factors, **_asymmetric(n)), n[0])


def _asymmetric(n: OnnxNode) -> dict[str, Any]:
    mode = n.attr("mode", "nearest")
    return {"mode": "linear" if mode == "bilinear" else mode, "coordinates": "asymmetric", "nearest": "floor"}
