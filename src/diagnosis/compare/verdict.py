"""What the comparisons of two sides come to, and which of the two is off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from interlingua.diagnosis.compare.divergence import first_diverging
from interlingua.diagnosis.compare.frame import Fitted
from interlingua.diagnosis.compare.judging import Bounds, as_declared, figures
from interlingua.equivalence.verify import conclude
from interlingua.equivalence.vote import Ballot, Voice, vote
from interlingua.errors import EvaluationError, RunnerError
from interlingua.ir.interpret import Interpreter
from interlingua.report import Comparison, Report, Verdict
from interlingua.runtimes.base import Runner

if TYPE_CHECKING:
    from interlingua.diagnosis.compare.comparison import Trial

SHARED = 10.0
"""Bounds by which both sides have to be off the float64 reference before it is doubted. Two that compute in float32
share much of their rounding: on basic-pitch ONNX Runtime and LiteRT are 0.01 to 0.07 of the bound from each other,
and both the same 0.35 and more from the reference."""
SURE = (Verdict.VERIFIED, Verdict.MISMATCH)


def conclude_comparison(trial: Trial, bounds: Bounds) -> None:
    """Verdict and reason of the report; where they differ, who is off, and where first."""
    report = trial.report
    conclude(report)
    open_ = [c for c in report.comparisons if c.verdict is Verdict.UNVERIFIED]
    doubtful = next((c for c in report.comparisons if c.verdict not in SURE or not c.passed), None)
    if doubtful is not None and doubtful.excused < 1.0 and _restless(trial, bounds, doubtful):
        return
    if report.verdict is Verdict.MISMATCH:
        _ask_others(trial, bounds)
    elif open_:
        _leave_open(trial, open_)
    elif report.verdict is Verdict.AMBIGUOUS and bounds.impossible(trial.taken[0].case.inputs):
        report.verdict = Verdict.UNVERIFIED
        report.reason = f"the reference of {trial.frame.label} cannot be computed on these inputs"
    elif report.verdict is Verdict.VERIFIED:
        _doubt_the_reference(trial, bounds)


def _leave_open(trial: Trial, open_: list[Comparison]) -> None:
    report, chance = trial.report, sorted({c.output for c in open_ if c.detail == "hangs on random ops"})
    report.verdict = Verdict.UNVERIFIED
    if chance:
        report.reason = f"outputs {chance} hang on random ops: nothing can be said of their elements"
        return
    whys = "; ".join(f"{f.side.label}: {f.side.why}" for f in (trial.a, trial.b))
    report.reason = (
        f"{len(open_)} of {len(report.comparisons)} outputs differ in their bits ({figures(open_)}), and no graph says "
        f"how far apart they may be ({whys}); give reference=, a model of the same interface that a frontend reads"
    )


def _restless(trial: Trial, bounds: Bounds, doubtful: Comparison) -> bool:
    """Whether one of the two gives something else when it is asked again: then what differs says nothing."""
    number = trial.report.cases.index(doubtful.case)
    inputs = trial.taken[number].case.inputs
    before = trial.taken[number].outputs, trial.outcomes[number].outputs or {}
    for fitted, run, first in ((trial.a, trial.run_a, before[0]), (trial.b, trial.run_b, before[1])):
        (again,) = run([inputs])
        if again.outputs is None or not _repeats(bounds, inputs, fitted.framed(first), fitted.framed(again.outputs)):
            trial.report.verdict = Verdict.UNVERIFIED
            trial.report.reason = (
                f"{fitted.side.label} gives something else when it is asked again: it is random, or keeps a state"
            )
            return True
    return False


def _repeats(bounds: Bounds, inputs: Mapping[str, Any], first: Mapping[str, Any], again: Mapping[str, Any]) -> bool:
    return all(c.verdict is Verdict.VERIFIED or c.excused == 1.0 for c in bounds.judge(inputs, first, again, ""))


def _ask_others(trial: Trial, bounds: Bounds) -> None:
    """Hold a vote on the first case that differs, and look for where the graphs part."""
    report = trial.report
    wrong = next(c for c in report.comparisons if not c.passed)
    number = report.cases.index(wrong.case)
    inputs = trial.taken[number].case.inputs
    want, got = trial.a.framed(trial.taken[number].outputs), trial.b.framed(trial.outcomes[number].outputs or {})
    if bounds.model is not None:
        voices = [Voice(trial.a.side.label, want), Voice(trial.b.side.label, got)]
        voices += _references(trial, bounds, inputs, want)
        for fitted in (trial.a, trial.b):
            voices += [_testify(trial, fitted, each, inputs) for each in fitted.side.witnesses]
        ballot = vote(voices, lambda x, y: bounds.agree(inputs, x, y))
        report.votes.append(f"on {wrong.case}: {ballot}")
        _blame(trial, report, ballot)
    report.diverging = _divergence(trial, inputs)


def _references(trial: Trial, bounds: Bounds, inputs: Mapping[str, Any], like: Mapping[str, Any]) -> list[Voice]:
    """The float64 references of the graphs that there are."""
    found = [Voice(_of(trial.frame.label), bounds.reference(inputs, like))]
    for fitted in (trial.a, trial.b):
        module = fitted.side.module
        if module is not None and fitted.side is not trial.frame and module is not trial.frame.module:
            try:
                exact = Interpreter(module, "float64").run(fitted.batch(inputs))
                outputs = as_declared(fitted.framed(exact), like)
            except EvaluationError:
                outputs = None
            found.append(Voice(_of(fitted.side.label), outputs))
    return found


def _of(label: str) -> str:
    return f"the float64 reference of {label}"


def _testify(trial: Trial, fitted: Fitted, runner: Runner, inputs: Mapping[str, Any]) -> Voice:
    try:
        (outcome,) = runner.run([fitted.batch(inputs)], timeout=trial.asked.timeout)
    except RunnerError:
        outcome = None
    outputs = None if outcome is None or outcome.outputs is None else fitted.framed(outcome.outputs)
    return Voice(f"{fitted.side.label} in {runner.description}", outputs)


def _blame(trial: Trial, report: Report, ballot: Ballot) -> None:
    """Say who stands against its own graph; the first is suspect where the second, made independently, agrees with
    the first's."""
    groups = {name: number for number, group in enumerate(ballot.groups) for name in group}
    off = [
        f.side
        for f in (trial.a, trial.b)
        if _of(f.side.label) in groups and groups[f.side.label] != groups[_of(f.side.label)]
    ]
    for side in off:
        report.reason += f"; {side.label} does not compute what its own graph says"
    a, b = trial.a.side, trial.b.side
    if a in off and b.independent and ballot.outvoted(a.label) and groups[b.label] == groups[_of(a.label)]:
        report.verdict = Verdict.ORACLE_SUSPECT


def _divergence(trial: Trial, inputs: Mapping[str, Any]) -> str:
    a, b = trial.a.side, trial.b.side
    for side in (a, b):
        if side.module is None:
            return f"not available: {side.label} has no graph ({side.why})"
    if a.module is None or b.module is None or a.module is b.module:
        return "none: both are one graph"
    return first_diverging(a.module, b.module, trial.a.batch(inputs), trial.b.batch(inputs))


def _doubt_the_reference(trial: Trial, bounds: Bounds) -> None:
    """Bounds stand on the graph: where both sides agree and neither agrees with it, they are worth nothing."""
    if bounds.model is None or all(c.share == 0 for c in trial.report.comparisons):
        return
    taken, outcome = trial.taken[0], trial.outcomes[0]
    want, got = trial.a.framed(taken.outputs), trial.b.framed(outcome.outputs or {})
    reference = bounds.reference(taken.case.inputs, want)
    if reference is None:
        return
    judged = [bounds.judge(taken.case.inputs, each, reference, "") for each in (want, got)]
    if min(max(c.share for c in found) for found in judged) > SHARED:
        trial.report.verdict = Verdict.ORACLE_SUSPECT
        trial.report.reason = f"the two agree with each other, and neither with the graph of {trial.frame.label}"
