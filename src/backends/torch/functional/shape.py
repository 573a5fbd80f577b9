"""What moves elements about."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def slice_along(
    x: Tensor, starts: Sequence[int], stops: Sequence[int], steps: Sequence[int] | None = None, *, dims: Sequence[int]
) -> Tensor:
    """``x[start:stop:step]`` along each of ``dims``, backwards too."""
    for i, dim in enumerate(dims):
        chosen = range(x.shape[dim])[starts[i] : stops[i] : 1 if steps is None else steps[i]]
        x = x.index_select(dim, torch.tensor(list(chosen), dtype=torch.int64))
    return x


def pad_constant(x: Tensor, amounts: Sequence[int], value: Tensor | None = None) -> Tensor:
    """``x`` with a value before and after each axis; a negative amount takes elements away."""
    fill = torch.zeros((), dtype=x.dtype) if value is None else value.reshape(())
    for dim in range(x.dim()):
        before, after = amounts[dim], amounts[x.dim() + dim]
        size = x.shape[dim]
        first = min(max(-before, 0), size)
        last = max(size - max(-after, 0), 0)
        length = max(size + before + after, 0)
        ends = [min(max(before, 0), length), min(max(after, 0), length)]
        parts = [fill.expand(*x.shape[:dim], end, *x.shape[dim + 1 :]) for end in ends]
        x = torch.cat((parts[0], x.narrow(dim, first, max(last - first, 0)), parts[1]), dim)
        x = x.narrow(dim, 0, length)
    return x


def pad_repeating(x: Tensor, amounts: Sequence[int], *, mode: str) -> Tensor:
    """``x`` continued before and after each axis: by its last element (``edge``), mirrored without that (``reflect``),
    or from its other end (``wrap``); a negative amount takes elements away."""
    for dim in range(x.dim()):
        size = x.shape[dim]
        places = torch.arange(-amounts[dim], size + amounts[x.dim() + dim])
        if mode == "edge":
            places = places.clamp(0, size - 1)
        elif mode == "wrap" or size == 1:
            places = places % size
        else:
            places = (places + size - 1) % (2 * (size - 1)) - (size - 1)
            places = places.abs()
        x = x.index_select(dim, places)
    return x
