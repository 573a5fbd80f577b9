"""Kernels of sampling at computed places: grid_sample, affine_grid, roi_align, max_roi_pool, deform_conv,
nms."""

from __future__ import annotations

import itertools
import math

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.convolution import conv_output, conv_result
from interlingua.ir.kernels.precision import narrow, wide
from interlingua.ir.kernels.resize import interpolation_weight


def reflect_coordinate(at: Array, low: float, high: float) -> Array:
    """Coordinates mirrored at both borders until they are inside."""
    span = high - low
    if span <= 0:
        return np.full_like(at, low)
    away = np.abs(at - low)
    rest = np.mod(away, span)
    turns = np.round((away - rest) / span)
    return np.where(turns % 2 == 0, low + rest, high - rest)


def bordered(at: Array, size: int, padding: str, align_corners: bool) -> Array:
    """Coordinates brought inside as the padding mode has it; ``zeros`` leaves them."""
    if padding == "border":
        return np.clip(at, 0, size - 1)
    if padding == "reflection":
        low, high = (0.0, size - 1.0) if align_corners else (-0.5, size - 0.5)
        return np.clip(reflect_coordinate(at, low, high), 0, size - 1)
    return at


def grid_sample(x: Array, grid: Array, *, mode: str, padding: str, align_corners: bool) -> Array:
    """Values of ``x`` at normalised coordinates."""
    size, n = x.shape[2:], x.ndim - 2
    a, g = wide(x), wide(grid)
    one = g.dtype.type(1)
    with np.errstate(all="ignore"):
        places = [
            (g[..., n - 1 - i] + one) / 2 * (size[i] - 1)
            if align_corners
            else ((g[..., n - 1 - i] + one) * size[i] - one) / 2
            for i in range(n)
        ]
        if mode != "cubic":
            places = [bordered(p, s, padding, align_corners) for p, s in zip(places, size, strict=True)]
        if mode == "nearest":
            y = fetch(a, [np.round(p) for p in places], padding, align_corners)
        else:
            y = weighted_fetch(a, places, mode, padding, align_corners)
    return narrow(y, x)


def weighted_fetch(a: Array, places: list[Array], mode: str, padding: str, align_corners: bool) -> Array:
    """The sum over all neighbours of coordinates, weighted by the mode's kernel."""
    reach = range(2) if mode == "linear" else range(-1, 3)
    lows = [np.floor(p) for p in places]
    total = np.zeros((a.shape[0], a.shape[1], *places[0].shape[1:]), dtype=a.dtype)
    for corner in itertools.product(reach, repeat=len(places)):
        at = [low + c for low, c in zip(lows, corner, strict=True)]
        weight = np.ones_like(places[0])
        for place, index in zip(places, at, strict=True):
            weight = weight * interpolation_weight(place - index, mode, -0.75).astype(place.dtype)
        total += fetch(a, at, padding, align_corners) * weight[:, None].astype(a.dtype)
    return total


def fetch(a: Array, at: list[Array], padding: str, align_corners: bool) -> Array:
    """Elements of ``a`` at whole coordinates (batch, *out) as (batch, channels, *out); 0 outside, if any are
    still."""
    size = a.shape[2:]
    inside = np.ones(at[0].shape, dtype=bool)
    index = []
    for place, extent in zip(at, size, strict=True):
        p = bordered(place, extent, padding, align_corners)
        inside &= (p >= 0) & (p <= extent - 1)
        index.append(np.clip(np.nan_to_num(p), 0, max(extent - 1, 0)).astype(np.int64))
    batch = np.arange(a.shape[0]).reshape(-1, *(1,) * (at[0].ndim - 1))
    picked = np.moveaxis(np.moveaxis(a, 1, -1)[(batch, *index)], -1, 1)
    return np.where(inside[:, None], picked, np.zeros((), a.dtype))


def affine_grid(theta: Array, size: Array, *, align_corners: bool) -> Array:
    """Normalised coordinates moved by an affine map of each example."""
    t, extents = wide(theta), [int(v) for v in size][2:]
    axes = []
    for extent in extents:
        steps = np.arange(extent, dtype=t.dtype)
        if align_corners:
            line = steps * (2 / (extent - 1)) - 1 if extent > 1 else steps * 0
        else:
            line = (steps * 2 + 1) / t.dtype.type(extent) - 1
        axes.append(line.astype(t.dtype))
    mesh = np.meshgrid(*axes, indexing="ij")
    points = np.stack([*mesh[::-1], np.ones_like(mesh[0])], axis=-1)
    with np.errstate(all="ignore"):
        return narrow(np.einsum("...j,nij->n...i", points, t), theta)


def box_samples(
    low: Array, bin_size: Array, bins: int, taps: int, size: int
) -> tuple[Array, Array, Array, Array]:
    """Along one axis of boxes: lower and upper index, weight of the upper, and whether a sample counts;
    (boxes, bins, taps)."""
    offset = (np.arange(bins)[:, None] + (np.arange(taps)[None, :] + 0.5) / taps).astype(low.dtype)
    at = low[:, None, None] + offset[None] * bin_size[:, None, None]
    valid = (at >= -1) & (at <= size)
    at = np.maximum(at, 0)
    lower = np.minimum(at.astype(np.int64), size - 1)
    upper = np.minimum(lower + 1, size - 1)
    return lower, upper, np.where(lower >= size - 1, 0, at - lower), valid


def roi_align(
    x: Array,
    boxes: Array,
    batch: Array,
    *,
    height: int,
    width: int,
    sampling_ratio: int,
    spatial_scale: float,
    mode: str,
    half_pixel: bool,
) -> Array:
    """Pool bilinear samples inside each bin of each box."""
    a, r = wide(x), wide(boxes)
    y = np.zeros((len(r), a.shape[1], height, width), dtype=a.dtype)
    shift = r.dtype.type(0.5 if half_pixel else 0)
    for i, (box, image) in enumerate(zip(r * r.dtype.type(spatial_scale) - shift, batch, strict=True)):
        extent = np.array([box[3] - box[1], box[2] - box[0]], dtype=r.dtype)
        if not half_pixel:
            extent = np.maximum(extent, 1)
        bins = extent / np.array([height, width], dtype=r.dtype)
        taps = [sampling_ratio if sampling_ratio > 0 else max(0, math.ceil(b)) for b in bins]
        if min(taps) == 0:
            continue
        rows = box_samples(box[1:2], bins[:1], height, taps[0], a.shape[2])
        columns = box_samples(box[:1], bins[1:], width, taps[1], a.shape[3])
        y[i] = box_pool(a[int(image)], [v[0] for v in rows], [v[0] for v in columns], mode)
    return narrow(y, x)


def box_pool(image: Array, rows: list[Array], columns: list[Array], mode: str) -> Array:
    """One box: (channels, height, width) from samples on a grid."""
    (y0, y1, fy, oky), (x0, x1, fx, okx) = rows, columns
    counted = oky[:, None, :, None] & okx[None, :, None, :]
    parts = []
    for iy, wy in ((y0, 1 - fy), (y1, fy)):
        for ix, wx in ((x0, 1 - fx), (x1, fx)):
            weight = (wy[:, None, :, None] * wx[None, :, None, :]).astype(image.dtype)
            value = image[:, iy[:, None, :, None], ix[None, :, None, :]] * weight
            parts.append(np.where(counted, value, np.zeros((), image.dtype)))
    if mode == "max":
        return np.asarray(np.maximum.reduce(parts).max(axis=(3, 4)))
    return np.asarray((parts[0] + parts[1] + parts[2] + parts[3]).mean(axis=(3, 4)))


def max_roi_pool(x: Array, boxes: Array, *, height: int, width: int, spatial_scale: float) -> Array:
    """The largest element of each bin of each box, box corners rounded to whole places."""
    y = np.zeros((len(boxes), x.shape[1], height, width), dtype=x.dtype)
    for i, box in enumerate(wide(boxes)):
        corners = [math.floor(float(v) * spatial_scale + 0.5) for v in box[1:5]]
        rows = roi_bins(corners[1], corners[3], height, x.shape[2])
        columns = roi_bins(corners[0], corners[2], width, x.shape[3])
        for (h, (top, bottom)), (w, (left, right)) in itertools.product(enumerate(rows), enumerate(columns)):
            if bottom > top and right > left:
                y[i, :, h, w] = x[int(box[0]), :, top:bottom, left:right].max(axis=(1, 2))
    return y


def roi_bins(first: int, last: int, bins: int, size: int) -> list[tuple[int, int]]:
    """Where each bin of a box begins and ends along one axis."""
    extent = max(last - first + 1, 1) / bins
    clip = [(math.floor(i * extent) + first, math.ceil((i + 1) * extent) + first) for i in range(bins)]
    return [(min(max(p, 0), size), min(max(q, 0), size)) for p, q in clip]


def deform_conv(
    x: Array,
    w: Array,
    offset: Array,
    bias: Array | None = None,
    mask: Array | None = None,
    *,
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    groups: int,
    offset_groups: int,
) -> Array:
    """A convolution whose samples are moved by offsets and weighted by a mask."""
    n, kernel, size = len(strides), w.shape[2:], x.shape[2:]
    out = conv_output(size, kernel, strides, pads, dilations)
    a, batch, channels = wide(x), x.shape[0], x.shape[1]
    area = math.prod(kernel)
    moves = wide(offset).reshape(batch * offset_groups, area, n, *out)
    strengths = None if mask is None else wide(mask).reshape(batch * offset_groups, 1, area, *out)
    images = a.reshape(batch * offset_groups, channels // offset_groups, *size)
    cols = np.zeros((batch * offset_groups, channels // offset_groups, area, *out), dtype=a.dtype)
    base = np.meshgrid(
        *(np.arange(o) * s - p for o, s, p in zip(out, strides, pads, strict=False)), indexing="ij"
    )
    with np.errstate(all="ignore"):
        for k, tap in enumerate(np.ndindex(*kernel)):
            at = [moves[:, k, i] + (base[i] + tap[i] * dilations[i]).astype(a.dtype) for i in range(n)]
            cols[:, :, k] = weighted_fetch(images, at, "linear", "zeros", True)
        cols = cols if strengths is None else cols * strengths
        cols = cols.reshape(batch, groups, channels // groups * area, math.prod(out))
        taps = wide(w).reshape(groups, w.shape[0] // groups, channels // groups * area)
        return conv_result(np.matmul(taps, cols).reshape(batch, w.shape[0], *out), bias, x)


def nms(
    boxes: Array,
    scores: Array,
    limit: Array | None = None,
    iou_threshold: Array | None = None,
    score_threshold: Array | None = None,
    *,
    center: bool,
) -> Array:
    """Indices (batch, class, box) of the boxes kept, best first in each class."""
    most = 0 if limit is None else int(np.asarray(limit).reshape(()))
    overlap = 0.0 if iou_threshold is None else float(np.asarray(iou_threshold).reshape(()))
    kept = []
    for n, c in np.ndindex(*scores.shape[:2]) if most > 0 else ():
        chosen: list[int] = []
        row = wide(scores[n, c])
        order = np.argsort(-row, kind="stable")
        order = order[~np.isnan(row[order])]
        if score_threshold is not None:
            order = order[row[order] > np.asarray(score_threshold).reshape(())]
        corners = box_corners(wide(boxes[n]), center)
        for candidate in order:
            if len(chosen) >= most:
                break
            if not chosen or not (box_overlap(corners[candidate], corners[chosen]) > overlap).any():
                chosen.append(int(candidate))
        kept += [(n, c, box) for box in chosen]
    return np.array(kept, dtype=np.int64).reshape(-1, 3)


def box_corners(boxes: Array, center: bool) -> Array:
    """Boxes as (low, low, high, high), whichever way round their corners came."""
    if center:
        half = boxes[:, 2:] / 2
        return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)
    return np.concatenate(
        [np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])], axis=1
    )


def box_overlap(box: Array, others: Array) -> Array:
    """Intersection over union of one box with others; 0 for boxes without area."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    common = np.prod(np.maximum(sides, 0), axis=1)
    area, areas = np.prod(box[2:] - box[:2]), np.prod(others[:, 2:] - others[:, :2], axis=1)
    union = area + areas - common
    positive = (area > 0) & (areas > 0) & (union > 0)
    return np.where(positive, common / np.where(positive, union, 1), 0)
