"""Quantization: from real numbers to levels and back. Composites.

A real number ``r`` has the level ``q = round(r / scale) + zero_point``. The scale and the zero point have one
shape:
a scalar (*per tensor*), a vector along ``axis`` (*per axis*), or with ``block > 0`` the shape of the operand
with ``axis`` divided
by ``block`` and rounded up (*blocked*). A tensor of one element counts as a scalar.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dims import ceildiv, same
from interlingua.ir.draw import FINITE, KINDS, Draw, Sample
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import quant as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.binary import Add, Div, Max, Min, Mul, Sub
from interlingua.ir.ops.common import axis_in
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.layout import ExpandDims
from interlingua.ir.ops.logic import Eq, Select
from interlingua.ir.ops.reduction import ReduceMax, ReduceMin
from interlingua.ir.ops.shape import BroadcastTo, Reshape, Slice
from interlingua.ir.ops.shaping import dims_of, product_of, reshaped, vector
from interlingua.ir.ops.unary import Round
from interlingua.ir.types import Tensor


def check_parameters(op: Op, x: Tensor, axis: int, block: int, scale: Tensor, zero_point: Tensor | None) -> None:
    """The shapes of scale and zero point fit the operand: constraints C2 and C3 of the family."""
    op.require(scale.dtype.is_float, "C1. scale is floating point", scale)
    op.require(block >= 0, "C2. block is not negative")
    if scale.shape is not None and zero_point is not None and zero_point.shape is not None:
        both = zip(scale.shape, zero_point.shape, strict=False)
        alike = scale.rank == zero_point.rank and all(same(a, b) is not False for a, b in both)
        one = scale.size == 1 == zero_point.size
        op.require(alike or one, "C3. scale and zero_point have one shape", scale, zero_point)
    if x.shape is None or scale.shape is None or scale.rank == 0 or scale.size == 1:
        return
    where = axis_in(op, axis, x.rank)
    if block == 0:
        fits = scale.rank == 1 and same(scale.dims[0], x.dims[where]) is not False
        op.require(fits, "C2. scale is a scalar or a vector along axis", x, scale)
        return
    wanted = tuple(ceildiv(d, block) if i == where else d for i, d in enumerate(x.dims))
    fits = scale.rank == x.rank and all(same(a, b) is not False for a, b in zip(scale.dims, wanted, strict=True))
    op.require(fits, "C2. a blocked scale has one element a block", x, scale)


def spread(b: Builder, value: Value, x: Value, axis: int, block: int) -> Value:
    """A scale or zero point made to broadcast against ``x``."""
    if value.tensor.rank == 0:
        return value
    if value.tensor.size == 1:
        return b(Reshape(), value, b.constant([], DType.I64))
    axis = axis % x.tensor.rank
    if block == 0:
        return b(Reshape(), value, b.constant([-1 if i == axis else 1 for i in range(x.tensor.rank)], DType.I64))
    sizes = dims_of(b, value, *range(value.tensor.rank))
    wide = b(ExpandDims(axes=(axis + 1,)), value)
    wide = b(BroadcastTo(), wide, vector(b, [*sizes[: axis + 1], block, *sizes[axis + 1 :]]))
    flat = reshaped(b, wide, [*sizes[:axis], product_of(b, (sizes[axis], block)), *sizes[axis + 1 :]])
    end = vector(b, dims_of(b, x, axis))
    return b(Slice(axes=(axis,)), flat, b.constant([0], DType.I64), end)


def _level_range(dtype: DType) -> tuple[int, int]:
    low = -(1 << (dtype.bits - 1)) if dtype.kind == "int" else 0
    return low, low + (1 << dtype.bits) - 1


def _sampled_parameters(draw: Draw, shape: tuple[int, ...], axis: int, block: int) -> tuple[int, ...]:
    """The shape of scales: blocked, a scalar, one element or one an axis."""
    where = axis % len(shape) if shape else 0
    if block:
        return tuple(-(-d // block) if i == where else d for i, d in enumerate(shape))
    return draw.choice(((), (1,), (shape[where],))) if shape else ()


def sampled_scale(draw: Draw, shape: tuple[int, ...], dtype: DType) -> np.ndarray[Any, Any]:
    """Positive numbers."""
    sizes = np.abs(draw.array(shape, DType.F32, kinds=FINITE))
    return np.asarray(np.clip(sizes, 2.0**-6, 2.0**6)).astype(dtype.numpy)


SCALES = FLOATS | {DType.F8E8M0}
LEVELS = tuple(d for d in DType if (d.is_integer and d.bits <= 16) or (d.is_float and d.bits <= 8))


@op("quant.quantize")
class Quantize(Op):
    """``y = saturate(round(x / scale) + zero_point)``: ties of ``round`` to even, then clipped to the range
    of ``dtype``.

    C1. ``x`` is floating point or int32, ``scale`` floating point.  C2. The shape of ``scale`` is one of the
    three of the family.
    C3. ``zero_point`` has the shape of ``scale`` and the dtype ``dtype``.  C4. ``dtype`` is an integer of at
    most 16 bits or floating point.  C5. ``precision`` is floating point, of 16 bits or more.
    ``x`` is cast to ``precision``, or the dtype of ``scale`` (float32 where that has less than 16 bits), and the
    division done, and rounded, there. For a floating-point ``dtype`` the quotient plus the zero point is cast, as
    ``core.cast`` does (``saturate``). NaN is undefined for integers. Discontinuous at every half level.
    """

    dtype: DType = DType.U8
    axis: int = 1
    block: int = 0
    saturate: bool = True
    precision: DType | None = None
    kernel = kernels.quantize

    def infer(self, x: Tensor, scale: Tensor, zero_point: Tensor | None = None) -> Tensor:
        self.require(x.dtype in FLOATS or x.dtype is DType.I32, "C1. x is floating point or int32", x)
        self.require(self.precision is None or self.precision in FLOATS, "C5. precision has 16 bits or more")
        levels = self.dtype.is_float or (self.dtype.is_integer and self.dtype.bits <= 16)
        self.require(levels, "C4. dtype is floating point or an integer of at most 16 bits", self.dtype)
        if zero_point is not None:
            self.require(zero_point.dtype is self.dtype, "C3. zero_point has the dtype of the result", zero_point)
        check_parameters(self, x, self.axis, self.block, scale, zero_point)
        return x.with_dtype(self.dtype)

    def decompose(self, b: Builder, x: Value, scale: Value, zero_point: Value | None = None) -> Value:
        at = self.precision or (scale.tensor.dtype if scale.tensor.dtype in FLOATS else DType.F32)
        divisor = spread(b, _as(b, scale, at), x, self.axis, self.block)
        quotient = b(Div(), _as(b, x, at), divisor)
        exact = at if at is DType.F64 else DType.F32
        level = _as(b, quotient if self.dtype.is_float else b(Round(), quotient), exact)
        if zero_point is not None:
            level = b(Add(), level, spread(b, _as(b, zero_point, level.tensor.dtype), x, self.axis, self.block))
        if self.dtype.is_float:
            return b(Cast(to=self.dtype, saturate=self.saturate, rounding="nearest"), level)
        low, high = _level_range(self.dtype)
        return b(Cast(to=self.dtype), b(Min(), b(Max(), level, b.scalar(low, level)), b.scalar(high, level)))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape, block, source = draw.shape(), draw.choice((0, 1, 2, 3)), draw.dtype(FLOATS | {DType.I32})
        axis, dtype = draw.axis(len(shape)) if shape else 0, draw.dtype((DType.U8, *LEVELS, *FLOATS))
        op = cls(dtype, axis, block if shape else 0, draw.boolean(), draw.choice((None, *sorted(FLOATS, key=str))))
        parameters = _sampled_parameters(draw, shape, axis, op.block)
        x = draw.array(shape, source, kinds=KINDS if dtype.is_float else FINITE)
        scale = sampled_scale(draw, parameters, draw.dtype(SCALES))
        zero = draw.array(parameters, dtype, kinds=FINITE) if draw.boolean() else None
        return Sample(op, (x, scale, zero), draw.some((1, 2)))


def _as(b: Builder, x: Value, dtype: DType) -> Value:
    return x if x.tensor.dtype is dtype else b(Cast(to=dtype), x)


@op("quant.dequantize")
class Dequantize(Op):
    """``y = (x - zero_point) * scale``.

    C1. ``scale`` is floating point.  C2. The shape of ``scale`` is one of the three of the family.  C3.
    ``zero_point`` has the shape of ``scale`` and the dtype of ``x``.  C4. ``x`` is an integer of at most 32 bits, or
    floating point of at most 8.  C5. The result is floating point, of 16 bits or more.
    The difference is exact and rounded to the dtype of ``scale``, float32 at least; the product is taken
    there and rounded to ``dtype``, or the dtype of ``scale``.
    """

    dtype: DType | None = None
    axis: int = 1
    block: int = 0
    kernel = kernels.dequantize

    def infer(self, x: Tensor, scale: Tensor, zero_point: Tensor | None = None) -> Tensor:
        if zero_point is not None:
            self.require(zero_point.dtype is x.dtype, "C3. zero_point has the dtype of x", x, zero_point)
        narrow = x.dtype.bits <= (32 if x.dtype.is_integer else 8)
        self.require((x.dtype.is_integer or x.dtype.is_float) and narrow, "C4. x holds levels", x)
        check_parameters(self, x, self.axis, self.block, scale, zero_point)
        result = self.unranked(x, scale, zero_point)
        self.require(result.dtype in FLOATS, "C5. the result is floating point, of 16 bits or more", result)
        return result

    def unranked(self, x: Tensor, scale: Tensor, zero_point: Tensor | None = None) -> Tensor:
        return Tensor(scale.dtype if self.dtype is None else self.dtype, x.shape)

    def decompose(self, b: Builder, x: Value, scale: Value, zero_point: Value | None = None) -> Value:
        out = scale.tensor.dtype if self.dtype is None else self.dtype
        at = DType.F64 if DType.F64 in (out, scale.tensor.dtype) else DType.F32
        exact = at if x.tensor.dtype.is_float else DType.I64 if x.tensor.dtype.bits == 32 else DType.I32
        level = _as(b, x, exact)
        if zero_point is not None:
            level = b(Sub(), level, spread(b, _as(b, zero_point, exact), x, self.axis, self.block))
        factor = spread(b, _as(b, scale, at), x, self.axis, self.block)
        return _as(b, b(Mul(), _as(b, level, at), factor), out)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape, block = draw.shape(), draw.choice((0, 1, 2, 3))
        axis = draw.axis(len(shape)) if shape else 0
        dtype, scales = draw.dtype((*LEVELS, DType.I32, DType.U32)), draw.dtype(SCALES)
        out = draw.choice((None, *sorted(FLOATS, key=str))) if scales in FLOATS else draw.dtype(FLOATS)
        op = cls(out, axis, block if shape else 0)
        parameters = _sampled_parameters(draw, shape, axis, op.block)
        zero = draw.array(parameters, dtype, kinds=FINITE) if draw.boolean() else None
        x, scale = draw.array(shape, dtype), sampled_scale(draw, parameters, scales)
        return Sample(op, (x, scale, zero), draw.some((1, 2)))


@op("quant.dynamic_quantize")
class DynamicQuantize(Op):
    """``x`` as uint8 levels with the scale and zero point that its own range gives: results ``(levels, scale,
    zero_point)``.

    ``high = max(0, max x)``, ``low = min(0, min x)``, ``scale = (high - low) / 255`` (1/255 where both are
    0), ``zero_point = round(clip(-low / scale, 0, 255))``, ``levels = saturate(round(x / scale) +
    zero_point)``.
    C1. ``x`` is floating point.
    An empty ``x`` counts as all zeros; NaN and infinities are undefined. Discontinuous at every half level.
    """

    kernel = kernels.dynamic_quantize

    def infer(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        self.require(x.dtype in FLOATS, "C1. x is floating point, of 16 bits or more", x)
        return Tensor(DType.U8, x.shape), Tensor(x.dtype, ()), Tensor(DType.U8, ())

    def decompose(self, b: Builder, x: Value) -> tuple[Value, Value, Value]:
        axes, zero = tuple(range(x.tensor.rank)), b.scalar(0, x)
        high = b(Max(), b(ReduceMax(axes=axes), x), zero)
        low = b(Min(), b(ReduceMin(axes=axes), x), zero)
        width = b(Select(), b(Eq(), high, low), b.scalar(1, x), b(Sub(), high, low))
        top = b.scalar(255, x)
        scale = b(Div(), width, top)
        shift = b(Min(), b(Max(), b(Div(), b(Sub(), zero, low), scale), zero), top)
        zero_point = b(Cast(to=DType.U8), b(Round(), shift))
        return b(Quantize(dtype=DType.U8), x, scale, zero_point), scale, zero_point

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        return Sample(cls(), (draw.array(draw.shape(), draw.dtype(FLOATS), kinds=FINITE),))
