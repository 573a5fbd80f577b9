"""The error to expect of a whole model, by stochastic perturbation.

The float64 reference is run a few times, each op's result perturbed as rounding to its declared dtype would: a
contraction by ``u·N(0,1)·(√Σ(aᵢbᵢ)² + |y|)``, any other op that rounds by ``0.6·u·N(0,1)·|y|``, and ops that only
move or choose elements not at all. How far the outputs scatter is the error that this graph makes of rounding, with
these weights and inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from interlingua.equivalence.tolerance import coarsest_float
from interlingua.ir.clone import clone_module
from interlingua.ir.decompose import decompose_all
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.interpret import Interpreter
from interlingua.ir.types import Tensor
from interlingua.runtimes.numerics import smallest_subnormal, unit_roundoff

RUNS, RUNS_LARGE, LARGE = 6, 2, 1000
"""Perturbed runs; fewer where every output has many elements to take the mean over."""
CONTRACTIONS = {
    "core.matmul": 2,
    "core.conv": 2,
    "core.conv_transpose": 2,
    "core.reduce_sum": 1,
    "core.avg_pool": 1,
    "core.cumsum": 1,
}
"""Ops that sum: how many of their operands are multiplied into the terms."""
EXACT = frozenset(
    f"core.{name}"
    for name in """
    abs neg sign floor ceil round max min select reshape transpose broadcast_to concat slice pad reverse gather
    gather_nd gather_along top_k max_pool reduce_max reduce_min constant shape_of if while scan call bitcast non_zero
    unique
    """.split()  # noqa: SIM905 - a list to read
)
"""Ops that move or choose elements: they do not round."""
SATURATING = frozenset({"math.sigmoid"})
"""Ops that runtimes evaluate as ½ plus a rational function: near 0 their error is absolute, that of the ½."""


class Spread:
    """How far rounding scatters the outputs of one module."""

    def __init__(self, module: Module, seed: int = 0) -> None:
        self.module = clone_module(module)
        decompose_all(self.module, keep=SATURATING)
        self.seed = seed

    def tolerance(self, inputs: Mapping[str, Any]) -> SpreadTolerance:
        """The bounds for ``inputs``."""
        return SpreadTolerance(self.of(inputs), smallest_subnormal(coarsest_float(self.module)))

    def of(self, inputs: Mapping[str, Any]) -> dict[str, np.ndarray[Any, Any]]:
        """Root mean square deviation from the unperturbed reference, by output and element."""
        exact = Interpreter(self.module, "float64").run(inputs)
        total: dict[str, Any] = {n: 0.0 for n, v in exact.items() if isinstance(v, np.ndarray) and v.dtype.kind in "fc"}
        runs = RUNS_LARGE if min((exact[n].size for n in total), default=0) >= LARGE else RUNS
        for run in range(runs):
            noisy = Interpreter(self.module, "float64", perturb=_Noise(self.seed + run)).run(inputs)
            for name in total:
                with np.errstate(all="ignore"):
                    total[name] = total[name] + np.square(np.abs(noisy[name] - exact[name]))
        return {name: np.sqrt(np.nan_to_num(t, nan=0.0, posinf=0.0) / runs) for name, t in total.items()}


class _Noise:
    """One perturbed run."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def __call__(self, value: Value, operands: list[Any], result: Any) -> Any:
        type_, node = value.type, value.node
        if node is None or not isinstance(type_, Tensor) or node.op.name in EXACT:
            return result
        if type_.dtype.kind not in ("float", "complex"):
            return result
        u = unit_roundoff(type_.dtype)
        if _all_exact([*operands, result], 1 / u):
            return result
        noise = self.rng.standard_normal(result.shape)
        if type_.dtype.kind == "complex":
            noise = noise + 1j * self.rng.standard_normal(result.shape)
        with np.errstate(all="ignore"):
            if node.op.name in CONTRACTIONS:
                return result + u * noise * (np.sqrt(_squares(node, operands)) + np.abs(result))
            size = np.maximum(np.abs(result), 0.5) if node.op.name in SATURATING else np.abs(result)
            return result + 0.6 * u * noise * size


def _all_exact(arrays: list[Any], limit: float) -> bool:
    """Whether all are integers below ``limit``: arithmetic on them does not round. Sizes computed in floats are
    such."""
    for array in arrays:
        if isinstance(array, np.ndarray) and array.dtype.kind == "c":
            array = np.stack([array.real, array.imag])
        if isinstance(array, np.ndarray) and array.dtype.kind == "f" and array.size:
            if array.flat[0] != np.rint(array.flat[0]):
                return False
            if np.any(array != np.rint(array)) or np.any(np.abs(array) >= limit):
                return False
    return True


def _squares(node: Node, operands: list[Any]) -> Any:
    """The sum of the squares of the terms that the contraction adds up, in float32: a scale needs no digits."""
    multiplied = CONTRACTIONS[node.op.name]
    squared = [
        np.square(np.abs(a), dtype=np.float32) if i < multiplied else _without_bias(i, a, node)
        for i, a in enumerate(operands)
    ]
    return np.nan_to_num(node.op.reference(*squared), nan=0.0, posinf=0.0)


def _without_bias(index: int, operand: Any, node: Node) -> Any:
    """A bias is one more term, which |y| covers."""
    return None if node.op.name in ("core.conv", "core.conv_transpose") and index == 2 else operand


class SpreadTolerance:
    """Bounds for one set of inputs: a multiple of the spread at the element and over its tensor.

    ``FACTOR``: the study that this design rests on saw, on nine correct float32 networks, 1.7 to 3.7 spreads in root
    mean square and 9 to 42 at the worst element; a wrong eps gave 40 to 1,300 in root mean square.
    """

    FACTOR = 16.0

    def __init__(self, spread: Mapping[str, np.ndarray[Any, Any]], floor: float) -> None:
        self.spread = spread
        self.floor = floor

    def bound(self, output: str, reference: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        found = self.spread.get(output)
        if found is None:
            return np.zeros(reference.shape)
        rms = float(np.sqrt(np.mean(np.square(found)))) if found.size else 0.0
        return self.FACTOR * (found + rms + self.floor)
