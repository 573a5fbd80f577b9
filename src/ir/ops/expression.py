"""Formulas over values: what decompositions are written in.

``Expr(b, x)`` stands for a value; arithmetic on it adds core ops to the builder. A Python number beside it is
a constant of its dtype.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Div, Max, Min, Mul, Pow, Sub
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.layout import ExpandDims, Squeeze
from interlingua.ir.ops.logic import And, Eq, Le, Lt, Not, Or, Select
from interlingua.ir.ops.reduction import Mean, ReduceMax, ReduceMin, ReduceSum
from interlingua.ir.ops.shape import BroadcastTo, Concat, Reshape, Slice, Transpose
from interlingua.ir.ops.shaping import dim_scalar, index_along, vector
from interlingua.ir.ops.source import ShapeOf
from interlingua.ir.ops.unary import Abs, Ceil, Exp, Floor, Log, Neg, Sqrt, Tanh

Term: TypeAlias = "Expr | float"


class Expr:
    """A value with arithmetic."""

    __slots__ = ("b", "value")

    def __init__(self, b: Builder, value: Value) -> None:
        self.b = b
        self.value = value

    @property
    def dtype(self) -> DType:
        return self.value.tensor.dtype

    @property
    def rank(self) -> int:
        return self.value.tensor.rank

    def apply(self, op: Op, *others: Term) -> Expr:
        """The result of an op on this and on others; numbers become constants of this dtype."""
        return Expr(self.b, self.b(op, self.value, *(self._term(o) for o in others)))

    def _term(self, other: Term) -> Value:
        return other.value if isinstance(other, Expr) else self.b.scalar(other, self.dtype)

    def number(self, value: float) -> Expr:
        """A rank-0 constant of this dtype."""
        return Expr(self.b, self.b.scalar(value, self.dtype))

    def constant(self, value: Any, dtype: DType | None = None) -> Expr:
        """A constant; integers are int64 unless said otherwise."""
        return Expr(self.b, self.b.constant(value, dtype))

    def like(self, value: Value) -> Expr:
        """Another value, in the dtype of this."""
        return Expr(self.b, value).to(self.dtype)

    def __add__(self, other: Term) -> Expr:
        return self.apply(Add(), other)

    def __sub__(self, other: Term) -> Expr:
        return self.apply(Sub(), other)

    def __rsub__(self, other: float) -> Expr:
        return self.number(other) - self

    def __mul__(self, other: Term) -> Expr:
        return self.apply(Mul(), other)

    def __truediv__(self, other: Term) -> Expr:
        return self.apply(Div(), other)

    def __neg__(self) -> Expr:
        return self.apply(Neg())

    def __matmul__(self, other: Expr) -> Expr:
        return self.apply(MatMul(), other)

    def __and__(self, other: Expr) -> Expr:
        return self.apply(And(), other)

    def __or__(self, other: Expr) -> Expr:
        return self.apply(Or(), other)

    def __invert__(self) -> Expr:
        return self.apply(Not())

    def __lt__(self, other: Term) -> Expr:
        return self.apply(Lt(), other)

    def __le__(self, other: Term) -> Expr:
        return self.apply(Le(), other)

    def __ge__(self, other: Term) -> Expr:
        return Expr(self.b, self.b(Le(), self._term(other), self.value))

    def __gt__(self, other: Term) -> Expr:
        return Expr(self.b, self.b(Lt(), self._term(other), self.value))

    def equals(self, other: Term) -> Expr:
        return self.apply(Eq(), other)

    def where(self, then: Expr, otherwise: Expr) -> Expr:
        """Elementwise choice; this is the condition."""
        return self.apply(Select(), then, otherwise)

    def pow(self, exponent: Term) -> Expr:
        return self.apply(Pow(), exponent)

    def min(self, other: Term) -> Expr:
        return self.apply(Min(), other)

    def max(self, other: Term) -> Expr:
        return self.apply(Max(), other)

    def clip(self, low: Term, high: Term) -> Expr:
        return self.max(low).min(high)

    def abs(self) -> Expr:
        return self.apply(Abs())

    def sqrt(self) -> Expr:
        return self.apply(Sqrt())

    def exp(self) -> Expr:
        return self.apply(Exp())

    def log(self) -> Expr:
        return self.apply(Log())

    def tanh(self) -> Expr:
        return self.apply(Tanh())

    def floor(self) -> Expr:
        return self.apply(Floor())

    def ceil(self) -> Expr:
        return self.apply(Ceil())

    def to(self, dtype: DType) -> Expr:
        return self if dtype is self.dtype else self.apply(Cast(to=dtype))

    def wide(self) -> Expr:
        """Float32 in place of a narrower float."""
        return self.to(DType.F32) if self.dtype.is_float and self.dtype.bits < 32 else self

    def shape(self) -> Expr:
        return self.apply(ShapeOf())

    def dim(self, axis: int, dtype: DType = DType.I64) -> Expr:
        """The extent along an axis, of rank 0."""
        return Expr(self.b, dim_scalar(self.b, self.value, axis, dtype))

    def reshape(self, shape: Expr | Sequence[int | Value]) -> Expr:
        wanted = shape.value if isinstance(shape, Expr) else vector(self.b, list(shape))
        return Expr(self.b, self.b(Reshape(), self.value, wanted))

    def broadcast(self, shape: Expr) -> Expr:
        return self.apply(BroadcastTo(), shape)

    def transpose(self, *perm: int) -> Expr:
        return self.apply(Transpose(perm=perm))

    def expand(self, *axes: int) -> Expr:
        return self.apply(ExpandDims(axes=axes))

    def squeeze(self, *axes: int) -> Expr:
        return self.apply(Squeeze(axes=axes))

    def along(self, axis: int, rank: int) -> Expr:
        """A vector shaped to broadcast along ``axis`` of a tensor of ``rank``."""
        trailing = rank - 1 - axis % rank
        return self.reshape([-1] + [1] * trailing) if trailing else self

    def slice(self, axis: int, start: int, stop: int, step: int = 1) -> Expr:
        steps = [] if step == 1 else [self.constant([step])]
        return self.apply(Slice(axes=(axis,)), self.constant([start]), self.constant([stop]), *steps)

    def take(self, axis: int, index: int) -> Expr:
        """One slice, its axis dropped."""
        return self.gather(self.constant(index), axis)

    def gather(self, index: Expr, axis: int) -> Expr:
        return self.apply(Gather(axis=axis), index)

    def concat(self, *others: Expr, axis: int = 0) -> Expr:
        return self.apply(Concat(axis=axis), *others)

    def sum(self, axes: Sequence[int]) -> Expr:
        return self.apply(ReduceSum(axes=tuple(axes), keepdims=True))

    def mean(self, axes: Sequence[int]) -> Expr:
        return self.apply(Mean(axes=tuple(axes), keepdims=True))

    def greatest(self, axes: Sequence[int]) -> Expr:
        return self.apply(ReduceMax(axes=tuple(axes), keepdims=True))

    def least(self, axes: Sequence[int]) -> Expr:
        return self.apply(ReduceMin(axes=tuple(axes), keepdims=True))

    def steps(self, rank: int = 1, axis: int = 0) -> Expr:
        """``0, 1 … self - 1`` for this rank-0 int64, laid along ``axis`` of ``rank`` axes."""
        return Expr(self.b, index_along(self.b, self.value, axis, rank))

    def standardized(self, axes: Sequence[int], epsilon: float) -> Expr:
        """``(x - mean) / sqrt(variance + epsilon)`` over the axes."""
        centred = self - self.mean(axes)
        return centred / ((centred * centred).mean(axes) + epsilon).sqrt()

    def p_norm(self, axes: Sequence[int], p: int) -> Expr:
        """``(Σ |x|^p)^(1/p)`` over the axes."""
        if p == 1:
            return self.abs().sum(axes)
        if p == 2:
            return (self * self).sum(axes).sqrt()
        return self.abs().pow(float(p)).sum(axes).pow(1.0 / p)
