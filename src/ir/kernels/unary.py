"""Kernels of the unary core ops."""

from __future__ import annotations

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.precision import narrow, pointwise, wide


def abs_(x: Array) -> Array:
    """``|x|``."""
    return pointwise(np.absolute, x)


def neg(x: Array) -> Array:
    """``-x``; integers wrap."""
    return pointwise(np.negative, x)


def sign(x: Array) -> Array:
    """-1, 0 or 1; NaN for NaN, +0 for either zero."""
    return narrow(pointwise(np.sign, x) + np.zeros((), wide(x).dtype), x)


def floor(x: Array) -> Array:
    """The largest integer that is not above ``x``."""
    return pointwise(np.floor, x)


def ceil(x: Array) -> Array:
    """The smallest integer that is not below ``x``."""
    return pointwise(np.ceil, x)


def round_(x: Array) -> Array:
    """The nearest integer, ties to the even one."""
    return pointwise(np.rint, x)


def sqrt(x: Array) -> Array:
    """The square root; NaN below zero."""
    return pointwise(np.sqrt, x)


def exp(x: Array) -> Array:
    """e to the ``x``."""
    return pointwise(np.exp, x)


def log(x: Array) -> Array:
    """The natural logarithm; NaN below zero, -inf at zero."""
    return pointwise(np.log, x)


def sin(x: Array) -> Array:
    """The sine of radians."""
    return pointwise(np.sin, x)


def cos(x: Array) -> Array:
    """The cosine of radians."""
    return pointwise(np.cos, x)


def tan(x: Array) -> Array:
    """The tangent of radians."""
    return pointwise(np.tan, x)


def asin(x: Array) -> Array:
    """The inverse sine; NaN outside [-1, 1]."""
    return pointwise(np.arcsin, x)


def acos(x: Array) -> Array:
    """The inverse cosine; NaN outside [-1, 1]."""
    return pointwise(np.arccos, x)


def atan(x: Array) -> Array:
    """The inverse tangent."""
    return pointwise(np.arctan, x)


def sinh(x: Array) -> Array:
    """The hyperbolic sine."""
    return pointwise(np.sinh, x)


def cosh(x: Array) -> Array:
    """The hyperbolic cosine."""
    return pointwise(np.cosh, x)


def tanh(x: Array) -> Array:
    """The hyperbolic tangent."""
    return pointwise(np.tanh, x)


def asinh(x: Array) -> Array:
    """The inverse hyperbolic sine."""
    return pointwise(np.arcsinh, x)


def acosh(x: Array) -> Array:
    """The inverse hyperbolic cosine; NaN below 1."""
    return pointwise(np.arccosh, x)


def atanh(x: Array) -> Array:
    """The inverse hyperbolic tangent; NaN outside [-1, 1]."""
    return pointwise(np.arctanh, x)


def is_nan(x: Array) -> Array:
    """Whether an element is NaN."""
    return np.asarray(np.isnan(wide(x)))


def is_inf(x: Array, *, detect_negative: bool, detect_positive: bool) -> Array:
    """Whether an element is one of the chosen infinities."""
    x = wide(x)
    return np.asarray((detect_negative & (x == -np.inf)) | (detect_positive & (x == np.inf)))
