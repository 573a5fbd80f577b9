"""Fourier transforms."""

from __future__ import annotations

import torch
from torch import Tensor


def dft(x: Tensor, length: int | None = None, *, dim: int, inverse: bool = False, onesided: bool = False) -> Tensor:
    """The transform along ``dim``; the last axis holds the real and the imaginary part. In double precision."""
    along = dim % x.dim()
    wide = x.to(torch.float64)
    signal = wide[..., 0] if x.shape[-1] == 1 else torch.complex(wide[..., 0], wide[..., 1])
    size = x.shape[along] if length is None else length
    if inverse and onesided:
        size = 2 * (x.shape[along] - 1) if length is None else length
    if not x.numel():  # which some libraries refuse
        bins = size if inverse or not onesided else size // 2 + 1
        return x.new_zeros(*x.shape[:along], bins, *x.shape[along + 1 : -1], 1 if inverse and onesided else 2)
    if inverse and onesided:
        back: Tensor = torch.fft.irfft(signal, n=size, dim=along)
        return back.unsqueeze(-1).to(x.dtype)
    transform = torch.fft.ifft if inverse else torch.fft.fft
    found = transform(signal, n=size, dim=along)
    if onesided:
        found = found.narrow(along, 0, found.shape[along] // 2 + 1)
    return torch.stack((found.real, found.imag), -1).to(x.dtype)
