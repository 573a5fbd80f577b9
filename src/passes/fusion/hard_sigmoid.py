"""Hard sigmoid: a line between two bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Clip, HardSigmoid
from interlingua.ir.ops.binary import Add, Div, Max, Min, Mul
from interlingua.passes.fusion.spellings import X, clipped, elementwise
from interlingua.passes.rewrite.pattern import Match, Number, OpPattern
from interlingua.passes.rewrite.rule import Rule, RulePass, rule

SIXTHS = clipped(OpPattern(Add, X, Number(3)), 0, 6)
"""``min(max(x + 3, 0), 6)``: six times the hard sigmoid of slope 1/6."""
LINE = OpPattern(Add, OpPattern(Mul, X, Number(name="alpha")), Number(name="beta"))


@rule(OpPattern(Div, SIXTHS, Number(6)), OpPattern(Mul, SIXTHS, Number(1 / 6)), contract="rounding")
def hard_sigmoid_of_sixths(m: Match, b: Builder) -> Value | None:
    """``min(max(x + 3, 0), 6)/6 = hard_sigmoid(x)`` with slope 1/6 and offset 1/2: PyTorch's, Paddle's, MobileNet's."""
    return elementwise(HardSigmoid(alpha=1 / 6, beta=0.5), m, b)


@rule(
    OpPattern(Clip, LINE, Number(0), Number(1)),
    OpPattern(Min, OpPattern(Max, LINE, Number(0)), Number(1)),
    contract="rounding",
)
def hard_sigmoid_of_line(m: Match, b: Builder) -> Value | None:
    """``min(max(α·x + β, 0), 1) = hard_sigmoid(x)``: Keras' with 0.2 and 0.5, and any other."""
    if m["x"].tensor.dtype not in FLOATS:
        return None
    return elementwise(HardSigmoid(alpha=m.number("alpha"), beta=m.number("beta")), m, b)


@dataclass(frozen=True, slots=True)
class FuseHardSigmoid(RulePass):
    """Rounding. A clipped line."""

    name: ClassVar[str] = "fuse-hard-sigmoid"
    rules: ClassVar[tuple[Rule, ...]] = (hard_sigmoid_of_sixths, hard_sigmoid_of_line)
