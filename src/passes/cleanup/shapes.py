"""Shapes of values: read off the earliest value that has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.source import ShapeOf
from interlingua.ir.types import Tensor
from interlingua.passes.rewrite.pattern import Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.passes.rewrite.values import is_constant
from interlingua.passes.rewrite.views import same_dims


@rule(OpPattern(ShapeOf, Var("x")), shared=True)
def shape_of_earlier(m: Match, b: Builder) -> Value | None:
    """``shape_of(f(x)) = shape_of(x)`` where both have the same dims for certain: equal ones then are one."""
    x = m["x"]
    if x.node is None or x.node.regions:
        return None
    computed = [o for o in x.node.operands if o is not None and not is_constant(o) and isinstance(o.type, Tensor)]
    for operand in computed:
        if operand.tensor.shape is not None and same_dims(operand.tensor.shape, x.tensor.dims):
            return b(ShapeOf(), operand)
    return None


@dataclass(frozen=True, slots=True)
class Shapes(RulePass):
    """Exact."""

    name: ClassVar[str] = "simplify-shapes"
    rules: ClassVar[tuple[Rule, ...]] = (shape_of_earlier,)
