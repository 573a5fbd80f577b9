"""Rules: a pattern, conditions with their reasons, a replacement, and a contract.

::

    @rule(OpPattern(Neg, OpPattern(Neg, X)), contract="exact")
    def double_negation(m: Match, b: Builder) -> Value:
        \"\"\"``-(-x) = x``: every bit, NaN's sign too.\"\"\"
        return m["x"]

A rule that returns ``None`` declines; whatever it has built by then is taken away again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.op import Op
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import UnknownRank
from interlingua.passes.base import CONTRACTS, Contract, Pass
from interlingua.passes.rewrite.driver import drive
from interlingua.passes.rewrite.pattern import Match, OpPattern

Replacement: TypeAlias = "Value | Sequence[Value] | Mapping[Value, Value] | None"
"""What takes the place of the root's only result, of all its results in order, or of the values named."""
Replace: TypeAlias = Callable[[Match, Builder], Replacement]


@dataclass(frozen=True, slots=True)
class When:
    """A condition, and the reason why a rule does not apply where it does not hold."""

    reason: str
    holds: Callable[[Match], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rewrite.

    Attributes:
        name: by which logs, obligations, ``only`` and ``skip`` know it.
        patterns: its spellings; each has an op at its root.
        replace: what takes the root's place, or ``None`` where the rule does not apply after all.
        contract: what the rewrite keeps.
        when: conditions on a match.
        shared: whether the nodes below the root may have other users; they then stay.
        targeted: whether it waits for a target that takes what it makes: what it finds would decompose into more than
            it was found as.
    """

    name: str
    patterns: tuple[OpPattern, ...]
    replace: Replace
    contract: Contract = "exact"
    when: tuple[When, ...] = ()
    shared: bool = False
    targeted: bool = False

    @property
    def roots(self) -> frozenset[type[Op]]:
        """The ops that the rule can begin at."""
        return frozenset(op for pattern in self.patterns for op in pattern.ops)

    @property
    def doc(self) -> str:
        """Its formula and conditions."""
        return (self.replace.__doc__ or "").strip()

    def matches(self, node: Node) -> Iterator[Match]:
        """Every way in which the rule may apply at ``node``."""
        for pattern in self.patterns:
            for match in pattern.at(node, Match()):
                if (self.shared or next(match.outside_users(), None) is None) and self.refusal(match) is None:
                    yield match

    def refusal(self, match: Match) -> str | None:
        """Why the rule does not apply to a match, or ``None``."""
        for condition in self.when:
            try:
                if not condition.holds(match):
                    return condition.reason
            except UnknownRank:
                return f"{condition.reason} (an operand has no known rank)"
        return None


def rule(
    *patterns: OpPattern,
    contract: Contract = "exact",
    when: Iterable[When] = (),
    shared: bool = False,
    targeted: bool = False,
    name: str = "",
) -> Callable[[Replace], Rule]:
    """Make a function a rule, called as the function is, with dashes."""

    def wrap(replace: Replace) -> Rule:
        called = name or getattr(replace, "__name__", "rule").strip("_").replace("_", "-")
        return Rule(called, patterns, replace, contract, tuple(when), shared, targeted)

    return wrap


@dataclass(frozen=True, slots=True)
class RulePass(Pass):
    """A pass made of rules, driven to where none of them applies any more.

    ``only`` and ``skip`` name rules.
    """

    rules: ClassVar[tuple[Rule, ...]] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()

    def __init_subclass__(cls) -> None:
        if "contract" not in vars(cls):
            cls.contract = loosest(cls.rules)

    @property
    def chosen(self) -> tuple[Rule, ...]:
        """The rules that the options leave."""
        return tuple(r for r in self.rules if (not self.only or r.name in self.only) and r.name not in self.skip)

    @property
    def promise(self) -> Contract:
        """As :attr:`Pass.promise`: that of the loosest rule that is left."""
        return loosest(self.chosen)

    def run(self, module: Module, rewriter: Rewriter) -> int:
        """As :meth:`Pass.run`."""
        return drive(module, self.chosen, rewriter).total()


def loosest(rules: Iterable[Rule]) -> Contract:
    """The contract that all of the rules keep."""
    return max((r.contract for r in rules), key=CONTRACTS.index, default="exact")
