"""Reshapes and their like: those that do nothing, those in a row, those whose shape need not be computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.shape import Reshape
from interlingua.passes.rewrite.pattern import Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.passes.rewrite.values import is_constant, same_type
from interlingua.passes.rewrite.views import VIEWS, as_many, viewed

X = Var("x")


@rule(OpPattern(VIEWS, X, ...))
def drop_reshape(m: Match, b: Builder) -> Value | None:
    """``reshape(x, s) = x`` where the result has the dims of ``x`` for certain."""
    return m["x"] if same_type(m.root.result.type, m["x"].type) else None


@rule(OpPattern(VIEWS, OpPattern(VIEWS, X, ..., name="inner"), ..., name="outer"), shared=True)
def merge_reshapes(m: Match, b: Builder) -> Value | None:
    """``reshape(reshape(x, s), t) = reshape(x, t)``, as one squeeze or expand_dims where only ones come or go.

    The shape is a constant, −1 for its one dim that is no integer; where there are more, the outer one's own. The inner
    one is kept where it may find too many elements, as a squeeze of an axis that may not be 1.
    """
    found = viewed(b, m["x"], m.root.result.tensor.dims)
    checked = as_many(m["x"].tensor.dims, m.nodes["inner"].result.tensor.dims)
    if found is None and checked and isinstance(m.op("outer"), Reshape):
        return b(Reshape(), m["x"], m.nodes["outer"].operand(1))
    return found


@rule(OpPattern(Reshape, X, Var("shape", lambda v: not is_constant(v))))
def settle_shape(m: Match, b: Builder) -> Value | None:
    """``reshape(x, s)`` needs no computed ``s`` where the result has at most one dim that is no integer, or where
    only ones come or go."""
    return viewed(b, m["x"], m.root.result.tensor.dims)


@dataclass(frozen=True, slots=True)
class Reshapes(RulePass):
    """Exact: the elements and their order stay."""

    name: ClassVar[str] = "merge-reshapes"
    rules: ClassVar[tuple[Rule, ...]] = (drop_reshape, merge_reshapes, settle_shape)
