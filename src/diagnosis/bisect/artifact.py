"""The backend: every op as it is lowered and as its runtime computes it.

First each by itself, all in one artifact; then, where only the whole is wrong, ever shorter runs of neighbours.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.backends.base import Backend, Target
from interlingua.diagnosis.bisect.diagnosis import Culprit, Kind, culprit_of, describe
from interlingua.diagnosis.bisect.replay import Replay, Values
from interlingua.equivalence.models import ModelJudge
from interlingua.errors import InterlinguaError, RuntimeCrash, RuntimeMissing
from interlingua.ir.draw import values as drawn_values
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor
from interlingua.obligations.sever import Severed, flattened, givable
from interlingua.report import Comparison
from interlingua.runtimes.workers import Workers


class EmissionFailed(InterlinguaError):
    """A backend raised where it should have emitted."""


class ArtifactAxis:
    """Judges what a backend makes of one legal module."""

    def __init__(self, backend: Backend, target: Target, module: Module, workers: Workers, timeout: float) -> None:
        self.backend = backend
        self.target = target
        self.module = module
        self.workers = workers
        self.timeout = timeout
        self.checked = 0
        self.runs = 0
        self.unreached = 0

    def isolated(self, given: Values) -> list[Culprit]:
        """Ops that are wrong by themselves, on the values that the reference gives them; weights that have changed."""
        wanted = [
            r
            for node in flattened(self.module)
            for r in node.results
            if r in given and isinstance(r.type, Tensor) and r.uses
        ]
        replay = Replay(self._compute, self.backend.runner(Path("model")).numerics, self.module.functions)
        wrong = replay(wanted, given)
        self.checked += replay.pieces
        self.runs += replay.runs
        self.unreached += replay.unreached
        return [
            culprit_of(
                "emit" if isinstance(w.raised, EmissionFailed) else "run",
                _kind(w.value),
                w.value,
                comparison=w.comparison,
                message=w.message,
            )
            for w in wrong
        ]

    def whole(self, given: Values) -> Culprit | None:
        """Neighbours that are right by themselves and wrong together; ``None`` where the artifact is right."""
        nodes = [n for n in self.module.main.nodes if not isinstance(n.op, Constant)]
        failed = self._window(nodes, given)
        if failed is None:
            return None
        low, high = 1, len(nodes)
        while low < high:  # the shortest beginning that is wrong
            middle = (low + high) // 2
            if self._window(nodes[:middle], given) is None:
                low = middle + 1
            else:
                high = middle
        nodes, first, last = nodes[:high], 0, high - 1
        while first < last:  # the shortest end of that
            middle = (first + last + 1) // 2
            if self._window(nodes[middle:], given) is None:
                last = middle - 1
            else:
                first = middle
        nodes = nodes[first:]
        failed = self._window(nodes, given) or failed
        kind: Kind = "drift" if len(nodes) > LONG else "neighbours"
        comparison, message = failed
        names = tuple(describe(n) for n in nodes)
        return culprit_of("run", kind, nodes[-1].results[0], nodes=names, comparison=comparison, message=message)

    def _window(self, nodes: Sequence[Node], given: Values) -> tuple[Comparison | None, str] | None:
        """How an artifact of these nodes alone is wrong."""
        inside = {r for n in nodes for r in n.results}
        members = {*nodes}
        ends = [
            r
            for n in nodes
            for r in n.results
            if r in given and isinstance(r.type, Tensor) and any(user not in members for user, _ in r.uses)
        ]
        if not ends:
            return None
        severed = Severed(self.module.functions)
        severed.add(ends, givable(v for v in given if v not in inside))
        module = severed.module()
        feeds = {name: given[value] for name, value in severed.feeds.items()}
        wanted = {name: given[value] for name, value in severed.wanted.items()}
        try:
            actual = self._compute(severed, module, feeds)
        except RuntimeMissing:
            raise
        except InterlinguaError as error:
            return None, error.what
        judge = ModelJudge(module, self.backend.runner(Path("model")).numerics)
        found = [c for c in judge.judge(feeds, wanted, actual, "") if c.output not in severed.random]
        self.checked += len(found)
        return next(((c, "") for c in found if not c.passed), None)

    def _compute(self, severed: Severed, module: Module, feeds: Mapping[str, Any]) -> Mapping[str, Any]:
        with tempfile.TemporaryDirectory(prefix="interlingua-") as folder:
            path = Path(folder) / f"model{self.backend.extension}"
            try:
                self.backend.emit(module, path, self.target)
            except Exception as error:
                said = error.what if isinstance(error, InterlinguaError) else f"{type(error).__name__}: {error}"
                raise EmissionFailed(f"it is not emitted: {said}") from error
            runner = self.backend.runner(path)
            runner.workers = self.workers
            self.runs += 1
            (outcome,) = runner.run([feeds], timeout=self.timeout)
        if outcome.outputs is None:
            raise RuntimeCrash(f"it fails: {outcome.error}")
        return outcome.outputs


LONG = 8
"""Nodes beyond which one cannot speak of neighbours any more."""


def _kind(value: Value) -> Kind:
    return "weight" if value.node is not None and isinstance(value.node.op, Constant) else "lowering"


def redrawn(given: Values, seed: int) -> dict[Value, Any]:
    """The values, other floats in them: those that were recorded may hide a fault, as positive numbers do for relu."""
    found: dict[Value, Any] = {}
    for number, (value, array) in enumerate(given.items()):
        constant = value.node is not None and isinstance(value.node.op, Constant)
        if constant or not isinstance(value.type, Tensor) or not value.type.dtype.is_float:
            found[value] = array
        else:
            found[value] = drawn_values(np.shape(array), value.type.dtype, "normal", seed + number)
    return found
