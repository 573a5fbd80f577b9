"""Pooling, where PyTorch's own does not take the pads."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def windows_of(
    x: Tensor,
    fill: float,
    *,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    ceil_mode: bool,
) -> Tensor:
    """Every window of the spatial axes, in as many axes more; what is beyond ``x`` is ``fill``."""
    n = len(window)
    for i in range(n):
        dim, size = 2 + i, x.shape[2 + i]
        span = (window[i] - 1) * dilations[i] + 1
        room = size + pads[i] + pads[n + i] - span
        count = room // strides[i] + 1
        if ceil_mode:
            count = min(-(-room // strides[i]) + 1, -(-(size + pads[i]) // strides[i]))
        count = max(count, 0)
        length = max((count - 1) * strides[i] + span, span)
        before = x.new_full((*x.shape[:dim], pads[i], *x.shape[dim + 1 :]), fill)
        after = x.new_full((*x.shape[:dim], max(length - size - pads[i], 0), *x.shape[dim + 1 :]), fill)
        x = torch.cat((before, x, after), dim).unfold(dim, span, strides[i]).narrow(dim, 0, count)[..., :: dilations[i]]
    return x


def max_pool(
    x: Tensor,
    *,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    ceil_mode: bool = False,
) -> Tensor:
    """The largest element of each window; padding never counts."""
    least = float("-inf") if x.dtype.is_floating_point else torch.iinfo(x.dtype).min
    options: dict[str, Any] = {"window": window, "strides": strides, "dilations": dilations, "ceil_mode": ceil_mode}
    return windows_of(x, least, pads=pads, **options).amax(tuple(range(-len(window), 0)))


def avg_pool(
    x: Tensor,
    *,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    ceil_mode: bool = False,
    count_include_pad: bool = False,
) -> Tensor:
    """The mean of each window, over what is in ``x`` or, ``count_include_pad``, in the padding too."""
    options: dict[str, Any] = {"window": window, "strides": strides, "dilations": dilations, "ceil_mode": ceil_mode}
    n, dims = len(window), tuple(range(-len(window), 0))
    total = windows_of(x, 0, pads=pads, **options).sum(dims)
    counted = x.new_ones((1, 1, *x.shape[2:]))
    if count_include_pad:
        padded = [size + pads[i] + pads[n + i] for i, size in enumerate(x.shape[2:])]
        counted = x.new_ones((1, 1, *padded))
        pads = (0,) * (2 * n)
    counts = windows_of(counted, 0, pads=pads, **options).sum(dims)
    for dim in range(2, x.dim()):
        counts = counts.narrow(dim, 0, total.shape[dim])
    return total / counts
