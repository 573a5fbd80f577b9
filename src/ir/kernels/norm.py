"""Kernels of normalisations. Narrow floats compute in float32 and round once."""

from __future__ import annotations

import math

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.precision import narrow, wide


def along_axis(v: Array, rank: int, axis: int) -> Array:
    """A vector shaped to broadcast along ``axis`` of a tensor of ``rank``."""
    return wide(v).reshape((-1,) + (1,) * (rank - 1 - axis % rank))


def standardize(a: Array, axes: tuple[int, ...], epsilon: float) -> Array:
    """``(a - mean) / sqrt(variance + epsilon)`` over ``axes``, with the biased variance."""
    with np.errstate(all="ignore"):
        count = math.prod(a.shape[i] for i in axes)
        centred = a - np.sum(a, axis=axes, keepdims=True) / a.dtype.type(count)
        variance = np.sum(centred * centred, axis=axes, keepdims=True) / a.dtype.type(count)
        return np.asarray(centred / np.sqrt(variance + a.dtype.type(epsilon)))


def batch_norm(
    x: Array, scale: Array, bias: Array, mean: Array, variance: Array, *, epsilon: float, axis: int
) -> Array:
    """Normalise by given statistics of each channel."""
    a = wide(x)
    s, o, m, v = (along_axis(p, a.ndim, axis) for p in (scale, bias, mean, variance))
    with np.errstate(all="ignore"):
        return narrow((a - m) / np.sqrt(v + a.dtype.type(epsilon)) * s + o, x)


def layer_norm(
    x: Array, scale: Array | None = None, bias: Array | None = None, *, axis: int, epsilon: float
) -> Array:
    """Normalise over the axes from ``axis`` on."""
    a = wide(x)
    y = standardize(a, tuple(range(axis % a.ndim, a.ndim)), epsilon)
    with np.errstate(all="ignore"):
        y = y if scale is None else y * wide(scale)
        y = y if bias is None else y + wide(bias)
    return narrow(y, x)


def rms_norm(x: Array, scale: Array | None = None, *, axis: int, epsilon: float) -> Array:
    """Divide by the root of the mean square over the axes from ``axis`` on."""
    a = wide(x)
    axes = tuple(range(axis % a.ndim, a.ndim))
    with np.errstate(all="ignore"):
        count = a.dtype.type(math.prod(a.shape[i] for i in axes))
        mean = np.sum(a * a, axis=axes, keepdims=True) / count
        y = a / np.sqrt(mean + a.dtype.type(epsilon))
        return narrow(y if scale is None else y * wide(scale), x)


def instance_norm(
    x: Array, scale: Array | None = None, bias: Array | None = None, *, epsilon: float
) -> Array:
    """Normalise each plane of each example."""
    a = wide(x)
    y = standardize(a, tuple(range(2, a.ndim)), epsilon)
    with np.errstate(all="ignore"):
        y = y if scale is None else y * along_axis(scale, a.ndim, 1)
        y = y if bias is None else y + along_axis(bias, a.ndim, 1)
    return narrow(y, x)


def group_norm(
    x: Array, scale: Array | None = None, bias: Array | None = None, *, groups: int, epsilon: float
) -> Array:
    """Normalise each group of channels of each example."""
    a = wide(x)
    each = a.reshape(a.shape[0], groups, a.shape[1] // groups, *a.shape[2:])
    y = standardize(each, tuple(range(2, each.ndim)), epsilon).reshape(a.shape)
    with np.errstate(all="ignore"):
        y = y if scale is None else y * along_axis(scale, a.ndim, 1)
        y = y if bias is None else y + along_axis(bias, a.ndim, 1)
    return narrow(y, x)


def lp_norm(x: Array, *, axis: int, p: int) -> Array:
    """Divide by the p-norm along ``axis``; where that is 0, give 0."""
    a = wide(x)
    with np.errstate(all="ignore"):
        norm = np.sum(np.abs(a) ** p, axis=axis, keepdims=True)
        norm = np.sqrt(norm) if p == 2 else norm ** a.dtype.type(1.0 / p)
        return narrow(np.where(norm == 0, np.zeros((), a.dtype), a / norm), x)


def lrn(x: Array, *, size: int, alpha: float, beta: float, bias: float) -> Array:
    """Divide by a power of the sum of squares over neighbouring channels."""
    a = wide(x)
    before, after = (size - 1) // 2, size // 2
    with np.errstate(all="ignore"):
        squares = np.pad(a * a, [(0, 0), (before, after), *[(0, 0)] * (a.ndim - 2)])
        total = np.zeros_like(a)
        for i in range(size):
            total += squares[:, i : i + a.shape[1]]
        return narrow(a / (bias + alpha / size * total) ** a.dtype.type(beta), x)


def mean_variance_norm(x: Array, *, axes: tuple[int, ...], epsilon: float) -> Array:
    """``(x - mean) / (standard deviation + epsilon)`` over ``axes``."""
    a = wide(x)
    with np.errstate(all="ignore"):
        count = a.dtype.type(math.prod(a.shape[i] for i in axes))
        mean = np.sum(a, axis=axes, keepdims=True) / count
        variance = np.sum((a - mean) ** 2, axis=axes, keepdims=True) / count
        return narrow((a - mean) / (np.sqrt(variance) + a.dtype.type(epsilon)), x)
