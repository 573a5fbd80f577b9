"""Selects whose answer is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.logic import Select
from interlingua.passes.rewrite.pattern import Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.passes.rewrite.values import integers_of, same_type

A, B = Var("a"), Var("b")


def _unless_grown(m: Match, value: Value) -> Value | None:
    return value if same_type(value.type, m.root.result.type) else None


@rule(OpPattern(Select, Var("condition"), A, B))
def select_known(m: Match, b: Builder) -> Value | None:
    """``select(true, a, b) = a``, ``select(false, a, b) = b``, where the others do not broadcast it."""
    known = set(integers_of(m["condition"]) or ())
    return _unless_grown(m, m["a" if known == {1} else "b"]) if len(known) == 1 else None


@rule(OpPattern(Select, Var("condition"), A, A))
def select_equal(m: Match, b: Builder) -> Value | None:
    """``select(c, a, a) = a``, where ``c`` does not broadcast it."""
    return _unless_grown(m, m["a"])


@dataclass(frozen=True, slots=True)
class Selects(RulePass):
    """Exact."""

    name: ClassVar[str] = "drop-known-selects"
    rules: ClassVar[tuple[Rule, ...]] = (select_known, select_equal)
