"""Conversion between dtypes."""

from __future__ import annotations

import torch
from torch import Tensor

from interlingua.backends.torch.functional.unsigned import from_order


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
    if x.dtype is torch.uint64:
        whole = x.view(torch.int64)  # negative from 2**63 on
        return x if dtype is torch.uint64 else saturated(torch.where(whole < 0, 2**63 - 1, whole), dtype=dtype)
    if x.dtype in (torch.uint16, torch.uint32):
        x = x.to(torch.int64)
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
    """The tuple with its first tensor as ``dtype``: converted, its bits read, or put back in its order."""
    first, *others = values
    if by == "order":
        return (from_order(first), *others)
    return (first.view(dtype) if by == "view" else first.to(dtype), *others)


def to_f8e4m3(x: Tensor) -> Tensor:
    """``x`` rounded; what is nearer to the next power of two than to the greatest value is NaN."""
    return torch.where(x.abs() > 464, float("nan"), x).to(torch.float8_e4m3fn)


def to_f8e8m0(x: Tensor, *, saturate: bool = False, rounding: str = "up") -> Tensor:
    """``|x|`` rounded to a power of two; ``nearest`` sends ties up, except between the two least powers."""
    bits = x.to(torch.float32).view(torch.int32)
    exponent, fraction = (bits >> 23) & 0xFF, bits & 0x7FFFFF
    half = 0x400000
    up = {
        "up": fraction > 0,
        "nearest": (fraction > half) | ((fraction == half) & (exponent > 0)),
        "down": torch.zeros_like(fraction, dtype=torch.bool),
    }[rounding]
    grown = up & (exponent < (0xFE if saturate else 0xFF))
    return (exponent + grown).to(torch.uint8).view(torch.float8_e8m0fnu)
