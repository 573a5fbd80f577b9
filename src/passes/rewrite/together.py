"""Rule passes run as one: what a rule of one makes possible for a rule of another is found without starting over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.graph import Module
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.base import Pass
from interlingua.passes.rewrite.composed import Composed
from interlingua.passes.rewrite.driver import drive
from interlingua.passes.rewrite.repeated import Repeated
from interlingua.passes.rewrite.rule import Rule, RulePass


@dataclass(frozen=True, slots=True)
class Together(Composed):
    """Passes made of rules, their rules tried at each node in the order of the passes."""

    name: ClassVar[str] = "together"
    members: tuple[RulePass, ...]

    @property
    def chosen(self) -> tuple[Rule, ...]:
        """The rules of all members."""
        return tuple(rule for member in self.members for rule in member.chosen)

    def run(self, module: Module, rewriter: Rewriter) -> int:
        """As :meth:`Pass.run`."""
        return drive(module, self.chosen, rewriter).total()


def inner_of(each: Pass) -> Sequence[Pass]:
    """The passes that a pass runs one after another; none for one that does its work itself."""
    return each.members if isinstance(each, Repeated) else ()


def rules_of(each: Pass) -> Sequence[Rule]:
    """The rules that a pass is made of, in the order in which they are tried; none for one that is not made so."""
    if isinstance(each, Repeated):
        return tuple(dict.fromkeys(rule for member in each.members for rule in rules_of(member)))
    return each.chosen if isinstance(each, RulePass | Together) else ()
