"""Hard swish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import HardSigmoid, HardSwish
from interlingua.ir.ops.binary import Div, Mul
from interlingua.passes.fusion.hard_sigmoid import SIXTHS
from interlingua.passes.fusion.spellings import X, elementwise, is_near
from interlingua.passes.rewrite.pattern import Match, Number, OpPattern, groupings
from interlingua.passes.rewrite.rule import Rule, RulePass, rule


@rule(
    OpPattern(Div, OpPattern(Mul, X, SIXTHS), Number(6)),
    OpPattern(Mul, OpPattern(Div, X, Number(6)), SIXTHS),
    *groupings(Mul, X, SIXTHS, Number(1 / 6)),
    contract="rounding",
)
def hard_swish_of_sixths(m: Match, b: Builder) -> Value | None:
    """``x·min(max(x + 3, 0), 6)/6 = hard_swish(x)``, the sixth taken anywhere."""
    return elementwise(HardSwish(), m, b)


@rule(OpPattern(Mul, X, OpPattern(HardSigmoid, X, name="gate")), contract="rounding")
def hard_swish_of_gate(m: Match, b: Builder) -> Value | None:
    """``x·hard_sigmoid(x) = hard_swish(x)`` where the slope is 1/6 and the offset 1/2."""
    gate, dtype = m.op("gate"), m["x"].tensor.dtype
    if not (is_near(gate.alpha, 1 / 6, dtype) and gate.beta == 0.5):
        return None
    return elementwise(HardSwish(), m, b)


@dataclass(frozen=True, slots=True)
class FuseHardSwish(RulePass):
    """Rounding. A product with one's own hard sigmoid."""

    name: ClassVar[str] = "fuse-hard-swish"
    rules: ClassVar[tuple[Rule, ...]] = (hard_swish_of_sixths, hard_swish_of_gate)
