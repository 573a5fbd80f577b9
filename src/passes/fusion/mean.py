"""Means made of a sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.dims import product
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Div, Mul
from interlingua.ir.ops.reduction import Mean, ReduceSum
from interlingua.passes.fusion.spellings import X, is_near
from interlingua.passes.rewrite.pattern import Match, Number, OpPattern
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.passes.rewrite.values import same_type

SUM = OpPattern(ReduceSum, X, name="sum")


@rule(
    OpPattern(Div, SUM, Number(name="count")),
    OpPattern(Mul, SUM, Number(name="share")),
    contract="rounding",
)
def mean(m: Match, b: Builder) -> Value | None:
    """``sum(x)/n = mean(x)``, or ``sum(x)·(1/n)``, where ``n`` is how many elements are added: the dims have to be
    known."""
    op, x = m.op("sum"), m["x"].tensor
    count = product(tuple(x.dims[axis] for axis in op.axes))
    if x.dtype not in FLOATS or not isinstance(count, int) or count == 0:
        return None
    given, wanted = (m.number("count"), float(count)) if "count" in m.values else (m.number("share"), 1 / count)
    if not is_near(given, wanted, x.dtype):
        return None
    if not same_type(m.nodes["sum"].result.type, m.root.result.type):
        return None
    return b(Mean(axes=op.axes, keepdims=op.keepdims), m["x"])


@dataclass(frozen=True, slots=True)
class FuseMean(RulePass):
    """Rounding. A sum over its own count."""

    name: ClassVar[str] = "fuse-mean"
    rules: ClassVar[tuple[Rule, ...]] = (mean,)
