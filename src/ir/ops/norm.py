"""Normalisations. Variances are biased: the sum of squares over the count, not the count less one."""

from __future__ import annotations

from typing import Any

from interlingua.ir.builder import Builder
from interlingua.ir.dims import DimLike, same
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import norm as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.common import axes_in, axis_in, one_dtype
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.shape import Pad, Slice
from interlingua.ir.ops.shaping import dims_of, quotient_of
from interlingua.ir.types import Shape, Tensor, broadcast


def _floats(op: Op, *operands: Tensor | None) -> None:
    given = [t for t in operands if t is not None]
    one_dtype(op, *given)
    op.require(given[0].dtype in FLOATS, "C1. the operands are floats of one dtype", given[0])


def _vectors(op: Op, extent: DimLike, *vectors: Tensor | None) -> None:
    for v in vectors:
        if v is not None and v.shape is not None:
            fits = v.rank == 1 and same(v.dims[0], extent) is not False
            op.require(fits, f"C2. the parameters are vectors of {extent}", v)


def _fits_into(op: Op, x: Tensor, *parameters: Tensor | None) -> None:
    for p in parameters:
        if p is not None and p.shape is not None:
            out = broadcast(x, p)
            fits = len(out) == x.rank and all(
                same(a, b) is not False for a, b in zip(out, x.dims, strict=True)
            )
            op.require(fits, "C3. the parameters broadcast to x", x, p)


def _sampled(draw: Draw, shape: Shape, *parameters: tuple[int, ...], present: int = 0) -> tuple[Any, ...]:
    """Data and parameters of one dtype, those after the first ``present`` now and then absent."""
    dtype = draw.dtype(FLOATS)
    given = [p if i < present or draw.boolean() else None for i, p in enumerate(parameters)]
    x = draw.array([d for d in shape if isinstance(d, int)], dtype)
    return x, *(None if p is None else draw.array(p, dtype) for p in given)


def _epsilon(draw: Draw) -> float:
    return draw.choice((1e-5, 1e-3, 0.5, 0.0))


def _channelled(draw: Draw, groups: int = 1, spatial: int = 0) -> tuple[int, ...]:
    """A shape (batch, channels, …) with at least ``spatial`` axes more, ``groups`` of channels."""
    batch, channels = (0 if draw.rarely() else draw.integer(1, 3) for _ in range(2))
    return (batch, channels * groups, *draw.shape(spatial, 3))


def _axes_from(x: Value, axis: int) -> tuple[int, ...]:
    rank = x.tensor.rank
    return tuple(range(axis % rank, rank))


def _per_channel(y: Expr, scale: Value | None, bias: Value | None, axis: int = 1) -> Expr:
    if scale is not None:
        y = y * y.like(scale).along(axis, y.rank)
    return y if bias is None else y + y.like(bias).along(axis, y.rank)


@op("nn.batch_norm")
class BatchNorm(Op):
    """``(x - mean) / sqrt(variance + epsilon) * scale + bias``, the parameters being vectors along the
    channels.

    C1. The operands are floats of one dtype.  C2. The parameters have one element a channel.  C3. ``axis`` is
    in [-rank, rank). A negative ``variance + epsilon`` gives NaN. Inference only: training is expressed with
    reductions. Keras and TensorFlow have the channels last (``axis = -1``), ONNX and PyTorch on axis 1.
    """

    epsilon: float = 1e-5
    axis: int = 1
    kernel = kernels.batch_norm

    def infer(self, x: Tensor, scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
        _floats(self, x, scale, bias, mean, variance)
        extent = x.dims[axis_in(self, self.axis, x.rank)]
        _vectors(self, extent, scale, bias, mean, variance)
        return x.with_shape(x.dims)

    def decompose(
        self, b: Builder, x: Value, scale: Value, bias: Value, mean: Value, variance: Value
    ) -> Value:
        a, axis = Expr(b, x), self.axis % x.tensor.rank
        m, v = (Expr(b, p).along(axis, a.rank) for p in (mean, variance))
        return _per_channel((a - m) / (v + self.epsilon).sqrt(), scale, bias, axis).value

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape = draw.shape(1, 4)
        axis = draw.axis(len(shape))
        vector = (shape[axis],)
        x, scale, bias, mean = _sampled(draw, shape, vector, vector, vector, present=3)
        variance = draw.array(vector, DType.of(x), lo=None if draw.rarely() else 0.0)
        return Sample(cls(_epsilon(draw), axis), (x, scale, bias, mean, variance))


@op("nn.layer_norm")
class LayerNorm(Op):
    """``(x - mean) / sqrt(variance + epsilon) * scale + bias`` with the statistics over all axes from
    ``axis`` on.

    C1. The operands are floats of one dtype.  C2. ``axis`` is in [-rank, rank).  C3. ``scale`` and ``bias``
    broadcast to ``x``. Float16 and bfloat16 compute in float32 throughout and round once.
    """

    axis: int = -1
    epsilon: float = 1e-5
    kernel = kernels.layer_norm

    def infer(self, x: Tensor, scale: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        _floats(self, x, scale, bias)
        axis_in(self, self.axis, x.rank)
        _fits_into(self, x, scale, bias)
        return x.with_shape(x.dims)

    def decompose(self, b: Builder, x: Value, scale: Value | None = None, bias: Value | None = None) -> Value:
        y = Expr(b, x).wide().standardized(_axes_from(x, self.axis), self.epsilon)
        y = y if scale is None else y * y.like(scale)
        y = y if bias is None else y + y.like(bias)
        return y.to(x.tensor.dtype).value

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape = draw.shape(1, 4)
        parameters = [draw.broadcastable(shape) for _ in range(2)]
        return Sample(cls(draw.axis(len(shape)), _epsilon(draw)), _sampled(draw, shape, *parameters))


@op("nn.rms_norm")
class RmsNorm(Op):
    """``x / sqrt(mean(x²) + epsilon) * scale`` with the mean over all axes from ``axis`` on.

    C1. The operands are floats of one dtype.  C2. ``axis`` is in [-rank, rank).  C3. ``scale`` broadcasts to
    ``x``. Float16 and bfloat16 compute in float32 throughout and round once.
    """

    axis: int = -1
    epsilon: float = 1e-5
    kernel = kernels.rms_norm

    def infer(self, x: Tensor, scale: Tensor | None = None) -> Tensor:
        _floats(self, x, scale)
        axis_in(self, self.axis, x.rank)
        _fits_into(self, x, scale)
        return x.with_shape(x.dims)

    def decompose(self, b: Builder, x: Value, scale: Value | None = None) -> Value:
        a = Expr(b, x).wide()
        y = a / ((a * a).mean(_axes_from(x, self.axis)) + self.epsilon).sqrt()
        return (y if scale is None else y * y.like(scale)).to(x.tensor.dtype).value

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape = draw.shape(1, 4)
        op = cls(draw.axis(len(shape)), _epsilon(draw))
        return Sample(op, _sampled(draw, shape, draw.broadcastable(shape)))


@op("nn.instance_norm")
class InstanceNorm(Op):
    """``(x - mean) / sqrt(variance + epsilon) * scale + bias`` with the statistics of each example's channel
    over its plane.

    C1. The operands are floats of one dtype.  C2. The parameters have one element a channel.  C3. ``x`` is
    (batch, channels, …). Statistics always come from ``x``; PyTorch's ``track_running_stats`` in evaluation
    is ``nn.batch_norm``.
    """

    epsilon: float = 1e-5
    kernel = kernels.instance_norm

    def infer(self, x: Tensor, scale: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        _floats(self, x, scale, bias)
        self.require(x.rank >= 3, "C3. x has rank 3 or more", x)
        _vectors(self, x.dims[1], scale, bias)
        return x.with_shape(x.dims)

    def decompose(self, b: Builder, x: Value, scale: Value | None = None, bias: Value | None = None) -> Value:
        y = Expr(b, x).wide().standardized(tuple(range(2, x.tensor.rank)), self.epsilon)
        return _per_channel(y, scale, bias).to(x.tensor.dtype).value

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape = _channelled(draw, spatial=1)
        return Sample(cls(_epsilon(draw)), _sampled(draw, shape, shape[1:2], shape[1:2]))


@op("nn.group_norm")
class GroupNorm(Op):
    """``(x - mean) / sqrt(variance + epsilon) * scale + bias`` with the statistics of each of ``groups`` runs
    of channels.

    C1. The operands are floats of one dtype.  C2. The parameters have one element a channel.  C3. ``x`` is
    (batch, channels, …) and ``groups`` divides its channels. ONNX 18 has one parameter a group: its frontend
    repeats it over the channels.
    """

    groups: int
    epsilon: float = 1e-5
    kernel = kernels.group_norm

    def infer(self, x: Tensor, scale: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
        _floats(self, x, scale, bias)
        self.require(x.rank >= 2 and self.groups > 0, "C3. x has rank 2 or more", x)
        channels = x.dims[1]
        self.require(
            not isinstance(channels, int) or channels % self.groups == 0, "C3. groups divides the channels", x
        )
        _vectors(self, channels, scale, bias)
        return x.with_shape(x.dims)

    def decompose(self, b: Builder, x: Value, scale: Value | None = None, bias: Value | None = None) -> Value:
        a = Expr(b, x).wide()
        batch, channels, *rest = dims_of(b, x, *range(a.rank))
        planes = a.reshape([batch, self.groups, quotient_of(b, channels, self.groups), *rest])
        one, zero = (a.constant([value] * self.groups, a.dtype) for value in (1, 0))
        y = planes.apply(InstanceNorm(self.epsilon), one, zero).reshape([batch, channels, *rest])
        return _per_channel(y, scale, bias).to(x.tensor.dtype).value

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        groups = draw.integer(1, 3)
        shape = _channelled(draw, groups)
        return Sample(cls(groups, _epsilon(draw)), _sampled(draw, shape, shape[1:2], shape[1:2]))


@op("nn.lp_norm")
class LpNorm(Op):
    """``x / (Σ |x|^p)^(1/p)`` along ``axis``; where the norm is 0, the result is 0.

    C1. ``x`` is a float.  C2. ``axis`` is in [-rank, rank).  C3. ``p`` is positive. ONNX Runtime and the ONNX
    reference give 0 for a zero vector. PyTorch and TensorFlow bound the norm from below by an epsilon
    instead.
    """

    axis: int = -1
    p: int = 2
    kernel = kernels.lp_norm

    def infer(self, x: Tensor) -> Tensor:
        _floats(self, x)
        self.require(self.p > 0, "C3. p is positive", self.p)
        axis_in(self, self.axis, x.rank)
        return x.with_shape(x.dims)

    def decompose(self, b: Builder, x: Value) -> Value:
        a = Expr(b, x).wide()
        norm = a.p_norm((self.axis % a.rank,), self.p)
        return norm.equals(0.0).where(a.number(0.0), a / norm).to(x.tensor.dtype).value

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape = draw.shape(1, 4)
        return Sample(cls(draw.axis(len(shape)), draw.choice((2, 1, 3))), _sampled(draw, shape))


@op("nn.lrn")
class Lrn(Op):
    """``x / (bias + alpha/size · Σ x²)^beta``, the sum over the ``size`` channels around each.

    The window of channel ``c`` is ``[c - (size-1)//2, c + size//2]``, cut at the ends.
    C1. ``x`` is a float. C2. ``x`` has rank 2 or more, channels on axis 1.  C3. ``size`` is positive.
    TensorFlow's ``alpha`` is ONNX's divided by ``size``, and its window is ``2*radius + 1``.
    """

    size: int
    alpha: float = 1e-4
    beta: float = 0.75
    bias: float = 1.0
    kernel = kernels.lrn

    def infer(self, x: Tensor) -> Tensor:
        _floats(self, x)
        self.require(x.rank >= 2, "C2. x has rank 2 or more", x)
        self.require(self.size > 0, "C3. size is positive", self.size)
        return x.with_shape(x.dims)

    def decompose(self, b: Builder, x: Value) -> Value:
        a = Expr(b, x).wide()
        amounts = [0] * (2 * a.rank)
        amounts[1], amounts[a.rank + 1] = (self.size - 1) // 2, self.size // 2
        padded = (a * a).apply(Pad(), a.constant(amounts))
        channels = a.shape().slice(0, 1, 2)
        total = None
        for i in range(self.size):
            start = a.constant([i])
            part = padded.apply(Slice(axes=(1,)), start, start + channels)
            total = part if total is None else total + part
        assert total is not None
        return (a / (total * (self.alpha / self.size) + self.bias).pow(self.beta)).to(x.tensor.dtype).value

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape = _channelled(draw, draw.integer(1, 3))
        alpha, beta, bias = (draw.choice(c) for c in ((1e-4, 1.0, 0.0), (0.75, 1.0, 0.5, 0.0), (1.0, 0.5, 2.0)))
        return Sample(cls(draw.integer(1, 5), alpha, beta, bias), _sampled(draw, shape))


@op("nn.mean_variance_norm")
class MeanVarianceNorm(Op):
    """``(x - mean) / (sqrt(variance) + epsilon)`` over ``axes``: the epsilon is outside the root.

    C1. ``x`` is a float.  C2. ``axes`` are distinct and in [-rank, rank).
    """

    axes: tuple[int, ...] = (0, 2, 3)
    epsilon: float = 1e-9
    kernel = kernels.mean_variance_norm

    def infer(self, x: Tensor) -> Tensor:
        _floats(self, x)
        axes_in(self, self.axes, x.rank)
        return x.with_shape(x.dims)

    def decompose(self, b: Builder, x: Value) -> Value:
        a = Expr(b, x).wide()
        axes = tuple(sorted(axis % a.rank for axis in self.axes))
        centred = a - a.mean(axes)
        deviation = (centred * centred).mean(axes).sqrt()
        return (centred / (deviation + self.epsilon)).to(x.tensor.dtype).value

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape = draw.shape(0, 4)
        return Sample(cls(draw.axes(len(shape)), draw.choice((1e-9, 1e-3, 0.0))), _sampled(draw, shape))
