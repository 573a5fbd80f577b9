"""Subtle faults in whole networks: what the whole-model judge catches, and what a fixed tolerance does.

::

    python -m benchmarks.judge.subtle [--quick] [--real]

Ten architectures, three of them twice (and, with ``--real``, trained models) get five small faults each, some at
several places. The faulty model runs in float32 in our interpreter, and at its first place in ONNX Runtime too; its
outputs are held against those of the sound model in float64 by the judge of whole models, and by ``rtol 1e-3, atol
1e-5``. The sound model goes the same ways: what is not VERIFIED there is a false alarm. A fault that leaves every bit
of the float32 outputs as it was (in a branch not taken, say) is listed and not counted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.common import fetch, table
from benchmarks.judge.faults.whole import SUBTLE, ModelFault
from benchmarks.judge.networks import NETWORKS

from interlingua.backends.onnx.backend import OnnxBackend
from interlingua.equivalence.generate import Generator
from interlingua.equivalence.models import ModelJudge
from interlingua.errors import EvaluationError
from interlingua.ir.clone import clone_module
from interlingua.ir.graph import Module
from interlingua.ir.interpret import Interpreter
from interlingua.passes.pipeline import resolve
from interlingua.plugins import plugins
from interlingua.runtimes.onnxruntime import NUMERICS, OnnxRunner
from interlingua.stages import stages

REAL = ("magika", "basic-pitch", "silero-op18-ifless", "ppocr-cls", "ppocr-rec", "ppocr-det")
ELEMENTS = 60_000
"""The largest input with symbolic dims that trained models run on here."""
FIXED = {"rtol": 1e-3, "atol": 1e-5}
PLACES = 3
"""Of each fault that has several, in one network."""
WAYS = {"interpreter": None, "ONNX Runtime, optimisations off": False, "ONNX Runtime, optimisations on": True}
"""How a model is run, and for ONNX Runtime whether it may rewrite."""


@dataclass(frozen=True)
class Judged:
    """One run held against the reference: by the judge, by the fixed tolerance, and the ratio of error to spread."""

    passed: bool
    fixed: bool
    ratio: float


class Subject:
    """A sound model, its reference, and the judges of each way to run."""

    def __init__(self, name: str, module: Module, inputs: dict[str, Any]) -> None:
        self.name, self.module, self.inputs = name, module, inputs
        self.exact = Interpreter(module, "float64").run(inputs)
        self.native = Interpreter(module).run(inputs)
        self.want = {n: v.astype(self.native[n].dtype) for n, v in self.exact.items()}
        ieee = ModelJudge(module)
        self.judges = {
            way: ieee if rewrites is None else ModelJudge(module, NUMERICS) for way, rewrites in WAYS.items()
        }

    def unmoved(self, module: Module) -> bool:
        """Whether a faulty copy gives the very bits of the sound model."""
        got = Interpreter(module).run(self.inputs)
        return all(np.array_equal(got[n], v, equal_nan=True) for n, v in self.native.items())

    def held(self, module: Module, way: str) -> Judged:
        """Run a copy of the model, sound or not, and judge."""
        got = ran(module, self.inputs, WAYS[way])
        judge = self.judges[way]
        passed = all(c.passed for c in judge.judge(self.inputs, self.want, got, "example"))
        with np.errstate(all="ignore"):
            fixed = all(np.allclose(got[n], v, **FIXED, equal_nan=True) for n, v in self.want.items())
        scatter = judge.scatter(self.inputs)
        ratios = [
            _rms(got[n] - self.exact[n]) / _rms(s) for n, s in (scatter.rms if scatter else {}).items() if _rms(s)
        ]
        return Judged(passed, fixed, max(ratios, default=float("nan")))


def ran(module: Module, inputs: dict[str, Any], rewrites: bool | None) -> dict[str, Any]:
    """The outputs, in our interpreter or (through the ordinary stages) in ONNX Runtime."""
    if rewrites is None:
        return Interpreter(module).run(inputs)
    backend, copy = OnnxBackend(), clone_module(module)
    target = backend.target(copy)
    for stage in stages(backend, target, resolve("default", plugins().passes)):
        stage.apply(copy)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        backend.emit(copy, path, target)
        (outcome,) = OnnxRunner(path, optimize=rewrites).run([inputs])
    assert outcome.outputs is not None, outcome.error
    return outcome.outputs


def _rms(array: Any) -> float:
    finite = np.abs(array[np.isfinite(array)])
    return float(np.sqrt(np.mean(np.square(finite)))) if finite.size else 0.0


def subjects(names: list[str], real: bool) -> Iterator[Subject]:
    """The networks, then trained models on an example that they take."""
    for name in names:
        yield Subject(name, *NETWORKS[name]())
    if real:
        from interlingua.driver import load

        for name in REAL:
            module = load(fetch(name))
            yield Subject(name, module, accepted(module))


def accepted(module: Module) -> dict[str, Any]:
    """The largest proposed inputs of the first batch of which the model takes any, up to ``ELEMENTS``."""
    for batch in Generator(module).batches():
        for case in sorted(batch, key=lambda c: -max(c.sizes.values(), default=0)):
            if not case.sizes or sum(np.size(v) for v in case.inputs.values()) <= ELEMENTS:
                try:
                    Interpreter(module).run(case.inputs)
                except EvaluationError:
                    continue
                return case.inputs
    raise EvaluationError("the model takes none of the proposed inputs")


def faulty(subject: Subject, fault: ModelFault, places: int) -> Iterator[tuple[str, Module]]:
    """Copies with the fault at different places."""
    seen: set[str] = set()
    for seed in range(4 * places if fault.seeds else 1):
        found = fault.applied(subject.module, seed)
        if found is None or len(seen) == places:
            return
        if found[1] not in seen:
            seen.add(found[1])
            yield found[1], found[0]


@dataclass
class Tally:
    """Counts over faults."""

    caught: int = 0
    fixed: int = 0
    total: int = 0


def cell(
    subject: Subject,
    fault: ModelFault,
    places: int,
    sound: dict[str, Judged],
    tally: Tally,
    missed: list[tuple[Any, ...]],
    unmoved: list[tuple[str, ...]],
) -> str:
    """The table's cell of one fault in one network; what fails of the sound model too is not caught."""
    found = []
    for number, (place, module) in enumerate(faulty(subject, fault, places)):
        if subject.unmoved(module):
            unmoved.append((subject.name, fault.kind, place))
            continue
        for way in ("interpreter", "ONNX Runtime, optimisations on")[: 2 if number == 0 else 1]:
            judged = subject.held(module, way)
            judged = replace(
                judged, passed=judged.passed or not sound[way].passed, fixed=judged.fixed or not sound[way].fixed
            )
            found.append(judged)
            if judged.passed:
                missed.append((subject.name, fault.kind, place, way, f"{judged.ratio:.1f}"))
    if not found:
        return "–"
    caught, fixed = sum(not j.passed for j in found), sum(not j.fixed for j in found)
    tally.caught, tally.fixed, tally.total = tally.caught + caught, tally.fixed + fixed, tally.total + len(found)
    return f"{caught}/{len(found)} ({fixed}/{len(found)}), {min(j.ratio for j in found):,.0f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two networks, one place of each fault")
    parser.add_argument("--real", action="store_true", help="trained models too")
    given = parser.parse_args()
    names, places = (["resnet", "gpt"], 1) if given.quick else (list(NETWORKS), PLACES)
    start = time.monotonic()
    rows: list[list[str]] = []
    sound: list[list[str]] = []
    missed: list[tuple[Any, ...]] = []
    unmoved: list[tuple[str, ...]] = []
    alarms, tallies = 0, {(fault.kind, drawn): Tally() for fault in SUBTLE for drawn in (True, False)}
    for subject in subjects(names, given.real):
        kept = {way: subject.held(subject.module, way) for way in WAYS}
        alarms += sum(not j.passed for j in kept.values())
        sound.append([subject.name, *(f"{'' if j.passed else '**FALSE ALARM** '}{j.ratio:.2f}" for j in kept.values())])
        drawn = subject.name in NETWORKS
        cells = [cell(subject, f, places, kept, tallies[f.kind, drawn], missed, unmoved) for f in SUBTLE]
        rows.append([subject.name, *cells])
        print(f"… {subject.name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    table("Sound models: rms error / rms spread", ["network", *WAYS], sound)
    title = f"Subtle faults: caught (by rtol {FIXED['rtol']:g}, atol {FIXED['atol']:g}), least rms error / rms spread"
    table(title, ["network", *(fault.kind for fault in SUBTLE)], rows)
    together(tallies)
    table("Missed", ["network", "fault", "place", "run in", "rms error / rms spread"], missed)
    table("Without effect: not a bit of the outputs changes", ["network", "fault", "place"], unmoved)
    print(f"\nfalse alarms: {alarms} of {len(sound) * len(WAYS)}; {time.monotonic() - start:.0f} s")
    return 0


def together(tallies: dict[tuple[str, bool], Tally]) -> None:
    """Print the sums, random networks and trained models apart."""
    rows = []
    for drawn, label in ((True, "networks"), (False, "trained models")):
        of_group = {kind: t for (kind, group), t in tallies.items() if group is drawn}
        every = Tally(*(sum(getattr(t, f) for t in of_group.values()) for f in ("caught", "fixed", "total")))
        for kind, t in [*of_group.items(), ("**all**", every)]:
            rows.append([label, kind, t.total, _share(t.caught, t.total), _share(t.fixed, t.total)])
    table("All together", ["in", "fault", "runs", "caught", "by the fixed tolerance"], rows)


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / max(1, whole):.1f} %)"


if __name__ == "__main__":
    sys.exit(main())
