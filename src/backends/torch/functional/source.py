"""Ranges."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def iota(start: Tensor, limit: Tensor, step: Tensor) -> Tensor:
    """``start + step * i`` up to ``limit``, exclusive; empty where ``step`` leads away from it."""
    first, last, by = start.item(), limit.item(), step.item()
    exact = isinstance(first, int)
    count = -((first - last) // by) if exact else math.ceil((last - first) / by)
    return start + step * torch.arange(max(count, 0)).to(start.dtype)
