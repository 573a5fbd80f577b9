"""What rules cost: how often each was tried, how often applied, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

from interlingua.ir.graph import Module, Node
from interlingua.passes.base import Pass


@dataclass(slots=True)
class Cost:
    """Of one rule."""

    tried: int = 0
    applied: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Timing:
    """Observes a run.

    Attributes:
        rules: by name.
        passes: seconds of each pass, in the order in which they ended.
    """

    rules: dict[str, Cost] = field(default_factory=dict[str, Cost])
    passes: list[tuple[str, float]] = field(default_factory=list[tuple[str, float]])
    _starts: list[float] = field(default_factory=list[float])

    def around(self, each: Pass, module: Module, after: bool) -> None:
        """As :data:`interlingua.passes.pipeline.Around`."""
        if after:
            self.passes.append((each.title, perf_counter() - self._starts.pop()))
        else:
            self._starts.append(perf_counter())

    def tried(self, rule: str, seconds: float, applied: bool) -> None:
        """As :meth:`Observer.tried`."""
        cost = self.rules.setdefault(rule, Cost())
        cost.tried += 1
        cost.applied += applied
        cost.seconds += seconds

    def applied(self, rule: str, root: Node, made: Sequence[Node]) -> None:
        """As :meth:`Observer.applied`."""
