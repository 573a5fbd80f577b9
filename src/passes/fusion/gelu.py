"""GELU, by the error function and by its tanh approximation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Gelu
from interlingua.ir.ops.binary import Add, Div, Mul, Pow
from interlingua.ir.ops.unary import Erf, Tanh
from interlingua.passes.fusion.spellings import X, elementwise, square, times
from interlingua.passes.rewrite.pattern import Either, Match, Number, OpPattern, Pattern, groupings
from interlingua.passes.rewrite.rule import Rule, RulePass, rule

CUBIC = 0.044715
SLOPE = math.sqrt(2 / math.pi)


def _halved(inner: Pattern) -> tuple[OpPattern, ...]:
    """``x/2 · (1 + inner)``."""
    raised = OpPattern(Add, inner, Number(1))
    return (
        *groupings(Mul, X, Number(0.5), raised),
        *(OpPattern(Mul, OpPattern(Div, part, Number(2)), other) for part, other in ((X, raised), (raised, X))),
        OpPattern(Div, OpPattern(Mul, X, raised), Number(2)),
    )


CUBE = Either(
    OpPattern(Mul, OpPattern(Pow, X, Number(3)), Number(CUBIC)),
    *groupings(Mul, square(X), X, Number(CUBIC)),
    *groupings(Mul, X, X, X, Number(CUBIC)),
)
"""``0.044715·x³``."""
FACTORED = OpPattern(
    Add, Either(*groupings(Mul, X, X, Number(CUBIC)), *groupings(Mul, square(X), Number(CUBIC))), Number(1)
)
"""``1 + 0.044715·x²``."""
ARGUMENT = Either(
    times(OpPattern(Add, X, CUBE), SLOPE, math.sqrt(math.pi / 2)),
    *groupings(Mul, X, FACTORED, Number(SLOPE)),
)


@rule(*_halved(OpPattern(Erf, times(X, math.sqrt(0.5), math.sqrt(2)))), contract="rounding")
def gelu_erf(m: Match, b: Builder) -> Value | None:
    """``x/2·(1 + erf(x/√2)) = gelu(x)``, the factors in any order."""
    return elementwise(Gelu(), m, b)


@rule(*_halved(OpPattern(Tanh, ARGUMENT)), contract="rounding")
def gelu_tanh(m: Match, b: Builder) -> Value | None:
    """``x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))``: the approximation, which never stands for the other form."""
    return elementwise(Gelu(form="tanh"), m, b)


@dataclass(frozen=True, slots=True)
class FuseGelu(RulePass):
    """Rounding. Both forms of GELU, as frameworks write them."""

    name: ClassVar[str] = "fuse-gelu"
    rules: ClassVar[tuple[Rule, ...]] = (gelu_erf, gelu_tanh)
