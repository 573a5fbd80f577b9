"""Passes in turn, until a round changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from interlingua.errors import IRError
from interlingua.ir.graph import Module
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.base import CONTRACTS, Contract, Pass

ROUNDS = 64
"""Rounds after which passes are taken to undo each other."""


@dataclass(frozen=True, slots=True)
class Repeated(Pass):
    """Runs its members in order, again and again, until none of them finds anything to do: once more is no more.

    A loop of a pipeline: the pipeline's table names it and its members.
    """

    name: ClassVar[str] = "repeated"
    label: str
    members: tuple[Pass, ...]

    @property
    def title(self) -> str:
        """As :attr:`Pass.title`."""
        return self.label

    @property
    def promise(self) -> Contract:
        """As :attr:`Pass.promise`: that of the loosest member."""
        return max((m.promise for m in self.members), key=CONTRACTS.index, default="exact")

    def run(self, module: Module, rewriter: Rewriter) -> int:
        """As :meth:`Pass.run`.

        Raises:
            IRError: the members never come to an end; those that still changed something are named.
        """
        total = 0
        idle = 0
        for _ in range(ROUNDS):
            changes = {m.title: 0 for m in self.members}
            for member in self.members:
                found = member.run_inside(module, rewriter)
                changes[member.title] += found
                total += found
                idle = 0 if found else idle + 1
                if idle >= len(self.members):
                    return total
        busy = ", ".join(f"{title} ({count})" for title, count in changes.items() if count)
        raise IRError(f"passes follow each other without end: {busy}", hint="one of them undoes what another does")

    def select(self, keep: Callable[[Pass], Pass | None]) -> Repeated | None:
        """The loop of what ``keep`` makes of the members; ``None`` where nothing is left."""
        members = tuple(k for m in self.members if (k := keep(m)) is not None)
        return replace(self, members=members) if members else None
