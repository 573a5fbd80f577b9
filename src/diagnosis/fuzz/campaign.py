"""``fuzz``: batches of generated cases, handed to whoever works, until the budget is spent."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from interlingua.diagnosis.findings.finding import Finding, Findings
from interlingua.diagnosis.findings.folder import Provenance, save_finding
from interlingua.diagnosis.fuzz.batch import CASES, Result, Task, polished, run_batch
from interlingua.diagnosis.fuzz.sources import Source, source_of
from interlingua.errors import RuntimeMissing, UsageError
from interlingua.runtimes.workers import FRESH

POLISH = 200, 10.0
"""Observations and seconds that the example of a finding may cost when it is saved."""
LOSSES = 3
"""Batches lost in a row after which nobody is asked any more."""


@dataclass(slots=True)
class Campaign:
    """What a campaign did and found.

    Attributes:
        subject, seed: as asked.
        batches: how many were done.
        verdicts: how often each was given.
        origins: how many cases each generator drew.
        findings: bugs, each once, those that nobody knew first.
        problems: lost batches, cases that could not be drawn, failures that did not come back.
        folders: where the findings are, by key.
        seconds: of the clock. ``cpu``: of processors, in all workers.
    """

    subject: str
    seed: int
    batches: int = 0
    verdicts: Counter[str] = field(default_factory=Counter[str])
    origins: Counter[str] = field(default_factory=Counter[str])
    findings: list[Finding] = field(default_factory=list[Finding])
    problems: list[str] = field(default_factory=list[str])
    folders: dict[str, Path] = field(default_factory=dict[str, Path])
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def cases(self) -> int:
        """How many cases were drawn."""
        return sum(self.origins.values())

    @property
    def new(self) -> list[Finding]:
        """The findings that are no known issues."""
        return [f for f in self.findings if not f.known]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "subject": self.subject,
            "seed": self.seed,
            "batches": self.batches,
            "cases": self.cases,
            "verdicts": dict(self.verdicts.most_common()),
            "origins": dict(self.origins.most_common()),
            "findings": [f.to_dict() for f in self.findings],
            "problems": list(self.problems),
            "folders": {key: str(path) for key, path in self.folders.items()},
            "seconds": self.seconds,
            "cpu_seconds": self.cpu,
        }


@dataclass(frozen=True, slots=True)
class Budget:
    """When a campaign ends: whichever comes first."""

    seconds: float | None
    cpu_seconds: float | None
    batches: int | None


def fuzz(
    subject: str | Source | None = None,
    *,
    passes: str | Sequence[str] = (),
    seconds: float | None = None,
    cpu_seconds: float | None = None,
    batches: int | None = None,
    seed: int = 0,
    workers: int = 1,
    executor: Executor | None = None,
    output: str | Path | None = None,
    max_nodes: int = 16,
    reduce: bool = True,
    known: bool = True,
    keep: Callable[[Finding], bool] | None = None,
    progress: Callable[[Campaign], None] | None = None,
) -> Campaign:
    """Look for faults of a backend, or of passes, on generated modules.

    Cases come in batches; batch *k* depends on ``seed`` and *k* alone, so that the same seed gives the same cases
    whatever the number of workers, and a larger budget only adds to them.

    Args:
        subject: the name of a backend, or a :class:`~interlingua.diagnosis.fuzz.sources.Source`; ``None`` says that
            the passes themselves are looked at.
        passes: names of passes or pipelines: what runs before the backend, or what is looked at.
        seconds: by the clock. Batches that have begun are finished.
        cpu_seconds: of processors, in all workers together; batches in threads of one process count the runtimes' time
            more than once where they overlap.
        batches: how many.
        seed: of all cases.
        workers: how many batches are in hand at once.
        executor: who does them; where it is ``None``, this process (one worker) or processes of its own. Anything that
            is a ``concurrent.futures.Executor`` will do, on this machine or another: tasks and results are plain data.
        output: the folder for the findings, each in a folder of its own with a script that shows it.
        max_nodes: of the largest graphs.
        reduce: whether failing modules are reduced before they are named.
        known: whether known issues of runtimes are avoided and told apart.
        keep: which findings are worth a folder: making one takes seconds, since its script is run. All where absent.
        progress: called after each batch with what is known by then.

    An interrupt (Ctrl-C) ends the campaign as a spent budget does.

    Raises:
        UsageError: there is no such subject, or no budget.
        RuntimeMissing: the runtime is not installed.
    """
    names = (passes,) if isinstance(passes, str) else tuple(passes)
    source = source_of(subject, names, known) if subject is None or isinstance(subject, str) else subject
    budget = _checked(Budget(seconds, cpu_seconds, batches), workers, max_nodes)
    plan = Task(source, seed, 0, CASES, max_nodes, reduce)
    campaign, found = Campaign(source.name, seed), dict[int, Result]()
    start = time.perf_counter()
    with _executing(executor, workers) as pool:
        for result in _results(pool, workers, plan, budget, campaign):
            found[result.batch] = result
            _count(campaign, result, start)
            if progress is not None:
                progress(campaign)
    merged = Findings()
    for _, result in sorted(found.items()):
        merged.update(result.findings)
    campaign.findings = merged.sorted()
    if output is not None:
        _save(campaign, source, Path(output), reduce, known, max_nodes, keep)
    campaign.seconds = time.perf_counter() - start
    return campaign


def _checked(budget: Budget, workers: int, max_nodes: int) -> Budget:
    limits = (budget.seconds, budget.cpu_seconds, budget.batches)
    if all(limit is None for limit in limits):
        raise UsageError("a campaign without a budget never ends", hint="give seconds=, cpu_seconds= or batches=")
    if any(limit is not None and not limit > 0 for limit in limits):
        raise UsageError("a budget must be greater than 0")
    if workers < 1:
        raise UsageError(f"{workers} workers do nothing", hint="give 1 or more")
    if max_nodes < 2:
        raise UsageError(f"graphs of up to {max_nodes} nodes cannot be drawn", hint="give max_nodes=2 or more")
    return budget


class _Here(Executor):
    """Does everything at once, in this process."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it is the future's, as with every executor
            future.set_exception(error)
        return future


@contextmanager
def _executing(executor: Executor | None, workers: int) -> Iterator[Executor]:
    """The executor; one that is ours ends with the campaign, another's goes on."""
    if executor is not None:
        yield executor
    elif workers == 1:
        yield _Here()
    else:  # never forked: a copy of a process with threads may hang
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            yield pool


def _results(pool: Executor, width: int, plan: Task, budget: Budget, campaign: Campaign) -> Iterator[Result]:
    """What comes of the batches, as they are done. What is lost is noted; a pool that is broken ends it."""
    start, spent, following, losses = time.perf_counter(), 0.0, 0, 0
    pending: dict[Future[Result], int] = {}
    try:
        while True:
            open_ = _within(budget, time.perf_counter() - start, spent, following)
            if open_ and losses < LOSSES and len(pending) < width:
                pending[pool.submit(run_batch, replace(plan, batch=following))] = following
                following += 1
                if len(pending) < width:
                    continue
            if not pending:
                return
            done, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                result = _taken(future, pending.pop(future), campaign)
                losses = losses + 1 if result is None else 0
                if result is not None:
                    spent += result.cpu
                    yield result
    except BrokenExecutor as error:
        campaign.problems.append(f"the executor broke down: {type(error).__name__}: {error}")
    except KeyboardInterrupt:
        campaign.problems.append("the campaign was interrupted: what was found by then is kept")
    finally:
        for future in pending:
            future.cancel()


def _within(budget: Budget, seconds: float, cpu: float, batches: int) -> bool:
    pairs = ((budget.seconds, seconds), (budget.cpu_seconds, cpu), (budget.batches, batches))
    return all(limit is None or used < limit for limit, used in pairs)


def _taken(future: Future[Result], batch: int, campaign: Campaign) -> Result | None:
    try:
        return future.result()
    except (RuntimeMissing, UsageError):
        raise
    except BrokenExecutor:
        campaign.problems.append(f"batch {batch} was lost")
        raise
    except Exception as error:  # noqa: BLE001 - executors raise what they like when a task is lost
        campaign.problems.append(f"batch {batch} was lost: {type(error).__name__}: {error}")
        return None


def _count(campaign: Campaign, result: Result, start: float) -> None:
    campaign.batches += 1
    campaign.verdicts.update(result.verdicts)
    campaign.origins.update(result.origins)
    campaign.problems.extend(result.problems)
    campaign.cpu += result.cpu
    campaign.seconds = time.perf_counter() - start
    found = {f.signature for f in campaign.findings}
    campaign.findings.extend(f for f in result.findings if f.signature not in found)


def _save(
    campaign: Campaign,
    source: Source,
    folder: Path,
    reduce: bool,
    known: bool,
    most: int,
    keep: Callable[[Finding], bool] | None,
) -> None:
    for number, finding in enumerate(campaign.findings):
        if keep is not None and not keep(finding):
            continue
        example = polished(finding, source, *POLISH) if reduce else finding
        campaign.findings[number] = example
        subject = source.subject(example.target, FRESH)
        options = {"subject": source.name, "seed": campaign.seed, "max_nodes": most, "known": known}
        last = 1 + max(example.place[0], finding.place[0])
        command = f"interlingua fuzz {source.options()} --seed {campaign.seed} --max-nodes {most} --batches {last}"
        command += "" if known else " --no-known"
        campaign.folders[example.signature.key] = save_finding(example, subject, folder, Provenance(options, command))
