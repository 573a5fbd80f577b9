"""Reductions over axes, arg-reductions and running sums.

Axes are always named: reducing over no axes (``axes=()``) gives ``x`` itself (composites still apply their
function to each element). A rank-0 operand has no axes to name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dims import DimLike, maximum, minimum
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import FLOATS, NUMBERS, DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import reduction as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.binary import Add, Div, Mul, Sub
from interlingua.ir.ops.common import axes_in, axis_in
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.elementwise import Rule
from interlingua.ir.ops.layout import Squeeze
from interlingua.ir.ops.logic import Le, Lt, Select
from interlingua.ir.ops.shaping import count_of, dim_scalar, expanded, index_along
from interlingua.ir.ops.unary import Abs, Exp, IsInf, Log, Sqrt
from interlingua.ir.types import Tensor

Elements: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.object_]]"
NARROW = frozenset({DType.F16, DType.BF16})
COMPLEX = frozenset({DType.C64, DType.C128})


@dataclass(frozen=True)
class Reduction(Op):
    """What reductions share: each axis in ``axes`` becomes 1 (``keepdims``) or goes away.

    C1. Each axis is in [-rank, rank), and none is named twice.  C2. The dtype is one the reduction is defined
    on.
    """

    axes: tuple[int, ...]
    keepdims: bool = False

    allowed: ClassVar[frozenset[DType]] = NUMBERS

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.dtype in self.allowed, "C2. the reduction is not defined on this dtype", x)
        return x.with_shape(reduced(self, x, self.axes, self.keepdims))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape = draw.shape()
        op = cls(axes=draw.axes(len(shape)), keepdims=draw.boolean())
        return Sample(op, (draw.array(shape, draw.dtype(cls.allowed)),))


def reduced(op: Op, x: Tensor, axes: tuple[int, ...], keepdims: bool) -> tuple[DimLike, ...]:
    """The shape of ``x`` with ``axes`` reduced."""
    gone = axes_in(op, axes, x.rank)
    return tuple(1 if i in gone else d for i, d in enumerate(x.dims) if keepdims or i not in gone)


@op("core.reduce_sum")
class ReduceSum(Reduction):
    """``y = sum of x over axes``; 0 where an axis is empty.

    C1, C2 of reductions: numbers, and complex.
    Integers wrap modulo 2^bits. float16 and bfloat16 are added in float32 and rounded once. The order of the
    additions is not fixed: floats may differ by ``n * eps * sum|x|``. NaN, or +inf with −inf, gives NaN.
    """

    kernel = kernels.reduce_sum
    symbolic = True
    allowed = NUMBERS | COMPLEX


@op("core.reduce_prod")
class ReduceProd(Reduction):
    """``y = product of x over axes``; 1 where an axis is empty.

    C1, C2 of reductions: numbers, and complex.
    Integers wrap modulo 2^bits; narrow floats are multiplied in float32. NaN, or 0 with inf, gives NaN.
    """

    kernel = kernels.reduce_prod
    symbolic = True
    allowed = NUMBERS | COMPLEX


def _folded(rule: Rule, x: Elements, axes: tuple[int, ...], keepdims: bool) -> Elements:
    """The elements over ``axes`` put together by a rule of two."""
    for axis in sorted((axis % x.ndim for axis in axes), reverse=True):
        x = np.frompyfunc(rule, 2, 1).reduce(x, axis=axis, keepdims=keepdims)
    return x


@op("core.reduce_max")
class ReduceMax(Reduction):
    """``y = greatest x over axes``; −inf, the lowest integer, or False where an axis is empty.

    C1, C2 of reductions: numbers and bool (False < True).
    NaN anywhere gives NaN (some ONNX runtimes skip it). Which zero of −0.0 and 0.0 comes out is undefined.
    """

    kernel = kernels.reduce_max
    symbolic = True
    allowed = NUMBERS | {DType.BOOL}

    def known_elements(self, x: Elements) -> Elements:
        return _folded(maximum, x, self.axes, self.keepdims)


@op("core.reduce_min")
class ReduceMin(Reduction):
    """``y = least x over axes``; +inf, the highest integer, or True where an axis is empty.

    C1, C2 of reductions: numbers and bool (False < True).
    NaN anywhere gives NaN (some ONNX runtimes skip it). Which zero of −0.0 and 0.0 comes out is undefined.
    """

    kernel = kernels.reduce_min
    symbolic = True
    allowed = NUMBERS | {DType.BOOL}

    def known_elements(self, x: Elements) -> Elements:
        return _folded(minimum, x, self.axes, self.keepdims)


@dataclass(frozen=True)
class ArgReduction(Op):
    """What argmax and argmin share.

    C1. ``axis`` is in [-rank, rank).  C2. ``x`` holds numbers.
    Ties: the lowest index, or the highest with ``select_last``. NaN counts as the extreme (where there are
    several, ties as above); runtimes differ here. −0.0 equals 0.0. An empty axis is undefined. The result is
    int64.
    """

    axis: int
    keepdims: bool = False
    select_last: bool = False

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.dtype in NUMBERS, "C2. x holds numbers", x)
        axis_in(self, self.axis, x.rank)
        return Tensor(DType.I64, reduced(self, x, (self.axis,), self.keepdims))

    def unranked(self, x: Tensor) -> Tensor:
        return Tensor(DType.I64, None)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape = draw.shape(1, least=1)
        op = cls(draw.axis(len(shape)), keepdims=draw.boolean(), select_last=draw.boolean())
        return Sample(op, (draw.array(shape, draw.dtype(NUMBERS)),))


@op("core.argmax")
class ArgMax(ArgReduction):
    """Where along ``axis`` the greatest element is.  C1, C2, ties and NaN as for every arg-reduction."""

    kernel = kernels.argmax


@op("core.argmin")
class ArgMin(ArgReduction):
    """Where along ``axis`` the least element is.  C1, C2, ties and NaN as for every arg-reduction."""

    kernel = kernels.argmin


@dataclass(frozen=True)
class Running(Op):
    """What running reductions share.

    C1. ``axis`` is in [-rank, rank).  C2. ``x`` holds numbers.
    ``exclusive`` leaves the element itself out (the first result is the identity); ``reverse`` runs from the
    end. Integers wrap; narrow floats run in float32 and each result is rounded once.
    """

    axis: int
    exclusive: bool = False
    reverse: bool = False

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.dtype in NUMBERS, "C2. x holds numbers", x)
        axis_in(self, self.axis, x.rank)
        return x.with_shape(x.dims)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape = draw.shape(1)
        op = cls(draw.axis(len(shape)), exclusive=draw.boolean(), reverse=draw.boolean())
        return Sample(op, (draw.array(shape, draw.dtype(NUMBERS)),))


@op("core.cumsum")
class CumSum(Running):
    """``y[i] = sum of x[j] for j <= i`` along ``axis``.  C1, C2 as for every running reduction."""

    kernel = kernels.cumsum
    symbolic = True


@op("math.cumprod")
class CumProd(Running):
    """``y[i] = product of x[j] for j <= i`` along ``axis``.  C1, C2 as for every running reduction."""

    kernel = kernels.cumprod
    symbolic = True

    def decompose(self, b: Builder, x: Value) -> Value:
        """``y[i] = product over j of (x[j] if j takes part in i else 1)``: quadratic, but right for every
        dim."""
        axis = self.axis % x.tensor.rank
        size = dim_scalar(b, x, axis)
        i, j = index_along(b, size, 0, 2), index_along(b, size, 1, 2)
        first, second = (i, j) if self.reverse else (j, i)
        taken = b((Lt if self.exclusive else Le)(), first, second)
        lined = _lined_up(b, taken, axis, x.tensor.rank)
        wide = widened(b, x)
        terms = b(Select(), lined, expanded(b, wide, axis), b.scalar(1, wide))
        return narrowed(b, b(ReduceProd(axes=(axis + 1,)), terms), x)


def _lined_up(b: Builder, square: Value, axis: int, rank: int) -> Value:
    """A matrix with its axes moved to ``axis`` and ``axis + 1`` of ``rank + 1``."""
    return expanded(b, square, *range(axis), *range(axis + 2, rank + 1))


def widened(b: Builder, x: Value) -> Value:
    """``x`` in float32 where it is narrower."""
    return b(Cast(to=DType.F32), x) if x.tensor.dtype in NARROW else x


def narrowed(b: Builder, y: Value, x: Value) -> Value:
    """``y`` in the dtype of ``x``."""
    return b(Cast(to=x.tensor.dtype), y) if y.tensor.dtype is not x.tensor.dtype else y


@dataclass(frozen=True)
class Composite(Reduction):
    """A reduction made of others; narrow floats are computed in float32 and rounded once."""

    allowed: ClassVar[frozenset[DType]] = FLOATS
    formula: ClassVar[Callable[..., Value]]

    def decompose(self, b: Builder, x: Value) -> Value:
        return narrowed(b, type(self).formula(self, b, widened(b, x)), x)

    def sum(self, b: Builder, x: Value) -> Value:
        return b(ReduceSum(self.axes, self.keepdims), x)


@op("nn.mean")
class Mean(Composite):
    """``y = sum of x over axes / number of elements over axes``; NaN where an axis is empty.

    C1, C2 of reductions: floats. (Integer means truncate in ONNX Runtime: frontends sum and divide.)
    """

    kernel = kernels.mean

    def formula(self, b: Builder, x: Value) -> Value:
        return b(Div(), self.sum(b, x), count_of(b, x, self.axes, x.tensor.dtype))


@op("nn.logsumexp")
class LogSumExp(Composite):
    """``y = m + log(sum of exp(x - m) over axes)``, ``m`` the maximum where finite, else 0: nothing
    overflows.

    C1, C2 of reductions: floats. −inf where an axis is empty or all is −inf; +inf anywhere gives +inf; NaN
    gives NaN.
    """

    kernel = kernels.logsumexp

    def formula(self, b: Builder, x: Value) -> Value:
        top = b(ReduceMax(self.axes, True), x)
        finite = b(Select(), b(IsInf(), top), b.scalar(0, top), top)
        total = b(Log(), self.sum(b, b(Exp(), b(Sub(), x, finite))))
        return b(Add(), total, finite if self.keepdims or not self.axes else b(Squeeze(self.axes), finite))


@op("nn.l1")
class L1(Composite):
    """``y = sum of |x| over axes``; 0 where an axis is empty.  C1, C2 of reductions: numbers."""

    kernel = kernels.l1
    allowed = NUMBERS

    def formula(self, b: Builder, x: Value) -> Value:
        return self.sum(b, b(Abs(), x))


@op("nn.l2")
class L2(Composite):
    """``y = sqrt(sum of x*x over axes)``, not rescaled: squares may overflow.  C1, C2 of reductions:
    floats."""

    kernel = kernels.l2

    def formula(self, b: Builder, x: Value) -> Value:
        return b(Sqrt(), self.sum(b, b(Mul(), x, x)))


@op("nn.sum_square")
class SumSquare(Composite):
    """``y = sum of x*x over axes``; 0 where an axis is empty.  C1, C2 of reductions: numbers; integers
    wrap."""

    kernel = kernels.sum_square
    allowed = NUMBERS

    def formula(self, b: Builder, x: Value) -> Value:
        return self.sum(b, b(Mul(), x, x))


@op("nn.log_sum")
class LogSum(Composite):
    """``y = log(sum of x over axes)``; −inf where an axis is empty, NaN of negative sums.  C1, C2: floats."""

    kernel = kernels.log_sum

    def formula(self, b: Builder, x: Value) -> Value:
        return b(Log(), self.sum(b, x))


@op("nn.any")
class Any(Reduction):
    """Whether any element over ``axes`` is true; False where an axis is empty.  C1, C2 of reductions:
    bool."""

    kernel = kernels.any_
    allowed = frozenset({DType.BOOL})

    def decompose(self, b: Builder, x: Value) -> Value:
        return b(ReduceMax(self.axes, self.keepdims), x)


@op("nn.all")
class All(Reduction):
    """Whether every element over ``axes`` is true; True where an axis is empty.  C1, C2 of reductions:
    bool."""

    kernel = kernels.all_
    allowed = frozenset({DType.BOOL})

    def decompose(self, b: Builder, x: Value) -> Value:
        return b(ReduceMin(self.axes, self.keepdims), x)
