"""Kernels of signal processing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.precision import narrow, wide


def dft(x: Array, length: Array | None = None, *, axis: int, inverse: bool, onesided: bool) -> Array:
    """The discrete Fourier transform along ``axis``; the last axis holds the real and the imaginary part."""
    w = wide(x)
    along_axis = axis % w.ndim
    signal = w[..., 0] if w.shape[-1] == 1 else w[..., 0] + 1j * w[..., 1]
    if length is not None:
        n = int(np.asarray(length).reshape(()))
    else:
        n = 2 * (signal.shape[along_axis] - 1) if inverse and onesided else signal.shape[along_axis]
    if inverse and onesided:
        return narrow(np.fft.irfft(signal, n=n, axis=along_axis)[..., None], x)
    out = np.fft.ifft(signal, n=n, axis=along_axis) if inverse else np.fft.fft(signal, n=n, axis=along_axis)
    if onesided:
        out = np.take(out, np.arange(n // 2 + 1), axis=along_axis)
    return narrow(np.stack([out.real, out.imag], axis=-1), x)


def stft(
    signal: Array, step: Array, window: Array | None = None, length: Array | None = None, *, onesided: bool
) -> Array:
    """The Fourier transforms of windowed frames of a signal."""
    w = wide(signal)
    if length is not None:
        size = int(np.asarray(length).reshape(()))
    else:
        size = w.shape[1] if window is None else window.shape[0]
    hop = int(np.asarray(step).reshape(()))
    frames = max(0, (w.shape[1] - size) // hop + 1)
    place = np.arange(frames)[:, None] * hop + np.arange(size)[None, :]
    cut = w[:, place]
    if window is not None:
        cut = cut * wide(window)[:, None]
    return narrow(dft(cut, None, axis=2, inverse=False, onesided=onesided), signal)


def window_angle(size: Array, periodic: bool) -> Array:
    """``2π i / N`` for each sample, ``N`` the size of a periodic window, one less for a symmetric one."""
    n = int(np.asarray(size).reshape(()))
    with np.errstate(all="ignore"):  # one symmetric sample is 0/0
        return np.arange(n) * (2 * math.pi / np.float64(n if periodic else n - 1))


def hann_window(size: Array, *, periodic: bool, dtype: np.dtype[Any]) -> Array:
    """A raised cosine that touches zero."""
    return (0.5 - 0.5 * np.cos(window_angle(size, periodic))).astype(dtype)


def hamming_window(size: Array, *, periodic: bool, dtype: np.dtype[Any]) -> Array:
    """A raised cosine that ends a little above zero."""
    alpha = 25 / 46
    return (alpha - (1 - alpha) * np.cos(window_angle(size, periodic))).astype(dtype)


def blackman_window(size: Array, *, periodic: bool, dtype: np.dtype[Any]) -> Array:
    """Two cosines."""
    angle = window_angle(size, periodic)
    return np.asarray(0.42 - 0.5 * np.cos(angle) + 0.08 * np.cos(2 * angle), dtype)


def mel_weights(
    bands: Array,
    length: Array,
    rate: Array,
    low: Array,
    high: Array,
    *,
    dtype: np.dtype[Any],
) -> Array:
    """Triangles of equal width on the mel scale, as columns over the bins of a spectrum."""
    count, size = int(np.asarray(bands).reshape(())), int(np.asarray(length).reshape(()))
    low_mel = 2595 * np.log10(1 + np.asarray(low, np.float64) / 700)
    high_mel = 2595 * np.log10(1 + np.asarray(high, np.float64) / 700)
    mels = low_mel + np.arange(count + 2) * ((high_mel - low_mel) / (count + 2))
    edges = np.floor((size + 1) * (700 * (10 ** (mels / 2595) - 1)) / int(np.asarray(rate).reshape(())))
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    bin_ = np.arange(size // 2 + 1)[:, None]
    with np.errstate(all="ignore"):
        rising = np.where(centre == left, bin_ == centre, (bin_ - left) / (centre - left))
        falling = np.where(right == centre, 0, (right - bin_) / (right - centre))
    weights = np.where((bin_ >= left) & (bin_ <= centre), rising, 0)
    weights = np.where((bin_ >= centre) & (bin_ < right), falling, weights)
    return weights.astype(dtype)
