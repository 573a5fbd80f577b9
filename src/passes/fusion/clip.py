"""Bounds: clips and rectifiers made of a maximum and a minimum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Clip, Relu
from interlingua.ir.ops.binary import Max, Min
from interlingua.passes.fusion.spellings import X, elementwise, keeps_type
from interlingua.passes.rewrite.pattern import Match, Number, OpPattern
from interlingua.passes.rewrite.rule import Rule, RulePass, rule

LOW, HIGH = Number(name="low"), Number(name="high")


def _clip(m: Match, b: Builder, low: float) -> Value | None:
    x = m["x"]
    if x.tensor.dtype not in FLOATS or not keeps_type(m, x):
        return None
    return b(Clip(), x, b.scalar(low, x), b.scalar(m.number("high"), x))


@rule(OpPattern(Min, OpPattern(Max, X, LOW), HIGH))
def clip_of_minimum(m: Match, b: Builder) -> Value | None:
    """``min(max(x, low), high) = clip(x, low, high)``, by definition; the bounds are numbers."""
    return _clip(m, b, m.number("low"))


@rule(OpPattern(Min, OpPattern(Relu, X), HIGH), contract="rounding")
def clip_of_relu(m: Match, b: Builder) -> Value | None:
    """``min(relu(x), high) = clip(x, 0, high)``: ReLU6 for 6. The sign of a zero may differ."""
    return _clip(m, b, 0.0)


@rule(OpPattern(Max, OpPattern(Min, X, HIGH), LOW), contract="rounding")
def clip_of_maximum(m: Match, b: Builder) -> Value | None:
    """``max(min(x, high), low) = clip(x, low, high)`` where ``low ≤ high``; else one gives ``low``, the other ``high``.
    The sign of a zero may differ."""
    return _clip(m, b, m.number("low")) if m.number("low") <= m.number("high") else None


@rule(OpPattern(Max, X, Number(0)), OpPattern(Clip, X, Number(0), None), contract="rounding")
def relu(m: Match, b: Builder) -> Value | None:
    """``max(x, 0) = relu(x)``, whose zero has no certain sign."""
    return elementwise(Relu(), m, b) if m["x"].tensor.dtype in FLOATS else None


@dataclass(frozen=True, slots=True)
class FuseClip(RulePass):
    """Rounding (of zeros, their sign). A clip of a maximum and a minimum, a rectifier of a maximum with 0."""

    name: ClassVar[str] = "fuse-clip"
    rules: ClassVar[tuple[Rule, ...]] = (clip_of_minimum, clip_of_relu, clip_of_maximum, relu)
