"""Kernel of resizing: separable interpolation, one axis at a time, coordinates always in float64."""

from __future__ import annotations

import math

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.precision import narrow, wide


def resize_plan(
    shape: tuple[int, ...], axes: tuple[int, ...], sizes: Array | None, scales: Array | None, keep_aspect: str
) -> list[tuple[int, float]]:
    """Output extent and scale of each axis in ``axes``."""
    extents = [shape[a] for a in axes]
    if scales is not None:
        # the product is taken in single precision, as the source has the scales
        products = np.asarray(extents, dtype=np.float32) * np.asarray(scales, dtype=np.float32)
        return [
            (math.floor(float(p)), float(s))
            for p, s in zip(products, np.asarray(scales).ravel(), strict=True)
        ]
    wanted = [int(v) for v in np.asarray(sizes).ravel()]
    ratios = [w / e if e else 1.0 for w, e in zip(wanted, extents, strict=True)]
    if keep_aspect == "stretch" or not ratios:
        return list(zip(wanted, ratios, strict=True))
    ratio = min(ratios) if keep_aspect == "not_larger" else max(ratios)
    return [(math.floor(ratio * e + 0.5), ratio) for e in extents]


def resize_coordinates(
    size: int, out: int, scale: float, coordinates: str, roi: tuple[float, float]
) -> Array:
    """Where each output element lies in the input, along one axis."""
    at, length = np.arange(out, dtype=np.float64), scale * size
    if coordinates == "asymmetric":
        return at / scale
    if coordinates == "align_corners":
        return at * 0.0 if length == 1 else at * (size - 1) / (length - 1)
    if coordinates == "tf_crop_and_resize":
        start, span = roi[0] * (size - 1), (roi[1] - roi[0]) * (size - 1)
        return start + (at * 0.0 + span / 2 if length == 1 else at * span / (length - 1))
    if coordinates == "pytorch_half_pixel" and length == 1:
        return at * 0.0 - 0.5
    centre = size / 2 * (1 - out / length) if coordinates == "half_pixel_symmetric" and length else 0.0
    return np.asarray(centre + (at + 0.5) / scale - 0.5)


def nearest_index(at: Array, nearest: str) -> Array:
    """The integer nearest to each coordinate, by one of four ways."""
    if nearest == "floor":
        return np.floor(at)
    if nearest == "ceil":
        return np.ceil(at)
    return np.ceil(at - 0.5) if nearest == "round_prefer_floor" else np.floor(at + 0.5)


def interpolation_weight(distance: Array, mode: str, cubic_coeff: float) -> Array:
    """The weight of an input element at a distance, by the triangle or the cubic kernel."""
    d = np.abs(distance)
    if mode == "linear":
        return np.asarray(np.clip(1 - d, 0, 1))
    near = ((cubic_coeff + 2) * d - (cubic_coeff + 3)) * d * d + 1
    far = ((cubic_coeff * d - 5 * cubic_coeff) * d + 8 * cubic_coeff) * d - 4 * cubic_coeff
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))


def resize_taps(
    at: Array,
    size: int,
    scale: float,
    mode: str,
    nearest: str,
    cubic_coeff: float,
    exclude_outside: bool,
    antialias: bool,
) -> tuple[Array, Array]:
    """Input indices and weights, (outputs, taps), along one axis."""
    if mode == "nearest":
        index = np.clip(nearest_index(at, nearest), 0, size - 1).astype(np.int64)
        return index[:, None], np.ones((len(at), 1))
    stretch = min(scale, 1.0) if antialias else 1.0
    radius = (1 if mode == "linear" else 2) / stretch
    first = np.floor(at - radius).astype(np.int64) + 1
    taps = math.ceil(2 * radius)
    index = first[:, None] + np.arange(taps)
    weights = interpolation_weight((index - at[:, None]) * stretch, mode, cubic_coeff)
    if exclude_outside:
        weights = np.where((index < 0) | (index >= size), 0.0, weights)
    if exclude_outside or antialias:
        total = weights.sum(axis=1, keepdims=True)
        weights = weights / np.where(total == 0, 1.0, total)
    return np.clip(index, 0, size - 1), weights


def resize(
    x: Array,
    sizes: Array | None = None,
    scales: Array | None = None,
    roi: Array | None = None,
    *,
    axes: tuple[int, ...],
    factors: tuple[float, ...] | None,
    mode: str,
    coordinates: str,
    nearest: str,
    cubic_coeff: float,
    exclude_outside: bool,
    extrapolation: float,
    antialias: bool,
    keep_aspect: str,
) -> Array:
    """Resample ``x`` along ``axes``."""
    given = scales if factors is None else np.asarray(factors, dtype=np.float32)
    plan = resize_plan(x.shape, axes, sizes, given, keep_aspect)
    a = x if mode == "nearest" else wide(x) if x.dtype.kind not in "iub" else x.astype(np.float64)
    outside = np.zeros((1,) * x.ndim, dtype=bool)
    with np.errstate(all="ignore"):
        for i, (axis, (out, scale)) in enumerate(zip(axes, plan, strict=True)):
            crop = (0.0, 1.0)
            if coordinates == "tf_crop_and_resize" and roi is not None:
                crop = (float(roi.ravel()[i]), float(roi.ravel()[i + len(axes)]))
            size = a.shape[axis]
            if scale == 1.0 and out == size and crop == (0.0, 1.0):
                continue
            at = resize_coordinates(size, out, scale, coordinates, crop)
            if coordinates == "tf_crop_and_resize":
                beyond = (at < 0) | (at > size - 1)
                outside = outside | beyond.reshape((-1,) + (1,) * (x.ndim - 1 - axis % x.ndim))
            a = resample(
                a, axis, *resize_taps(at, size, scale, mode, nearest, cubic_coeff, exclude_outside, antialias)
            )
        if outside.any():
            a = np.where(outside, np.asarray(extrapolation, dtype=a.dtype), a)
        return resized_dtype(a, x)


def resized_dtype(a: Array, x: Array) -> Array:
    """``a`` in the dtype of ``x``: integers are cut towards zero and saturate."""
    if x.dtype.kind in "iu" and a.dtype != x.dtype:
        info = np.iinfo(x.dtype)
        return np.clip(np.trunc(a), float(info.min), float(info.max)).astype(x.dtype)
    return narrow(a, x)


def resample(a: Array, axis: int, index: Array, weights: Array) -> Array:
    """Weighted sums of elements along one axis."""
    if index.shape[1] == 1:
        return np.take(a, index[:, 0], axis=axis)
    shape = (-1,) + (1,) * (a.ndim - 1 - axis % a.ndim)
    total = np.take(a, index[:, 0], axis=axis) * weights[:, 0].astype(a.dtype).reshape(shape)
    for tap in range(1, index.shape[1]):
        total += np.take(a, index[:, tap], axis=axis) * weights[:, tap].astype(a.dtype).reshape(shape)
    return np.asarray(total)
