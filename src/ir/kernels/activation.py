"""Kernels of the activations."""

from __future__ import annotations

import math

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.erf import erf
from interlingua.ir.kernels.precision import narrow, wide


def relu(x: Array) -> Array:
    """``max(x, 0)``; NaN stays."""
    return narrow(np.maximum(wide(x), 0), x)


def leaky_relu(x: Array, *, alpha: float) -> Array:
    """``x``, times ``alpha`` below zero."""
    with np.errstate(all="ignore"):
        v = wide(x)
        return narrow(np.where(v < 0, alpha * v, v), x)


def prelu(x: Array, slope: Array) -> Array:
    """``x``, times ``slope`` below zero."""
    with np.errstate(all="ignore"):
        v = wide(x)
        return narrow(np.where(v < 0, wide(slope) * v, v), x)


def elu(x: Array, *, alpha: float) -> Array:
    """``x``, and ``alpha * (exp(x) - 1)`` below zero."""
    with np.errstate(all="ignore"):
        v = wide(x)
        return narrow(np.where(v < 0, alpha * np.expm1(v), v), x)


def selu(x: Array, *, alpha: float, gamma: float) -> Array:
    """``gamma`` times ``elu``."""
    with np.errstate(all="ignore"):
        v = wide(x)
        return narrow(gamma * np.where(v > 0, v, alpha * np.expm1(v)), x)


def celu(x: Array, *, alpha: float) -> Array:
    """``max(0, x) + min(0, alpha * (exp(x / alpha) - 1))``."""
    with np.errstate(all="ignore"):
        v = wide(x)
        return narrow(np.maximum(v, 0) + np.minimum(alpha * np.expm1(v / alpha), 0), x)


def gelu(x: Array, *, form: str) -> Array:
    """``x`` times the normal distribution function, exact or by its tanh approximation."""
    with np.errstate(all="ignore"):
        v = wide(x)
        if form == "erf":
            return narrow(0.5 * v * (1.0 + erf(v / math.sqrt(2.0))), x)
        return narrow(0.5 * v * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (v + 0.044715 * v * v * v))), x)


def sigmoid(x: Array) -> Array:
    """``1 / (1 + exp(-x))``, without overflow."""
    with np.errstate(all="ignore"):
        v = wide(x)
        e = np.exp(-np.abs(v))
        return narrow(np.where(v >= 0, 1.0, e) / (1.0 + e), x)


def silu(x: Array, *, alpha: float) -> Array:
    """``x * sigmoid(alpha * x)``."""
    with np.errstate(all="ignore"):
        v = wide(x)
        return narrow(v * sigmoid(alpha * v), x)


def softplus(x: Array) -> Array:
    """``log(1 + exp(x))``, without overflow."""
    with np.errstate(all="ignore"):
        v = wide(x)
        return narrow(np.maximum(v, 0) + np.log1p(np.exp(-np.abs(v))), x)


def mish(x: Array) -> Array:
    """``x * tanh(softplus(x))``."""
    with np.errstate(all="ignore"):
        v = wide(x)
        return narrow(v * np.tanh(softplus(v)), x)


def hard_sigmoid(x: Array, *, alpha: float, beta: float) -> Array:
    """``alpha * x + beta`` clipped to [0, 1]."""
    with np.errstate(all="ignore"):
        return narrow(np.clip(alpha * wide(x) + beta, 0.0, 1.0), x)


def hard_swish(x: Array) -> Array:
    """``x * hard_sigmoid(x)`` of slope 1/6 and offset 1/2."""
    with np.errstate(all="ignore"):
        v = wide(x)
        return narrow(v * np.clip(v * (1.0 / 6.0) + 0.5, 0.0, 1.0), x)


def softsign(x: Array) -> Array:
    """``x / (1 + |x|)``."""
    with np.errstate(all="ignore"):
        v = wide(x)
        return narrow(v / (1.0 + np.abs(v)), x)


def thresholded_relu(x: Array, *, alpha: float) -> Array:
    """``x`` above ``alpha``, else 0."""
    v, limit = wide(x), wide(np.asarray(alpha).astype(np.asarray(x).dtype))
    return narrow(np.where(v > limit, v, np.zeros((), v.dtype)), x)


def shrink(x: Array, *, lambd: float, bias: float) -> Array:
    """``x`` moved towards zero by ``bias`` outside [-lambd, lambd], 0 inside."""
    with np.errstate(all="ignore"):
        v, limit = wide(x), wide(np.asarray(lambd).astype(np.asarray(x).dtype))
        return narrow(np.where(v < -limit, v + bias, np.where(v > limit, v - bias, 0)), x)


def clip(x: Array, low: Array | None = None, high: Array | None = None) -> Array:
    """``min(max(x, low), high)``."""
    y = wide(x)
    y = y if low is None else np.maximum(y, wide(low))
    return narrow(y if high is None else np.minimum(y, wide(high)), x)


def softmax(x: Array, *, axis: int) -> Array:
    """Normalised exponential along ``axis``."""
    with np.errstate(all="ignore"):
        v = wide(x)
        e = np.exp(v - np.max(v, axis=axis, keepdims=True, initial=-np.inf))
        return narrow(e / np.sum(e, axis=axis, keepdims=True), x)


def log_softmax(x: Array, *, axis: int) -> Array:
    """The logarithm of ``softmax``."""
    with np.errstate(all="ignore"):
        v = wide(x)
        shifted = v - np.max(v, axis=axis, keepdims=True, initial=-np.inf)
        return narrow(shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True)), x)


def hardmax(x: Array, *, axis: int) -> Array:
    """1 at the first largest element along ``axis``, else 0."""
    v = wide(x)
    y = np.zeros(v.shape, v.dtype)
    if v.size:
        np.put_along_axis(y, np.expand_dims(np.argmax(v, axis=axis), axis), 1, axis)
    return narrow(y, x)


def swiglu(x: Array, gate: Array, *, alpha: float) -> Array:
    """``x * silu(gate)``."""
    with np.errstate(all="ignore"):
        return narrow(wide(x) * silu(wide(gate), alpha=alpha), x)
