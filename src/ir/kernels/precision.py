"""Narrow floats: what NumPy would compute in eight or sixteen bits is computed in float32 and rounded
once."""

from __future__ import annotations

import numpy as np

from interlingua.ir.kernels.array import Array


def is_narrow(dtype: np.dtype) -> bool:
    """Whether a dtype is a float of less than 32 bits, ``ml_dtypes``' among them."""
    return dtype.itemsize < 4 and (dtype == np.float16 or dtype.name.startswith(("bfloat", "float8", "float4")))


def wide(x: Array) -> Array:
    """``x`` in float32 where its dtype is a narrower float, else ``x``."""
    x = np.asarray(x)
    return x.astype(np.float32) if is_narrow(x.dtype) else x


def narrow(y: Array, like: Array) -> Array:
    """``y`` in the dtype of ``like``."""
    y, dtype = np.asarray(y), np.asarray(like).dtype
    if y.dtype == dtype:
        return y
    with np.errstate(all="ignore"):
        return y.astype(dtype)


def pointwise(function: np.ufunc, *xs: Array) -> Array:
    """``function`` of the operands elementwise, in the dtype of the first one, without warnings."""
    with np.errstate(all="ignore"):
        return narrow(function(*(wide(x) for x in xs)), xs[0])
