"""What reads, writes and finds elements by index."""

from __future__ import annotations

import torch
from torch import Tensor


def from_front(indices: Tensor, size: int) -> Tensor:
    """Indices of which none counts from the end."""
    wide = indices.to(torch.int64)
    return torch.where(wide < 0, wide + size, wide)


def gather_nd(x: Tensor, indices: Tensor, *, batch_dims: int = 0) -> Tensor:
    """The parts of ``x`` that the rows of ``indices`` name, after ``batch_dims`` axes that they share."""
    if indices.shape[-1] + batch_dims == 0:
        return x.expand((*indices.shape[:-1], *x.shape))
    lead = []
    for dim in range(batch_dims):
        steps = torch.arange(x.shape[dim])
        lead.append(steps.reshape(-1, *[1] * (indices.dim() - 2 - dim)))
    rows = [lead_.expand(indices.shape[:-1]) for lead_ in lead]
    return x[(*rows, *indices.to(torch.int64).unbind(-1))]


def scatter_nd(x: Tensor, indices: Tensor, updates: Tensor, *, reduction: str | None = None) -> Tensor:
    """``x`` with the parts that the rows of ``indices`` name replaced by ``updates``, or combined with them."""
    depth = indices.shape[-1]
    rows = torch.zeros(indices.shape[:-1], dtype=torch.int64)
    for dim in range(depth):
        rows = rows * x.shape[dim] + from_front(indices[..., dim], x.shape[dim])
    parts, rest = x.shape[:depth].numel(), x.shape[depth:].numel()
    flat, new = x.reshape(parts, rest), updates.reshape(rows.numel(), rest)
    places = rows.reshape(-1, 1).expand(rows.numel(), rest)
    if reduction is None:
        return flat.scatter(0, places, new).reshape(x.shape)
    return flat.scatter_reduce(0, places, new, reduction).reshape(x.shape)


def top_k(x: Tensor, k: int, *, dim: int = -1, largest: bool = True) -> tuple[Tensor, Tensor]:
    """The ``k`` greatest or least elements along ``dim``, and where they are: of equal ones the first comes first."""
    values, indices = x.sort(dim=dim, descending=largest, stable=True)
    return values.narrow(dim, 0, k), indices.narrow(dim, 0, k)


def unique(x: Tensor, *, dim: int | None = None, ascending: bool = True) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The distinct elements, or slices along ``dim``; where each is first, which each is, how often each occurs.

    Several NaN are one element. They come in ascending order or in that of their first occurrence.
    """
    listed = x.flatten() if dim is None else x.movedim(dim, 0).flatten(1) if x.dim() > 1 else x.unsqueeze(1)
    count = listed.shape[0]
    if dim is None:
        inverse = torch.unique(listed, return_inverse=True)[1]
        if x.dtype.is_floating_point:
            inverse = torch.where(listed.isnan(), inverse.max() if count else 0, inverse)
            inverse = torch.unique(inverse, return_inverse=True)[1]
    elif listed.numel():
        inverse = torch.unique(listed, return_inverse=True, dim=0)[1]
    else:
        inverse = torch.zeros(count, dtype=torch.int64)
    distinct = int(inverse.max()) + 1 if count else 0
    places = torch.arange(count)
    first = torch.full((distinct,), count).scatter_reduce(0, inverse, places, "amin")
    if not ascending:
        order = first.argsort()
        first, inverse = first[order], order.argsort()[inverse]
    counts = torch.zeros(distinct, dtype=torch.int64).scatter_add(0, inverse, torch.ones_like(inverse))
    return (x.flatten() if dim is None else x).index_select(dim or 0, first), first, inverse, counts
