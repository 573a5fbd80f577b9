"""Leaky rectifiers of one slope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import LeakyRelu, Prelu, Relu
from interlingua.ir.ops.binary import Add, Max, Mul, Sub
from interlingua.ir.ops.logic import Select
from interlingua.ir.ops.unary import Neg
from interlingua.passes.fusion.spellings import X, above, below, elementwise
from interlingua.passes.rewrite.pattern import Match, Number, OpPattern
from interlingua.passes.rewrite.rule import Rule, RulePass, rule

ALPHA = Number(name="alpha")
SCALED = OpPattern(Mul, X, ALPHA)
NEGATIVE = OpPattern(Mul, OpPattern(Relu, OpPattern(Neg, X)), ALPHA)
"""``α·max(-x, 0)``."""


def _leaky(m: Match, b: Builder, alpha: float) -> Value | None:
    return elementwise(LeakyRelu(alpha=alpha), m, b) if m["x"].tensor.dtype in FLOATS else None


@rule(
    OpPattern(Select, below(X, Number(0)), SCALED, X),
    OpPattern(Select, above(X, Number(0)), X, SCALED),
    OpPattern(Prelu, X, ALPHA),
    OpPattern(Sub, OpPattern(Relu, X), NEGATIVE),
    contract="rounding",
)
def leaky_relu(m: Match, b: Builder) -> Value | None:
    """``α·x`` below zero, ``x`` above: chosen by a comparison, by one slope for all, or as a difference of
    rectifiers."""
    return _leaky(m, b, m.number("alpha"))


@rule(OpPattern(Add, OpPattern(Relu, X), NEGATIVE), contract="rounding")
def leaky_relu_of_sum(m: Match, b: Builder) -> Value | None:
    """``max(x, 0) + α·max(-x, 0)``: a slope of ``-α``."""
    return _leaky(m, b, -m.number("alpha"))


@rule(OpPattern(Max, X, SCALED), contract="rounding")
def leaky_relu_of_maximum(m: Match, b: Builder) -> Value | None:
    """``max(x, α·x) = leaky_relu(x)`` where ``0 ≤ α ≤ 1``."""
    return _leaky(m, b, m.number("alpha")) if 0 <= m.number("alpha") <= 1 else None


@dataclass(frozen=True, slots=True)
class FuseLeakyRelu(RulePass):
    """Rounding. Two slopes, the upper one 1."""

    name: ClassVar[str] = "fuse-leaky-relu"
    rules: ClassVar[tuple[Rule, ...]] = (leaky_relu, leaky_relu_of_sum, leaky_relu_of_maximum)
