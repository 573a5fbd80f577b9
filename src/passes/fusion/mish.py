"""Mish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Mish, Softplus
from interlingua.ir.ops.binary import Mul
from interlingua.ir.ops.unary import Tanh
from interlingua.passes.fusion.spellings import X, elementwise
from interlingua.passes.rewrite.pattern import Match, OpPattern
from interlingua.passes.rewrite.rule import Rule, RulePass, rule


@rule(OpPattern(Mul, X, OpPattern(Tanh, OpPattern(Softplus, X))), contract="rounding")
def mish(m: Match, b: Builder) -> Value | None:
    """``x·tanh(softplus(x)) = mish(x)``.

    A softplus that is written ``ln(1 + exp(x))`` stays: ONNX Runtime takes several times as long for Softplus.
    """
    return elementwise(Mish(), m, b)


@dataclass(frozen=True, slots=True)
class FuseMish(RulePass):
    """Rounding. Mish of a softplus."""

    name: ClassVar[str] = "fuse-mish"
    rules: ClassVar[tuple[Rule, ...]] = (mish,)
