"""One batch of a campaign: some cases, drawn, observed, reduced and named.

It is the task of a worker, plain data in and out.
"""

from __future__ import annotations

import resource
import time
import traceback
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from interlingua.backends.base import Target
from interlingua.diagnosis.findings.finding import Finding, Findings
from interlingua.diagnosis.findings.opinions import opinions
from interlingua.diagnosis.findings.packed import count_nodes, pack
from interlingua.diagnosis.findings.signature import Signature, signature
from interlingua.diagnosis.fuzz.cases import draw_case, draw_of
from interlingua.diagnosis.fuzz.sources import Source
from interlingua.diagnosis.observe import Observation, Subject
from interlingua.diagnosis.reduce.reducer import reduce
from interlingua.equivalence.generators.modules import Case
from interlingua.equivalence.generators.recipe import Rejected
from interlingua.errors import RuntimeMissing, UsageError
from interlingua.ir.graph import Module
from interlingua.report import Verdict
from interlingua.runtimes.workers import FRESH, WarmWorker

CASES = 120
"""Cases of a batch: a few seconds of work, long beside the start of the runtime's process."""
OBSERVATIONS, SECONDS = 120, 20.0
"""What the reduction of one failure may cost within a batch. Observations come first: they are the same everywhere."""

BUGS = frozenset({Verdict.MISMATCH, Verdict.CRASH, Verdict.TIMEOUT, Verdict.UNDECLARED_UNSUPPORTED})
"""Verdicts that are findings. What was declared beforehand is none."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is asked to do. The same task gives the same findings, whoever does it.

    Attributes:
        source: what to look for faults in.
        seed, batch: of the campaign, and the number of this batch in it: all cases derive from the two.
        cases: how many.
        most: nodes of the largest graph.
        reduce: whether failures are reduced.
    """

    source: Source
    seed: int
    batch: int
    cases: int = CASES
    most: int = 16
    reduce: bool = True


@dataclass(slots=True)
class Result:
    """What came of a task.

    Attributes:
        verdicts: how often each was given.
        origins: how many cases each generator drew.
        findings: bugs, each once.
        problems: what went wrong in the campaign itself, with the case: it is never taken for a bug of the subject.
        seconds, cpu: of the clock and of processors, worker processes included.
    """

    batch: int
    verdicts: Counter[str] = field(default_factory=Counter[str])
    origins: Counter[str] = field(default_factory=Counter[str])
    findings: list[Finding] = field(default_factory=list[Finding])
    problems: list[str] = field(default_factory=list[str])
    seconds: float = 0.0
    cpu: float = 0.0


def run_batch(task: Task) -> Result:
    """Do it. The runtime has a process of its own: what kills that ends one observation and nothing else.

    Raises:
        RuntimeMissing: the subject's runtime is not installed.
    """
    result = Result(task.batch)
    start, before = time.perf_counter(), _processor_seconds()
    with WarmWorker() as worker:
        batch = _Batch(task, result, worker)
        for index in range(task.cases):
            batch.one(index)
    result.findings = batch.found.sorted()
    result.seconds, result.cpu = time.perf_counter() - start, _processor_seconds() - before
    return result


def _processor_seconds() -> float:
    """Of this thread and of all processes that this one started and that ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.thread_time() + children.ru_utime + children.ru_stime


@dataclass(slots=True)
class _Failure:
    """A case that failed, as small as it is by now."""

    subject: Subject
    target: Target | None
    module: Module
    inputs: Mapping[str, Any]
    seen: Observation

    @property
    def signature(self) -> Signature:
        return signature(self.subject.name, self.module, self.seen)


class _Batch:
    """The state of a batch: what was found so far, and what each failure turned out to be."""

    def __init__(self, task: Task, result: Result, worker: WarmWorker) -> None:
        self.task = task
        self.result = result
        self.worker = worker
        self.found = Findings()
        self.seen: dict[Signature, Signature | None] = {}
        """What failures that looked like this, before they were reduced, turned out to be; ``None`` for a passing
        whim."""

    def one(self, index: int) -> None:
        """Draw a case, observe it, and follow it up where it fails."""
        draw = draw_of(self.task.seed, self.task.batch, index)
        try:
            case = draw_case(draw, self.task.most, self.task.source.mixture)
        except Rejected:
            self.result.verdicts["not drawn"] += 1
            return
        except Exception as error:  # noqa: BLE001 - a generator's fault must not end the campaign; it is reported
            self._problem(index, "drawing", error)
            return
        self.result.origins[case.origin.partition(":")[0]] += 1
        try:
            self._observe(index, case, self.task.source.draw_target(case.module, draw))
        except RuntimeMissing:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            self._problem(index, case.origin, error)

    def _problem(self, index: int, doing: str, error: Exception) -> None:
        self.result.verdicts["problem"] += 1
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{last.filename.rpartition('/')[2]}:{last.lineno}"
        self.result.problems.append(
            f"batch {self.task.batch} case {index} ({doing}): {type(error).__name__}: {error} at {where}"
        )

    def _observe(self, index: int, case: Case, target: Target | None) -> None:
        subject = self.task.source.subject(target, self.worker)
        seen = subject.observe(case.module, case.inputs)
        self.result.verdicts[seen.verdict.value] += 1
        if seen.verdict not in BUGS:
            return
        failure = _Failure(subject, target, case.module, case.inputs, seen)
        rough = failure.signature
        if rough in self.seen:
            self._again(self.seen[rough])
            return
        self.seen[rough] = None
        finding = self._named(failure, (self.task.batch, index), case.origin)
        if finding is not None:
            self.seen[rough] = finding.signature
            self.found.add(finding)

    def _again(self, known: Signature | None) -> None:
        if known is not None:
            finding = self.found.by_signature[known]
            self.found.by_signature[known] = replace(finding, count=finding.count + 1)

    def _named(self, failure: _Failure, place: tuple[int, int], origin: str) -> Finding | None:
        """The finding that a failure is, or ``None`` where it does not come back in a process of its own."""
        alone = self.task.source.subject(failure.target, FRESH)
        again = alone.observe(failure.module, failure.inputs)
        if again.verdict is not failure.seen.verdict:
            self.result.verdicts["not repeatable"] += 1
            self.result.problems.append(
                f"batch {place[0]} case {place[1]} ({origin}): {failure.seen.verdict.value}, and "
                f"{again.verdict.value} when it was run again alone: {failure.seen.message[:200]}"
            )
            return None
        if self.task.reduce and count_nodes(failure.module) > 1:
            failure = shrunk(failure, OBSERVATIONS, SECONDS)
        said = opinions(failure.subject, failure.module, failure.inputs, failure.seen)
        signed = failure.signature.blaming(said.culprit)
        if said.suspect:
            signed = replace(signed, verdict=Verdict.ORACLE_SUSPECT)
        packed, target = pack(failure.module), failure.target
        inputs = dict(failure.inputs)
        known = self.task.source.issue(failure.module, inputs, failure.seen)
        message = failure.seen.message
        return Finding(signed, message, packed, inputs, target, place, origin, known=known, ballot=said.ballot)


def shrunk(failure: _Failure, observations: int, seconds: float) -> _Failure:
    """The failure on as small a module as the budget allows."""
    try:
        made = reduce(
            failure.module,
            subject=failure.subject,
            inputs=failure.inputs,
            observations=observations,
            seconds=seconds,
        )
    except UsageError:  # it does not fail when it is looked at again: it stays what it was
        return failure
    return _Failure(failure.subject, failure.target, made.module, made.inputs, made.observation)


def polished(finding: Finding, source: Source, observations: int, seconds: float) -> Finding:
    """The finding with an example that was reduced again, to the end this time; its signature stays."""
    with WarmWorker() as worker:
        subject = source.subject(finding.target, worker)
        module = finding.packed.module()
        seen = subject.observe(module, finding.inputs)
        if seen.verdict not in BUGS:
            return finding
        made = shrunk(_Failure(subject, finding.target, module, finding.inputs, seen), observations, seconds)
    packed = pack(made.module)
    if packed.size >= finding.packed.size:
        return finding
    return replace(finding, packed=packed, inputs=dict(made.inputs), message=made.seen.message)
