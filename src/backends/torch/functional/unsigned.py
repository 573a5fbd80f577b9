"""Arithmetic on uint64, of which PyTorch has tensors alone."""

from __future__ import annotations

import torch
from torch import Tensor


def in_order(x: Tensor) -> Tensor:
    """uint64 as int64 in the same order: less 2**63."""
    return x.view(torch.int64) ^ -(2**63)


def from_order(x: Tensor) -> Tensor:
    """What ``in_order`` was given."""
    return (x ^ -(2**63)).view(torch.uint64)


def shift_right(x: Tensor, bits: Tensor) -> Tensor:
    """``x >> bits``, zeros coming in."""
    whole, by = x.view(torch.int64), bits.view(torch.int64)
    moved = ((whole >> 1) & (2**63 - 1)) >> (by - 1).clamp(min=0)
    return torch.where(by == 0, whole, moved).view(torch.uint64)


def quotient(x: Tensor, y: Tensor) -> Tensor:
    """``x / y`` rounded down."""
    a, b = x.view(torch.int64), y.view(torch.int64)
    halved = torch.div((a >> 1) & (2**63 - 1), torch.where(b > 0, b, 1), rounding_mode="trunc") << 1
    rest = a - halved * b
    found = halved + ((rest ^ -(2**63)) >= (b ^ -(2**63)))
    least = ((a ^ -(2**63)) >= (b ^ -(2**63))).to(torch.int64)  # of a divisor from 2**63 on
    return torch.where(b > 0, found, least).view(torch.uint64)


def remainder(x: Tensor, y: Tensor) -> Tensor:
    """``x - y * (x / y)``, the quotient rounded down."""
    a, b = x.view(torch.int64), y.view(torch.int64)
    return (a - quotient(x, y).view(torch.int64) * b).view(torch.uint64)
