"""The door: ``bisect(source, to=…)``."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from interlingua.backends.base import Backend, Target
from interlingua.collector import uncollected
from interlingua.diagnosis.bisect.artifact import ArtifactAxis, redrawn
from interlingua.diagnosis.bisect.diagnosis import DECISIVE, Culprit, Diagnosis
from interlingua.diagnosis.bisect.rewrites import StageAxis, first_bad_edit
from interlingua.diagnosis.bisect.source import SourceAxis
from interlingua.driver import Inputs, frontend_of
from interlingua.equivalence.generate import Case
from interlingua.equivalence.models import ModelJudge
from interlingua.errors import EvaluationError, InterlinguaError, RunnerError, RuntimeMissing, UnsupportedOps
from interlingua.frontends.base import Frontend
from interlingua.ir.clone import clone_module
from interlingua.ir.graph import Module, Value
from interlingua.ir.interpret import Interpreter, bind_inputs
from interlingua.obligations.capture import record
from interlingua.obligations.cases import proposed
from interlingua.passes.base import Pass
from interlingua.passes.pipeline import Passes, resolve
from interlingua.plugins import plugins
from interlingua.report import Verdict
from interlingua.runtimes.base import TIMEOUT
from interlingua.runtimes.workers import WarmWorker, Workers
from interlingua.stages import Stage, prepare, stages


def bisect(
    source: Any,
    *,
    to: str | Backend,
    frontend: str | Frontend | None = None,
    example_inputs: Any = None,
    dynamic_shapes: Any = None,
    passes: Passes | None = None,
    examples: Sequence[Inputs] = (),
    cases: int = 3,
    seed: int = 0,
    timeout: float = TIMEOUT,
    **options: Any,
) -> Diagnosis:
    """Find what is wrong about a conversion: the first bad stage, and in it the rewrite or the op, with its place.

    Every part is judged by itself, on the values that it should be given: each node of the source against what it was
    translated to, each rewrite of a pass, each decomposition, each op as the backend lowers it. What is found is wrong
    by itself, and not only where an error of something else shows.

    Args:
        source: a path, bytes, a framework's own object, or a module (whose loading is not in question).
        to: the backend, or its name.
        frontend: the frontend or its name, where it is not plain from the source.
        example_inputs, dynamic_shapes, passes: as in :func:`interlingua.convert`.
        examples: sets of inputs to look at, in place of generated ones.
        cases: how many generated sets of inputs are looked at.
        seed: of the generated values.
        timeout: seconds for each process that runs a model.
        options: the frontend's and the backend's own.

    Raises:
        InvalidModel, UnsupportedOps: the source cannot be loaded, or not lowered.
        RuntimeMissing: the source's or the backend's runtime is not installed.
    """
    start = time.perf_counter()
    backend = to if isinstance(to, Backend) else plugins().backend(to)
    with WarmWorker() as workers, uncollected():
        search = _Search(backend, resolve(passes, plugins().passes, backend.pipeline), options, workers, timeout)
        given = {"example_inputs": example_inputs, "dynamic_shapes": dynamic_shapes or None}
        search.load(source, frontend, {key: value for key, value in given.items() if value is not None})
        found = search.run(_cases(search.module, examples, seed), cases if not examples else len(examples))
    found.seconds = time.perf_counter() - start
    return found


def _cases(module: Module, examples: Sequence[Inputs], seed: int) -> Iterator[Case]:
    if not examples:
        return proposed(module, seed)
    bound = (dict(zip(module.input_names, bind_inputs(module, e), strict=True)) for e in examples)
    return (Case(f"example {i}", {}, inputs) for i, inputs in enumerate(bound))


COMPARABLE = 10.0
"""Shares of a bound within this factor say as much as one another: the earlier stage is the one to blame."""


class _Search:
    """One bisection: stage after stage, case after case."""

    def __init__(
        self, backend: Backend, passes: Sequence[Pass], options: Mapping[str, Any], workers: Workers, timeout: float
    ) -> None:
        self.backend = backend
        self.passes = passes
        self.options = dict(options)
        self.workers = workers
        self.timeout = timeout
        self.source: SourceAxis | None = None
        self.found = Diagnosis(Verdict.VERIFIED)
        self._target: Target | None = None

    def load(self, source: Any, name: str | Frontend | None, given: Mapping[str, Any]) -> None:
        """Load the source, with its interior values where its framework tells them."""
        if isinstance(source, Module):
            self.module = source
            return
        frontend = name if isinstance(name, Frontend) else frontend_of(source, name)
        own = {key: self.options.pop(key) for key in frontend.options if key in self.options}
        options = {**given, **own}
        trace = frontend.trace(source, **options)
        if trace is None:
            self.found.notes.append(f"the {frontend.name} frontend tells no interior values: loading was not looked at")
            self.module = frontend.load(source, **options)
            return
        trace.witness.workers = self.workers
        self.module, self.source = trace.module, SourceAxis(trace)

    def run(self, cases: Iterator[Case], most: int) -> Diagnosis:
        """Look at as many cases as asked for, until something is wrong.

        What is wrong beyond doubt ends the search. What is little beyond its bound is kept, while the other stages are
        asked whether they do worse.
        """
        wrong = [] if self.source is None else self._weights(self.source)
        tried = 0
        while not wrong and tried < most and (case := next(cases, None)) is not None:
            looked = self._case(case)
            if looked is not None:
                tried += 1
                wrong = looked
        return self._concluded(wrong, tried)

    def _concluded(self, wrong: Sequence[Culprit], tried: int) -> Diagnosis:
        found = self.found
        if wrong:
            worst = min(max(c.share for c in wrong), DECISIVE)
            found.culprit = next(c for c in wrong if c.share >= worst / COMPARABLE)
            found.others = tuple(c for c in wrong if c is not found.culprit)
            found.verdict = Verdict.CRASH if found.culprit.kind == "error" else Verdict.MISMATCH
        elif not tried:
            found.verdict = Verdict.UNVERIFIED
            found.notes.append("the source takes none of the inputs that were tried; give examples")
        if self.source is not None:
            found.runs += self.source.trace.witness.runs + self.source.runs
        return found

    def _weights(self, axis: SourceAxis) -> list[Culprit]:
        wrong = axis.weights()
        self.found.checked["load"] = axis.checked
        return wrong

    def _case(self, case: Case) -> list[Culprit] | None:
        """What is wrong on one case; ``None`` where the source does not take it."""
        wrong = self._loading(case)
        if wrong is None:
            return None
        if not _decided(wrong):
            try:
                given = record(self.module, case.inputs)
            except EvaluationError as error:
                if self.source is None:
                    return None
                failed = Culprit("load", "error", "", message=f"the module cannot be evaluated: {error.what}")
                return wrong or [failed]
            self.found.runs += 1
            self._stages(case, given, wrong)
        self.found.case, self.found.inputs = case.label, case.inputs
        return wrong

    def _loading(self, case: Case) -> list[Culprit] | None:
        if self.source is None:
            return []
        try:
            values = self.source.trace.witness.values(case.inputs, timeout=self.timeout)
        except RuntimeMissing:
            raise
        except RunnerError:
            return None
        wrong = self.source.translations(values)
        self.found.checked["load"] = self.source.checked
        if self.source.untold:
            self._note(f"{self.source.untold} nodes of the source inside loops, or where these inputs do not lead")
        return wrong

    def _stages(self, case: Case, given: Mapping[Value, Any], wrong: list[Culprit]) -> None:
        """Add what is wrong about the stages, until something is beyond doubt."""
        target = self._aim()
        module = clone_module(self.module)
        pairs = zip(_values(self.module), _values(module), strict=True)
        known = {copy: given[value] for value, copy in pairs if value in given}
        for stage in stages(self.backend, target, self.passes):
            wrong += self._stage(stage, module, known, case)
            if _decided(wrong):
                return
        self._artifact(module, target, case, wrong)

    def _aim(self) -> Target:
        """The target of the conversion; where a stage breaks on the way, the preferred one."""
        if self._target is None:
            targets = self.backend.targets(self.module, **self.options)
            self._target = targets[0]
            try:
                if len(targets) > 1:
                    self._target = prepare(clone_module(self.module), self.backend, self.passes, targets).target
            except UnsupportedOps:
                raise
            except Exception:  # noqa: BLE001 - the stages are looked at one by one later on
                pass
        return self._target

    def _stage(self, stage: Stage, module: Module, known: dict[Value, Any], case: Case) -> list[Culprit]:
        exact = any(p.name == stage.detail and p.contract == "exact" for p in self.passes)
        axis = StageAxis(stage, exact, module.functions)
        before = clone_module(module)
        try:
            if any(p.name == stage.detail and p.contract == "approximate" for p in self.passes):
                return self._approximation(stage, module, known, case)
            wrong = axis.apply(module, known)
        except UnsupportedOps:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a stage raises is what is looked for
            message = str(error) if isinstance(error, InterlinguaError) else f"{type(error).__name__}: {error}"
            return [Culprit(stage.name, "error", "", detail=stage.detail, message=message)]
        if axis.unreached:
            self._note(f"{axis.unreached} rewrites of {stage.detail or stage.name}, where these inputs do not lead")
        self.found.checked[stage.name] = self.found.checked.get(stage.name, 0) + axis.checked
        self.found.runs += axis.runs
        if not wrong and axis.edits:
            wrong = self._edits(stage, before, module, case)
        return wrong

    def _approximation(self, stage: Stage, module: Module, known: dict[Value, Any], case: Case) -> list[Culprit]:
        """A pass that is to change what the model computes: what comes after it is held against its result."""
        stage.apply(module)
        known.clear()
        known.update(record(module, case.inputs))
        self.found.runs += 1
        self._note(f"the pass {stage.detail}, which is to change results")
        return []

    def _note(self, what: str) -> None:
        note = f"not looked at: {what}"
        if note not in self.found.notes:
            self.found.notes.append(note)

    def _edits(self, stage: Stage, before: Module, after: Module, case: Case) -> list[Culprit]:
        """A stage that changes operands in place: the module as a whole is held against what it was."""
        judge = ModelJudge(before)
        wanted = Interpreter(before).run(case.inputs)

        def wrong(module: Module) -> bool:
            self.found.runs += 1
            try:
                outputs = Interpreter(module).run(case.inputs)
            except EvaluationError:
                return True
            return not all(c.passed for c in judge.judge(case.inputs, wanted, outputs, ""))

        self.found.runs += 1
        if not wrong(after):
            return []
        number = first_bad_edit(stage, before, wrong)
        return [Culprit(stage.name, "rewrite", "", detail=stage.detail, rewrite=number)]

    def _artifact(self, module: Module, target: Target, case: Case, wrong: list[Culprit]) -> None:
        try:
            given = record(module, case.inputs)
        except EvaluationError as error:
            wrong.append(
                Culprit("legalize", "error", "", message=f"the legal module cannot be evaluated: {error.what}")
            )
            return
        axis = ArtifactAxis(self.backend, target, module, self.workers, self.timeout)
        wrong += axis.isolated(given)
        if not wrong:
            together = axis.whole(given)
            wrong += [] if together is None else [together]
        if not wrong:
            wrong += axis.isolated(redrawn(given, 0))
        self.found.checked["run"] = self.found.checked.get("run", 0) + axis.checked
        self.found.runs += axis.runs + 1


def _values(module: Module) -> list[Value]:
    """Every value of ``main``, regions included, in an order that copies share."""
    nodes = list(module.main.walk())
    inner = [v for node in nodes for region in node.regions for v in region.inputs]
    return [*module.main.inputs, *inner, *(r for node in nodes for r in node.results)]


def _decided(wrong: Sequence[Culprit]) -> bool:
    return any(c.share >= DECISIVE or c.kind == "error" for c in wrong)
