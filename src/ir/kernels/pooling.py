"""Kernels of poolings: a loop over the offsets inside a window, each a strided view."""

from __future__ import annotations

import math

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.convolution import (
    from_channels_first,
    pad_spatial,
    to_channels_first,
    window_view,
)
from interlingua.ir.kernels.precision import narrow, wide


def pool_output(
    size: tuple[int, ...],
    window: tuple[int, ...],
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    ceil_mode: bool,
) -> tuple[int, ...]:
    """The number of windows along each axis: with ``ceil_mode`` a last partial one counts unless it starts in
    the end padding."""
    n = len(size)
    found = []
    for i in range(n):
        room = size[i] + pads[i] + pads[n + i] - (window[i] - 1) * dilations[i] - 1
        count = room // strides[i] + 1
        if ceil_mode:
            count = min(-(-room // strides[i]) + 1, -(-(size[i] + pads[i]) // strides[i]))
        found.append(max(0, count))
    return tuple(found)


def pool_windows(
    x: Array,
    value: float,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    ceil_mode: bool,
) -> Array:
    """All windows (batch, channels, *window, *out), padding filled with ``value``."""
    n = len(window)
    out = pool_output(x.shape[2:], window, strides, pads, dilations, ceil_mode)
    needed = tuple((out[i] - 1) * strides[i] + (window[i] - 1) * dilations[i] + 1 for i in range(n))
    extra = tuple(max(pads[n + i], needed[i] - x.shape[2 + i] - pads[i]) for i in range(n))
    return window_view(pad_spatial(x, (*pads[:n], *extra), value), window, strides, dilations, out)


def lowest(dtype: np.dtype) -> float:
    """What never wins a maximum: -inf, or an integer type's least value."""
    return int(np.iinfo(dtype).min) if dtype.kind in "iu" else -math.inf


def max_pool(
    x: Array,
    *,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    ceil_mode: bool,
    layout: str,
) -> Array:
    """The largest element of each window; padding never is."""
    a = wide(to_channels_first(np.asarray(x), layout))
    view = pool_windows(a, lowest(a.dtype), window, strides, pads, dilations, ceil_mode)
    y = np.full((*a.shape[:2], *view.shape[2 + len(window) :]), lowest(a.dtype), dtype=a.dtype)
    for offset in np.ndindex(*window):
        np.maximum(y, view[(slice(None), slice(None), *offset)], out=y)
    return from_channels_first(narrow(y, x), layout)


def max_pool_with_indices(
    x: Array,
    *,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    ceil_mode: bool,
    column_major: bool,
) -> tuple[Array, Array]:
    """The largest element of each window, and where it is in the flat input."""
    x = np.asarray(x)
    a, n = wide(x), len(window)
    inside = np.pad(np.ones((1, 1, *x.shape[2:]), dtype=bool), 0)
    low = lowest(a.dtype)
    view = pool_windows(a, low, window, strides, pads, dilations, ceil_mode)
    real = pool_windows(inside, 0, window, strides, pads, dilations, ceil_mode)
    at = pool_windows(plane_index(x.shape[2:], column_major), 0, window, strides, pads, dilations, ceil_mode)
    shape = (*x.shape[:2], *view.shape[2 + n :])
    y, where = np.full(shape, low, dtype=a.dtype), np.full(shape, -1, dtype=np.int64)
    for offset in np.ndindex(*window):
        pick = (slice(None), slice(None), *offset)
        new = view[pick]
        better = real[pick] & ((where < 0) | (new > y) | (np.isnan(new) & ~np.isnan(y)))
        y, where = np.where(better, new, y), np.where(better, at[pick], where)
    planes = np.arange(math.prod(x.shape[:2]), dtype=np.int64).reshape(*x.shape[:2], *(1,) * n)
    return narrow(y, x), np.asarray(where + planes * math.prod(x.shape[2:]), dtype=np.int64)


def plane_index(size: tuple[int, ...], column_major: bool) -> Array:
    """The flat index of each element of one plane, as (1, 1, *size)."""
    flat = np.arange(math.prod(size), dtype=np.int64)
    plane = flat.reshape(size[::-1]).transpose() if column_major else flat.reshape(size)
    return np.ascontiguousarray(plane)[None, None]


def pool_counts(
    size: tuple[int, ...],
    window: tuple[int, ...],
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    ceil_mode: bool,
    count_include_pad: bool,
) -> Array:
    """How many elements each window averages over: real ones, or those of the padded input (not what
    ceil_mode adds)."""
    n = len(size)
    out = pool_output(size, window, strides, pads, dilations, ceil_mode)
    total = np.ones((1,) * n, dtype=np.int64)
    for i in range(n):
        positions = np.arange(out[i])[:, None] * strides[i] - pads[i] + np.arange(window[i]) * dilations[i]
        low, high = (-pads[i], size[i] + pads[n + i]) if count_include_pad else (0, size[i])
        count = ((positions >= low) & (positions < high)).sum(axis=1)
        total = total * count.reshape(-1, *(1,) * (n - 1 - i))
    return total


def avg_pool(
    x: Array,
    *,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    ceil_mode: bool,
    count_include_pad: bool,
    layout: str,
) -> Array:
    """The mean of each window."""
    a = wide(to_channels_first(np.asarray(x), layout))
    y = window_sums(a, window, strides, pads, dilations, ceil_mode)
    counts = pool_counts(a.shape[2:], window, strides, pads, dilations, ceil_mode, count_include_pad)
    with np.errstate(all="ignore"):
        y = y / counts.astype(a.dtype)
    return from_channels_first(narrow(y, x), layout)


def window_sums(
    x: Array,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    ceil_mode: bool,
) -> Array:
    """The sum of each window, padding counted as 0."""
    view = pool_windows(x, 0, window, strides, pads, dilations, ceil_mode)
    y = np.zeros((*x.shape[:2], *view.shape[2 + len(window) :]), dtype=x.dtype)
    with np.errstate(all="ignore"):
        for offset in np.ndindex(*window):
            y += view[(slice(None), slice(None), *offset)]
    return y


def lp_pool(
    x: Array,
    *,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    ceil_mode: bool,
    p: int,
) -> Array:
    """The p-norm of each window."""
    with np.errstate(all="ignore"):
        powers = np.abs(wide(x)) ** p
        sums = window_sums(powers, window, strides, pads, dilations, ceil_mode)
        return narrow(sums ** (1.0 / p), x)


def global_avg_pool(x: Array) -> Array:
    """The mean over all spatial axes."""
    a = wide(x)
    axes = tuple(range(2, a.ndim))
    with np.errstate(all="ignore"):
        return narrow(np.sum(a, axis=axes, keepdims=True) / math.prod(a.shape[2:]), x)


def global_max_pool(x: Array) -> Array:
    """The maximum over all spatial axes."""
    return narrow(np.max(wide(x), axis=tuple(range(2, np.ndim(x))), keepdims=True), x)


def global_lp_pool(x: Array, *, p: int) -> Array:
    """The p-norm over all spatial axes."""
    a = wide(x)
    with np.errstate(all="ignore"):
        sums = np.sum(np.abs(a) ** p, axis=tuple(range(2, a.ndim)), keepdims=True)
        return narrow(sums ** (1.0 / p), x)


def max_unpool(x: Array, indices: Array, shape: Array) -> Array:
    """Elements put back to where a max pooling took them from; the rest is 0."""
    y = np.zeros(math.prod(int(d) for d in shape), dtype=np.asarray(x).dtype)
    y[indices.ravel()] = x.ravel()
    return y.reshape(tuple(int(d) for d in shape))
