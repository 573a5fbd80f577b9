"""Bounds on values: relu, clip, and max or min with a number, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Node, Value
from interlingua.ir.ops.activation import Clip, Relu
from interlingua.ir.ops.binary import Max, Min
from interlingua.passes.rewrite.pattern import Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.passes.rewrite.values import number_of, same_type

Bounds: TypeAlias = "tuple[np.generic[Any] | None, np.generic[Any] | None]"
"""The least and the greatest number, each as the dtype has it; ``None`` where nothing binds."""


def _clamp(node: Node | None) -> tuple[Value, Bounds] | None:
    """What a node bounds, and by which numbers, where it does nothing else."""
    if node is None or type(node.op) not in (Relu, Clip, Max, Min):
        return None
    if isinstance(node.op, Relu):
        x = node.operand(0)
        return x, (x.tensor.dtype.numpy.type(0), None)
    if isinstance(node.op, Clip):
        bounds = [*node.operands[1:], None, None][:2]
        found = [None if v is None else number_of(v) for v in bounds]
        known = all((f is None) == (v is None) for f, v in zip(found, bounds, strict=True))
        return (node.operand(0), (found[0], found[1])) if known else None
    for side, other in ((0, 1), (1, 0)):
        x, number = node.operand(side), number_of(node.operand(other))
        if number is not None and same_type(x.type, node.result.type):
            return x, ((number, None) if isinstance(node.op, Max) else (None, number))
    return None


def _after(first: Bounds, then: Bounds) -> Bounds:
    """The bounds of both, one after the other: where the lowest and the highest go. ``None`` stands for infinity."""
    low = _low(_low(None, *first), *then)
    high = _high(_high(None, *first), *then)
    return low, high


def _low(value: Any, low: Any, high: Any) -> Any:
    """Where a value goes, ``None`` being −∞."""
    raised = value if low is None else low if value is None or value < low else value
    return raised if high is None or raised is None or raised <= high else high


def _high(value: Any, low: Any, high: Any) -> Any:
    """Where a value goes, ``None`` being ∞."""
    raised = value if low is None or value is None or value >= low else low
    return raised if high is None or (raised is not None and raised <= high) else high


@rule(OpPattern(Clip, Var("x"), None, None))
def drop_clip(m: Match, b: Builder) -> Value:
    """``clip(x) = x`` without bounds."""
    return m["x"]


@rule(OpPattern((Relu, Clip, Max, Min), ...), shared=True)
def merge_clamps(m: Match, b: Builder) -> Value | None:
    """``clip(clip(x, a, b), c, d) = clip(x, low, high)``, ``low`` and ``high`` being where −∞ and ∞ go.

    The bounds are numbers; a NaN in ``x`` stays one. relu is a clip at 0, max and min with a number are clips too.
    """
    outer = _clamp(m.root)
    inner = None if outer is None else _clamp(outer[0].node)
    if outer is None or inner is None:
        return None
    (within, then), (x, first) = outer, inner
    both = _after(first, then)
    if _same(both, first) and same_type(within.type, m.root.result.type):
        return within
    if not same_type(x.type, m.root.result.type):
        return None
    return _bounding(b, x, both)


def _same(a: Bounds, b: Bounds) -> bool:
    return all((p is None) == (q is None) and (p is None or bool(p == q)) for p, q in zip(a, b, strict=True))


def _bounding(b: Builder, x: Value, bounds: Bounds) -> Value:
    low, high = bounds
    if low is not None and low == 0 and high is None:
        return b(Relu(), x)
    return b(Clip(), x, *(None if v is None else b.constant(v, x.tensor.dtype) for v in bounds))


@dataclass(frozen=True, slots=True)
class Clamps(RulePass):
    """Exact: the sign of a zero that equals its bound is undefined before and after."""

    name: ClassVar[str] = "merge-clamps"
    rules: ClassVar[tuple[Rule, ...]] = (drop_clip, merge_clamps)
