"""Kernels of the mathematical composites."""

from __future__ import annotations

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.precision import narrow, pointwise, wide


def ne(a: Array, b: Array) -> Array:
    """Whether the operands differ; NaN differs from everything."""
    return np.asarray(np.not_equal(a, b), dtype=np.bool_)


def gt(a: Array, b: Array) -> Array:
    """Whether ``a`` is above ``b``."""
    return np.asarray(np.greater(a, b), dtype=np.bool_)


def ge(a: Array, b: Array) -> Array:
    """Whether ``a`` is not below ``b``; false for NaN."""
    return np.asarray(np.greater_equal(a, b), dtype=np.bool_)


def reciprocal(x: Array) -> Array:
    """``1 / x``."""
    with np.errstate(all="ignore"):
        return narrow(1.0 / wide(x), x)


def rsqrt(x: Array) -> Array:
    """``1 / sqrt(x)``."""
    with np.errstate(all="ignore"):
        return narrow(1.0 / np.sqrt(wide(x)), x)


def square(x: Array) -> Array:
    """``x * x``."""
    return pointwise(np.square, x)


def log1p(x: Array) -> Array:
    """``log(1 + x)``, accurate near zero."""
    return pointwise(np.log1p, x)


def expm1(x: Array) -> Array:
    """``exp(x) - 1``, accurate near zero."""
    return pointwise(np.expm1, x)


def floor_div(a: Array, b: Array) -> Array:
    """``floor(a / b)``."""
    if np.issubdtype(np.asarray(a).dtype, np.integer):
        return pointwise(np.floor_divide, a, b)
    with np.errstate(all="ignore"):
        return narrow(np.floor(wide(pointwise(np.divide, a, b))), a)


def mod(a: Array, b: Array) -> Array:
    """The remainder with the sign of the divisor."""
    with np.errstate(all="ignore"):
        if np.issubdtype(np.asarray(a).dtype, np.integer):
            return narrow(np.mod(a, b), a)
        rest, divisor = np.fmod(wide(a), wide(b)), wide(b)
        moved = np.where((rest != 0) & ((rest < 0) != (divisor < 0)), rest + divisor, rest)
        return narrow(np.where(rest == 0, np.copysign(rest, divisor), moved), a)


def sinc(x: Array) -> Array:
    """``sin(pi*x) / (pi*x)``, 1 at zero."""
    with np.errstate(all="ignore"):
        scaled = np.pi * wide(x)
        return narrow(np.where(scaled == 0, 1.0, np.sin(scaled) / scaled), x)


def bit_count(x: Array) -> Array:
    """The number of one bits in the two's complement of each integer."""
    x = np.asarray(x)
    return np.asarray(np.bitwise_count(x.view(f"u{x.dtype.itemsize}")).astype(x.dtype))
