"""Kernels of reductions and running reductions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.precision import narrow, wide


def least_value(dtype: np.dtype[Any]) -> Array:
    """The identity of max: −inf, the lowest integer, or False."""
    if dtype == np.bool_:
        return np.asarray(False)
    if np.issubdtype(dtype, np.integer):
        return np.asarray(np.iinfo(dtype).min, dtype)
    return np.asarray(-math.inf, dtype)


def greatest_value(dtype: np.dtype[Any]) -> Array:
    """The identity of min: +inf, the highest integer, or True."""
    if dtype == np.bool_:
        return np.asarray(True)
    if np.issubdtype(dtype, np.integer):
        return np.asarray(np.iinfo(dtype).max, dtype)
    return np.asarray(math.inf, dtype)


def reduce_sum(x: Array, *, axes: tuple[int, ...], keepdims: bool) -> Array:
    """The sum over ``axes``; 0 over nothing."""
    w = wide(x)
    with np.errstate(all="ignore"):
        return narrow(np.asarray(np.sum(w, axis=axes, dtype=w.dtype, keepdims=keepdims)), x)


def reduce_prod(x: Array, *, axes: tuple[int, ...], keepdims: bool) -> Array:
    """The product over ``axes``; 1 over nothing."""
    w = wide(x)
    with np.errstate(all="ignore"):
        return narrow(np.asarray(np.prod(w, axis=axes, dtype=w.dtype, keepdims=keepdims)), x)


def reduce_max(x: Array, *, axes: tuple[int, ...], keepdims: bool) -> Array:
    """The greatest element over ``axes``."""
    w = wide(x)
    return narrow(np.max(w, axis=axes, keepdims=keepdims, initial=least_value(w.dtype).item()), x)


def reduce_min(x: Array, *, axes: tuple[int, ...], keepdims: bool) -> Array:
    """The least element over ``axes``."""
    w = wide(x)
    return narrow(np.min(w, axis=axes, keepdims=keepdims, initial=greatest_value(w.dtype).item()), x)


def argmax(x: Array, *, axis: int, keepdims: bool, select_last: bool) -> Array:
    """Where along ``axis`` the greatest element is."""
    w = wide(x)
    if select_last:
        found = w.shape[axis] - 1 - np.argmax(np.flip(w, axis), axis=axis, keepdims=keepdims)
    else:
        found = np.argmax(w, axis=axis, keepdims=keepdims)
    return np.asarray(found, dtype=np.int64)


def argmin(x: Array, *, axis: int, keepdims: bool, select_last: bool) -> Array:
    """Where along ``axis`` the least element is."""
    w = wide(x)
    if select_last:
        found = w.shape[axis] - 1 - np.argmin(np.flip(w, axis), axis=axis, keepdims=keepdims)
    else:
        found = np.argmin(w, axis=axis, keepdims=keepdims)
    return np.asarray(found, dtype=np.int64)


def cumsum(x: Array, *, axis: int, exclusive: bool, reverse: bool) -> Array:
    """Running sums along ``axis``."""
    w = np.flip(wide(x), axis) if reverse else wide(x)
    with np.errstate(all="ignore"):
        total = np.cumsum(w, axis=axis, dtype=w.dtype)
    if exclusive:
        total = shifted_by_one(total, axis, 0)
    return narrow(np.flip(total, axis) if reverse else total, x)


def cumprod(x: Array, *, axis: int, exclusive: bool, reverse: bool) -> Array:
    """Running products along ``axis``."""
    w = np.flip(wide(x), axis) if reverse else wide(x)
    with np.errstate(all="ignore"):
        total = np.cumprod(w, axis=axis, dtype=w.dtype)
    if exclusive:
        total = shifted_by_one(total, axis, 1)
    return narrow(np.flip(total, axis) if reverse else total, x)


def shifted_by_one(x: Array, axis: int, first: int) -> Array:
    """``x`` moved one place towards the end of ``axis``, ``first`` put in front, the last element dropped."""
    moved = np.moveaxis(x, axis, 0)
    out = np.full_like(moved, first)
    out[1:] = moved[:-1]
    return np.moveaxis(out, 0, axis)


def mean(x: Array, *, axes: tuple[int, ...], keepdims: bool) -> Array:
    """The arithmetic mean over ``axes``; NaN over nothing."""
    w = wide(x)
    count = math.prod(w.shape[axis] for axis in axes)
    with np.errstate(all="ignore"):
        total = np.asarray(np.sum(w, axis=axes, keepdims=keepdims))
        return narrow(total / np.asarray(count, w.dtype), x)


def logsumexp(x: Array, *, axes: tuple[int, ...], keepdims: bool) -> Array:
    """``log(sum(exp(x)))`` over ``axes``, without overflow."""
    w = wide(x)
    with np.errstate(all="ignore"):
        top = np.max(w, axis=axes, keepdims=True, initial=-math.inf)
        top = np.where(np.isinf(top), np.zeros_like(top), top)
        total = np.log(np.sum(np.exp(w - top), axis=axes, keepdims=True)) + top
        return narrow(total if keepdims else np.squeeze(total, axis=axes), x)


def l1(x: Array, *, axes: tuple[int, ...], keepdims: bool) -> Array:
    """The sum of absolute values over ``axes``."""
    w = wide(x)
    with np.errstate(all="ignore"):
        return narrow(np.asarray(np.sum(np.abs(w), axis=axes, dtype=w.dtype, keepdims=keepdims)), x)


def l2(x: Array, *, axes: tuple[int, ...], keepdims: bool) -> Array:
    """The Euclidean norm over ``axes``."""
    w = wide(x)
    with np.errstate(all="ignore"):
        return narrow(np.sqrt(np.asarray(np.sum(w * w, axis=axes, keepdims=keepdims))), x)


def sum_square(x: Array, *, axes: tuple[int, ...], keepdims: bool) -> Array:
    """The sum of squares over ``axes``."""
    w = wide(x)
    with np.errstate(all="ignore"):
        return narrow(np.asarray(np.sum(w * w, axis=axes, dtype=w.dtype, keepdims=keepdims)), x)


def log_sum(x: Array, *, axes: tuple[int, ...], keepdims: bool) -> Array:
    """``log(sum(x))`` over ``axes``."""
    w = wide(x)
    with np.errstate(all="ignore"):
        return narrow(np.log(np.asarray(np.sum(w, axis=axes, keepdims=keepdims))), x)


def any_(x: Array, *, axes: tuple[int, ...], keepdims: bool) -> Array:
    """Whether an element over ``axes`` is true."""
    return np.asarray(np.any(x, axis=axes, keepdims=keepdims))


def all_(x: Array, *, axes: tuple[int, ...], keepdims: bool) -> Array:
    """Whether every element over ``axes`` is true."""
    return np.asarray(np.all(x, axis=axes, keepdims=keepdims))
