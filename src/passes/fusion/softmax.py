"""Softmax and its logarithm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Div, Max, Mul, Sub
from interlingua.ir.ops.reduction import LogSumExp, ReduceMax, ReduceSum
from interlingua.ir.ops.softmax import LogSoftmax, Softmax
from interlingua.ir.ops.unary import Exp, Log
from interlingua.passes.fusion.spellings import X, elementwise, inverse, keeps_type
from interlingua.passes.fusion.spread import Spread, axes_of, lies_along
from interlingua.passes.rewrite.pattern import Either, Match, Number, OpPattern
from interlingua.passes.rewrite.rule import Rule, RulePass, rule

MAX = OpPattern(ReduceMax, X, name="max")
SHIFTED = OpPattern(Sub, X, Spread(Either(MAX, OpPattern(Max, MAX, Number(-math.inf))), "top"))
"""``x`` less its largest, which may be bounded by -inf."""
POWERS = OpPattern(Exp, Either(SHIFTED, X))
SUM = OpPattern(ReduceSum, POWERS, name="sum")
TOTAL = Spread(SUM, "total")


def _axis(m: Match) -> int | None:
    """The one axis along which everything is reduced and put back, from the end."""
    x = m["x"]
    if x.tensor.dtype not in FLOATS or not keeps_type(m, x):
        return None
    axes = axes_of(m.op("sum"), x.tensor.rank)
    parts = [(m.nodes[n].op, m[v]) for n, v in (("sum", "total"), ("max", "top")) if n in m.nodes]
    if len(axes) != 1 or not all(axes_of(op, x.tensor.rank) == axes and lies_along(v, x, axes) for op, v in parts):
        return None
    return axes[0] - x.tensor.rank


@rule(OpPattern(Div, POWERS, TOTAL), OpPattern(Mul, POWERS, inverse(TOTAL)), contract="rounding")
def softmax(m: Match, b: Builder) -> Value | None:
    """``exp(x)/sum(exp(x)) = softmax(x)`` along one axis; what is taken from ``x`` before, its largest along that axis,
    cancels."""
    axis = _axis(m)
    return None if axis is None else b(Softmax(axis), m["x"])


@rule(OpPattern(Log, OpPattern(Softmax, X, name="softmax")), contract="rounding")
def log_softmax(m: Match, b: Builder) -> Value | None:
    """``ln(softmax(x)) = log_softmax(x)``, where no softmax has become 0 yet."""
    return elementwise(LogSoftmax(m.op("softmax").axis), m, b)


@rule(OpPattern(Sub, SHIFTED, OpPattern(Log, TOTAL)), OpPattern(Sub, SHIFTED, Spread(OpPattern(Log, SUM), "total")),
      contract="rounding")  # fmt: skip
def log_softmax_of_shifted(m: Match, b: Builder) -> Value | None:
    """``(x - max) - ln(sum(exp(x - max))) = log_softmax(x)``."""
    axis = _axis(m)
    return None if axis is None or "max" not in m.nodes else b(LogSoftmax(axis), m["x"])


@rule(OpPattern(Sub, X, Spread(OpPattern(LogSumExp, X, name="sum"), "total")), contract="rounding")
def log_softmax_of_logsumexp(m: Match, b: Builder) -> Value | None:
    """``x - logsumexp(x) = log_softmax(x)``."""
    axis = _axis(m)
    return None if axis is None else b(LogSoftmax(axis), m["x"])


@dataclass(frozen=True, slots=True)
class FuseSoftmax(RulePass):
    """Rounding. Softmax and log-softmax of exponentials and sums."""

    name: ClassVar[str] = "fuse-softmax"
    rules: ClassVar[tuple[Rule, ...]] = (softmax, log_softmax, log_softmax_of_shifted, log_softmax_of_logsumexp)
