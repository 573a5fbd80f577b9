"""Kernels of logic, bits and comparison."""

from __future__ import annotations

import numpy as np

from interlingua.ir.kernels.array import Array


def not_(x: Array) -> Array:
    """Logical for bool, bitwise for integers."""
    return np.asarray(np.invert(x))


def and_(a: Array, b: Array) -> Array:
    """Logical for bool, bitwise for integers."""
    return np.asarray(np.bitwise_and(a, b))


def or_(a: Array, b: Array) -> Array:
    """Logical for bool, bitwise for integers."""
    return np.asarray(np.bitwise_or(a, b))


def xor(a: Array, b: Array) -> Array:
    """Logical for bool, bitwise for integers."""
    return np.asarray(np.bitwise_xor(a, b))


def shift_left(a: Array, b: Array) -> Array:
    """``a`` moved up by ``b`` bits; zeros come in."""
    return np.asarray(np.left_shift(a, b))


def shift_right(a: Array, b: Array) -> Array:
    """``a`` moved down by ``b`` bits; copies of the sign bit come in, zeros where there is none."""
    return np.asarray(np.right_shift(a, b))


def eq(a: Array, b: Array) -> Array:
    """Whether the operands are equal; NaN equals nothing."""
    return np.asarray(np.equal(a, b), dtype=np.bool_)


def lt(a: Array, b: Array) -> Array:
    """Whether ``a`` is below ``b``."""
    return np.asarray(np.less(a, b), dtype=np.bool_)


def le(a: Array, b: Array) -> Array:
    """Whether ``a`` is not above ``b``; false for NaN."""
    return np.asarray(np.less_equal(a, b), dtype=np.bool_)


def select(condition: Array, a: Array, b: Array) -> Array:
    """``a`` where the condition holds, else ``b``."""
    return np.asarray(np.where(condition, a, b), dtype=np.asarray(a).dtype)
