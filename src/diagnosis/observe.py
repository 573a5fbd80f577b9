"""One observation: a module goes through a subject (a backend, a pipeline of passes), and is judged.

Everything that looks for what is wrong asks this one question again and again: fuzzing of generated modules, reduction
of ever smaller ones, bisection of every stage.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from interlingua.backends.base import Backend, Target
from interlingua.equivalence.expect import expect, expect_exactly
from interlingua.equivalence.expectation import Expectation
from interlingua.equivalence.judge import judge
from interlingua.equivalence.models import ModelJudge
from interlingua.equivalence.rewritten import judge_rewritten
from interlingua.errors import (
    EvaluationError,
    InterlinguaError,
    RuntimeCrash,
    RuntimeMissing,
    RuntimeRefused,
    RuntimeTimeout,
    UnsupportedOps,
)
from interlingua.ir.clone import clone_module
from interlingua.ir.depth import depth
from interlingua.ir.graph import Module
from interlingua.ir.interpret import Interpreter
from interlingua.passes.base import Pass
from interlingua.passes.pipeline import run_passes
from interlingua.report import Comparison, Verdict
from interlingua.runtimes.numerics import IEEE
from interlingua.runtimes.workers import FRESH, Workers
from interlingua.stages import StageName, prepare

DEEP = 24
"""Ops one after another up to which error bounds say something: those of random networks were of the size of the
spread at 20, a thousand times that at 40, infinite at 80."""
SECONDS = 60.0
"""Time limit of one observation's process."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What came of one module on one set of inputs.

    Attributes:
        verdict: as everywhere.
        stage: where it went wrong; ``run`` where a result is wrong.
        message: what was raised, or how the worst output differs.
        comparisons: one an output, where there were outputs.
        expected: what they were held against.
        outputs: what came out.
    """

    verdict: Verdict
    stage: StageName | str = ""
    message: str = ""
    comparisons: tuple[Comparison, ...] = ()
    expected: Expectation | None = None
    outputs: Mapping[str, Any] | None = None


class Subject(Protocol):
    """Something that takes modules and is to compute what they say."""

    @property
    def name(self) -> str:
        """For reports and signatures."""

    def observe(self, module: Module, inputs: Mapping[str, Any]) -> Observation:
        """Put ``module`` (which stays as it is) through, and judge. Raises nothing but :class:`RuntimeMissing`."""


@dataclass(frozen=True, slots=True)
class BackendSubject:
    """A backend and its runtime: optimise, legalize, emit, run.

    Attributes:
        target: what to aim at; the backend's own choice where it is ``None``.
        passes: what runs before.
        workers: where processes come from.
    """

    backend: Backend
    passes: tuple[Pass, ...] = ()
    target: Target | None = None
    workers: Workers = FRESH
    timeout: float = SECONDS

    @property
    def name(self) -> str:
        return self.backend.name

    def observe(self, module: Module, inputs: Mapping[str, Any]) -> Observation:
        """As :meth:`Subject.observe`."""
        with tempfile.TemporaryDirectory(prefix="interlingua-") as folder:
            path = Path(folder) / f"model{self.backend.extension}"
            runner = self.backend.runner(path)
            runner.workers = self.workers
            expected = _expected(module, inputs, runner.numerics)
            if isinstance(expected, Observation):
                return expected
            failed = self.build(module, path)
            if failed is not None:
                return failed
            try:
                (outcome,) = runner.run([inputs], timeout=self.timeout)
            except RuntimeMissing:
                raise
            except InterlinguaError as error:
                return _raised(error, "run")
        if outcome.outputs is None:
            return Observation(Verdict.CRASH, "run", outcome.error or "")
        return _judged(expected, outcome.outputs)

    def build(self, module: Module, path: Path) -> Observation | None:
        """Write the artifact of ``module`` at ``path``; what went wrong on the way, if anything did."""
        copy = clone_module(module)
        stage: str = "legalize"

        def enter(name: StageName) -> AbstractContextManager[None]:
            nonlocal stage
            stage = name
            return nullcontext()

        try:
            targets = self.backend.targets(copy) if self.target is None else (self.target,)
            target = prepare(copy, self.backend, self.passes, targets, enter).target
            stage = "emit"
            self.backend.emit(copy, path, target)
        except Exception as error:  # noqa: BLE001 - whatever a stage raises is what is looked for
            return _raised(error, stage)
        return None


@dataclass(frozen=True, slots=True)
class PassSubject:
    """Passes: the module after them computes what it computed before, as their contracts say."""

    passes: tuple[Pass, ...]

    @property
    def name(self) -> str:
        return "+".join(p.title for p in self.passes)

    def observe(self, module: Module, inputs: Mapping[str, Any]) -> Observation:
        """As :meth:`Subject.observe`. Passes that are all exact have to keep every bit."""
        exact = all(p.promise == "exact" for p in self.passes)
        expected = _expected(module, inputs, None if exact else IEEE)
        if isinstance(expected, Observation):
            return expected
        copy = clone_module(module)
        try:
            run_passes(copy, self.passes, verify=True)
            outputs = Interpreter(copy).run(inputs)
            found = judge(expected, outputs, "") if exact else self._rounded(module, copy, inputs, expected, outputs)
        except Exception as error:  # noqa: BLE001 - whatever a pass raises is what is looked for
            return _raised(error, "optimize")
        return _concluded(found, expected, outputs)

    def _rounded(
        self,
        module: Module,
        after: Module,
        inputs: Mapping[str, Any],
        expected: Expectation,
        outputs: Mapping[str, Any],
    ) -> list[Comparison]:
        """Of passes that keep what is equal over the reals: the very same bits are, too."""
        exactly = judge(expect_exactly(module, inputs), outputs, "")
        if all(c.verdict is Verdict.VERIFIED for c in exactly):
            return exactly
        if depth(module.main) > DEEP:
            return judge(expected, outputs, "")
        return judge_rewritten(expect(module, inputs, numbers=True).outputs, after, inputs, outputs)


def _expected(module: Module, inputs: Mapping[str, Any], numerics: Any) -> Expectation | Observation:
    """What to hold outputs against; without numerics, the module's own results, bit for bit.

    Bounds that went through many ops say nothing, so a deep module is judged by how far rounding scatters it."""
    try:
        if numerics is None:
            return expect_exactly(module, inputs)
        if depth(module.main) > DEEP:
            return ModelJudge(module, numerics).expectation(inputs, Interpreter(module).run(inputs))
        return expect(module, inputs, numerics)
    except EvaluationError as error:
        return Observation(Verdict.UNDEFINED, "reference", error.what)


_VERDICTS: tuple[tuple[type[Exception], Verdict], ...] = (
    (UnsupportedOps, Verdict.UNSUPPORTED),
    (RuntimeRefused, Verdict.UNDECLARED_UNSUPPORTED),
    (RuntimeTimeout, Verdict.TIMEOUT),
    (RuntimeCrash, Verdict.CRASH),
)


def _raised(error: Exception, stage: str) -> Observation:
    verdict = next((v for kind, v in _VERDICTS if isinstance(error, kind)), Verdict.CRASH)
    message = error.what if isinstance(error, InterlinguaError) else f"{type(error).__name__}: {error}"
    return Observation(verdict, stage, message)


def _judged(expected: Expectation, outputs: Mapping[str, Any]) -> Observation:
    return _concluded(judge(expected, outputs, ""), expected, outputs)


def _concluded(found: list[Comparison], expected: Expectation, outputs: Mapping[str, Any]) -> Observation:
    worst = conclude([c.verdict for c in found])
    wrong = next((c for c in found if not c.passed), None)
    message = "" if wrong is None else f"{wrong.output}: {wrong.detail or 'beyond the bound'}"
    return Observation(worst, "run" if wrong else "", message, tuple(found), expected, outputs)


_ORDER = (Verdict.MISMATCH, Verdict.VERIFIED, Verdict.AMBIGUOUS, Verdict.UNDEFINED)


def conclude(verdicts: list[Verdict]) -> Verdict:
    """The verdict of several outputs together: one that is wrong decides; else one that could be judged."""
    return next((v for v in _ORDER if v in verdicts), Verdict.VERIFIED)
