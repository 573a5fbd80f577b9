"""Conversion between dtypes."""

from __future__ import annotations

import torch
from torch import Tensor


def to_odd(x: Tensor) -> Tensor:
    """float64 as float32, rounded to odd where it is not exact: rounded once more, to less than half as many bits, that
    is ``x`` rounded once."""
    near = x.to(torch.float32)
    toward = torch.where(near.to(torch.float64).abs() > x.abs(), torch.nextafter(near, torch.zeros_like(near)), near)
    odd = (toward.view(torch.int32) | 1).view(torch.float32)
    moved = (toward.to(torch.float64) != x) & near.isfinite()
    return near + torch.where(moved, odd - near.detach(), 0.0)  # the gradient is that of the conversion


def saturated(x: Tensor, *, dtype: torch.dtype) -> Tensor:
    """``x`` truncated to integers, the nearest ones of ``dtype``; NaN is 0."""
    info = torch.iinfo(dtype)
    least, most = torch.tensor(info.min, dtype=dtype), torch.tensor(info.max, dtype=dtype)
    if not x.dtype.is_floating_point:
        low, high = torch.iinfo(x.dtype).min < info.min, torch.iinfo(x.dtype).max > info.max
        return x.clamp(info.min if low else None, info.max if high else None).to(dtype) if low or high else x.to(dtype)
    wide = x.to(torch.float64)
    inside = (wide > info.min) & (wide < info.max)
    found = torch.where(inside, wide, 0.0).to(dtype)
    return torch.where(wide >= info.max, most, torch.where(wide <= info.min, least, found))


def saturated_float(x: Tensor, *, dtype: torch.dtype) -> Tensor:
    """``x`` rounded to the nearest finite value of ``dtype``; NaN stays."""
    most = torch.finfo(dtype).max
    return x.to(torch.float32).clamp(-most, most).to(dtype)


def first_as(values: tuple[Tensor, ...], *, dtype: torch.dtype, by: str = "to") -> tuple[Tensor, ...]:
    """The tuple with its first tensor converted, or its bits read, as ``dtype``."""
    first, *others = values
    return (first.view(dtype) if by == "view" else first.to(dtype), *others)
