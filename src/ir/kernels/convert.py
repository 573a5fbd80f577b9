"""Kernels of conversion between dtypes."""

from __future__ import annotations

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.precision import is_narrow, wide


def cast(x: Array, *, to: np.dtype, saturate: bool, rounding: str) -> Array:
    """``x`` converted to ``to``."""
    x = np.asarray(x)
    with np.errstate(all="ignore"):
        if to == x.dtype:
            return x
        if to == np.object_:
            x = x.astype(np.uint8) if x.dtype == np.bool_ else wide(x)
            return np.asarray(x.astype(np.str_).astype(np.object_))
        if x.dtype == np.object_:
            whole = np.uint64 if to == np.uint64 else np.int64
            x = x.astype(np.str_).astype(np.float64 if is_float(to) else whole)
        if to.name == "float8_e8m0fnu":
            return scale_exponent(x, to, saturate, rounding)
        if x.dtype.name in ("int4", "int2", "uint4", "uint2"):
            x = x.astype(np.int8)
        x = wide(x)
        if is_narrow(to) and to.itemsize == 1 and not is_float(x.dtype):
            x = x.astype(np.float32)
        if saturate and not is_float(to) and to.kind not in "bc":
            return saturate_integer(x, to)
        if saturate and to.name.startswith("float8"):
            limit = {"float8_e4m3fn": 448.0, "float8_e4m3fnuz": 240.0}.get(to.name, 57344.0)
            x = np.clip(x, -limit, limit)
        return np.asarray(x.astype(to))


def is_float(dtype: np.dtype) -> bool:
    """Whether a dtype is a float, of NumPy or ``ml_dtypes``."""
    return bool(np.issubdtype(dtype, np.floating)) or is_narrow(dtype)


def saturate_integer(x: Array, to: np.dtype) -> Array:
    """``x`` truncated and clipped to an integer dtype; NaN gives 0."""
    bits = {"int4": 4, "uint4": 4, "int2": 2, "uint2": 2}.get(to.name, 8 * to.itemsize)
    signed = to.name.startswith("int")
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    if not is_float(x.dtype):
        clipped = np.asarray(np.clip(x.astype(np.object_), low, high), dtype=np.object_)
        return np.asarray(clipped.astype(np.int64 if signed else np.uint64).astype(to))
    inside = np.where((x > low) & (x < high), x, 0).astype(np.int64 if signed else np.uint64)
    inside = np.where(
        x >= high, np.array(high, inside.dtype), np.where(x <= low, np.array(low, inside.dtype), inside)
    )
    return np.asarray(inside.astype(to))


def scale_exponent(x: Array, to: np.dtype, saturate: bool, rounding: str) -> Array:
    """``|x|`` rounded to a power of two, as its biased exponent: 0xFF is NaN."""
    bits = np.asarray(wide(x), dtype=np.float32).view(np.uint32)
    exponent, fraction = (bits >> 23) & 0xFF, bits & 0x7FFFFF
    if rounding == "up":
        up = fraction > 0
    elif rounding == "nearest":  # a tie goes up, except between the two least powers
        up = (fraction > 0x400000) | ((fraction == 0x400000) & (exponent > 0))
    else:
        up = np.zeros(fraction.shape, np.bool_)
    top = exponent >= (0xFE if saturate else 0xFF)
    return np.asarray(np.where(up & ~top, exponent + 1, exponent).astype(np.uint8).view(to))


def bitcast(x: Array, *, to: np.dtype) -> Array:
    """The bits of ``x`` read as another dtype of the same width."""
    x = np.asarray(x)
    if to == np.bool_:
        return np.asarray(x.view(np.uint8) != 0)
    return np.asarray(np.ascontiguousarray(x).reshape(x.shape).view(to))
