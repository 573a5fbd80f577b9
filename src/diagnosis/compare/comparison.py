"""How a comparison goes: interfaces are matched, both are run, what they give is judged."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from interlingua.diagnosis.compare.cases import Pinned, pins, stand_in
from interlingua.diagnosis.compare.frame import Fitted, chained, inverted, match_inputs, observed, same
from interlingua.diagnosis.compare.functions import FunctionRunner
from interlingua.diagnosis.compare.judging import Bounds
from interlingua.diagnosis.compare.matching import Matching, Pair, Wishes, listed, match
from interlingua.diagnosis.compare.sides import Side, open_side
from interlingua.diagnosis.compare.verdict import conclude_comparison
from interlingua.equivalence.accept import Taken, accepted, draw
from interlingua.equivalence.generate import Case
from interlingua.errors import RunnerError, UsageError
from interlingua.report import Report, Verdict
from interlingua.runtimes.base import Outcome
from interlingua.runtimes.interface import Slot


@dataclass(frozen=True, slots=True)
class Asked:
    """What :func:`interlingua.compare` was asked."""

    a: Any
    b: Any
    reference: Any
    examples: Sequence[Any]
    wishes: Wishes
    outputs: Sequence[str] | None
    seed: int
    timeout: float


@dataclass(slots=True)
class Trial:
    """Both sides behind one frame, and what they gave.

    Attributes:
        frame: whose names and layouts everything is told in: the side whose graph bounds come from.
        a, b: the two, fitted to it.
        taken: cases, with what ``a`` gave.
        outcomes: what ``b`` gave.
    """

    asked: Asked
    report: Report
    frame: Side
    a: Fitted
    b: Fitted
    taken: list[Taken] = field(default_factory=list[Taken])
    outcomes: list[Outcome] = field(default_factory=list[Outcome])

    def run_a(self, batches: Sequence[Mapping[str, Any]]) -> list[Outcome]:
        """What ``a`` gives, under its own names."""
        return self._run(self.a, batches)

    def run_b(self, batches: Sequence[Mapping[str, Any]]) -> list[Outcome]:
        """What ``b`` gives, under its own names."""
        return self._run(self.b, batches)

    def _run(self, fitted: Fitted, batches: Sequence[Mapping[str, Any]]) -> list[Outcome]:
        side = fitted.side
        with _timed(self.report, side.label):
            try:
                return side.runner.run([fitted.batch(b) for b in batches], timeout=self.asked.timeout)
            except RunnerError as error:
                raise type(error)(f"{side.label}: {error.what}", hint=error.hint) from error


@contextmanager
def _timed(report: Report, stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    report.timings[stage] = report.timings.get(stage, 0.0) + time.perf_counter() - start


def run(asked: Asked, report: Report) -> None:
    """Compare, and fill in the report.

    Raises:
        InterlinguaError: as :func:`interlingua.compare` says, and every :class:`RunnerError`.
    """
    a, b = (open_side(source, timeout=asked.timeout) for source in (asked.a, asked.b))
    reference = None if asked.reference is None else _reference(asked)
    if a.label == b.label:
        a.label, b.label = f"{a.label} (first)", f"{b.label} (second)"
    report.subject = f"{a.label} and {b.label}"
    report.reference = f"{a.runner.description} ({a.label})"
    report.runtime = f"{b.runner.description} ({b.label})"
    inputs = match_inputs(a, b, asked.wishes, _spoken(asked.examples, reference))
    if _unlike(report, "input", inputs, a, a.known.inputs, b, b.known.inputs):
        return
    trial = _framed(asked, report, a, b, reference, inputs.pairs)
    if not _gather(trial) or not _match_outputs(trial, inputs.pairs):
        return
    numerics = a.runner.numerics.coarser(b.runner.numerics)
    with _timed(report, "judge"):
        bounds = Bounds(trial.frame.module, numerics, asked.seed)
        for taken, outcome in zip(trial.taken, trial.outcomes, strict=True):
            want, got = trial.a.framed(taken.outputs), trial.b.framed(outcome.outputs or {})
            report.comparisons.extend(bounds.judge(taken.case.inputs, want, got, taken.case.label))
        conclude_comparison(trial, bounds)
    for fitted in (trial.a, trial.b):
        if isinstance(fitted.side.runner, FunctionRunner) and fitted.side.runner.changed:
            report.notes.append(f"{fitted.side.label} changes in place: {sorted(fitted.side.runner.changed)}")


def _reference(asked: Asked) -> Side:
    side = open_side(asked.reference, timeout=asked.timeout)
    if side.module is None:
        raise UsageError(f"the reference has no graph: {side.why}", hint="give a model that a frontend reads")
    return side


def _spoken(examples: Sequence[Any], reference: Side | None) -> list[str]:
    """The names of inputs of which neither side says anything: those of the examples, else those of the reference."""
    first = examples[0] if examples else None
    if isinstance(first, Mapping):
        return list(first)
    if reference is not None:
        return [s.name for s in reference.known.inputs]
    return [] if first is None else [str(i) for i in range(len(first))]


def _unlike(
    report: Report, kind: str, found: Matching, a: Side, firsts: Sequence[Slot], b: Side, seconds: Sequence[Slot]
) -> bool:
    """Whether the interfaces do not fit, told in the report."""
    report.notes.extend(found.notes)
    if not found.problems:
        return False
    report.verdict = Verdict.MISMATCH
    report.reason = f"the interfaces differ: {'; '.join(found.problems)}"
    report.notes.append(f"{kind}s of {a.label}: {listed(firsts)}")
    report.notes.append(f"{kind}s of {b.label}: {listed(seconds)}")
    report.notes.append("where they are the same under other names or layouts, say so with map= and layout=")
    return True


def _framed(asked: Asked, report: Report, a: Side, b: Side, reference: Side | None, pairs: Sequence[Pair]) -> Trial:
    """Everything in the terms of whoever has a graph, else of whoever has an interface."""
    if reference is not None:
        slots = a.known.inputs or [Slot(p.first) for p in pairs]
        found = match("input", reference.known.inputs, slots, Wishes())
        if found.problems:
            problem = f"the reference takes other inputs: {'; '.join(found.problems)}"
            raise UsageError(problem, hint=f"it takes {listed(reference.known.inputs)}")
        to_b = chained(found.pairs, pairs)
        return Trial(asked, report, reference, Fitted(a, found.pairs), Fitted(b, to_b))
    if _rank(b) > _rank(a):
        to_a = [inverted(p) for p in pairs]
        return Trial(asked, report, b, Fitted(a, to_a), Fitted(b, [Pair(p.second, p.second) for p in pairs]))
    return Trial(asked, report, a, Fitted(a, [Pair(p.first, p.first) for p in pairs]), Fitted(b, list(pairs)))


def _rank(side: Side) -> int:
    return 2 if side.module is not None else 1 if side.interface is not None else 0


def _gather(trial: Trial) -> bool:
    """Run both on the same inputs; ``False`` where that is the verdict already."""
    report, rejected = trial.report, list[tuple[str, str]]()
    cases = _examples(trial)
    if cases:
        trial.taken = accepted(cases, trial.run_a, rejected)
    else:
        trial.taken = draw(_generator(trial), trial.run_a, rejected)
    report.rejected = [label for label, _ in rejected]
    report.cases = [t.case.label for t in trial.taken]
    trial.outcomes = trial.run_b([t.case.inputs for t in trial.taken]) if trial.taken else []
    for taken, outcome in zip(trial.taken, trial.outcomes, strict=True):
        if outcome.outputs is None:
            return _crashed(report, trial.b.side, taken.case.label, trial.a.side, outcome.error)
    if (cases and rejected) or not trial.taken:
        return _rejected(trial, cases, rejected)
    return True


def _rejected(trial: Trial, cases: Sequence[Case], rejected: Sequence[tuple[str, str]]) -> bool:
    """What the first side does not take: does the second?"""
    labels = dict(rejected)
    asked = [c for c in cases if c.label in labels] or (_generator(trial).first() if not trial.taken else [])
    for case, outcome in zip(asked, trial.run_b([c.inputs for c in asked]), strict=True):
        if outcome.outputs is not None and case.label in labels:
            return _crashed(trial.report, trial.a.side, case.label, trial.b.side, labels[case.label])
    if trial.taken:
        return True
    why = f": {rejected[0][1]}" if rejected else ""
    trial.report.verdict = Verdict.UNVERIFIED
    trial.report.reason = f"{trial.a.side.label} rejects every input that was tried{why}"
    return False


def _crashed(report: Report, who: Side, label: str, other: Side, error: str | None) -> bool:
    report.verdict = Verdict.CRASH
    report.reason = f"{who.label} fails on {label}, {other.label} does not: {error}"
    return False


def _examples(trial: Trial) -> list[Case]:
    """The given inputs in the terms of the frame."""
    cases = []
    aliases = {n: s.name for s in trial.a.side.known.inputs for n in s.names}
    for number, example in enumerate(trial.asked.examples):
        names = [p.second for p in trial.a.inputs]
        given = example if isinstance(example, Mapping) else dict(zip(names, example, strict=False))
        own = {aliases.get(n, n): v for n, v in given.items()}
        if set(own) != set(names):
            problem = f"example {number} gives {list(given)}, the inputs of {trial.a.side.label} are {names}"
            raise UsageError(problem, hint="name each of them, as the first of the two calls it")
        cases.append(Case(f"example {number}", {}, {p.first: p.back(own[p.second]) for p in trial.a.inputs}))
    return cases


def _generator(trial: Trial) -> Pinned:
    names = [p.first for p in trial.a.inputs]
    if trial.frame.interface is None:
        raise UsageError("neither of the two says what it takes", hint="give examples=")
    module = trial.frame.module
    if module is None:
        module = stand_in([s for s in trial.frame.interface.inputs if s.name in names])
    fixed: dict[str, int] = {}
    for fitted in (trial.a, trial.b):
        found, problems = pins(module, fitted.dims())
        clash = [s for s, size in found.items() if fixed.setdefault(s, size) != size]
        if problems or clash:
            raise UsageError(f"no size fits: {'; '.join(problems) or clash}", hint="give examples=")
    note = f"sizes that one of the two fixes: {', '.join(f'{s}={n}' for s, n in fixed.items())}"
    if fixed and note not in trial.report.notes:
        trial.report.notes.append(note)
    return Pinned(module, trial.asked.seed, fixed, names)


def _match_outputs(trial: Trial, inputs: Sequence[Pair]) -> bool:
    """Which output is which, from what came out."""
    asked, (a, b) = trial.asked, (trial.a.side, trial.b.side)
    outcomes = [Outcome(t.outputs) for t in trial.taken]
    firsts, seconds = observed(a, outcomes), observed(b, trial.outcomes)
    _check_names(asked, {n for s in firsts for n in s.names} | {p.second for p in trial.a.inputs}, inputs)
    if asked.outputs is not None:
        chosen = [s for s in firsts if set(asked.outputs) & set(s.names)]
        if len(chosen) != len(asked.outputs):
            raise UsageError(f"outputs= names {list(asked.outputs)}", hint=f"{a.label} gives {listed(firsts)}")
        left_out = [s.name for s in firsts if s not in chosen]
        trial.report.notes.append(f"outputs left out: {left_out}")
        firsts = chosen
    found = match("output", firsts, seconds, asked.wishes, partial=asked.outputs is not None)
    found.problems += [p for side, slots in ((a, firsts), (b, seconds)) for p in _strange(side, slots)]
    if _unlike(trial.report, "output", found, a, firsts, b, seconds):
        return False
    _frame_outputs(trial, found.pairs, firsts)
    return True


def _strange(side: Side, slots: Sequence[Slot]) -> list[str]:
    """Outputs that the side's own graph does not have: nothing could be said of them."""
    known = None if side.module is None else side.module.output_names
    odd = [s.name for s in slots if known is not None and s.name not in known]
    return [f"{side.label} gives {odd}, its graph {known}"] if odd else []


def _frame_outputs(trial: Trial, pairs: list[Pair], firsts: Sequence[Slot]) -> None:
    if trial.frame is trial.a.side:
        trial.a.outputs, trial.b.outputs = same([Slot(p.first) for p in pairs]), pairs
    elif trial.frame is trial.b.side:
        trial.a.outputs = [inverted(p) for p in pairs]
        trial.b.outputs = same([Slot(p.second) for p in pairs])
    else:
        kept = [s for s in firsts if s.name in {p.first for p in pairs}]
        found = match("output", kept, trial.frame.known.outputs, Wishes(), partial=True)
        if found.problems:
            problem = f"the reference gives other outputs: {'; '.join(found.problems)}"
            raise UsageError(problem, hint=f"it gives {listed(trial.frame.known.outputs)}")
        trial.a.outputs = [inverted(p) for p in found.pairs]
        trial.b.outputs = chained(trial.a.outputs, pairs)


def _check_names(asked: Asked, known: set[str], inputs: Sequence[Pair]) -> None:
    """Names that are said of nothing are mistakes."""
    known = known | {p.first for p in inputs}
    unknown = [n for n in (*asked.wishes.names, *asked.wishes.layouts) if n not in known]
    if unknown:
        raise UsageError(f"map= or layout= speaks of {unknown[0]!r}", hint=f"the first of the two has {sorted(known)}")
