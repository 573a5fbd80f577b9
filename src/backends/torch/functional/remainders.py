"""Remainders of floats."""

from __future__ import annotations

import torch
from torch import Tensor


def remainder_of_double(x: Tensor, y: Tensor) -> Tensor:
    """``torch.fmod``, in steps of which no quotient is beyond float64: it would be NaN."""
    for multiple in (y * 2.0**700 * 2.0**700, y * 2.0**700):
        x = torch.where(multiple.isinf(), x, torch.fmod(x, multiple))
    return torch.fmod(x, y)
