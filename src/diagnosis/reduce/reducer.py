"""The door: from a source, a subject and inputs to the smallest module that fails in the same way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interlingua.diagnosis.findings.finding import Finding
from interlingua.diagnosis.findings.packed import pack
from interlingua.diagnosis.findings.signature import signature
from interlingua.diagnosis.observe import BackendSubject, Observation, PassSubject, Subject
from interlingua.diagnosis.reduce.case import Case
from interlingua.diagnosis.reduce.cut import cut
from interlingua.diagnosis.reduce.search import Budget, Exhausted, Search, Step
from interlingua.diagnosis.reduce.simplify import CONTENTS, STRUCTURE, simplify, sizes_concrete
from interlingua.driver import load
from interlingua.equivalence.generate import Generator
from interlingua.errors import UsageError
from interlingua.ir.clone import clone_module
from interlingua.ir.graph import Module
from interlingua.ir.interpret import bind_inputs
from interlingua.passes.pipeline import Passes, resolve
from interlingua.plugins import plugins
from interlingua.report import Verdict
from interlingua.runtimes.workers import WarmWorker

OBSERVATIONS, SECONDS = 1000, 120.0
TRIES = 12
"""Generated sets of inputs that are tried to make a model fail."""
CONFIRMATIONS = 2
"""How often the result is observed again in the end."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """What came of it.

    Attributes:
        module, inputs: the smallest case that failed in the same way.
        observation: what was seen of it.
        subject: the name of what it fails in.
        steps: what was done, in order, with the number of nodes after it.
        nodes: how many there were, and how many are left; constants are none.
        observations: how many it took.
        seconds: by the clock.
        exhausted: whether the budget ended it.
        flaky: whether the result did not fail in the same way each time it was observed again.
        folder: where it was written, with a script that shows the failure.
    """

    module: Module
    inputs: dict[str, Any]
    observation: Observation
    subject: str
    steps: tuple[Step, ...]
    nodes: tuple[int, int]
    observations: int
    seconds: float
    exhausted: bool = False
    flaky: bool = False
    folder: Path | None = None


def reduce(
    source: Any,
    *,
    to: str | None = None,
    subject: Subject | None = None,
    inputs: Mapping[str, Any] | Sequence[Any] | None = None,
    frontend: str | None = None,
    passes: Passes | None = None,
    seed: int = 0,
    observations: int = OBSERVATIONS,
    seconds: float = SECONDS,
    output: str | Path | None = None,
    **options: Any,
) -> Reduction:
    """The smallest module that fails as ``source`` does: same stage, same verdict, same message but for names and
    numbers.

    Args:
        source: a module, or what :func:`interlingua.load` takes.
        to: the backend that it fails in; ``None`` with passes says that they are what fails.
        subject: what it fails in, in place of ``to`` and ``passes``.
        inputs: on which it fails; generated where they are not given.
        frontend: its name, where it is not plain from the source.
        passes: what runs before the backend (its own pipeline, where none are given), or by itself.
        seed: of the inputs that are generated.
        observations, seconds: the budget. The best so far is what one gets when it is spent.
        output: a folder; the result is written into a folder of its own in it.
        options: the backend's own, ``opset`` for one.

    Raises:
        UsageError: it does not fail, or what is declared to be unsupported is all that is wrong.
    """
    module = clone_module(load(source, frontend=frontend))
    with _subject(module, to, subject, passes, options) as asked:
        budget = Budget(observations, seconds)
        search = _failing(module, asked, inputs, budget, seed)
        before = len(search.best.nodes)
        exhausted = _reduce(search)
        again = [asked.observe(search.best.module, search.best.inputs) for _ in range(CONFIRMATIONS)]
        folder = None if output is None else _write(search, Path(output), source)
    return Reduction(
        search.best.module,
        dict(search.best.inputs),
        search.observation,
        asked.name,
        tuple(search.steps),
        (before, len(search.best.nodes)),
        search.count + len(again),
        search.seconds,
        exhausted,
        flaky=not all(search.fails(search.best, each) for each in again),
        folder=folder,
    )


@contextmanager
def _subject(
    module: Module, to: str | None, subject: Subject | None, passes: Passes | None, options: Mapping[str, Any]
) -> Iterator[Subject]:
    if subject is not None:
        if to is not None or options:
            raise UsageError("both a subject and a backend are given", hint="leave out to= and its options")
        yield subject
        return
    if to is None:
        yield PassSubject(tuple(resolve(passes, plugins().passes)))
        return
    backend = plugins().backend(to)
    known = tuple(resolve(passes, plugins().passes, backend.pipeline))
    target = backend.target(module, **options) if options else None
    with WarmWorker() as worker:
        yield BackendSubject(backend, known, target, worker)


def _write(search: Search, folder: Path, source: Any) -> Path:
    """The result as a finding, in a folder of its own."""
    from interlingua.diagnosis.findings.folder import Provenance, save_finding

    module, subject = search.best.module, search.subject
    named = signature(subject.name, module, search.observation)
    target = subject.target if isinstance(subject, BackendSubject) else None
    origin = str(source) if isinstance(source, str | Path) else type(source).__name__
    finding = Finding(named, search.observation.message, pack(module), dict(search.best.inputs), target, origin=origin)
    return save_finding(finding, subject, folder, Provenance({}, f"interlingua reduce {origin}"))


def _failing(module: Module, subject: Subject, inputs: Any, budget: Budget, seed: int) -> Search:
    """The search, begun on inputs on which the module fails."""
    first: Observation | None = None
    for number, given in enumerate(_inputs(module, inputs, seed), start=1):
        observation = subject.observe(module, given)
        if observation.verdict.failed and observation.verdict is not Verdict.UNSUPPORTED:
            return Search(subject, Case(module, given), observation, budget, count=number)
        first = observation if first is None else first
    seen = "nothing was observed" if first is None else f"{first.verdict.value} {first.message}".strip()
    hint = "give inputs on which it fails" if inputs is None else "there is nothing to reduce"
    if first is not None and first.verdict is Verdict.UNSUPPORTED:
        hint = "what is declared to be unsupported is no failure; interlingua check lists it"
    raise UsageError(f"the model does not fail in {subject.name}: {seen}", hint=hint)


def _inputs(module: Module, given: Any, seed: int) -> Iterator[dict[str, Any]]:
    if given is not None:
        yield dict(zip(module.input_names, bind_inputs(module, given), strict=True))
        return
    cases = (case for batch in Generator(module, seed).batches() for case in batch)
    for _, case in zip(range(TRIES), cases, strict=False):
        yield case.inputs


def _reduce(search: Search) -> bool:
    """Reduce as far as it goes; whether the budget ended it."""
    try:
        simplify(search, (sizes_concrete,))
        cut(search)
        while simplify(search, STRUCTURE):
            cut(search)
        while simplify(search, CONTENTS):
            simplify(search, STRUCTURE)
    except Exhausted:
        return True
    return False


def describe(reduction: Reduction) -> str:
    """The result in a few lines."""
    before, after = reduction.nodes
    observation = reduction.observation
    lines = [
        f"{observation.verdict.value} in {reduction.subject}, {observation.stage}: {observation.message}",
        f"{before} nodes → {after}, {reduction.observations} observations, {reduction.seconds:.1f} s",
    ]
    if reduction.exhausted:
        lines.append("the budget is spent: more of it may give a smaller one")
    if reduction.flaky:
        lines.append("it did not fail each time that it was run: the result hangs on chance")
    return "\n".join(lines)
