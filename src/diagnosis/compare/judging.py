"""How far apart both sides may be, and which of the two is off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from interlingua.equivalence.expectation import exactly
from interlingua.equivalence.judge import index_of, judge
from interlingua.equivalence.models import ModelJudge
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module, Node, Value
from interlingua.report import Comparison, Verdict
from interlingua.runtimes.numerics import Numerics

INF = float("inf")


class Bounds:
    """Judges two sets of outputs, with the graph of one side or none at all.

    Bits that are equal need no bound. What differs is held against the error that the graph makes of rounding; without
    a graph, only what no rounding does is a mismatch: another dtype, shape, or place of a NaN.
    """

    def __init__(self, module: Module | None, numerics: Numerics, seed: int) -> None:
        self.model = None if module is None else ModelJudge(module, numerics, seed)
        self.random = frozenset(() if module is None else random_outputs(module))

    def judge(
        self, inputs: Mapping[str, Any], a: Mapping[str, Any], b: Mapping[str, Any], case: str
    ) -> list[Comparison]:
        """One comparison an output; ``a`` is what ``b`` is held against."""
        equal = judge(exactly(a), b, case)
        if all(c.passed for c in equal):
            return equal
        if self.model is None:
            return [_measured(c, a, b) for c in equal]
        apart = [c if c.passed else _hangs_on_chance(c) for c in equal if c.output in self.random]
        rest = [{n: v for n, v in side.items() if n not in self.random} for side in (a, b)]
        judged = self.model.judge(inputs, rest[0], rest[1], case) if rest[0] else []
        return [*judged, *apart]

    def agree(self, inputs: Mapping[str, Any], a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
        """Whether both may be the same."""
        return all(c.verdict is not Verdict.MISMATCH for c in self.judge(inputs, a, b, ""))

    def reference(self, inputs: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, Any] | None:
        """The graph's outputs in float64, as the dtypes of ``like`` can say them; ``None`` where there are none."""
        exact = None if self.model is None else self.model.reference(inputs)
        return None if exact is None else as_declared(exact, like)

    def impossible(self, inputs: Mapping[str, Any]) -> bool:
        """Whether there is a graph and its reference cannot be computed on ``inputs``."""
        return self.model is not None and self.model.scatter(inputs) is None


def as_declared(exact: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, Any] | None:
    """Outputs in float64 in the dtypes of ``like``; only where all are tensors."""
    if any(n not in exact or not isinstance(v, np.ndarray) for n, v in like.items()):
        return None
    with np.errstate(all="ignore"):
        return {n: np.asarray(exact[n]).astype(v.dtype) for n, v in like.items()}


def _hangs_on_chance(comparison: Comparison) -> Comparison:
    return replace(
        comparison, verdict=Verdict.UNVERIFIED, share=0.0, error=0.0, detail="hangs on random ops", excused=1.0
    )


def _measured(comparison: Comparison, a: Mapping[str, Any], b: Mapping[str, Any]) -> Comparison:
    """What differs without a bound, in figures; a mismatch only where no rounding can have done it."""
    want, got = a.get(comparison.output), b.get(comparison.output)
    if comparison.passed or not same_kind(want, got):
        return comparison
    unbound = replace(comparison, verdict=Verdict.UNVERIFIED, bound=INF, share=0.0)
    if not isinstance(want, np.ndarray) or not isinstance(got, np.ndarray) or comparison.error == INF:
        return unbound
    with np.errstate(all="ignore"):
        error = np.nan_to_num(np.abs(wide(want) - wide(got)), nan=0.0)
    index = index_of(error == error.max())
    return replace(unbound, error=float(error[index]), index=index)


def wide(array: Any) -> Any:
    """Its numbers in double precision."""
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def same_kind(a: Any, b: Any) -> bool:
    """Whether two outputs agree in dtype, shape, and where they are no finite numbers."""
    if isinstance(a, list) or isinstance(b, list):
        alike = isinstance(a, list) and isinstance(b, list) and len(a) == len(b)
        return alike and all(same_kind(x, y) for x, y in zip(a, b, strict=True))
    if a is None or b is None:
        return a is b
    x, y = np.asarray(a), np.asarray(b)
    if x.dtype != y.dtype or x.shape != y.shape:
        return False
    if DType.of(x).kind not in ("float", "complex"):
        return True
    with np.errstate(all="ignore"):
        return bool((np.isfinite(x) == np.isfinite(y)).all())


def random_outputs(module: Module) -> list[str]:
    """The outputs that hang on random ops: nothing can be said of their elements."""
    tainted: set[Value] = set()
    for node in module.main.nodes:
        if _random(node) or any(o in tainted for o in node.operands if o is not None):
            tainted.update(node.results)
    pairs = zip(module.output_names, module.main.outputs, strict=True)
    return [name for name, value in pairs if value in tainted]


def _random(node: Node) -> bool:
    inner = (each for region in node.regions for each in region.walk())
    return any("random" in each.op.effects for each in (node, *inner))


def figures(comparisons: Sequence[Comparison]) -> str:
    """The worst of what could not be judged."""
    noise = [c.sqnr for c in comparisons if c.sqnr is not None]
    errors = [c.error for c in comparisons if c.error < INF]
    parts = [f"largest error {max(errors):.3g}"] if errors else []
    parts += [f"SQNR {min(noise):.1f} dB at worst"] if noise else []
    parts += [f"{c.output!r}: {c.detail}" for c in comparisons if c.error == INF][:1]
    return ", ".join(parts)
