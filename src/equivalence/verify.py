"""Running source and artifact side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from interlingua.equivalence.expectation import Expectation, Expected
from interlingua.equivalence.generate import Case, Generator
from interlingua.equivalence.judge import judge
from interlingua.equivalence.spread import Spread
from interlingua.equivalence.tolerance import DepthTolerance, Tolerance
from interlingua.errors import EvaluationError, RunnerError, RuntimeMissing, RuntimeTimeout
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module
from interlingua.report import Comparison, Report, Verdict
from interlingua.runtimes.base import Runner

ENOUGH = 6
"""Accepted cases after which no other sizes are tried; half as many mixtures of their sizes, and a large one, come
on top."""


def verify_runners(
    module: Module,
    source: Runner,
    artifact: Runner,
    *,
    timeout: float,
    seed: int = 0,
    examples: Sequence[Mapping[str, Any]] = (),
    source_names: tuple[Sequence[str], Sequence[str]] | None = None,
) -> Report:
    """Compare an artifact with its source on generated inputs (or on ``examples`` where given).

    Args:
        module: the source as a module: its interface says what to draw, its graph how exact the outputs can be.
        source: runs the source in its own framework.
        artifact: runs the artifact in its runtime.
        timeout: seconds for each of the two processes.
        seed: of the values drawn.
        examples: sets of inputs to use in place of generated ones.
        source_names: input and output names in the source, where the conversion changed them.
    """
    report = Report(Verdict.VERIFIED, subject=module.metadata.get("graph", ""), reference=source.description)
    report.runtime = artifact.description
    names = (module.input_names, module.output_names) if source_names is None else source_names
    renamed = _Renamed(source, module, names)
    try:
        cases, wanted = _references(module, renamed, report, timeout, seed, examples)
        if not cases:
            return _unverified(report, "the source rejects every input that was tried; give example inputs")
        outcomes = artifact.run([case.inputs for case in cases], timeout=timeout)
    except RuntimeMissing as error:
        return _unverified(report, error.what)
    except RunnerError as error:
        report.verdict = Verdict.TIMEOUT if isinstance(error, RuntimeTimeout) else Verdict.CRASH
        report.reason = error.what
        return report
    judge = _Judge(module)
    for case, want, outcome in zip(cases, wanted, outcomes, strict=True):
        report.cases.append(case.label)
        if outcome.outputs is None:
            report.verdict = Verdict.CRASH
            report.reason = f"the artifact fails on {case.label}, the source does not: {outcome.error}"
            return report
        report.comparisons.extend(judge(case, want, outcome.outputs))
    return _conclude(report)


class _Judge:
    """The quick tolerance first; what it fails is held against the spread of this very graph, which costs runs of
    it."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.quick = DepthTolerance(module)
        self._spread: Spread | None = None

    def __call__(self, case: Case, want: dict[str, Any], got: dict[str, Any]) -> list[Comparison]:
        found = judge(_within(want, self.quick), got, case.label)
        if all(c.passed or not np.isfinite(c.error) for c in found):
            return found
        if self._spread is None:
            self._spread = Spread(self.module)
        try:
            tolerance = self._spread.tolerance(case.inputs)
        except EvaluationError:
            return found
        measured = judge(_within(want, tolerance), got, case.label)
        return [q if q.passed else m for q, m in zip(found, measured, strict=True)]


def _within(outputs: Mapping[str, Any], tolerance: Tolerance) -> Expectation:
    """Outputs of the source in its own precision, and how far from them others may be."""

    def each(name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [each(name, v) for v in value]
        if value is None:
            return None
        array = np.asarray(value)
        floating = DType.of(array).kind in ("float", "complex")
        return Expected(array, DType.of(array), tolerance.bound(name, array) if floating else None)

    return Expectation({name: each(name, value) for name, value in outputs.items()})


def _conclude(report: Report) -> Report:
    failed = [c for c in report.comparisons if not c.passed]
    if failed:
        report.verdict = Verdict.MISMATCH
        first = failed[0]
        report.reason = (
            f"{len(failed)} of {len(report.comparisons)} outputs differ, first {first.output!r} on {first.case}"
            + (f": {first.detail}" if first.detail else "")
        )
    elif all(c.detail in ("nothing finite", "empty") for c in report.comparisons):
        return _unverified(report, "no output held a finite number on any input that was tried; give example inputs")
    return report


def _unverified(report: Report, reason: str) -> Report:
    report.verdict, report.reason = Verdict.UNVERIFIED, reason
    return report


class _Renamed:
    """The source's runner under the names of the module's interface."""

    def __init__(self, runner: Runner, module: Module, names: tuple[Sequence[str], Sequence[str]]) -> None:
        self.runner = runner
        self.inputs = dict(zip(module.input_names, names[0], strict=True))
        self.outputs = dict(zip(names[1], module.output_names, strict=True))

    def run(self, cases: Sequence[Case], timeout: float) -> list[tuple[dict[str, Any] | None, str | None]]:
        batches = [{self.inputs[n]: v for n, v in case.inputs.items()} for case in cases]
        found: list[tuple[dict[str, Any] | None, str | None]] = []
        for outcome in self.runner.run(batches, timeout=timeout):
            outputs = outcome.outputs
            renamed = None if outputs is None else {self.outputs.get(n, n): v for n, v in outputs.items()}
            found.append((renamed, outcome.error))
        return found


def _references(
    module: Module, source: _Renamed, report: Report, timeout: float, seed: int, examples: Sequence[Mapping[str, Any]]
) -> tuple[list[Case], list[dict[str, Any]]]:
    """Cases that the source takes, and its outputs on them."""
    if examples:
        return _accept(source, [Case(f"example {i}", {}, dict(e)) for i, e in enumerate(examples)], report, timeout)
    generator = Generator(module, seed)
    cases: list[Case] = []
    wanted: list[dict[str, Any]] = []

    def take(proposed: list[Case], most: int) -> None:
        known = {c.label for c in cases}
        fresh = [c for c in proposed if c.label not in known]
        found = _accept(source, fresh, report, timeout) if fresh else ([], [])
        cases.extend(found[0][:most])
        wanted.extend(found[1][:most])

    for batch in generator.batches():
        take(batch, ENOUGH - len(cases))
        if len(cases) >= ENOUGH:
            break
    take(generator.mixed([c.sizes for c in cases]), ENOUGH // 2)
    take(generator.large(), 1)
    return cases, wanted


def _accept(
    source: _Renamed, cases: list[Case], report: Report, timeout: float
) -> tuple[list[Case], list[dict[str, Any]]]:
    kept: list[Case] = []
    wanted: list[dict[str, Any]] = []
    for case, (outputs, _) in zip(cases, source.run(cases, timeout), strict=True):
        if outputs is None:
            report.rejected.append(case.label)
        else:
            kept.append(case)
            wanted.append(outputs)
    return kept, wanted
