"""Kernels of quantization."""

from __future__ import annotations

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.convert import cast, is_float, saturate_integer
from interlingua.ir.kernels.convolution import conv
from interlingua.ir.kernels.precision import pointwise, wide


def spread(value: Array, shape: tuple[int, ...], axis: int, block: int) -> Array:
    """A scale or zero point made to broadcast against ``shape``."""
    if value.ndim == 0 or value.size == 1:
        return value.reshape(())
    if block:
        return np.repeat(value, block, axis=axis).take(np.arange(shape[axis]), axis=axis)
    return value.reshape([-1 if i == axis % len(shape) else 1 for i in range(len(shape))])


def quantize(
    x: Array,
    scale: Array,
    zero_point: Array | None = None,
    *,
    dtype: np.dtype,
    axis: int,
    block: int,
    saturate: bool,
    precision: np.dtype | None,
) -> Array:
    """``x / scale`` rounded, plus the zero point, saturated to ``dtype``."""
    x, scale = np.asarray(x), np.asarray(scale)
    at = precision or (scale.dtype if scale.dtype.itemsize > 1 else np.dtype(np.float32))
    numerator = cast(x, to=at, saturate=False, rounding="up")
    divisor = spread(cast(scale, to=at, saturate=False, rounding="up"), x.shape, axis, block)
    with np.errstate(all="ignore"):
        quotient = wide(pointwise(np.divide, numerator, divisor))
        offset = 0.0 if zero_point is None else spread(np.asarray(zero_point), x.shape, axis, block).astype(np.float64)
        if is_float(dtype):
            y = quotient if zero_point is None else (quotient + offset).astype(quotient.dtype)
            return cast(y, to=dtype, saturate=saturate, rounding="nearest")
        return saturate_integer(np.rint(quotient).astype(np.float64) + offset, dtype)


def dequantize(
    x: Array,
    scale: Array,
    zero_point: Array | None = None,
    *,
    dtype: np.dtype | None,
    axis: int,
    block: int,
) -> Array:
    """``(x - zero_point) * scale``."""
    x, scale = np.asarray(x), np.asarray(scale)
    out = scale.dtype if dtype is None else dtype
    factor = wide(spread(scale, x.shape, axis, block))
    exact = np.float64 if is_float(x.dtype) else np.int64
    with np.errstate(all="ignore"):
        level = wide(x).astype(exact)
        if zero_point is not None:
            level = level - wide(spread(np.asarray(zero_point), x.shape, axis, block)).astype(exact)
        factor = factor.astype(np.float64) if out == np.float64 else factor
        return np.asarray((level.astype(factor.dtype) * factor).astype(out))


def dynamic_quantize(x: Array) -> tuple[Array, Array, Array]:
    """uint8 levels of ``x`` with the scale and zero point that its range, widened to hold 0, gives."""
    x = np.asarray(x)
    with np.errstate(all="ignore"):
        high, low = (np.asarray(f(wide(x), initial=0)).astype(x.dtype) for f in (np.max, np.min))
        width = np.ones((), x.dtype) if high == low else pointwise(np.subtract, high, low)
        scale = pointwise(np.divide, width, np.asarray(255).astype(x.dtype))
        shift = wide(pointwise(np.divide, pointwise(np.negative, low), scale))
        zero = np.asarray(np.rint(np.clip(shift, 0, 255))).astype(np.uint8)
    levels = quantize(x, scale, zero, dtype=np.dtype(np.uint8), axis=0, block=0, saturate=True, precision=None)
    return levels, scale, zero


def centred(x: Array, zero_point: Array | None, axis: int) -> Array:
    """``x - zero_point`` in int32; a vector of zero points runs along ``axis``."""
    y = np.asarray(x).astype(np.int32)
    if zero_point is None:
        return y
    zero = np.asarray(zero_point).astype(np.int32)
    if zero.ndim == 1:
        zero = spread(zero, y.shape, axis, 0)
    return np.asarray(y - zero)


def matmul_integer(a: Array, b: Array, a_zero_point: Array | None = None, b_zero_point: Array | None = None) -> Array:
    """The product of ``a - a_zero_point`` and ``b - b_zero_point`` in int32."""
    left = centred(a, a_zero_point, -2 if np.ndim(a) > 1 else -1)
    return np.asarray(np.matmul(left, centred(b, b_zero_point, -1)))


def qlinear_matmul(
    a: Array,
    a_scale: Array,
    a_zero_point: Array,
    b: Array,
    b_scale: Array,
    b_zero_point: Array,
    y_scale: Array,
    y_zero_point: Array,
) -> Array:
    """The integer matrix product, requantized."""
    product = matmul_integer(a, b, a_zero_point, b_zero_point)
    row = np.asarray(a_scale)
    if row.ndim == 1 and row.size != 1 and np.ndim(b) > 1:
        row = row.reshape(-1, 1)
    return requantize(product, row, b_scale, y_scale, y_zero_point)


def one(x: Array) -> Array:
    """A tensor of one element as a scalar, any other as it is."""
    x = np.asarray(x)
    return x.reshape(()) if x.size == 1 else x


def requantize(total: Array, a_scale: Array, b_scale: Array, y_scale: Array, zero_point: Array) -> Array:
    """int32 sums to the output's levels: ``round(total * (a_scale * b_scale / y_scale)) + zero_point``."""
    with np.errstate(all="ignore"):
        multiplier = np.asarray(wide(one(a_scale)) * wide(one(b_scale)) / wide(one(y_scale)))
        level = np.rint(total.astype(multiplier.dtype) * multiplier).astype(np.float64)
        zero = one(zero_point)
        return saturate_integer(np.asarray(level + zero.astype(np.float64)), zero.dtype)


def conv_integer(
    x: Array,
    w: Array,
    x_zero_point: Array | None = None,
    w_zero_point: Array | None = None,
    *,
    strides: tuple[int, ...],
    dilations: tuple[int, ...],
    pads: tuple[int, ...],
    groups: int,
) -> Array:
    """The convolution of ``x - x_zero_point`` with ``w - w_zero_point`` in int32; padding is 0 there."""
    return conv(
        centred(x, x_zero_point, 1),
        centred(w, w_zero_point, 0),
        None,
        strides=strides,
        dilations=dilations,
        pads=pads,
        groups=groups,
        layout="channels_first",
    )


def qlinear_conv(
    x: Array,
    x_scale: Array,
    x_zero_point: Array,
    w: Array,
    w_scale: Array,
    w_zero_point: Array,
    y_scale: Array,
    y_zero_point: Array,
    bias: Array | None = None,
    *,
    strides: tuple[int, ...],
    dilations: tuple[int, ...],
    pads: tuple[int, ...],
    groups: int,
) -> Array:
    """The integer convolution plus an int32 bias, requantized."""
    total = conv_integer(
        x, w, x_zero_point, w_zero_point, strides=strides, dilations=dilations, pads=pads, groups=groups
    )
    if bias is not None:
        total = total + np.asarray(bias).reshape([1, -1] + [1] * (total.ndim - 2))
    scale = spread(np.asarray(w_scale), total.shape, 1, 0)
    return requantize(total, x_scale, scale, y_scale, y_zero_point)
