"""Lists of tensors."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def sequence_insert(values: list[Any], x: Any, position: int) -> list[Any]:
    """The list with ``x`` before ``position``."""
    if not -len(values) <= position <= len(values):
        raise IndexError(f"position {position} of a sequence of {len(values)}")
    place = position + len(values) if position < 0 else position
    return [*values[:place], x, *values[place:]]


def sequence_erase(values: list[Any], position: int) -> list[Any]:
    """The list without the element at ``position``."""
    kept = list(values)
    del kept[position]
    return kept


def sequence_split(x: Tensor, sizes: Tensor, *, dim: int = 0) -> list[Tensor]:
    """Pieces along ``dim``: of the listed sizes, or of so many elements each but the last."""
    if sizes.dim():
        return list(torch.split(x, sizes.tolist(), dim))
    size, most = x.shape[dim], int(sizes)
    return [x.narrow(dim, i, min(most, size - i)) for i in range(0, max(size, 1), most)]
