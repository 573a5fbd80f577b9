"""What formulas have in common: the ways to write a square, a root, a factor.

A number stands for the value of the constant's dtype that is nearest to the real one, and for no other: a ``√2`` that
was written with four digits is another formula.
"""

from __future__ import annotations

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.activation import Clip, Relu
from interlingua.ir.ops.binary import Div, Max, Min, Mul, Pow
from interlingua.ir.ops.logic import Le, Lt
from interlingua.ir.ops.math import Ge, Gt, Reciprocal, Rsqrt, Square
from interlingua.ir.ops.unary import Sqrt
from interlingua.ir.types import compatible
from interlingua.passes.rewrite.pattern import Either, Match, Number, OpPattern, Pattern, Var
from interlingua.passes.rewrite.values import same_type

X = Var("x")
W = Var("w")
BIAS = Var("bias")


def times(inner: Pattern, factor: float, divisor: float) -> Either:
    """``inner·factor``, or ``inner/divisor``."""
    return Either(OpPattern(Mul, inner, Number(factor)), OpPattern(Div, inner, Number(divisor)))


def square(inner: Pattern) -> Either:
    """``inner²``."""
    return Either(OpPattern(Mul, inner, inner), OpPattern(Pow, inner, Number(2)), OpPattern(Square, inner))


def root(inner: Pattern) -> Either:
    """``√inner``."""
    return Either(OpPattern(Sqrt, inner), OpPattern(Pow, inner, Number(0.5)))


def inverse(inner: Pattern) -> Either:
    """``1/inner``."""
    return Either(OpPattern(Reciprocal, inner), OpPattern(Div, Number(1), inner))


def inverse_root(inner: Pattern) -> Either:
    """``1/√inner``."""
    return Either(OpPattern(Rsqrt, inner), OpPattern(Pow, inner, Number(-0.5)), inverse(root(inner)))


def clipped(inner: Pattern, low: float, high: float) -> Either:
    """``min(max(inner, low), high)``."""
    rectified = [OpPattern(Min, OpPattern(Relu, inner), Number(high))] if low == 0 else []
    return Either(
        OpPattern(Clip, inner, Number(low), Number(high)),
        OpPattern(Min, OpPattern(Max, inner, Number(low)), Number(high)),
        *rectified,
    )


def below(inner: Pattern, bound: Pattern) -> Either:
    """``inner < bound``, or ``≤`` where what is chosen by it is the same at the bound."""
    return Either(OpPattern((Lt, Le), inner, bound), OpPattern((Gt, Ge), bound, inner))


def above(inner: Pattern, bound: Pattern) -> Either:
    """``inner > bound``, or ``≥``, as in :func:`below`."""
    return Either(OpPattern((Gt, Ge), inner, bound), OpPattern((Lt, Le), bound, inner))


def is_near(attribute: float, number: float, dtype: DType) -> bool:
    """Whether an attribute is ``number`` as ``dtype`` says it."""
    return bool(np.asarray(attribute).astype(dtype.numpy) == np.asarray(number).astype(dtype.numpy))


def keeps_type(m: Match, value: Value) -> bool:
    """Whether what has the type of ``value`` can take the place of the root: no constant made the shape grow."""
    return same_type(value.type, m.root.result.type)


def fitting(m: Match, value: Value) -> Value | None:
    """``value`` where it may have the root's type; none of the numbers that it does without made the shape grow."""
    return value if compatible(value.type, m.root.result.type) else None


def elementwise(op: Op, m: Match, b: Builder) -> Value | None:
    """``op`` of ``x``, where that has the root's type."""
    return b(op, m["x"]) if keeps_type(m, m["x"]) else None
