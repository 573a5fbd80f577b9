"""The search: which cases were tried, the best so far, and what is left of the budget."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from interlingua.diagnosis.findings.signature import Signature, normalized, signature
from interlingua.diagnosis.observe import Observation, Subject
from interlingua.diagnosis.reduce.case import Case
from interlingua.report import Comparison

SMALL = 40
"""Nodes up to which a case's fingerprint costs less than to observe it again."""


class Exhausted(Exception):
    """The budget is spent."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a reduction may cost: observations, and seconds by the clock."""

    observations: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Step:
    """One change that left the failure as it was, and the number of nodes after it."""

    what: str
    nodes: int


@dataclass(slots=True)
class Search:
    """Asks a subject about cases, and keeps the last one that fails as the first did."""

    subject: Subject
    best: Case
    observation: Observation
    budget: Budget
    start: float = field(default_factory=time.monotonic)
    count: int = 1
    steps: list[Step] = field(default_factory=list[Step])
    _seen: set[str] = field(default_factory=set[str])

    @property
    def seconds(self) -> float:
        """Since the search began."""
        return time.monotonic() - self.start

    def observe(self, case: Case) -> Observation:
        """One observation, on the account of the budget.

        Raises:
            Exhausted: there is nothing left.
        """
        if self.count >= self.budget.observations or self.seconds >= self.budget.seconds:
            raise Exhausted
        self.count += 1
        return self.subject.observe(case.module, case.inputs)

    def fails(self, case: Case, observation: Observation) -> bool:
        """Whether it is the same failure: all of the signature agrees but the ops."""
        if observation.verdict is not self.observation.verdict:
            return False
        return self._signature(case, observation).same_failure(self._signature(self.best, self.observation))

    def alike(self, comparison: Comparison) -> bool:
        """Whether an output is wrong in the way in which the first that was found is."""
        wrong = [c for c in self.observation.comparisons if not c.passed]
        return bool(wrong) and _said(comparison) == _said(wrong[0])

    def _signature(self, case: Case, observation: Observation) -> Signature:
        wrong = [c for c in observation.comparisons if not c.passed]
        said = replace(observation, message=_said(wrong[0])) if wrong else observation
        return signature(self.subject.name, case.module, said)

    def attempt(self, what: str, build: Callable[[], Case | None]) -> bool:
        """Build a case and observe it; if it fails in the same way, it is the best from now on.

        A case that cannot be built, or was tried before, is none.
        """
        try:
            case = build()
        except Exhausted:
            raise
        except Exception:  # noqa: BLE001 - a change that makes no sense may break anything on its way
            return False
        if case is None or not self._new(case):
            return False
        observation = self.observe(case)
        if not self.fails(case, observation):
            return False
        self.best, self.observation = case, observation
        self.steps.append(Step(what, len(case.nodes)))
        return True

    def _new(self, case: Case) -> bool:
        if len(case.nodes) > SMALL:
            return True
        fingerprint = case.fingerprint
        new = fingerprint not in self._seen
        self._seen.add(fingerprint)
        return new


def _said(comparison: Comparison) -> str:
    """How an output is wrong, without its name; beyond the bound is beyond it, at an element or in the mean."""
    detail = comparison.detail
    return "beyond the bound" if not detail or detail.startswith("root mean square") else normalized(detail)
