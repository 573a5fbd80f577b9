"""Looking for bad rules with the cases that campaigns draw, all rules on the same cases."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from interlingua.diagnosis.fuzz.batch import BUGS
from interlingua.diagnosis.fuzz.cases import OF_PASSES, draw_case, draw_of
from interlingua.diagnosis.observe import PassSubject
from interlingua.equivalence.generators.modules import Case
from interlingua.equivalence.generators.recipe import Rejected
from interlingua.errors import InterlinguaError
from interlingua.ir.clone import clone_module
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.rewrite.driver import drive
from interlingua.passes.rewrite.rule import Rule

CASES = 120
"""Of a batch."""
MOST = 16
"""Nodes of the largest graph."""


@dataclass(frozen=True, slots=True)
class Found:
    """How a bad rule was found: after how many cases, and how many seconds of drawing and observing."""

    verdict: str
    cases: int
    seconds: float
    message: str


@dataclass
class Search:
    """Rules that are looked for, and those that were found.

    Attributes:
        drawing: seconds that it took to draw the cases so far.
        applied: in how many cases each rule applied; ``verdicts`` is what came of it.
    """

    rules: Sequence[Rule]
    seed: int = 0
    cases: int = 0
    drawing: float = 0.0
    found: dict[str, Found] = field(default_factory=dict[str, Found])
    observing: Counter[str] = field(default_factory=Counter[str])
    applied: Counter[str] = field(default_factory=Counter[str])
    verdicts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict[str, Counter[str]](Counter))
    batches: int = 0

    @property
    def left(self) -> set[str]:
        """The names of those that were not found yet."""
        return {r.name for r in self.rules} - set(self.found)

    def batch(self) -> None:
        """One batch of cases more."""
        for index in range(CASES):
            start = time.process_time()
            try:
                case = draw_case(draw_of(self.seed, self.batches, index), MOST, OF_PASSES)
            except Rejected:
                continue
            finally:
                self.drawing += time.process_time() - start
            self.cases += 1
            self.observe(case)
        self.batches += 1

    def observe(self, case: Case) -> None:
        """Try every rule that is left."""
        ops = {type(node.op) for node in case.module.walk()}
        for each in self.rules:
            if each.name not in self.found and each.roots & ops:
                start = time.process_time()
                self._try(each, case, start)

    def _try(self, each: Rule, case: Case, start: float) -> None:
        from support.planted_rules import planted

        verdict, message = "", ""
        if applies(each, case):
            self.applied[each.name] += 1
            seen = PassSubject((planted(each.name),)).observe(case.module, case.inputs)
            verdict, message = seen.verdict.value if seen.verdict in BUGS else "", seen.message
            self.verdicts[each.name][seen.verdict.value] += 1
        self.observing[each.name] += time.process_time() - start  # type: ignore[assignment]
        if verdict:
            spent = self.drawing + self.observing[each.name]
            self.found[each.name] = Found(verdict, self.cases, spent, message)


def applies(each: Rule, case: Case) -> bool:
    """Whether the rule changes a case; one that raises does."""
    if not any(next(each.matches(n), None) is not None for n in case.module.walk() if type(n.op) in each.roots):
        return False
    try:
        return drive(clone_module(case.module), (each,), Rewriter()).total() > 0
    except InterlinguaError:
        return True  # it raises, which is seen as well
