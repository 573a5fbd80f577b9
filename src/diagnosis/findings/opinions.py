"""Second opinions: before a mismatch is called a bug, everybody else who can compute it is asked.

Whoever reads the artifact's format as a source brings its own runtime with the optimiser off, and other
implementations of the format: they say whether the optimiser, the runtime or the artifact itself is to blame. Other
backends say what the module comes to: where they agree with the artifact, the reference is suspect. That runtimes
agree on an artifact says nothing of the reference, for a wrong lowering is wrong for all of them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from interlingua.diagnosis.observe import BackendSubject, Observation, Subject
from interlingua.equivalence.expect import expect
from interlingua.equivalence.expectation import Expectation, Expected
from interlingua.equivalence.judge import judge
from interlingua.equivalence.vote import Ballot, Voice, vote
from interlingua.errors import EvaluationError, InterlinguaError, RuntimeMissing
from interlingua.ir.graph import Module
from interlingua.plugins import plugins
from interlingua.report import Verdict
from interlingua.runtimes.base import Runner

REFERENCE = "reference"
OPTIMIZER = "the runtime's optimiser"
"""The culprit where the same artifact is right with optimisations off."""
RUNTIME = "the runtime"
"""The culprit where another implementation of the format computes the artifact rightly."""
LOWERING = "the lowering"
"""The culprit where all implementations agree on what the artifact computes, and it is something else."""

Outputs: TypeAlias = "Mapping[str, Any] | None"


@dataclass(frozen=True, slots=True)
class Opinions:
    """What others say of a failure.

    Attributes:
        ballot: groups of those who agree; empty where nobody could be asked.
        culprit: :data:`OPTIMIZER`, :data:`RUNTIME`, :data:`LOWERING`, or empty where it is not known.
        suspect: whether the reference is outvoted.
    """

    ballot: str = ""
    culprit: str = ""
    suspect: bool = False


def opinions(subject: Subject, module: Module, inputs: Mapping[str, Any], seen: Observation) -> Opinions:
    """Ask everybody who can compute ``module`` or its artifact; nobody where it does not come to an artifact."""
    if not isinstance(subject, BackendSubject) or seen.stage != "run":
        return Opinions()
    with tempfile.TemporaryDirectory(prefix="interlingua-") as folder:
        path = Path(folder) / f"model{subject.backend.extension}"
        if subject.build(module, path) is not None:
            return Opinions()
        try:
            expected = seen.expected or expect(module, inputs, subject.backend.runner(path).numerics)
        except EvaluationError:
            return Opinions()
        reader = next((f for f in plugins().frontends.values() if f.accepts(path)), None)
        plain = None if reader is None else _ask(reader.runner(path), inputs, subject)
        asked = [] if reader is None else reader.witnesses(path)
        others = {runner.description: _ask(runner, inputs, subject) for runner in asked}
    judges = _Judges(expected)
    culprit = judges.culprit(plain, list(others.values()))
    backends = _other_backends(subject, module, inputs) if seen.verdict is Verdict.MISMATCH else {}
    ballot = judges.ballot({f"artifact ({subject.name})": seen.outputs, **backends})
    everybody = judges.ballot({f"{subject.name}, optimisations off": plain, **others, **backends})
    return Opinions(str(everybody), culprit, seen.verdict is Verdict.MISMATCH and ballot.outvoted(REFERENCE))


def _ask(runner: Runner, inputs: Mapping[str, Any], subject: BackendSubject) -> Outputs:
    runner.workers = subject.workers
    try:
        (outcome,) = runner.run([inputs], timeout=subject.timeout)
    except InterlinguaError:
        return None
    return outcome.outputs


def _other_backends(subject: BackendSubject, module: Module, inputs: Mapping[str, Any]) -> dict[str, Outputs]:
    """What the module comes to in every other backend that is there."""
    found: dict[str, Outputs] = {}
    for name, backend in plugins().backends.items():
        if name != subject.name:
            asked = BackendSubject(backend, workers=subject.workers, timeout=subject.timeout)
            try:
                found[f"artifact ({name})"] = asked.observe(module, inputs).outputs
            except RuntimeMissing:
                continue
    return found


class _Judges:
    """Who agrees with whom, within what the module allows."""

    def __init__(self, expected: Expectation) -> None:
        self.expected = expected
        self.truth: Mapping[str, Any] = {}
        """Stands for the reference, whose outputs are in ``expected``."""

    def agree(self, first: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        held = self.expected if first is self.truth else around(self.expected, first)
        return all(c.passed for c in judge(held, other, ""))

    def right(self, outputs: Outputs) -> bool:
        return outputs is not None and self.agree(self.truth, outputs)

    def culprit(self, plain: Outputs, others: Sequence[Outputs]) -> str:
        if self.right(plain):
            return OPTIMIZER
        if any(self.right(each) for each in others):
            return RUNTIME
        same = plain is not None and any(each is not None and self.agree(plain, each) for each in others)
        return LOWERING if same else ""

    def ballot(self, voices: Mapping[str, Outputs]) -> Ballot:
        return vote([Voice(REFERENCE, self.truth), *(Voice(n, o) for n, o in voices.items())], self.agree)


def around(expected: Expectation, outputs: Mapping[str, Any]) -> Expectation:
    """The expectation of whoever computed ``outputs``: as far from another's as both may be from the truth."""
    if list(expected.outputs) != list(outputs):
        return expected
    return Expectation({n: _around(want, outputs[n]) for n, want in expected.outputs.items()}, expected.causes)


def _around(want: Any, got: Any) -> Any:
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        return [_around(w, g) for w, g in zip(want, got, strict=True)]
    if not isinstance(want, Expected) or not hasattr(got, "shape") or got.shape != want.value.shape:
        return want
    error = None if want.error is None else 2 * want.error
    return replace(want, value=got.astype(want.value.dtype), error=error, rms=2 * want.rms)
