"""Convolutions of what PyTorch's own do not take: integers, more than three spatial axes, nothing at all."""

from __future__ import annotations

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
    n = len(strides)
    amounts = [0, 0, 0, 0]
    for i, stride in enumerate(strides):
        dim, size = 2 + i, x.shape[2 + i]
        gaps = x.new_zeros(*x.shape[: dim + 1], stride - 1, *x.shape[dim + 1 :])
        apart = torch.cat((x.unsqueeze(dim + 1), gaps), dim + 1).flatten(dim, dim + 1)
        x = apart.narrow(dim, 0, max((size - 1) * stride + 1, 0))
        span = (w.shape[2 + i] - 1) * dilations[i]
        amounts.insert(2 + i, span - pads[i])
        missing = 0 if size else 1 - stride
        amounts.append(span - pads[n + i] + output_padding[i] + missing)
    split = w.reshape(groups, w.shape[0] // groups, *w.shape[1:]).transpose(1, 2)
    flipped = split.flatten(0, 1).flip(tuple(range(2, 2 + n)))
    options = {"strides": (1,) * n, "pads": (0,) * (2 * n), "dilations": dilations, "groups": groups}
    return convolve(pad_constant(x, amounts), flipped, bias, **options)
