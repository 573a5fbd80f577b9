"""Contractions of quantized operands: levels in, int32 sums or levels out. Composites."""

from __future__ import annotations

from collections.abc import Sequence as Seq
from typing import Any

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN
from interlingua.ir.draw import FINITE, Draw, Sample
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Value
from interlingua.ir.infer import infer_types
from interlingua.ir.kernels import quant as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.binary import Add, Div, Mul, Sub
from interlingua.ir.ops.common import one_dtype, vector_or_one
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.convolution import Conv, SampledWindows
from interlingua.ir.ops.quant import Quantize, sampled_scale, spread
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.types import Tensor

LEVELS = frozenset({DType.I8, DType.U8})


def check_levels(op: Op, *operands: Tensor) -> None:
    for x in operands:
        op.require(x.dtype in LEVELS, "C1. operands are int8 or uint8", x)


def centred(b: Builder, x: Value, zero_point: Value | None, axis: int) -> Value:
    """``x - zero_point`` in int32; a vector of zero points runs along ``axis``."""
    y = b(Cast(to=DType.I32), x)
    if zero_point is None:
        return y
    zero = b(Cast(to=DType.I32), zero_point)
    return b(Sub(), y, spread(b, zero, x, axis, 0) if zero.tensor.rank <= 1 else zero)


def requantized(b: Builder, total: Value, scales: tuple[Value, Value, Value], zero_point: Value) -> Value:
    """int32 sums to the output's levels."""
    left, right, out = (b(Cast(to=DType.F32), s) if s.tensor.dtype.bits < 32 else s for s in scales)
    multiplier = b(Div(), b(Mul(), left, right), out)
    real = b(Mul(), b(Cast(to=multiplier.tensor.dtype), total), multiplier)
    return b(Quantize(dtype=zero_point.tensor.dtype), real, b.scalar(1, real), scalar(b, zero_point))


def scalar(b: Builder, x: Value) -> Value:
    return x if x.tensor.rank == 0 else b(Reshape(), x, b.constant([], DType.I64))


def check_scales(op: Op, *scales: Tensor) -> None:
    op.require(scales[0].dtype in FLOATS, "scales are floating point, of 16 bits or more", *scales)
    one_dtype(op, *scales)


def _check_rows(op: Op, a: Tensor, b: Tensor, of_a: Seq[Tensor | None], of_b: Seq[Tensor | None]) -> None:
    """Parameters of one or two axes run along the rows of ``a`` and the columns of ``b``."""
    rows = UNKNOWN if a.shape is None else a.dims[-2] if a.rank > 1 else 1
    columns = UNKNOWN if b.shape is None else b.dims[-1] if b.rank > 1 else 1
    for parameters, size in ((of_a, rows), (of_b, columns)):
        for each in parameters:
            if each is not None and (each.shape is None or each.rank <= 1):
                vector_or_one(op, each, size, "C2. parameters are scalars, or run along rows and columns")


def _sampled_levels(draw: Draw, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    return draw.array(shape, draw.choice((DType.U8, DType.I8)), kinds=FINITE)


def _sampled_parameters(
    draw: Draw, levels: np.ndarray[Any, Any], shape: tuple[int, ...], dtype: DType
) -> tuple[Any, Any]:
    """A scale and a zero point of a shape, the latter of the dtype of ``levels``."""
    zero = draw.array(shape, DType.of(levels), kinds=FINITE, lo=-9, hi=9)
    return sampled_scale(draw, shape, dtype), zero


def _product(op: Op, a: Tensor, b: Tensor) -> Tensor:
    """The type of the int32 matrix product."""
    check_levels(op, a, b)
    (result,) = infer_types(MatMul(), [Tensor(DType.I32, a.shape), Tensor(DType.I32, b.shape)])
    assert isinstance(result, Tensor)
    return result


@op("quant.matmul_integer")
class MatMulInteger(Op):
    """``y = (a - a_zero_point) @ (b - b_zero_point)`` in int32, as ``core.matmul`` of the differences.

    C1. ``a`` and ``b`` are int8 or uint8.  C2. A zero point has the dtype of its operand; it is a scalar, or
    a vector along the rows of ``a`` or the columns of ``b``, or broadcasts.
    Sums wrap modulo 2**32.
    """

    kernel = kernels.matmul_integer

    def infer(
        self, a: Tensor, b: Tensor, a_zero_point: Tensor | None = None, b_zero_point: Tensor | None = None
    ) -> Tensor:
        for x, zero in ((a, a_zero_point), (b, b_zero_point)):
            self.require(zero is None or zero.dtype is x.dtype, "C2. a zero point has its operand's dtype", x, zero)
        _check_rows(self, a, b, (a_zero_point,), (b_zero_point,))
        return _product(self, a, b)

    def unranked(self, a: Tensor, *_: Tensor | None) -> Tensor:
        return Tensor(DType.I32, None)

    def decompose(
        self, b: Builder, x: Value, y: Value, x_zero: Value | None = None, y_zero: Value | None = None
    ) -> Value:
        rows = -2 if x.tensor.rank > 1 else -1
        return b(MatMul(), centred(b, x, x_zero, rows), centred(b, y, y_zero, -1))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x, y, row, column = _sampled_product(draw)
        zeros = (_sampled_parameters(draw, v, s, DType.F32)[1] for v, s in ((x, row), (y, column)))
        return Sample(cls(), (x, y, *(z if draw.boolean() else None for z in zeros)), draw.some((2, 3)))


def _sampled_product(draw: Draw) -> tuple[Any, Any, tuple[int, ...], tuple[int, ...]]:
    """Levels to multiply, and shapes of their parameters."""
    rows, inner, columns, *lead = draw.shape(3, 5)
    a: tuple[int, ...] = (inner,)
    b: tuple[int, ...] = (inner,)
    row, column = ((draw.choice(((), (1,)))) for _ in range(2))
    if draw.boolean():
        a, row = (*draw.broadcastable(lead), rows, inner), draw.choice(((), (1,), (rows,)))
    if draw.boolean():
        b, column = (*draw.broadcastable(lead), inner, columns), draw.choice(((), (1,), (columns,)))
    return _sampled_levels(draw, a), _sampled_levels(draw, b), row, column


@op("quant.qlinear_matmul")
class QLinearMatMul(Op):
    """``y = saturate(round(s * ((a - a_zero_point) @ (b - b_zero_point))) + y_zero_point)``, ``s = a_scale *
    b_scale / y_scale``.

    C1. ``a`` and ``b`` are int8 or uint8.  C2. Scale and zero point of ``a`` are scalars, or run along its
    rows; those of ``b`` along its columns; those of ``y`` are scalars.
    C3. The scales are floating point, of one dtype; ``y_zero_point`` is int8 or uint8.
    The sums are int32; ``s`` and the product with it are rounded in the dtype of the scales, float32 at least; ties go
    to even.
    """

    kernel = kernels.qlinear_matmul

    def infer(
        self,
        a: Tensor,
        a_scale: Tensor,
        a_zero_point: Tensor,
        b: Tensor,
        b_scale: Tensor,
        b_zero_point: Tensor,
        y_scale: Tensor,
        y_zero_point: Tensor,
    ) -> Tensor:
        check_levels(self, y_zero_point)
        check_scales(self, a_scale, b_scale, y_scale)
        _check_rows(self, a, b, (a_scale, a_zero_point), (b_scale, b_zero_point))
        for one in (y_scale, y_zero_point):
            vector_or_one(self, one, 1, "C2. the parameters of y are scalars")
        return _product(self, a, b).with_dtype(y_zero_point.dtype)

    def unranked(self, *operands: Tensor) -> Tensor:
        return Tensor(operands[7].dtype, None)

    def decompose(
        self,
        b: Builder,
        x: Value,
        x_scale: Value,
        x_zero: Value,
        y: Value,
        y_scale: Value,
        y_zero: Value,
        out_scale: Value,
        out_zero: Value,
    ) -> Value:
        total = b(MatMulInteger(), x, y, x_zero, y_zero)
        row = scalar(b, x_scale) if x_scale.tensor.size == 1 else x_scale
        if row.tensor.rank == 1 and y.tensor.rank > 1:
            row = spread(b, row, x, -2, 0)
        column = scalar(b, y_scale) if y_scale.tensor.size == 1 else y_scale
        return requantized(b, total, (row, column, scalar(b, out_scale)), out_zero)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        dtype = draw.dtype(FLOATS)
        x, y, row, column = _sampled_product(draw)
        out = _sampled_levels(draw, ())
        ys = _sampled_parameters(draw, out, draw.choice(((), (1,))), dtype)
        xs, ws = _sampled_parameters(draw, x, row, dtype), _sampled_parameters(draw, y, column, dtype)
        return Sample(cls(), (x, *xs, y, *ws, *ys), draw.some((1, 2, 4, 5, 6, 7)))


class _Windows(Op):
    """The attributes of a convolution of levels, channels first."""

    def wide(self) -> Conv:
        """The convolution of the int32 differences."""
        return Conv(layout="channels_first", **self.attributes())

    def sums(self, x: Tensor, w: Tensor) -> Tensor:
        check_levels(self, x, w)
        result = infer_types(self.wide(), [Tensor(DType.I32, x.shape), Tensor(DType.I32, w.shape)])[0]
        assert isinstance(result, Tensor)
        return result


def _sampled_windows(draw: Draw) -> tuple[dict[str, Any], Any, Any]:
    """Attributes, data and weights of a convolution of levels."""
    at, groups, each = SampledWindows.draw(draw), draw.integer(1, 3), draw.integer(1, 3)
    x = _sampled_levels(draw, (draw.integer(1, 2), groups * each, *at.size))
    w = _sampled_levels(draw, (groups * draw.integer(1, 2), each, *at.kernel))
    attributes = {"strides": at.strides, "pads": at.pads, "dilations": at.dilations, "groups": groups}
    return attributes, x, w


@op("quant.conv_integer")
class ConvInteger(_Windows):
    """``y = conv(x - x_zero_point, w - w_zero_point)`` in int32, as ``core.conv`` of the differences: padding
    holds the zero point.

    C1. ``x`` and ``w`` are int8 or uint8.  C2. ``x_zero_point`` is a scalar, ``w_zero_point`` a scalar or a
    vector along w's outputs.
    Windows and constraints as ``core.conv``; channels first.
    """

    strides: tuple[int, ...]
    pads: tuple[int, ...]
    dilations: tuple[int, ...]
    groups: int = 1
    kernel = kernels.conv_integer

    def infer(
        self, x: Tensor, w: Tensor, x_zero_point: Tensor | None = None, w_zero_point: Tensor | None = None
    ) -> Tensor:
        return self.sums(x, w)

    def unranked(self, *_: Any) -> Tensor:
        return Tensor(DType.I32, None)

    def decompose(
        self, b: Builder, x: Value, w: Value, x_zero: Value | None = None, w_zero: Value | None = None
    ) -> Value:
        return b(self.wide(), centred(b, x, x_zero, 1), centred(b, w, w_zero, 0))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        attributes, x, w = _sampled_windows(draw)
        zeros = [
            _sampled_parameters(draw, x, draw.choice(((), (1,))), DType.F32)[1],
            _sampled_parameters(draw, w, draw.choice(((), (1,), (w.shape[0],))), DType.F32)[1],
        ]
        return Sample(cls(**attributes), (x, w, *(z if draw.boolean() else None for z in zeros)), draw.some((1, 2, 3)))


@op("quant.qlinear_conv")
class QLinearConv(_Windows):
    """``y = saturate(round(s * (conv(x - x_zero_point, w - w_zero_point) + bias)) + y_zero_point)``, ``s =
    x_scale * w_scale / y_scale``.

    C1. ``x`` and ``w`` are int8 or uint8.  C2. Parameters of ``x`` and ``y`` are scalars, those of ``w``
    scalars or vectors along w's outputs.  C3. ``bias`` is int32, at the scale ``x_scale * w_scale``.
    C4. The scales are floating point, of one dtype; ``y_zero_point`` is int8 or uint8.
    The sums are int32 and wrap; ``s`` and the product with it are rounded in the dtype of the scales, float32 at least;
    ties go to even.
    """

    strides: tuple[int, ...]
    pads: tuple[int, ...]
    dilations: tuple[int, ...]
    groups: int = 1
    kernel = kernels.qlinear_conv

    def infer(
        self,
        x: Tensor,
        x_scale: Tensor,
        x_zero_point: Tensor,
        w: Tensor,
        w_scale: Tensor,
        w_zero_point: Tensor,
        y_scale: Tensor,
        y_zero_point: Tensor,
        bias: Tensor | None = None,
    ) -> Tensor:
        self.require(bias is None or bias.dtype is DType.I32, "C3. bias is int32", bias)
        check_levels(self, y_zero_point)
        check_scales(self, x_scale, w_scale, y_scale)
        for one in (x_scale, x_zero_point, y_scale, y_zero_point):
            vector_or_one(self, one, 1, "C2. the parameters of x and y are scalars")
        for each in (w_scale, w_zero_point, bias):
            outputs = UNKNOWN if w.shape is None else w.dims[0]
            vector_or_one(self, each, outputs, "C2. the parameters of w are scalars, or one an output")
        return self.sums(x, w).with_dtype(y_zero_point.dtype)

    def unranked(self, *operands: Any) -> Tensor:
        return Tensor(operands[7].dtype, None)

    def decompose(
        self,
        b: Builder,
        x: Value,
        x_scale: Value,
        x_zero: Value,
        w: Value,
        w_scale: Value,
        w_zero: Value,
        out_scale: Value,
        out_zero: Value,
        bias: Value | None = None,
    ) -> Value:
        total = b(ConvInteger(**self.attributes()), x, w, x_zero, w_zero)
        if bias is not None:
            total = b(Add(), total, spread(b, bias, total, 1, 0))
        scale = spread(b, w_scale, total, 1, 0)
        return requantized(b, total, (scalar(b, x_scale), scale, scalar(b, out_scale)), out_zero)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        attributes, x, w = _sampled_windows(draw)
        dtype, out = draw.dtype(FLOATS), _sampled_levels(draw, ())
        xs, ys = (_sampled_parameters(draw, v, draw.choice(((), (1,))), dtype) for v in (x, out))
        ws = _sampled_parameters(draw, w, draw.choice(((), (1,), (w.shape[0],))), dtype)
        bias = draw.array((w.shape[0],), DType.I32, kinds=FINITE) if draw.boolean() else None
        return Sample(cls(**attributes), (x, *xs, w, *ws, *ys, bias), draw.some((1, 2, 3, 4, 5, 6, 7)))
