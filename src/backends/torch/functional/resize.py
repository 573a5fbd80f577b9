"""Resampling, in every way that there is of finding coordinates."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from interlingua.backends.torch.functional.convert import saturated


def resize(
    x: Tensor,
    *,
    dims: tuple[int, ...],
    sizes: list[int] | None = None,
    scales: list[float] | None = None,
    roi: list[float] | None = None,
    mode: str = "nearest",
    coordinates: str = "half_pixel",
    nearest: str = "round_prefer_floor",
    cubic_coeff: float = -0.75,
    exclude_outside: bool = False,
    extrapolation: float = 0.0,
    antialias: bool = False,
    keep_aspect: str = "stretch",
) -> Tensor:
    """``x`` resampled along ``dims``, one after the other; coordinates are computed in double precision."""
    whole = not x.dtype.is_floating_point
    if mode == "nearest":
        exact = x.to(torch.int64) if whole else x
    else:
        exact = x.to(torch.float64) if whole or x.dtype is torch.float64 else x.to(torch.float32)
    outside = torch.zeros([1] * x.dim(), dtype=torch.bool)
    for i, (dim, (out, scale)) in enumerate(zip(dims, resize_plan(x, dims, sizes, scales, keep_aspect), strict=True)):
        crop = (0.0, 1.0) if roi is None else (float(roi[i]), float(roi[i + len(dims)]))
        size = x.shape[dim]
        if scale == 1.0 and out == size and crop == (0.0, 1.0):
            continue
        at = resize_coordinates(size, out, scale, coordinates, crop)
        column = [-1, *[1] * (x.dim() - 1 - dim % x.dim())]
        if coordinates == "tf_crop_and_resize":
            outside = outside | ((at < 0) | (at > size - 1)).reshape(column)
        if mode == "nearest":
            exact = exact.index_select(dim, nearest_places(at, nearest).clamp(0, size - 1))
            continue
        places, weights = resize_taps(at, size, scale, mode, cubic_coeff, exclude_outside, antialias)
        parts = [
            exact.index_select(dim, places[:, tap]) * weights[:, tap].to(exact.dtype).reshape(column)
            for tap in range(places.shape[1])
        ]
        exact = torch.stack(parts).sum(0)
    if bool(outside.any()):
        exact = torch.where(outside, torch.tensor(extrapolation, dtype=exact.dtype), exact)
    return saturated(exact, dtype=x.dtype) if whole and mode != "nearest" else exact.to(x.dtype)


def resize_plan(
    x: Tensor, dims: tuple[int, ...], sizes: list[int] | None, scales: list[float] | None, keep_aspect: str
) -> list[tuple[int, float]]:
    """The extent that comes out, and the scale, of each axis."""
    extents = [x.shape[dim] for dim in dims]
    if scales is not None:
        single = torch.tensor(scales, dtype=torch.float32)
        products = torch.tensor(extents, dtype=torch.float32) * single
        return [(math.floor(p), s) for p, s in zip(products.tolist(), single.tolist(), strict=True)]
    wanted = sizes or []
    ratios = [w / e if e else 1.0 for w, e in zip(wanted, extents, strict=True)]
    if keep_aspect == "stretch" or not ratios:
        return list(zip(wanted, ratios, strict=True))
    ratio = min(ratios) if keep_aspect == "not_larger" else max(ratios)
    return [(math.floor(ratio * e + 0.5), ratio) for e in extents]


def resize_coordinates(size: int, out: int, scale: float, coordinates: str, crop: tuple[float, float]) -> Tensor:
    """Where each element that comes out lies in what goes in, along one axis."""
    at, length = torch.arange(out, dtype=torch.float64), scale * size
    if coordinates == "asymmetric":
        return at / scale
    if coordinates == "align_corners":
        return at * 0.0 if length == 1 else at * (size - 1) / (length - 1)
    if coordinates == "tf_crop_and_resize":
        start, span = crop[0] * (size - 1), (crop[1] - crop[0]) * (size - 1)
        return start + (at * 0.0 + span / 2 if length == 1 else at * span / (length - 1))
    if coordinates == "pytorch_half_pixel" and length == 1:
        return at * 0.0 - 0.5
    centre = size / 2 * (1 - out / length) if coordinates == "half_pixel_symmetric" and length else 0.0
    return centre + (at + 0.5) / scale - 0.5


def nearest_places(at: Tensor, nearest: str) -> Tensor:
    """The integer nearest to each coordinate, by one of four ways."""
    ways = {
        "floor": at.floor(),
        "ceil": at.ceil(),
        "round_prefer_floor": (at - 0.5).ceil(),
        "round_prefer_ceil": (at + 0.5).floor(),
    }
    return ways[nearest].to(torch.int64)


def resize_taps(
    at: Tensor, size: int, scale: float, mode: str, cubic_coeff: float, exclude_outside: bool, antialias: bool
) -> tuple[Tensor, Tensor]:
    """What is weighed for each element that comes out, and the weights, along one axis."""
    stretch = min(scale, 1.0) if antialias else 1.0
    radius = (1 if mode == "linear" else 2) / stretch
    first = (at - radius).floor().to(torch.int64) + 1
    places = first.unsqueeze(1) + torch.arange(math.ceil(2 * radius))
    d = ((places - at.unsqueeze(1)) * stretch).abs()
    if mode == "linear":
        weights = (1 - d).clamp(0, 1)
    else:
        a = cubic_coeff
        near = ((a + 2) * d - (a + 3)) * d * d + 1
        far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
        weights = torch.where(d <= 1, near, torch.where(d < 2, far, 0.0))
    if exclude_outside:
        weights = torch.where((places < 0) | (places >= size), 0.0, weights)
    if exclude_outside or antialias:
        total = weights.sum(1, keepdim=True)
        weights = weights / torch.where(total == 0, 1.0, total)
    return places.clamp(0, size - 1), weights
