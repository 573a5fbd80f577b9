"""Convolutions of what PyTorch's own do not take: integers, more than three spatial axes, nothing at all."""

from __future__ import annotations

from itertools import product

import torch
from torch import Tensor

from interlingua.backends.torch.functional.pooling import windows_of
from interlingua.backends.torch.functional.shape import pad_constant


def convolve(
    x: Tensor,
    w: Tensor,
    bias: Tensor | None = None,
    *,
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    groups: int = 1,
) -> Tensor:
    """The cross-correlation of ``x`` (batch, channels, …) with ``w`` (out, channels / groups, …)."""
    n = len(strides)
    cut = windows_of(x, 0, window=tuple(w.shape[2:]), strides=strides, pads=pads, dilations=dilations, ceil_mode=False)
    places, area = cut.shape[2 : 2 + n], w.shape[2:].numel()
    columns = cut.reshape(x.shape[0], groups, w.shape[1], places.numel(), area)
    rows = w.reshape(groups, w.shape[0] // groups, w.shape[1], area)
    y = torch.einsum("bgcpk,gmck->bgmp", columns, rows).reshape(x.shape[0], w.shape[0], *places)
    return y if bias is None else y + bias.reshape(-1, *[1] * n)


def convolve_transposed(
    x: Tensor,
    w: Tensor,
    bias: Tensor | None = None,
    *,
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    output_padding: tuple[int, ...],
    groups: int = 1,
) -> Tensor:
    """The adjoint of ``convolve`` in its data; ``w`` is (channels, out / groups, …), pads may be negative."""
    n, kernel = len(strides), w.shape[2:]
    room = [output_padding[i] - pads[i] - pads[n + i] for i in range(n)]
    spans = [(x.shape[2 + i] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 for i in range(n)]
    out = [span + more for span, more in zip(spans, room, strict=True)]
    columns = x.reshape(x.shape[0], groups, w.shape[0] // groups, *x.shape[2:])
    rows = w.reshape(groups, w.shape[0] // groups, *w.shape[1:])
    steps = [kernel[i + 1 :].numel() for i in range(n)]
    y = x.new_zeros(x.shape[0], groups * w.shape[1], *out)
    for offset in product(*map(range, kernel)):
        place = rows.flatten(3)[..., sum(o * step for o, step in zip(offset, steps, strict=True))]
        part = torch.einsum("bgc...,gcm->bgm...", columns, place).flatten(1, 2)
        before = [offset[i] * dilations[i] - pads[i] for i in range(n)]
        for i, stride in enumerate(strides):
            part = apart(part, 2 + i, stride)
        after = [out[i] - before[i] - part.shape[2 + i] for i in range(n)]
        y = y + pad_constant(part, [0, 0, *before, 0, 0, *after])
    return y if bias is None else y + bias.reshape(-1, *[1] * n)


def apart(x: Tensor, dim: int, step: int) -> Tensor:
    """The elements along ``dim`` ``step`` places apart, zeros between."""
    gaps = x.new_zeros(*x.shape[: dim + 1], step - 1, *x.shape[dim + 1 :])
    spread = torch.cat((x.unsqueeze(dim + 1), gaps), dim + 1).flatten(dim, dim + 1)
    return spread.narrow(dim, 0, max((x.shape[dim] - 1) * step + 1, 0))
