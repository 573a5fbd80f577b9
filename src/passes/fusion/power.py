"""Powers by a constant exponent, and reciprocals, by cheaper ops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add, Div, Mul, Pow
from interlingua.ir.ops.math import Reciprocal, Sigmoid, Square
from interlingua.ir.ops.reduction import Mean, ReduceSum
from interlingua.ir.ops.softmax import Softmax
from interlingua.ir.ops.unary import Abs, Exp, Sqrt
from interlingua.passes.rewrite.pattern import Match, Number, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, When, rule
from interlingua.passes.rewrite.values import number_of, same_type

X, Y = Var("x"), Var("y")
DEPTH = 8
"""How far a value is traced."""


def is_positive_zero_or_more(value: Value, depth: int = DEPTH) -> bool:
    """Whether no element is below 0, or −0.0, for certain; NaN may be."""
    node = value.node
    number = number_of(value)
    if number is not None:
        return not np.signbit(number)
    if node is None or depth == 0:
        return False
    if isinstance(node.op, Abs | Exp | Square | Sigmoid | Softmax):
        return True
    if isinstance(node.op, Mul) and node.operands[0] is node.operands[1]:
        return True
    if isinstance(node.op, Pow):
        exponent = number_of(node.operand(1))
        return exponent is not None and float(exponent) % 2 == 0
    if isinstance(node.op, Add | Div | Mul | ReduceSum | Mean | Sqrt | Reciprocal):
        return all(o is not None and is_positive_zero_or_more(o, depth - 1) for o in node.operands)
    return False


POSITIVE = When(
    "pow and sqrt differ at −0.0 and −inf, and x may be negative", lambda m: is_positive_zero_or_more(m["x"])
)
FLOAT = When("integers have no roots and reciprocals", lambda m: m.root.result.tensor.dtype.is_float)


def _power(exponent: float) -> OpPattern:
    return OpPattern(Pow, X, Number(exponent))


def _same(m: Match, value: Value) -> Value | None:
    """``value`` where an exponent of higher rank did not add axes to it."""
    return value if same_type(value.type, m.root.result.type) else None


@rule(_power(2), contract="rounding")
def square_by_product(m: Match, b: Builder) -> Value | None:
    """``x ** 2 = x · x``, rounded once and so never worse; infinities, NaN and integers that wrap come out alike."""
    return _same(m, b(Mul(), m["x"], m["x"]))


@rule(_power(3), contract="rounding")
def cube_by_products(m: Match, b: Builder) -> Value | None:
    """``x ** 3 = x · (x · x)``."""
    return _same(m, b(Mul(), m["x"], b(Mul(), m["x"], m["x"])))


@rule(_power(0.5), contract="rounding", when=(FLOAT, POSITIVE))
def root_by_sqrt(m: Match, b: Builder) -> Value | None:
    """``x ** ½ = √x`` of what is +0 or more for certain: ``(-0.0) ** ½`` is +0.0, and ``(-inf) ** ½`` is inf."""
    return _same(m, b(Sqrt(), m["x"]))


@rule(_power(-0.5), contract="rounding", when=(FLOAT, POSITIVE))
def inverse_root_by_sqrt(m: Match, b: Builder) -> Value | None:
    """``x ** -½ = 1 / √x``, as :func:`root_by_sqrt`."""
    return _same(m, b(Reciprocal(), b(Sqrt(), m["x"])))


@rule(_power(-1), contract="rounding", when=(FLOAT,))
def inverse_by_reciprocal(m: Match, b: Builder) -> Value | None:
    """``x ** -1 = 1 / x``, of zeros and infinities of either sign too. Of floats."""
    return _same(m, b(Reciprocal(), m["x"]))


@rule(
    OpPattern(Mul, X, OpPattern(Reciprocal, Y)),
    OpPattern(Mul, X, OpPattern(Div, Number(1), Y)),
    contract="rounding",
    when=(
        FLOAT,
        When("a division of each element is no cheaper", lambda m: same_type(m["y"].type, m.root.result.type)),
    ),
)
def product_by_quotient(m: Match, b: Builder) -> Value:
    """``x · (1 / y) = x / y``, rounded once; where ``y`` is as large as the result: no more is divided than was."""
    return b(Div(), m["x"], m["y"])


@dataclass(frozen=True, slots=True)
class Powers(RulePass):
    """Rounding."""

    name: ClassVar[str] = "reduce-powers"
    rules: ClassVar[tuple[Rule, ...]] = (
        square_by_product,
        cube_by_products,
        root_by_sqrt,
        inverse_root_by_sqrt,
        inverse_by_reciprocal,
        product_by_quotient,
    )
