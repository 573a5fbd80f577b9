"""Kernels of products of matrices."""

from __future__ import annotations

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.precision import narrow, wide


def matmul(a: Array, b: Array) -> Array:
    """The product of matrices, broadcast over the leading axes."""
    with np.errstate(all="ignore"):
        return narrow(np.asarray(np.matmul(wide(a), wide(b))), a)


def gemm(
    a: Array, b: Array, c: Array | None = None, *, alpha: float, beta: float, trans_a: bool, trans_b: bool
) -> Array:
    """``alpha * A @ B + beta * c``, ``A`` and ``B`` transposed on demand."""
    left = wide(a).T if trans_a else wide(a)
    right = wide(b).T if trans_b else wide(b)
    with np.errstate(all="ignore"):
        out = np.matmul(left, right)
        if alpha != 1:
            out = out * factor_like(alpha, out)
        if c is not None:
            out = out + (wide(c) if beta == 1 else wide(c) * factor_like(beta, out))
    return narrow(out, a)


def factor_like(factor: float, x: Array) -> Array:
    """``factor`` in the dtype of ``x``; a whole one wraps where ``x`` holds integers."""
    return np.asarray(factor, x.dtype) if x.dtype.kind == "f" else np.asarray(int(factor)).astype(x.dtype)


def einsum(*xs: Array, equation: str) -> Array:
    """The sum of products that ``equation`` states."""
    with np.errstate(all="ignore"):
        out = np.einsum(equation.replace(" ", ""), *[wide(x) for x in xs], optimize=len(xs) > 1)
    return narrow(np.asarray(out), xs[0])
