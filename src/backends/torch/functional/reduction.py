"""Reductions, and running ones."""

from __future__ import annotations

import torch
from torch import Tensor


def extreme(x: Tensor, *, name: str, dim: tuple[int, ...], keepdim: bool = False) -> Tensor:
    """``x.amax(dim, keepdim)`` or ``x.amin``, and of nothing the least or greatest value that there is."""
    if all(x.shape[d] for d in dim):
        return x.amin(dim, keepdim) if name == "amin" else x.amax(dim, keepdim)
    bounds: tuple[float, float] = (float("-inf"), float("inf"))
    if x.dtype is torch.bool:
        bounds = (False, True)
    elif not x.dtype.is_floating_point:
        bounds = (torch.iinfo(x.dtype).min, torch.iinfo(x.dtype).max)
    shape = x.sum(dim, keepdim, dtype=torch.int64).shape
    return torch.full(shape, bounds[name == "amin"], dtype=x.dtype)


def running(x: Tensor, *, name: str, dim: int, exclusive: bool = False, reverse: bool = False) -> Tensor:
    """``x.cumsum(dim)`` or ``x.cumprod``; without the element itself, or from the end."""
    y = x.flip(dim) if reverse else x
    if exclusive and x.shape[dim]:
        first = torch.full_like(y.narrow(dim, 0, 1), int(name == "cumprod"))
        y = torch.cat((first, y.narrow(dim, 0, x.shape[dim] - 1)), dim)
    y = y.cumprod(dim, dtype=x.dtype) if name == "cumprod" else y.cumsum(dim, dtype=x.dtype)
    return y.flip(dim) if reverse else y
