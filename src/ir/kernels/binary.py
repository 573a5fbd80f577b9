"""Kernels of the binary core ops: NumPy broadcasting, one dtype in and out."""

from __future__ import annotations

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.precision import narrow, pointwise


def add(a: Array, b: Array) -> Array:
    """``a + b``; integers wrap."""
    return pointwise(np.add, a, b)


def sub(a: Array, b: Array) -> Array:
    """``a - b``; integers wrap."""
    return pointwise(np.subtract, a, b)


def mul(a: Array, b: Array) -> Array:
    """``a * b``; integers wrap."""
    return pointwise(np.multiply, a, b)


def div(a: Array, b: Array) -> Array:
    """``a / b``; integers truncate towards zero."""
    if not np.issubdtype(np.asarray(a).dtype, np.integer):
        return pointwise(np.divide, a, b)
    with np.errstate(all="ignore"):
        quotient = np.floor_divide(a, b)
        inexact = np.multiply(quotient, b) != a
        return narrow(quotient + (inexact & (np.less(a, 0) != np.less(b, 0))), a)


def rem(a: Array, b: Array) -> Array:
    """The remainder with the sign of the dividend."""
    return pointwise(np.fmod, a, b)


def pow_(a: Array, b: Array) -> Array:
    """``a`` to the ``b``; for integers a negative exponent gives the truncated reciprocal."""
    a, b = np.asarray(a), np.asarray(b)
    if not np.issubdtype(a.dtype, np.signedinteger):
        root = b == 0.5  # one such number makes NumPy take roots: that of -inf is NaN, that of -0 is -0
        if np.any(root):
            a = np.where(root & (np.isinf(a) | (a == 0)), np.abs(a), a)
        return pointwise(np.power, a, b)
    with np.errstate(all="ignore"):
        reciprocal = np.where(np.abs(a) == 1, np.where(b % 2 == 0, 1, a), 0)
        return narrow(np.where(b < 0, reciprocal, np.power(a, np.maximum(b, 0))), a)


def max_(a: Array, b: Array) -> Array:
    """The larger operand; NaN where one is NaN."""
    return pointwise(np.maximum, a, b)


def min_(a: Array, b: Array) -> Array:
    """The smaller operand; NaN where one is NaN."""
    return pointwise(np.minimum, a, b)


def atan2(y: Array, x: Array) -> Array:
    """The angle of the point (x, y), in [-pi, pi]."""
    return pointwise(np.arctan2, y, x)
