"""Faults at random places of the real models: is each named exactly, in how many runs, in what time.

::

    python benchmarks/judge/localisation.py [--quick] [--faults 50] [--seed 0] [--only NUMBER ...]

A fault is one op computed wrongly (``benchmarks/judge/faults``) or one weight changed, at one node chosen at random:
where a node of the source is translated, in one rewrite of a pass whose other rewrites are sound, in how a composite is
decomposed, in how the backend lowers a node, in a weight as it is read or as it is emitted. One that does not change
what the node gives on the model's own values, by more than 1e-5 of the largest, is drawn again: it is none.

Named exactly means the stage, the kind, and the very node: by its origin for the source, by its result elsewhere; for
a rewrite its number too.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import numpy as np  # noqa: E402
from benchmarks.judge.injection import (  # noqa: E402
    Composite,
    FaultyBackend,
    FaultyFrontend,
    NoPlace,
    Renewal,
    drawn,
    put,
)  # fmt: skip
from common import MODELS, fetch, table  # noqa: E402

from interlingua.backends.onnx.backend import OnnxBackend  # noqa: E402
from interlingua.diagnosis.bisect.diagnosis import Diagnosis  # noqa: E402
from interlingua.diagnosis.bisect.door import bisect  # noqa: E402
from interlingua.errors import InterlinguaError, RunnerError  # noqa: E402
from interlingua.frontends.onnx.frontend import OnnxFrontend  # noqa: E402
from interlingua.ir.builder import Builder, symbols_of  # noqa: E402
from interlingua.ir.clone import clone_module  # noqa: E402
from interlingua.ir.graph import Module, Node, Value  # noqa: E402
from interlingua.ir.ops.source import Constant  # noqa: E402
from interlingua.ir.rewriter import Rewriter  # noqa: E402
from interlingua.obligations.capture import record  # noqa: E402
from interlingua.obligations.cases import proposed  # noqa: E402
from interlingua.passes.pipeline import resolve  # noqa: E402
from interlingua.plugins import plugins  # noqa: E402
from interlingua.runtimes.workers import WarmWorker  # noqa: E402
from interlingua.stages import stages  # noqa: E402

SMALL = ("silero-16k-sequence", "faster-whisper-silero-v6", "silero-openvino-16k", "silero-16k-op15", "silero-half")
SOUND = 12
"""Sound rewrites beside the one that is not."""


@dataclass(frozen=True)
class Planted:
    """One fault where it is, and what names it."""

    kind: str
    model: str
    what: str
    place: str
    arguments: dict[str, Any]
    named: Callable[[Diagnosis], bool]


@dataclass(frozen=True)
class Subject:
    """A model without faults: as loaded and as it is legal, with the values of each."""

    name: str
    path: Path
    module: Module
    values: dict[Value, Any]
    legal: Module
    legal_values: dict[Value, Any]
    weights: frozenset[str]


@cache
def subject(name: str) -> Subject:
    path = fetch(name)
    trace = OnnxFrontend().trace(path)
    with WarmWorker() as workers:
        trace.witness.workers = workers
        inputs = next(case.inputs for case in proposed(trace.module, 0) if _taken(trace.witness, case.inputs))
    legal, backend = clone_module(trace.module), OnnxBackend()
    for stage in stages(backend, backend.target(legal), resolve("default", plugins().passes)):
        stage.apply(legal)
    weights = frozenset(trace.witness.weights())
    return Subject(name, path, trace.module, record(trace.module, inputs), legal, record(legal, inputs), weights)


def _taken(witness: Any, inputs: dict[str, Any]) -> bool:
    try:
        witness.values(inputs, timeout=60)
    except RunnerError:
        return False
    return True


def translation(s: Subject, rng: np.random.Generator) -> Planted:
    def first(node: Node) -> bool:
        if not node.origin.op or node.graph is None:
            return False
        same = (n for n in node.graph.nodes if n.origin == node.origin and n.op.name == node.op.name)
        return next(same) is node

    node, fault = drawn(rng, s.module, s.values, first)
    frontend = FaultyFrontend(node.origin.name, node.op.name, fault)

    def named(d: Diagnosis) -> bool:
        c = d.culprit
        return c is not None and (c.stage, c.kind) == ("load", "translation") and c.origin == node.origin

    return Planted("translation", s.name, fault.name, str(node.origin), {"frontend": frontend}, named)


def rewrite(s: Subject, rng: np.random.Generator) -> Planted:
    counts: dict[str, int] = {}
    for n in s.module.walk():
        for r in n.results:
            counts[r.name] = counts.get(r.name, 0) + 1
    node, fault = drawn(rng, s.module, s.values, lambda n: counts[n.results[0].name] == 1)
    others = [
        n.results[0].name
        for n in s.module.main.nodes
        if n.results and counts[n.results[0].name] == 1 and not n.regions and len(n.results) == 1
    ]
    bad = node.results[0].name
    places = list(dict.fromkeys([*rng.permutation([o for o in others if o != bad])[:SOUND].tolist()]))
    number = int(rng.integers(len(places) + 1))
    places.insert(number, bad)
    passes = [Renewal(tuple(places), bad, fault), *resolve("default", plugins().passes)]
    results = [r.name for r in node.results]

    def named(d: Diagnosis) -> bool:
        c = d.culprit
        return (
            c is not None
            and (c.stage, c.kind, c.detail) == ("optimize", "rewrite", "renew")
            and (c.value in results and c.rewrite is not None and number < c.rewrite <= number + len(results))
        )

    return Planted("rewrite", s.name, fault.name, f"%{bad}, number {number + 1}", {"passes": passes}, named)


def decomposition(s: Subject, rng: np.random.Generator) -> Planted:
    node, fault = drawn(rng, s.legal, s.legal_values, lambda n: n.op.decompose is not None and not n.regions)
    passes = [*resolve("default", plugins().passes), Composite(node.results[0].name, fault)]
    named = _by_result(node, "legalize", "decomposition")
    return Planted("decomposition", s.name, fault.name, f"%{node.results[0].name}", {"passes": passes}, named)


def lowering(s: Subject, rng: np.random.Generator) -> Planted:
    node, fault = drawn(rng, s.legal, s.legal_values, lambda n: not isinstance(n.op, Constant))

    def change(module: Module, at: Node) -> None:
        rewriter = Rewriter()
        results = put(fault, at, rewriter, symbols_of(module))
        if results is not None:
            rewriter.replace_node(at, results)

    place = node.results[0].name
    backend = FaultyBackend(place, change)
    return Planted("lowering", s.name, fault.name, f"%{place}", {"to": backend}, _by_result(node, "run", "lowering"))


def _by_result(node: Node, stage: str, kind: str) -> Callable[[Diagnosis], bool]:
    results = [r.name for r in node.results]

    def named(d: Diagnosis) -> bool:
        c = d.culprit
        return c is not None and (c.stage, c.kind) == (stage, kind) and c.value in results and c.origin == node.origin

    return named


def _damaged(rng: np.random.Generator, weight: np.ndarray) -> tuple[str, np.ndarray] | None:
    """A float weight with one mistake in it."""
    array = np.array(weight)
    way = ("sign", "exponent", "transposed", "swapped")[int(rng.integers(4))]
    flat = array.reshape(-1)
    place = int(rng.integers(flat.size))
    if way == "sign":
        flat[place] = -flat[place]
    elif way == "exponent":
        flat[place] *= 2.0 ** int(rng.integers(1, 5))
    elif way == "transposed" and array.ndim >= 2 and array.shape[0] == array.shape[1]:
        array = np.ascontiguousarray(np.swapaxes(array, 0, 1))
    elif way == "swapped" and array.ndim >= 1 and array.shape[0] >= 2:
        array[[0, -1]] = array[[-1, 0]]
    else:
        return None
    return None if np.array_equal(array, weight) else (way, array)


def _weight(
    rng: np.random.Generator, module: Module, values: dict[Value, Any], names: Collection[str] | None = None
) -> tuple[Node, str, np.ndarray]:
    """A float weight of the module (among those of these names), how it is damaged, and what it becomes."""
    options = [
        n
        for n in module.walk()
        if isinstance(n.op, Constant) and n.result in values and n.result.name and n.result.uses
        if n.op.weight.dtype.value == "f32" and n.op.weight.size > 0 and (names is None or n.result.name in names)
    ]
    for _ in range(100 if options else 0):
        node = options[int(rng.integers(len(options)))]
        found = _damaged(rng, node.op.weight.view())
        if found is not None:
            return node, *found
    raise NoPlace("no weight")


def read_weight(s: Subject, rng: np.random.Generator) -> Planted:
    node, way, array = _weight(rng, s.module, s.values, s.weights)
    name = node.result.name

    def named(d: Diagnosis) -> bool:
        c = d.culprit
        return c is not None and (c.stage, c.kind, c.origin.name) == ("load", "weight", name)

    arguments = {"frontend": FaultyFrontend(weight=(name, array))}
    return Planted("weight read", s.name, f"{array.dtype}{list(array.shape)}: {way}", name, arguments, named)


def emitted_weight(s: Subject, rng: np.random.Generator) -> Planted:
    node, way, array = _weight(rng, s.legal, s.legal_values)

    def change(module: Module, at: Node) -> None:
        assert at.graph is not None
        b = Builder(at.graph, before=at)
        b.rewriter.replace_node(at, [b.constant(array, name=at.result.name)])

    name = node.result.name
    what = f"{array.dtype}{list(array.shape)}: {way}"
    named = _by_result(node, "run", "weight")
    return Planted("weight emitted", s.name, what, name, {"to": FaultyBackend(name, change)}, named)


PLANTERS = (
    translation,
    lowering,
    rewrite,
    translation,
    lowering,
    decomposition,
    read_weight,
    rewrite,
    emitted_weight,
    lowering,
)
"""In turns."""


def plant(numbers: Sequence[int], seed: int, models: Sequence[str]) -> Iterator[Planted]:
    """The faults of these numbers: each hangs on its number and the seed alone."""
    for number in numbers:
        rng, planter = np.random.default_rng((seed, number)), PLANTERS[number % len(PLANTERS)]
        for _ in range(50):
            with suppress(NoPlace):
                yield planter(subject(str(rng.choice(models))), rng)
                break


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, nargs="*", help="the numbers of faults")
    parser.add_argument("--quick", action="store_true", help="10 faults in small models")
    arguments = parser.parse_args()
    count, models = (10, SMALL) if arguments.quick else (arguments.faults, tuple(MODELS))
    numbers = range(count) if arguments.only is None else arguments.only
    rows: list[list[object]] = []
    missed: list[str] = []
    start = time.perf_counter()
    for planted in plant(numbers, arguments.seed, models):
        options: dict[str, Any] = {"to": "onnx", **planted.arguments}
        try:
            found = bisect(subject(planted.model).path, **options)
        except InterlinguaError as error:
            found = Diagnosis(verdict=None, notes=[str(error)])  # type: ignore[arg-type]
        right = planted.named(found)
        shown = "yes" if right else "**no**"
        rows.append([planted.kind, planted.model, planted.what, planted.place, shown, found.runs, found.seconds])
        print(
            f"{numbers[len(rows) - 1]}. {planted.kind} in {planted.model}: {shown}, {found.seconds:.1f} s",
            file=sys.stderr,
        )
        if not right:
            said = str(found.culprit) if found.culprit else f"nothing found {found.notes}"
            missed.append(f"{planted.kind}, {planted.model}, {planted.what} at {planted.place}: {said}")
            print(f"   {missed[-1]}", file=sys.stderr)
    table("Faults", ["planted", "model", "what", "where", "named exactly", "runs", "seconds"], rows)
    named = len(rows) - len(missed)
    runs, seconds = median(r[5] for r in rows), median(r[6] for r in rows)  # type: ignore[type-var]
    whole = time.perf_counter() - start
    summary = [len(rows), f"{named} ({100 * named / len(rows):.0f} %)", runs, seconds, whole]
    table("Localisation", ["faults", "named exactly", "runs, median", "seconds, median", "seconds in all"], [summary])
    for each in missed:
        print(f"\nMissed: {each}")


if __name__ == "__main__":
    main()
