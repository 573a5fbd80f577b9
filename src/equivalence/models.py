"""The judgement of whole models: outputs against the source's own, within the error that this very graph makes.

Bounds for each op, propagated over a deep graph, grow until they say nothing. So the float64 reference is perturbed
(:mod:`interlingua.equivalence.spread`), and how far its outputs scatter is the error to expect. ``RMS`` and
``ELEMENT`` say how many times that a correct computation may be off, over an output and at one element.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from interlingua.equivalence.expectation import Array, Contribution, Expectation, Expected
from interlingua.equivalence.judge import judge
from interlingua.equivalence.magnitude import root_mean_square
from interlingua.equivalence.spread import Scatter, Spread, leaves
from interlingua.errors import EvaluationError
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module, Node
from interlingua.report import Comparison
from interlingua.runtimes.numerics import IEEE, Numerics

RMS = 6.0
"""Spreads in root mean square. Correct float32 networks came to 1.7 to 3.7 in the study that this rests on, and to 1.8
at most over the networks of ``benchmarks/judge``. What is missed at this value is listed there: a fault can be smaller
than rounding."""
ELEMENT = 16.0
"""Spreads at one element, where a spread is the element's own and that of its tensor together: few perturbed runs say
little of one element."""
MEASURED = 2
"""Cases whose scatter is measured whatever comes out. The others are first held against the smallest scatter found so
far, relative to the size of the output, and measured themselves only if they are beyond it."""


class ModelJudge:
    """Judges outputs of one model, case by case.

    Args:
        module: the model as a graph.
        numerics: what the runtimes of both sides have in common, see :meth:`Numerics.coarser`.
        seed: of the perturbations.
    """

    def __init__(self, module: Module, numerics: Numerics = IEEE, seed: int = 0) -> None:
        self.module = module
        self.numerics = numerics
        self.seed = seed
        self._spread: Spread | None = None
        self._scatters: dict[int, Scatter | None] = {}
        self._relative: dict[str, float] = {}
        self._held: list[Mapping[str, Any]] = []

    def judge(
        self, inputs: Mapping[str, Any], want: Mapping[str, Any], got: Mapping[str, Any], case: str
    ) -> list[Comparison]:
        """Hold ``got`` against ``want``: outputs by name, both as runtimes gave them.

        Args:
            inputs: of the case; the scatter depends on them.
            want: the source's outputs.
            got: the artifact's.
            case: its label.
        """
        if len(self._scatters) >= MEASURED and id(inputs) not in self._scatters:
            found = judge(self._quick(want), got, case)
            if all(c.passed for c in found):
                return found
        return judge(self.expectation(inputs, want), got, case)

    def expectation(self, inputs: Mapping[str, Any], want: Mapping[str, Any]) -> Expectation:
        """What outputs may be, where ``want`` is what they should be."""
        scatter = self.scatter(inputs)

        def each(name: str, array: Array) -> Expected:
            return _measured(name, array, scatter, self.numerics)

        return Expectation({n: _tree(n, v, each) for n, v in want.items()})

    def reference(self, inputs: Mapping[str, Any]) -> dict[str, Any] | None:
        """The graph's own outputs in float64, by leaf; ``None`` where they cannot be computed."""
        scatter = self.scatter(inputs)
        return None if scatter is None else scatter.exact

    def scatter(self, inputs: Mapping[str, Any]) -> Scatter | None:
        """How far rounding scatters the outputs on ``inputs``; ``None`` where the reference cannot be computed."""
        if id(inputs) not in self._scatters:
            self._held.append(inputs)
            if self._spread is None:
                self._spread = Spread(self.module, self.numerics, self.seed)
            try:
                found = self._spread.of(inputs)
            except EvaluationError:
                found = None
            self._scatters[id(inputs)] = found
            self._learn(found)
        return self._scatters[id(inputs)]

    def explain(self, inputs: Mapping[str, Any], leaf: str, index: tuple[int, ...]) -> list[Contribution]:
        """Where the error to expect at one element comes from: each kind of op, then the node that adds most.

        A share is of the mean square. Costs some runs of the float64 graph for every kind of op.
        """
        if self.scatter(inputs) is None or self._spread is None:
            return []
        nodes = self._spread.rounding()
        kinds: dict[str, list[Node]] = {}
        for node in nodes:
            kinds.setdefault(node.op.name, []).append(node)
        sizes = {op: self._share(inputs, leaf, index, group) for op, group in kinds.items()}
        whole = sum(sizes.values())
        if whole == 0:
            return []
        ranked = sorted(sizes, key=lambda op: -sizes[op])
        found = [Contribution(op, f"{len(kinds[op])} node(s)", sizes[op] / whole) for op in ranked if sizes[op] > 0]
        suspects = kinds[ranked[0]]
        while len(suspects) > 1:
            halves = suspects[: len(suspects) // 2], suspects[len(suspects) // 2 :]
            suspects = max(halves, key=lambda half: self._share(inputs, leaf, index, half))
        most = self._share(inputs, leaf, index, suspects) / whole
        return [Contribution(suspects[0].op.name, suspects[0].place, most), *found]

    def _share(self, inputs: Mapping[str, Any], leaf: str, index: tuple[int, ...], nodes: Sequence[Node]) -> float:
        """The mean square at an element that rounding in some nodes alone makes."""
        assert self._spread is not None
        spread = self._spread.of(inputs, frozenset(nodes)).rms.get(leaf)
        return 0.0 if spread is None else float(np.square(spread[index]))

    def _learn(self, scatter: Scatter | None) -> None:
        for name, spread in (scatter.rms if scatter is not None else {}).items():
            size = root_mean_square(scatter.exact[name]) if scatter is not None else 0.0
            noise = root_mean_square(spread)
            if size > 0 and noise > 0:
                self._relative[name] = min(self._relative.get(name, np.inf), noise / size)

    def _quick(self, want: Mapping[str, Any]) -> Expectation:
        def each(name: str, array: Array) -> Expected:
            dtype = DType.of(array)
            if dtype.kind not in ("float", "complex"):
                return Expected(array, dtype)
            noise = self._relative.get(name, 0.0) * root_mean_square(array) + self.numerics.floor(dtype)
            return Expected(array, dtype, np.full(array.shape, ELEMENT * noise), RMS * noise)

        return Expectation({n: _tree(n, v, each) for n, v in want.items()})


def _measured(name: str, array: Array, scatter: Scatter | None, numerics: Numerics) -> Expected:
    dtype = DType.of(array)
    floating = dtype.kind in ("float", "complex")
    nothing = np.full(array.shape, np.inf)
    unstable = True if scatter is None else scatter.unstable.get(name, False)
    if unstable is True:
        return Expected(array, dtype, nothing, fluid=scatter is not None)
    spread = None if scatter is None else scatter.rms.get(name)
    if not floating or spread is None or spread.shape != array.shape:
        flips = np.any(unstable) and np.shape(unstable) == array.shape
        return Expected(array, dtype, np.where(unstable, np.inf, 0.0) if flips else None)
    noise = root_mean_square(spread) + numerics.floor(dtype)
    return Expected(array, dtype, ELEMENT * (spread + noise), RMS * noise)


def _tree(name: str, value: Any, each: Any) -> Any:
    if isinstance(value, list):
        return [_tree(f"{name}[{i}]", v, each) for i, v in enumerate(value)]
    return None if value is None else each(name, np.asarray(value))


def as_leaves(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors of outputs by name."""
    return dict(leaves(outputs))
