"""The frontend: what each node of the source became, held against what the source computes there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from interlingua.diagnosis.bisect.diagnosis import Culprit, culprit_of
from interlingua.diagnosis.bisect.replay import Replay, Wrong
from interlingua.equivalence.expect import expect
from interlingua.equivalence.expectation import Expectation, exactly
from interlingua.equivalence.judge import judge
from interlingua.frontends.trace import Step, Trace
from interlingua.ir.graph import Module, Origin, Value
from interlingua.ir.interpret import Interpreter
from interlingua.ir.ops.source import Constant
from interlingua.obligations.coarse import refined, refinement
from interlingua.obligations.sever import Severed, Unreachable, givable, outer_values


class SourceAxis:
    """Judges how one source was loaded."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.module = trace.module
        self.checked = 0
        self.runs = 0
        self.untold = 0
        there = {r for node in self.module.walk() for r in node.results}
        self.steps = [s for s in trace.steps if s.origin.op and all(v in there or v.node is None for _, v in s.outputs)]
        self.constants = [(k, v) for s in trace.steps if not s.origin.op for k, v in s.outputs if v in there]

    def weights(self) -> list[Culprit]:
        """Weights that are not, bit for bit, those of the source."""
        held = self.trace.witness.weights()
        found = []
        for key, value in self.constants:
            if key not in held or value.node is None or not isinstance(value.node.op, Constant):
                continue
            self.checked += 1
            (comparison,) = judge(exactly({key: held[key]}), {key: value.node.op.weight.view()}, "")
            if not comparison.passed:
                found.append(culprit_of("load", "weight", value, origin=Origin(key), comparison=comparison))
        return found

    def translations(self, values: Mapping[str, Any]) -> list[Culprit]:
        """Nodes of the source whose translation, on the source's own operands, does not give the source's own results.

        Args:
            values: of the source, by key.
        """
        steps: dict[Value, tuple[int, Step]] = {}
        given: dict[Value, Any] = {}
        found: list[tuple[int, Culprit]] = []
        outer = outer_values(self.module)
        self.untold = sum(all(key not in values for key, _ in step.outputs) for step in self.steps if step.outputs)
        for port, value in zip(self.module.inputs, self.module.main.inputs, strict=True):
            if port.name in values:
                given[value] = values[port.name]
        for number, step in enumerate(self.steps):
            for key, value in step.outputs:
                known = outer.get(value, value)
                if key in values and known in given:
                    wrong = self._nothing(key, value, given[known], values[key])
                    found.extend((number, _culprit(step, each)) for each in wrong)
                elif key in values and value.node is not None:
                    given[value] = values[key]
                    steps[value] = number, step
        given.update({inside: given[outside] for inside, outside in outer.items() if outside in given})
        for each in self._replayed(list(steps), given):
            number, step = steps[each.value]
            found.append((number, _culprit(step, each)))
        return [culprit for _, culprit in sorted(found, key=lambda pair: pair[0])]

    def _nothing(self, key: str, value: Value, held: Any, wanted: Any) -> list[Wrong]:
        """A node that became nothing at all: its result is a value that was there, and has to be in the source."""
        self.checked += 1
        (comparison,) = judge(exactly({key: wanted}), {key: held}, "")
        return [] if comparison.passed else [Wrong(value, comparison)]

    def _replayed(self, wanted: Sequence[Value], given: Mapping[Value, Any]) -> list[Wrong]:
        def recorded(severed: Severed, module: Module, feeds: Mapping[str, Any]) -> Mapping[str, Any]:
            return {name: np.asarray(given[value]) for name, value in severed.wanted.items()}

        replay = Replay(recorded, self.trace.witness.numerics, self.module.functions)
        wrong = replay(wanted, given)
        self.checked += replay.pieces
        self.runs += replay.runs
        bad = {w.value for w in wrong}
        return [*wrong, *(w for v in wanted if v not in bad for w in self._coarse(v, given))]

    def _coarse(self, value: Value, given: Mapping[Value, Any]) -> list[Wrong]:
        """A translation that rounds to a dtype coarser than any that the source's node has to do with.

        The error that it may make is not for it to say: it is run as it is, rounding and all, and what comes out is
        held against the source within the error that there would be in the source's own dtype.
        """
        if value.node is None or all(o is None or o in given for o in value.node.operands):
            return []
        severed = Severed(self.module.functions)
        try:
            (name,) = severed.add([value], givable(given))
        except Unreachable:
            return []
        module = severed.module()
        factor = refinement(module.main.outputs[0])
        if factor == 1.0:
            return []
        feeds = {n: given[v] for n, v in severed.feeds.items()}
        self.runs += 2
        want = refined(expect(module, feeds, self.trace.witness.numerics).outputs[name], factor)
        got = Interpreter(module).run(feeds)[name]
        held = Expectation({name: replace(want, value=got.astype(np.float64))})
        (comparison,) = judge(held, {name: np.asarray(given[value])}, "")
        return [] if comparison.passed else [Wrong(value, comparison, "it computes in a coarser dtype than the source")]


def _culprit(step: Step, wrong: Wrong) -> Culprit:
    node = wrong.value.node
    scope = "" if node is None else node.scope
    return Culprit(
        "load",
        "translation",
        step.origin.op,
        step.origin,
        scope,
        wrong.value.name,
        comparison=wrong.comparison,
        message=wrong.message,
    )
