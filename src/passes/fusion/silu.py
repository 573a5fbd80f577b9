"""SiLU, and Swish with a slope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Silu
from interlingua.ir.ops.binary import Mul
from interlingua.ir.ops.math import Sigmoid
from interlingua.passes.fusion.spellings import X, elementwise
from interlingua.passes.rewrite.pattern import Match, Number, OpPattern
from interlingua.passes.rewrite.rule import Rule, RulePass, rule


@rule(OpPattern(Mul, X, OpPattern(Sigmoid, X)), contract="rounding")
def silu(m: Match, b: Builder) -> Value | None:
    """``x·sigmoid(x) = silu(x)``."""
    return elementwise(Silu(), m, b)


@rule(OpPattern(Mul, X, OpPattern(Sigmoid, OpPattern(Mul, X, Number(name="alpha")))), contract="rounding")
def swish(m: Match, b: Builder) -> Value | None:
    """``x·sigmoid(α·x)``: Swish; with ``α = 1.702`` what is called quick GELU."""
    return elementwise(Silu(alpha=m.number("alpha")), m, b)


@dataclass(frozen=True, slots=True)
class FuseSilu(RulePass):
    """Rounding. A product with one's own sigmoid."""

    name: ClassVar[str] = "fuse-silu"
    rules: ClassVar[tuple[Rule, ...]] = (silu, swish)
