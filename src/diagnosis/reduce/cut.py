"""Which nodes of ``main`` the failure needs: all others give way to the values that they had.

A candidate is a set of nodes. What they read from outside becomes an input (or a constant) with its recorded value,
what nobody among them reads becomes an output. A cut changes what a runtime may fuse, so nothing is inferred from the
whole: every set is observed as the module that it makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from interlingua.diagnosis.observe import Observation
from interlingua.diagnosis.reduce.case import Case, beside, record
from interlingua.diagnosis.reduce.search import Search
from interlingua.errors import EvaluationError
from interlingua.ir.extract import extract
from interlingua.ir.graph import Node, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor
from interlingua.report import Verdict

REPLAYS = 24
"""Observations that looking at small neighbourhoods may cost."""
SUSPECTS = 4
"""Neighbourhoods confirmed by themselves, of those that look wrong side by side."""
RADII = (0, 1, 2)
"""How far above a node its neighbourhood reaches: alone; with what it reads; with what that reads."""


def cut(search: Search) -> None:
    """Leave the nodes that the failure needs."""
    try:
        cutter = _Cutter(search)
    except EvaluationError:
        return  # the values of a module that does not run in its own precision are not to be had
    if len(cutter.kept) > 1 and not cutter.neighbourhood():
        cutter.ancestors()
        cutter.end()
        cutter.begin()
        cutter.middle()


class _Cutter:
    """Sets of nodes of one module; ``kept`` is the smallest that fails so far."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.case = search.best
        self.values = record(self.case)
        self.nodes = [n for n in self.case.module.main.nodes if not isinstance(n.op, Constant)]
        self.kept: list[Node] = self.nodes
        self.fixed: frozenset[Value] = frozenset()
        self.ends: frozenset[Value] = frozenset()

    def make(self, nodes: Iterable[Node], fixed: frozenset[Value] = frozenset()) -> Case | None:
        """The case of a set of nodes."""
        inside = set(nodes)
        if not inside:
            return None
        ordered = [n for n in self.nodes if n in inside]
        reads = dict.fromkeys(o for n in ordered for o in n.operands if o is not None)
        outer = [v for v in reads if v.node not in inside and not _constant(v)]
        constants = {v: self.values[v] for v in outer if v in fixed or _known(v)}
        inputs = [v for v in outer if v not in constants]
        outputs = [r for n in ordered for r in self._ends(n, inside)]
        module = extract(self.case.module, outputs, inputs, constants={v: _array(a) for v, a in constants.items()})
        arrays = [self.values[v] for v in inputs]
        return Case(module, dict(zip(module.input_names, arrays, strict=True)))

    def _ends(self, node: Node, inside: set[Node]) -> list[Value]:
        """The results of a node that are outputs: those that the failure needs to be, or if no result is read inside,
        all that are read at all."""
        if any(user in inside for r in node.results for user, _ in r.uses):
            return [r for r in node.results if r in self.ends]
        return [r for r in node.results if r.uses] or list(node.results)

    def attempt(self, what: str, nodes: Sequence[Node], fixed: frozenset[Value] | None = None) -> bool:
        """Whether a set of nodes fails; then it is what is kept."""
        held = self.fixed if fixed is None else fixed
        if not self.search.attempt(what, lambda: self.make(nodes, held)):
            return False
        inside = set(nodes)
        self.kept, self.fixed = [n for n in self.nodes if n in inside], held
        return True

    # neighbourhoods

    def neighbourhood(self) -> bool:
        """Look at every node alone, then with what it reads, all side by side in one module."""
        limit = self.search.count + REPLAYS
        for radius in RADII:
            sets = {node: self._around(node, radius) for node in self.nodes}
            suspects = self._suspects(list(sets), sets, limit)
            for node in suspects[:SUSPECTS]:
                if self.attempt("one neighbourhood", sets[node]):
                    self.middle()
                    return True
        return False

    def _around(self, node: Node, radius: int) -> list[Node]:
        found = {node: None}
        rim = [node]
        for _ in range(radius):
            rim = [o.node for n in rim for o in n.operands if o is not None and o.node is not None and not _constant(o)]
            found.update(dict.fromkeys(rim))
        return list(found)

    def _suspects(self, nodes: list[Node], sets: dict[Node, list[Node]], limit: int) -> list[Node]:
        """The nodes whose neighbourhoods fail side by side; halves are looked at where that says nothing."""
        if not nodes or self.search.count >= limit:
            return []
        cases = [(node, case) for node in nodes if (case := self._quietly(sets[node])) is not None]
        observed = self._side_by_side([case for _, case in cases])
        if observed is None or not observed.verdict.failed:
            return []
        like = observed.verdict is self.search.observation.verdict
        if observed.verdict is Verdict.MISMATCH and like:
            return [cases[k][0] for k in self._wrong(observed) if k < len(cases)]
        if len(nodes) == 1:
            return nodes if like else []
        half = len(nodes) // 2
        return self._suspects(nodes[:half], sets, limit) or self._suspects(nodes[half:], sets, limit)

    def _quietly(self, nodes: list[Node]) -> Case | None:
        try:
            return self.make(nodes)
        except Exception:  # noqa: BLE001 - what cannot be cut out is no suspect
            return None

    def _side_by_side(self, cases: list[Case]) -> Observation | None:
        return self.search.observe(beside(cases)) if cases else None

    def _wrong(self, observed: Observation) -> list[int]:
        """The numbers of the cases that are wrong, those first that are wrong in the way that is looked for."""
        wrong = [c for c in observed.comparisons if not c.passed and c.output.partition(".")[0].isdigit()]
        wrong.sort(key=lambda c: not self.search.alike(c))
        return list(dict.fromkeys(int(c.output.partition(".")[0]) for c in wrong))

    # bisection

    def ancestors(self) -> None:
        """Leave what one wrong output hangs on; or everything, cut nowhere, to have something to go on from."""
        main = self.case.module.main
        wrong = {c.output.partition("[")[0] for c in self.search.observation.comparisons if not c.passed}
        for name, value in zip(self.case.module.output_names, main.outputs, strict=True):
            if name in wrong and value.node is not None and self.attempt("one output", _above(value.node)):
                return
        if not self.attempt("no dead ends", self.nodes):
            self.ends = frozenset(main.outputs)

    def end(self) -> None:
        """Bisect for the last node that is needed."""
        low, high = 0, len(self.kept)
        nodes = self.kept
        while high - low > 1:
            middle = (low + high) // 2
            if self.attempt("cut behind", nodes[:middle]):
                high = middle
            else:
                low = middle

    def begin(self) -> None:
        """Bisect for the first node that is needed."""
        low, high = 0, len(self.kept)
        nodes = self.kept
        while high - low > 1:
            middle = (low + high) // 2
            if self.attempt("cut before", nodes[middle:]):
                low = middle
            else:
                high = middle

    def middle(self) -> None:
        """Delta debugging: leave out ever smaller runs of nodes, values in their place as inputs or as constants."""
        parts = 2
        while len(self.kept) > 1:
            bounds = [len(self.kept) * k // parts for k in range(parts + 1)]
            if any(self._without(self.kept[a:b]) for a, b in pairwise(bounds) if b > a):
                parts = max(parts - 1, 2)
            elif parts >= len(self.kept):
                return
            else:
                parts = min(2 * parts, len(self.kept))

    def _without(self, nodes: Sequence[Node]) -> bool:
        left = [n for n in self.kept if n not in set(nodes)]
        if not left:
            return False
        if self.attempt("recorded inputs", left):
            return True
        results = frozenset(r for n in nodes for r in n.results if isinstance(r.type, Tensor))
        return self.attempt("recorded constants", left, self.fixed | results)


def _above(node: Node) -> list[Node]:
    found = {node: None}
    rim = [node]
    while rim:
        above = (o.node for n in rim for o in n.operands if o is not None)
        rim = [n for n in dict.fromkeys(above) if n is not None and n not in found and not isinstance(n.op, Constant)]
        found.update(dict.fromkeys(rim))
    return list(found)


def _constant(value: Value) -> bool:
    return value.node is not None and isinstance(value.node.op, Constant)


def _known(value: Value) -> bool:
    """Whether a computed value is known before the run: a shape, say, that a type rule reads."""
    return value.node is not None and isinstance(value.type, Tensor) and value.type.known() is not None


def _array(value: Any) -> Any:
    return np.asarray(value)
