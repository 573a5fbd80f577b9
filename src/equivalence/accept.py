"""Which generated cases a source takes: what it rejects says nothing of the other side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from interlingua.equivalence.generate import Case, Generator
from interlingua.runtimes.base import Outcome

ENOUGH = 6
"""Accepted cases after which no other sizes are tried; half as many mixtures of their sizes, and a large one, come
on top."""

Run = Callable[[Sequence[Mapping[str, Any]]], list[Outcome]]


class Taken(NamedTuple):
    """A case that the source takes, and what it gives."""

    case: Case
    outputs: dict[str, Any]


def draw(generator: Generator, run: Run, rejected: list[tuple[str, str]]) -> list[Taken]:
    """Cases of many sizes that ``run`` takes; those that it does not are added to ``rejected``, each with the error."""
    taken: list[Taken] = []
    tried: set[str] = set()

    def take(proposed: Sequence[Case], most: int) -> None:
        fresh = [c for c in proposed if c.label not in tried]
        tried.update(c.label for c in fresh)
        taken.extend(accepted(fresh, run, rejected)[: max(0, most)])

    for batch in generator.batches():
        take(batch, ENOUGH - len(taken))
        if len(taken) >= ENOUGH:
            break
    take(generator.mixed([t.case.sizes for t in taken]), ENOUGH // 2)
    take(generator.large(), 1)
    return taken


def accepted(cases: Sequence[Case], run: Run, rejected: list[tuple[str, str]]) -> list[Taken]:
    """The cases that ``run`` takes."""
    outcomes = run([c.inputs for c in cases]) if cases else []
    found = []
    for case, outcome in zip(cases, outcomes, strict=True):
        if outcome.outputs is None:
            rejected.append((case.label, outcome.error or ""))
        else:
            found.append(Taken(case, outcome.outputs))
    return found
