"""The error to expect of a whole model, by stochastic perturbation.

The float64 reference is run a few times, each op's result perturbed as rounding to its declared dtype would: a
contraction by ``N(0,1)·u·(√Σ(aᵢbᵢ)² + |y|)``, more where a runtime adds up one by one, any other op that rounds by
``0.6·u·N(0,1)·|y|``, and ops that only move or choose elements not at all. How far the outputs scatter is the error
that this graph makes of rounding, with these weights and inputs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from interlingua.equivalence.bounds.contraction import TERMS
from interlingua.equivalence.expectation import Array
from interlingua.equivalence.magnitude import scale
from interlingua.errors import EvaluationError
from interlingua.ir.clone import clone_module
from interlingua.ir.decompose import decompose_all
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.interpret import Interpreter
from interlingua.ir.ops.resampling import as_run
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor
from interlingua.runtimes.numerics import IEEE, Numerics, unit_roundoff

RUNS, RUNS_LARGE, LARGE = 6, 3, 1000
"""Perturbed runs; fewer where every output has many elements to take the mean over. Twice as many where data is rounded
to levels: in every second one the noise of an op has one sign. Means of levels lie half-way between levels by design,
and a kernel takes all of these the same way."""
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
LAST = 16.0
"""How many times its own deviation a value may be off before it is rounded to the levels of an output. Such an output
has no deviations but whole steps; a step that is not taken in a few runs may still be near."""
MOVES = EXACT | {"core.cast", "core.add", "core.sub", "core.mul", "core.div"}
"""Ops that lead from levels to an output: they clip, shift, scale and move."""
FEW = 8
"""A vector of at most so many floats that ends in integers alone is arithmetic on sizes, which frameworks do alike."""


@dataclass(slots=True)
class Scatter:
    """What the runs for one set of inputs gave, by leaf: an output, or ``output[i]`` for an element of a sequence.

    Attributes:
        exact: the outputs in float64.
        rms: of float leaves, the root mean square of the deviations, by element.
        unstable: of other leaves, which elements came out differently; ``True`` where the shape did.
    """

    exact: dict[str, Any]
    rms: dict[str, Array] = field(default_factory=dict[str, Array])
    unstable: dict[str, Any] = field(default_factory=dict[str, Any])


class Spread:
    """How far rounding scatters the outputs of one module.

    Args:
        module: any.
        numerics: of the runtimes whose rounding is meant.
        seed: of the perturbations.
    """

    def __init__(self, module: Module, numerics: Numerics = IEEE, seed: int = 0) -> None:
        self.module = clone_module(module)
        decompose_all(self.module, keep=frozenset(numerics.absolute), by={"vision.resize": as_run})
        self.numerics = numerics
        self.seed = seed
        self.kept = frozenset(_arithmetic_on_sizes(self.module))
        self.levels = any(n.op.name == "core.round" and n not in self.kept for n in self.module.walk())
        self.last = frozenset(_last_rounds(self.module)) - self.kept

    def of(self, inputs: Mapping[str, Any], only: Collection[Node] | None = None) -> Scatter:
        """The scatter on ``inputs``; of the rounding in some nodes of ``self.module`` alone where ``only`` is given.

        Raises:
            EvaluationError: the reference cannot be computed on them.
        """
        before: dict[Node, Array] = {}
        exact = dict(leaves(Interpreter(self.module, "float64", perturb=partial(_keep, before, self.last)).run(inputs)))
        found = Scatter(exact)
        floats = [n for n, v in exact.items() if v is not None and v.dtype.kind in "fc"]
        totals: dict[str, Any] = dict.fromkeys(floats, 0.0)
        runs = RUNS_LARGE if min((exact[n].size for n in floats), default=0) >= LARGE else RUNS
        runs *= 1 + self.levels
        for run in range(runs):
            noisy = self._noisy(inputs, run, only, before)
            for name, want in exact.items():
                got = noisy.get(name)
                if want is None or got is None or got.shape != want.shape:
                    found.unstable[name] = True
                elif name in totals:
                    with np.errstate(all="ignore"):
                        totals[name] = np.hypot(totals[name], np.abs(got - want))
                elif found.unstable.get(name) is not True:
                    found.unstable[name] = (got != want) | found.unstable.get(name, False)
        for name, total in totals.items():
            mean = np.broadcast_to(total / np.sqrt(runs), exact[name].shape)
            found.rms[name] = np.where(np.isfinite(exact[name]), np.nan_to_num(mean, nan=np.inf, posinf=np.inf), 0.0)
        return found

    def rounding(self) -> list[Node]:
        """The nodes that are perturbed, in order."""
        return [n for n in self.module.walk() if n.op.name not in EXACT and n not in self.kept]

    def _noisy(
        self, inputs: Mapping[str, Any], run: int, only: Collection[Node] | None, before: Mapping[Node, Array]
    ) -> dict[str, Any]:
        one_sided = self.levels and run % 2 == 1
        noise = _Noise(self.numerics, self.seed + run, self.kept, only, before, one_sided=one_sided)
        try:
            return dict(leaves(Interpreter(self.module, "float64", perturb=noise).run(inputs)))
        except EvaluationError:
            return {}  # a shape hung on the last bit: then nothing is stable


def _keep(kept: dict[Node, Array], wanted: Collection[Node], value: Value, operands: list[Any], result: Any) -> Any:
    """Note what some nodes are given."""
    if value.node is not None and value.node in wanted:
        kept[value.node] = operands[0]
    return result


def _last_rounds(module: Module) -> Iterator[Node]:
    """Roundings to levels after which an output is only scaled and moved."""
    left, seen = [v for v in module.main.outputs if isinstance(v.type, Tensor)], set[Node]()
    while left:
        node = left.pop().node
        if node is None or node in seen or node.regions:
            continue
        seen.add(node)
        if node.op.name == "core.round":
            yield node
        elif node.op.name in MOVES:
            made = [o for o in node.operands if o is not None and not _constant(o)]
            left += made[:1] if len(made) == 1 or node.op.name in EXACT else []


def _constant(value: Value) -> bool:
    """Whether it is a constant, or only that shaped and scaled."""
    node = value.node
    if node is None or node.regions:
        return False
    return isinstance(node.op, Constant) or (
        node.op.name in MOVES and bool(node.operands) and all(o is None or _constant(o) for o in node.operands)
    )


def leaves(outputs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The tensors of outputs by name; those of a sequence by ``name[i]``."""
    for name, value in outputs.items():
        if isinstance(value, list):
            yield from leaves({f"{name}[{i}]": v for i, v in enumerate(value)})
        else:
            yield name, value


def _arithmetic_on_sizes(module: Module) -> Iterator[Node]:
    """Nodes of which nothing but integers is made, out of a few floats, or out of counts and sizes alone: how many
    boxes there are, which neighbour is nearest. Frameworks do that alike; a place that flips would excuse everything.
    """
    coordinates = _coordinates(module)
    found: set[Node] = set()
    for function in module.functions.values():
        for node in reversed(list(function.walk())):
            if node.results and all(_ends_in_integers(r, found, coordinates) for r in node.results):
                found.add(node)
                yield node


def _coordinates(module: Module) -> set[Value]:
    """Values that hang on no data: made of counts, sizes and a few constants."""
    found: set[Value] = set()
    for node in module.walk():
        name = node.op.name
        few = isinstance(node.op, Constant) and len(node.op.weight.shape) <= 1 and node.op.weight.size <= FEW
        made = bool(node.operands) and name != "core.constant" and all(o is None or o in found for o in node.operands)
        if few or name in ("core.iota", "core.shape_of") or (made and not node.regions):
            found.update(node.results)
    return found


def _ends_in_integers(value: Value, found: set[Node], coordinates: set[Value]) -> bool:
    type_ = value.type
    if not isinstance(type_, Tensor) or type_.shape is None:
        return False
    if value not in coordinates and (type_.rank > 1 or (type_.rank == 1 and not _few(type_.shape[0]))):
        return False
    if not type_.dtype.is_float:
        return bool(value.uses) and type_.elements is not None
    users = [user for user, _ in value.uses]
    return bool(users) and all(
        isinstance(u, Node)
        and (u in found or not any(isinstance(r.type, Tensor) and r.type.dtype.is_float for r in u.results))
        for u in users
    )


def _few(dim: Any) -> bool:
    return isinstance(dim, int) and dim <= FEW


class _Noise:
    """One perturbed run."""

    def __init__(
        self,
        numerics: Numerics,
        seed: int,
        kept: Collection[Node],
        only: Collection[Node] | None,
        before: Mapping[Node, Array],
        *,
        one_sided: bool = False,
    ) -> None:
        self.numerics = numerics
        self.rng = np.random.default_rng(seed)
        self.kept = kept
        self.only = only
        self.before = before
        self.one_sided = one_sided

    def __call__(self, value: Value, operands: list[Any], result: Any) -> Any:
        type_, node = value.type, value.node
        exact = None if node is None else self.before.get(node)
        if exact is not None and exact.shape == np.shape(operands[0]):
            with np.errstate(all="ignore"):
                return np.rint(exact + LAST * (operands[0] - exact))
        if node is None or not isinstance(type_, Tensor) or node.op.name in EXACT or node in self.kept:
            return result
        if self.only is not None and node not in self.only:
            return result
        if type_.dtype.kind not in ("float", "complex"):
            return result
        u = unit_roundoff(type_.dtype)
        if _all_exact([*operands, result], 1 / u):
            return result
        noise = self.rng.standard_normal(result.shape)
        if self.one_sided:
            noise = np.abs(noise) * self.rng.choice((-1.0, 1.0))
        if type_.dtype.kind == "complex":
            noise = noise + 1j * self.rng.standard_normal(result.shape)
        with np.errstate(all="ignore"):
            size = np.nan_to_num(self._size(node, type_.dtype, u, operands, result), nan=0.0, posinf=0.0)
            return np.where(np.isfinite(result), result + noise * size, result)

    def _size(self, node: Node, dtype: DType, u: float, operands: list[Any], result: Any) -> Any:
        name = node.op.name
        if name in CONTRACTIONS:
            grown = self.numerics.growth(TERMS[name](node.op, operands))
            return grown * self.numerics.accumulator(dtype) * _terms(node, operands) + u * np.abs(result)
        least = self.numerics.absolute.get(name)
        size = np.abs(result) if least is None else np.maximum(np.abs(result), least)
        return 0.6 * max(1.0, self.numerics.ulps.get(name, 1.0)) * u * size


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


def _terms(node: Node, operands: list[Any]) -> Any:
    """The root of the sum of the squares of the terms that the contraction adds up, in float32: a size needs no
    digits."""
    multiplied = CONTRACTIONS[node.op.name]
    units = [scale(a) for a in operands[:multiplied]]
    squared = [np.square(np.abs(a) / unit, dtype=np.float32) for a, unit in zip(operands, units, strict=False)]
    others = [_without_bias(i, a, node) for i, a in enumerate(operands)][multiplied:]
    sums = np.nan_to_num(node.op.reference(*squared, *others), nan=0.0, posinf=0.0)
    return np.sqrt(sums, dtype=np.float64) * np.prod(units)


def _without_bias(index: int, operand: Any, node: Node) -> Any:
    """A bias is one more term, which |y| covers."""
    return None if node.op.name in ("core.conv", "core.conv_transpose") and index == 2 else operand
