"""Quantized tensors: between levels and the reals that they stand for.

The conversions are those of LiteRT's QUANTIZE and DEQUANTIZE: ``real = scale * (level - zero_point)`` in float32, and
back by the nearest level, saturated. Between two integers of one tensor's range a kernel of LiteRT multiplies by a
32-bit fixed-point number where reals are computed here, and rounds the product to the bits that the number leaves
below a level before it rounds to the level: the two may part by one level, and only where the real lies as near to the
middle of two as that number is to 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from interlingua.errors import InvalidModel
from interlingua.formats.litert import dtype_of
from interlingua.frontends.litert.node import Unsupported
from interlingua.frontends.litert.reader import Quantization, TensorInfo
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.quant import Dequantize, Quantize

LEVEL_TYPES = frozenset({DType.I8, DType.U8, DType.I16, DType.I32, DType.I4, DType.U4, DType.I2})


def quantized(info: TensorInfo) -> bool:
    """Whether a tensor holds levels."""
    return info.quantization is not None and dtype_of(info.code) in LEVEL_TYPES


def same_scale(tensors: Sequence[TensorInfo]) -> bool:
    """Whether all tensors mean the same by a level."""
    return len({(t.quantization.scales, t.quantization.zero_points) for t in tensors if t.quantization}) <= 1


def parameters(b: Builder, info: TensorInfo) -> tuple[Value, Value]:
    """Scale and zero point as constants: scalars, or vectors along the axis."""
    found = checked(info)
    dtype = dtype_of(info.code)
    one = len(found.scales) == 1
    scale = b.constant(found.scales[0] if one else found.scales, DType.F32)
    zero = np.asarray(found.zero_points[0] if one else found.zero_points)
    low, high = np.iinfo(zero.dtype).min, np.iinfo(zero.dtype).max
    if dtype.bits <= 32:
        low, high = (
            (-(1 << (dtype.bits - 1)), (1 << (dtype.bits - 1)) - 1)
            if dtype.kind == "int"
            else (0, (1 << dtype.bits) - 1)
        )
    if (zero < low).any() or (zero > high).any():
        raise InvalidModel(f"the zero point of {info} is no {dtype}: {found.zero_points}")
    return scale, b.constant(zero, dtype)


def checked(info: TensorInfo) -> Quantization:
    """The parameters of a tensor that holds levels."""
    found = info.quantization
    if found is None or not found.scales:
        raise InvalidModel(f"{info} has no scale")
    if not all(np.isfinite(s) and s > 0 for s in found.scales):
        raise InvalidModel(f"the scales of {info} are {found.scales[:8]}")
    if len(found.scales) > 1:
        rank = len(info.shape)
        if not 0 <= found.axis < rank or info.shape[found.axis] not in (-1, len(found.scales)):
            raise InvalidModel(f"{info} has {len(found.scales)} scales along axis {found.axis} of {list(info.shape)}")
    return found


def real_of(b: Builder, value: Value, info: TensorInfo) -> Value:
    """The reals of a tensor that holds levels; any other as it is."""
    if not quantized(info):
        return value
    scale, zero = parameters(b, info)
    return b(Dequantize(axis=checked(info).axis if scale.tensor.rank else 0), value, scale, zero)


def levels_of(b: Builder, value: Value, info: TensorInfo) -> Value:
    """The levels of reals where the tensor holds such; anything else as it is."""
    if not quantized(info) or not value.tensor.dtype.is_float:
        return value
    dtype = dtype_of(info.code)
    if dtype.bits > 16:
        raise Unsupported(f"it gives levels of {dtype}")
    scale, zero = parameters(b, info)
    return b(Quantize(dtype=dtype, axis=checked(info).axis if scale.tensor.rank else 0), value, scale, zero)
