"""Transposes that undo or follow each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.shape import Transpose
from interlingua.passes.rewrite.pattern import Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule

X = Var("x")


@rule(OpPattern(Transpose, X, name="outer"))
def drop_transpose(m: Match, b: Builder) -> Value | None:
    """``transpose(x, (0, 1, …)) = x``."""
    perm = m.op("outer").perm
    return m["x"] if perm == tuple(range(len(perm))) else None


@rule(OpPattern(Transpose, OpPattern(Transpose, X, name="inner"), name="outer"), shared=True)
def merge_transposes(m: Match, b: Builder) -> Value:
    """``transpose(transpose(x, p), q) = transpose(x, p∘q)``: axis ``k`` of the result is axis ``p[q[k]]`` of ``x``."""
    inner, outer = m.op("inner").perm, m.op("outer").perm
    return b(Transpose(perm=tuple(inner[axis] for axis in outer)), m["x"])


@dataclass(frozen=True, slots=True)
class Transposes(RulePass):
    """Exact. Transposes in a row become one, and one that moves nothing goes."""

    name: ClassVar[str] = "merge-transposes"
    rules: ClassVar[tuple[Rule, ...]] = (drop_transpose, merge_transposes)
