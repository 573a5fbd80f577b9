"""Passes in turn, until a round changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.errors import IRError
from interlingua.ir.graph import Module
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.base import Pass
from interlingua.passes.rewrite.composed import Composed

ROUNDS = 64
"""Rounds after which passes are taken to undo each other."""


@dataclass(frozen=True, slots=True)
class Repeated(Composed):
    """Runs its members in order, again and again, until none of them finds anything to do: once more is no more."""

    name: ClassVar[str] = "repeated"
    members: tuple[Pass, ...]

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
