"""Putting one fault at one node: where it is translated, in a rewrite, in a decomposition, where it is emitted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from benchmarks.judge.faults import op_faults
from benchmarks.judge.faults.base import Fault

from interlingua.backends.base import Target
from interlingua.backends.legality import legalize
from interlingua.backends.onnx.backend import OnnxBackend
from interlingua.errors import InterlinguaError
from interlingua.frontends.onnx.frontend import OnnxFrontend
from interlingua.frontends.onnx.importer import Importer
from interlingua.frontends.onnx.table import Table
from interlingua.frontends.onnx.translations import table as translations
from interlingua.ir.builder import Builder, symbols_of
from interlingua.ir.clone import clone_module
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.interpret import Interpreter
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor
from interlingua.ir.weights import ArrayWeight, Weight
from interlingua.obligations.sever import Severed, givable
from interlingua.passes.base import Contract, Pass

LEAST = 1e-5
"""Change of a result, against the largest number in it, from which a fault is one."""


class NoPlace(Exception):
    """A model has no place for a fault of the kind."""


@cache
def faults_of(op: str) -> list[Fault]:
    return [f for f in op_faults() if f.op == op]


def put(fault: Fault, node: Node, rewriter: Rewriter, symbols: Any) -> Sequence[Value] | None:
    """The fault's results beside ``node``; ``None`` where it cannot be built, or has another type."""
    assert node.graph is not None
    b = Builder(node.graph, before=node, rewriter=rewriter, symbols=symbols)
    with b.at(node.origin, node.scope):
        try:
            found = fault.wrong(b, node.op, node.operands)
        except InterlinguaError:
            return None
    if found is None or len(found) != len(node.results):
        return None
    same = all(_alike(f, r) for f, r in zip(found, node.results, strict=True))
    return found if same and not any(f is r for f, r in zip(found, node.results, strict=True)) else None


def _alike(made: Value, wanted: Value) -> bool:
    both = isinstance(made.type, Tensor) and isinstance(wanted.type, Tensor)
    return both and made.tensor.dtype == wanted.tensor.dtype


def matters(fault: Fault, node: Node, values: dict[Value, Any]) -> bool:
    """Whether the fault changes what the node gives on the model's own values, its shape aside."""
    severed = Severed()
    names = severed.add(node.results, givable(values))
    module = severed.module()
    feeds = {name: values[value] for name, value in severed.feeds.items()}
    target = module.main.outputs[0].node
    assert target is not None
    before = Interpreter(module).run(feeds)
    rewriter = Rewriter()
    results = put(fault, target, rewriter, symbols_of(module))
    if results is None:
        return False
    used = [bool(r.uses) for r in node.results]
    rewriter.replace_node(target, results)
    try:
        after = Interpreter(module).run(feeds)
    except InterlinguaError:
        return False
    changes = [_change(before[n], after[n]) for n, u in zip(names, used, strict=True) if u]
    return all(c is not None for c in changes) and any(c > LEAST for c in changes if c is not None)


def _change(before: Any, after: Any) -> float | None:
    """The largest difference against the largest number; ``None`` where shapes differ."""
    if before.shape != after.shape or before.dtype != after.dtype:
        return None
    if before.size == 0 or np.array_equal(before, after, equal_nan=before.dtype.kind in "fc"):
        return 0.0
    if before.dtype.kind not in "fc":
        return 1.0
    a, b = before.astype(np.float64), after.astype(np.float64)
    with np.errstate(all="ignore"):
        return float(np.nanmax(np.abs(a - b)) / max(float(np.nanmax(np.abs(a))), 1e-30))


def drawn(rng: np.random.Generator, module: Module, values: dict[Value, Any], want: Callable[[Node], bool]) -> tuple:
    """A node and a fault of its op that matters there: the node first, each as likely as any."""
    nodes = [n for n in module.walk() if n.results and all(r in values for r in n.results) and want(n)]
    if not nodes:
        raise NoPlace("no node")
    for _ in range(500):
        node = nodes[int(rng.integers(len(nodes)))]
        options = faults_of(node.op.name)
        if not options or not any(r.uses for r in node.results):
            continue
        fault = options[int(rng.integers(len(options)))]
        if matters(fault, node, values):
            return node, fault
    raise NoPlace("no fault that matters")


class FaultyFrontend(OnnxFrontend):
    """Mistranslates one node, or misreads one weight."""

    def __init__(self, origin: str = "", op: str = "", fault: Fault | None = None, weight: Any = None) -> None:
        self.origin, self.op, self.fault, self.weight = origin, op, fault, weight

    def importer(self, source: Any, shapes: Any, observe: Any) -> Any:
        return FaultyImporter(self, source, FaultyTable(self) if self.fault else translations(), shapes, observe)


class FaultyImporter(Importer):
    def __init__(self, frontend: FaultyFrontend, *args: Any) -> None:
        super().__init__(*args)
        self.frontend = frontend

    def _weight(self, name: str, tensor: Any) -> Weight:
        found = super()._weight(name, tensor)
        if self.frontend.weight is None or name != self.frontend.weight[0]:
            return found
        return ArrayWeight(self.frontend.weight[1])


class FaultyTable(Table):
    def __init__(self, frontend: FaultyFrontend) -> None:
        super().__init__()
        self.rows, self.frontend = translations().rows, frontend

    def find(self, domain: str, op: str, version: int) -> Any:
        true = super().find(domain, op, version)
        return None if true is None else lambda n, b: self._translated(true, n, b)

    def _translated(self, true: Any, n: Any, b: Builder) -> Any:
        found = true(n, b)
        if b.origin.name != self.frontend.origin or self.frontend.fault is None:
            return found
        results = [found] if isinstance(found, Value) else list(found)
        built = [node for node in b.graph.nodes if node.origin == b.origin and node.op.name == self.frontend.op]
        for node in built[:1]:
            wrong = put(self.frontend.fault, node, b.rewriter, b.symbols)
            if wrong is not None:
                swapped = dict(zip(node.results, wrong, strict=True))
                results = [swapped.get(r, r) for r in results]
                b.rewriter.replace_node(node, wrong)
        return results


@dataclass(frozen=True, slots=True)
class Renewal(Pass):
    """Makes some nodes anew, which changes nothing; one of them wrongly."""

    places: tuple[str, ...]
    bad: str
    fault: Fault
    name: ClassVar[str] = "renew"
    contract: ClassVar[Contract] = "rounding"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        symbols = symbols_of(module)
        nodes = {n.results[0].name: n for n in module.walk() if n.results}
        for place in self.places:
            node = nodes.get(place)
            if node is None:
                continue  # the pass runs again in the end
            if place == self.bad:
                results = put(self.fault, node, rewriter, symbols)
            else:
                b = Builder(node.graph, before=node, rewriter=rewriter, symbols=symbols)  # type: ignore[arg-type]
                with b.at(node.origin, node.scope):
                    results = b.add_all(node.op, *node.operands)
            if results is not None:
                rewriter.replace_node(node, results)
        return len(self.places)


@dataclass(frozen=True, slots=True)
class Composite(Pass):
    """Puts an op in the place of one node that computes the same, but whose decomposition is wrong."""

    place: str
    fault: Fault
    name: ClassVar[str] = "compose"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        for node in list(module.walk()):
            if node.results and node.results[0].name == self.place and type(node.op).__name__ != "WrongComposite":
                fault, op = self.fault, node.op

                def decompose(_: Any, b: Builder, *operands: Value, fault: Fault = fault, op: Any = op) -> Any:
                    return tuple(fault.wrong(b, op, operands) or b.add_all(op, *operands))

                cls = type("WrongComposite", (type(op),), {"decompose": decompose})
                types, names = [r.type for r in node.results], [r.name for r in node.results]
                made = rewriter.create(cls(**op.attributes()), node.operands, types, (), names)
                made.origin, made.scope = node.origin, node.scope
                rewriter.insert(made, node.graph, node)  # type: ignore[arg-type]
                rewriter.replace_node(node, made.results)
                return 1
        return 0


class FaultyBackend(OnnxBackend):
    """Lowers one node wrongly, or emits one weight that is another."""

    def __init__(self, place: str, change: Callable[[Module, Node], None]) -> None:
        self.place, self.change = place, change

    def emit(self, module: Module, path: Path, target: Target) -> None:
        copy = clone_module(module)
        for node in list(copy.walk()):
            if node.results and node.results[0].name == self.place:
                self.change(copy, node)
        legalize(copy, self.lowerings, target, subject="the faulty backend")
        super().emit(copy, path, target)
