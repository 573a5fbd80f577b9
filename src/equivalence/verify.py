"""Running source and artifact side by side, and judging."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from interlingua.equivalence.accept import Taken, accepted, draw
from interlingua.equivalence.generate import Case, Generator
from interlingua.equivalence.models import ModelJudge, as_leaves
from interlingua.equivalence.vote import Ballot, Voice, vote
from interlingua.errors import RunnerError, RuntimeMissing, RuntimeRefused, RuntimeTimeout
from interlingua.ir.graph import Module
from interlingua.ir.ops.opaque import labels, opaque_refusals
from interlingua.report import Report, Verdict
from interlingua.runtimes.base import Outcome, Runner
from interlingua.runtimes.interpreter import ModuleRunner


@dataclass(frozen=True, slots=True)
class Original:
    """The source of a conversion, as everything that can compute it.

    Attributes:
        module: its graph, before anything changed it: its interface says what to draw, its float64 reference how exact
            outputs can be.
        runner: runs it in its own framework.
        witnesses: other implementations of the source's format, asked where source and artifact differ.
        names: input and output names in the source, where the module's are others.
    """

    module: Module
    runner: Runner
    witnesses: Sequence[Runner] = ()
    names: tuple[Sequence[str], Sequence[str]] | None = None


def verify_runners(
    original: Original,
    artifact: Runner,
    *,
    timeout: float,
    seed: int = 0,
    examples: Sequence[Mapping[str, Any]] = (),
    explain: bool = False,
) -> Report:
    """Compare an artifact with its source on generated inputs (or on ``examples`` where given).

    Args:
        original: the source.
        artifact: runs the artifact in its runtime.
        timeout: seconds for each of the processes.
        seed: of the values drawn.
        examples: sets of inputs to use in place of generated ones.
        explain: whether to say where the error to expect at the worst element comes from; costs many runs of the graph.
    """
    module = original.module
    report = Report(Verdict.VERIFIED, subject=module.metadata.get("graph", ""), reference=original.runner.description)
    report.runtime = artifact.description
    opaque = opaque_refusals(module)
    if opaque:
        return _unverified(report, f"there is no reference of {labels(opaque)}: it cannot be judged")
    source = _Renamed(original, original.runner)
    try:
        try:
            taken = _references(module, source, report, timeout, seed, examples)
        except RuntimeRefused as error:
            source = _own_evaluation(original, error, report)
            taken = _references(module, source, report, timeout, seed, examples)
        if not taken:
            return _unverified(report, "the source rejects every input that was tried; give example inputs")
        outcomes = artifact.run([t.case.inputs for t in taken], timeout=timeout)
    except RuntimeMissing as error:
        return _unverified(report, error.what)
    except RunnerError as error:
        report.verdict = Verdict.TIMEOUT if isinstance(error, RuntimeTimeout) else Verdict.CRASH
        report.reason = error.what
        return report
    report.notes.extend(sorted({o.caveat for o in outcomes} - {""}))
    judge = ModelJudge(module, source.runner.numerics.coarser(artifact.numerics), seed)
    for (case, want), outcome in zip(taken, outcomes, strict=True):
        report.cases.append(case.label)
        if outcome.outputs is None:
            report.verdict = Verdict.CRASH
            report.reason = f"the artifact fails on {case.label}, the source does not: {outcome.error}"
            return report
        report.comparisons.extend(judge.judge(case.inputs, want, outcome.outputs, case.label))
    conclude(report)
    _ask_others(report, original, judge, list(zip(taken, outcomes, strict=True)), timeout)
    worst = report.worst
    if explain and worst is not None:
        inputs = next(t.case.inputs for t in taken if t.case.label == worst.case)
        report.explanation = [
            f"{c.share:.0%} of the error to expect there: {c.op}, {c.place}"
            for c in judge.explain(inputs, worst.output, worst.index)
        ]
    return report


def _own_evaluation(original: Original, error: RuntimeRefused, report: Report) -> _Renamed:
    """What stands in for the source where its own runtime lacks an op, or an opset, that the artifact does without."""
    own = ModuleRunner(original.module)
    report.reference = own.description
    report.notes.append(f"the source is held against our own evaluation: {error.what}")
    return _Renamed(replace(original, names=None), own)


def conclude(report: Report) -> Report:
    """The verdict of the comparisons together."""
    wrong = [c for c in report.comparisons if not c.passed]
    if wrong:
        report.verdict = Verdict.MISMATCH
        first = wrong[0]
        report.reason = (
            f"{len(wrong)} of {len(report.comparisons)} outputs differ, first {first.output!r} on {first.case}"
            + (f": {first.detail}" if first.detail else "")
        )
        return report
    if all(c.excused == 1.0 for c in report.comparisons) and report.comparisons:
        report.verdict = next(c.verdict for c in report.comparisons)
        report.reason = f"no element could be judged: {report.comparisons[0].detail}"
    elif all(c.detail in ("nothing finite", "empty") for c in report.comparisons):
        return _unverified(report, "no output held a finite number on any input that was tried; give example inputs")
    return report


def _ask_others(
    report: Report,
    original: Original,
    judge: ModelJudge,
    tried: Sequence[tuple[Taken, Outcome]],
    timeout: float,
) -> None:
    """Hold a vote on the first case that differs: the source may be the one that is wrong."""
    wrong = next((c for c in report.comparisons if not c.passed), None)
    if wrong is None:
        return
    (case, want), outcome = next(t for t in tried if t[0].case.label == wrong.case)
    voices = [Voice("the source", want), Voice("the artifact", outcome.outputs)]
    voices += [_testify(original, runner, case, timeout) for runner in original.witnesses]
    voices.append(Voice("the float64 reference", _reference(judge, case, want)))

    def agree(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
        return all(c.passed for c in judge.judge(case.inputs, a, b, case.label))

    ballot = vote(voices, agree)
    report.votes.append(f"on {case.label}: {ballot}")
    if _suspect(ballot, len(original.witnesses)):
        report.verdict = Verdict.ORACLE_SUSPECT
        report.reason = f"the source's own runtime is outvoted on {case.label}; {report.reason}"


def _suspect(ballot: Ballot, witnesses: int) -> bool:
    """The artifact and our reference stand on one reading of the source: without a witness they are one voice."""
    agreeing = ballot.groups[0] if ballot.groups else ()
    return witnesses > 0 and "the artifact" in agreeing and len(agreeing) > 2 and ballot.outvoted("the source")


def _testify(original: Original, runner: Runner, case: Case, timeout: float) -> Voice:
    try:
        (outcome,) = _Renamed(original, runner).run([case.inputs], timeout)
    except RunnerError:
        return Voice(f"the source in {runner.description}", None)
    return Voice(f"the source in {runner.description}", outcome.outputs)


def _reference(judge: ModelJudge, case: Case, like: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The float64 reference as the dtypes of the outputs can say it; only for outputs that are all tensors."""
    exact = judge.reference(case.inputs)
    if exact is None or list(exact) != list(like) or as_leaves(like).keys() != exact.keys():
        return None
    with np.errstate(all="ignore"):
        return {n: np.asarray(exact[n]).astype(np.asarray(v).dtype) for n, v in like.items()}


def _unverified(report: Report, reason: str) -> Report:
    report.verdict, report.reason = Verdict.UNVERIFIED, reason
    return report


class _Renamed:
    """A runner of the source under the names of the module's interface."""

    def __init__(self, original: Original, runner: Runner) -> None:
        module = original.module
        names = (module.input_names, module.output_names) if original.names is None else original.names
        self.runner = runner
        self.inputs = dict(zip(module.input_names, names[0], strict=True))
        self.outputs = dict(zip(names[1], module.output_names, strict=True))

    def run(self, batches: Sequence[Mapping[str, Any]], timeout: float) -> list[Outcome]:
        named = [{self.inputs[n]: v for n, v in inputs.items()} for inputs in batches]
        return [self._renamed(outcome) for outcome in self.runner.run(named, timeout=timeout)]

    def _renamed(self, outcome: Outcome) -> Outcome:
        if outcome.outputs is None:
            return outcome
        return replace(outcome, outputs={self.outputs.get(n, n): v for n, v in outcome.outputs.items()})


def _references(
    module: Module, source: _Renamed, report: Report, timeout: float, seed: int, examples: Sequence[Mapping[str, Any]]
) -> list[Taken]:
    """Cases that the source takes, with its outputs on them."""
    rejected: list[tuple[str, str]] = []
    run = partial(source.run, timeout=timeout)
    if examples:
        taken = accepted([Case(f"example {i}", {}, dict(e)) for i, e in enumerate(examples)], run, rejected)
    else:
        taken = draw(Generator(module, seed), run, rejected)
    report.rejected.extend(label for label, _ in rejected)
    return taken
