"""Reductions of single elements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.math import Sigmoid
from interlingua.ir.ops.reduction import Mean, ReduceMax, ReduceMin, ReduceProd, ReduceSum
from interlingua.ir.ops.softmax import Softmax
from interlingua.ir.ops.unary import Abs, Exp
from interlingua.passes.rewrite.pattern import Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, When, rule
from interlingua.passes.rewrite.views import VIEWS, is_one, viewed

POSITIVE = (Sigmoid, Softmax, Exp, Abs)
"""Ops that never give -0.0."""


def _no_negative_zero(value: Value) -> bool:
    """Whether a value surely holds no -0.0."""
    if value.tensor.dtype.is_integer:
        return True
    node = value.node
    while node is not None and isinstance(node.op, VIEWS):
        node = node.operand(0).node
    return node is not None and isinstance(node.op, POSITIVE)


def _of_ones(m: Match) -> bool:
    return all(is_one(m["x"].tensor.dims[axis]) for axis in m.op("reduction").axes)


SINGLE = When("it reduces axes of size 1", _of_ones)


@rule(OpPattern((ReduceMax, ReduceMin, ReduceProd), Var("x"), name="reduction"), when=[SINGLE])
def reshape_for_reduction(m: Match, b: Builder) -> Value | None:
    """``max(x) = min(x) = prod(x) = x`` of one element, its axis kept or not."""
    return viewed(b, m["x"], m.root.result.tensor.dims)


@rule(OpPattern((ReduceSum, Mean), Var("x", _no_negative_zero), name="reduction"), when=[SINGLE])
def reshape_for_sum(m: Match, b: Builder) -> Value | None:
    """``sum(x) = mean(x) = x`` of one element that is not -0.0, to which a sum may add 0.0."""
    return viewed(b, m["x"], m.root.result.tensor.dims)


@dataclass(frozen=True, slots=True)
class Reductions(RulePass):
    """Exact."""

    name: ClassVar[str] = "drop-single-reductions"
    rules: ClassVar[tuple[Rule, ...]] = (reshape_for_reduction, reshape_for_sum)
