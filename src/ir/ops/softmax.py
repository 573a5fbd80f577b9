"""Softmax and its relatives: composites along one axis."""

from __future__ import annotations

from interlingua.ir.builder import Builder
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.graph import Value
from interlingua.ir.kernels import activation as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.binary import Div, Sub
from interlingua.ir.ops.common import axis_in
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.logic import Eq
from interlingua.ir.ops.reduction import ArgMax, ReduceMax, ReduceSum
from interlingua.ir.ops.shaping import dim_scalar, index_along
from interlingua.ir.ops.unary import Exp, Log
from interlingua.ir.types import Tensor


class _AlongAxis(Op):
    """A floating-point operand and an axis of it."""

    axis: int = -1

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.dtype in FLOATS, "C1. x is floating point, of 16 bits or more", x)
        if x.shape is not None:
            axis_in(self, self.axis, x.rank)
        return x.with_shape(x.shape)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape = draw.shape(1)
        op = cls(axis=draw.axis(len(shape)))  # type: ignore[call-arg]
        return Sample(op, (draw.array(shape, draw.dtype(FLOATS)),))


def _shifted(b: Builder, x: Value, axis: int) -> Value:
    """``x`` less its largest element, so that no exponential overflows."""
    return b(Sub(), x, b(ReduceMax(axes=(axis,), keepdims=True), x))


@op("nn.softmax")
class Softmax(_AlongAxis):
    """``y = exp(x - max) / sum(exp(x - max))`` along ``axis``.

    C1. ``x`` is floating point.  C2. ``axis`` is in [-rank, rank).
    NaN or +inf anywhere on the axis gives NaN along it, and so does an axis of -inf alone; -inf beside a
    finite element gives 0.
    ONNX before opset 13 flattens the axes from ``axis`` on into one: its frontend reshapes.
    """

    axis: int = -1
    kernel = kernels.softmax

    def decompose(self, b: Builder, x: Value) -> Value:
        e = b(Exp(), _shifted(b, x, self.axis))
        return b(Div(), e, b(ReduceSum(axes=(self.axis,), keepdims=True), e))


@op("nn.log_softmax")
class LogSoftmax(_AlongAxis):
    """``y = (x - max) - ln(sum(exp(x - max)))`` along ``axis``.

    C1. ``x`` is floating point.  C2. ``axis`` is in [-rank, rank).
    Special values as ``nn.softmax``; -inf beside a finite element stays -inf.
    """

    axis: int = -1
    kernel = kernels.log_softmax

    def decompose(self, b: Builder, x: Value) -> Value:
        shifted = _shifted(b, x, self.axis)
        total = b(ReduceSum(axes=(self.axis,), keepdims=True), b(Exp(), shifted))
        return b(Sub(), shifted, b(Log(), total))


@op("nn.hardmax")
class Hardmax(_AlongAxis):
    """``y`` = 1 at the largest element along ``axis``, else 0.

    C1. ``x`` is floating point.  C2. ``axis`` is in [-rank, rank).
    Ties: the first one. NaN counts as the largest. Discontinuous where two elements tie.
    """

    axis: int = -1
    kernel = kernels.hardmax

    def decompose(self, b: Builder, x: Value) -> Value:
        if x.tensor.dims[self.axis] == 0:  # nothing to find, which argmax does not take
            return x
        best = b(ArgMax(axis=self.axis, keepdims=True), x)
        places = index_along(b, dim_scalar(b, x, self.axis), self.axis % x.tensor.rank, x.tensor.rank)
        return b(Cast(to=x.tensor.dtype), b(Eq(), best, places))
