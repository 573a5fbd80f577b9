"""The logistic function, spelled out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add, Div, Mul
from interlingua.ir.ops.math import Reciprocal, Sigmoid
from interlingua.ir.ops.unary import Exp, Neg
from interlingua.passes.fusion.spellings import X, elementwise
from interlingua.passes.rewrite.pattern import Either, Match, Number, OpPattern
from interlingua.passes.rewrite.rule import Rule, RulePass, rule

NEGATED = Either(OpPattern(Neg, X), OpPattern(Mul, X, Number(-1)))
RAISED = OpPattern(Add, OpPattern(Exp, NEGATED), Number(1))


@rule(OpPattern(Div, Number(1), RAISED), OpPattern(Reciprocal, RAISED), contract="rounding")
def sigmoid(m: Match, b: Builder) -> Value | None:
    """``1/(1 + exp(-x)) = sigmoid(x)``."""
    return elementwise(Sigmoid(), m, b)


@dataclass(frozen=True, slots=True)
class FuseSigmoid(RulePass):
    """Rounding. The logistic function made of an exponential."""

    name: ClassVar[str] = "fuse-sigmoid"
    rules: ClassVar[tuple[Rule, ...]] = (sigmoid,)
