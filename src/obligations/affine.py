"""Proof of polynomial identities: windows of sums, products and contractions, which are equal over the reals.

A leaf and a constant that both sides share are unknowns. Two polynomials that differ agree at a random point of a grid
with a probability of at most their degree over its width (Schwartz and Zippel), so both sides are evaluated on random
integers that float64 adds and multiplies without rounding, several times. A constant that only one side has was
computed from others and rounded: such a window is left to evaluation.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from interlingua.errors import InterlinguaError
from interlingua.ir.clone import clone_module
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.interpret import Interpreter
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor
from interlingua.ir.weights import ArrayWeight, Weight
from interlingua.obligations.draws import Sizes, Undrawable, known, shape_of, sizings
from interlingua.obligations.movement import MOVES, SHAPE_OF
from interlingua.obligations.window import Sides
from interlingua.runtimes.numerics import unit_roundoff

POLYNOMIAL = MOVES | {
    SHAPE_OF, "core.add", "core.sub", "core.mul", "core.neg", "core.matmul", "core.conv", "core.conv_transpose",
    "core.reduce_sum", "core.cumsum", "math.square", "nn.sum_square",
}  # fmt: skip
GRID = 1 << 9
"""Integers are drawn from so many."""
POINTS = 4
"""Draws: polynomials of degree 4 that differ anywhere pass all of them with a probability below 4e-9."""
EXACT = float(1 << 53)
SUMS = frozenset({"core.matmul", "core.conv", "core.conv_transpose", "core.reduce_sum", "core.cumsum", "nn.sum_square"})
SIZES = 3


def agrees(sides: Sides) -> bool:
    """Whether both sides are the same polynomial, at all sizes that were tried."""
    if not (_polynomial(sides.before) and _polynomial(sides.after) and _shared(sides) and _representable(sides)):
        return False
    count = 0
    try:
        for sizes in sizings(list(sides.feeds.values())):
            same = _same(sides, sizes)
            if same is False:
                return False
            count += bool(same)
            if count == SIZES:
                break
    except Undrawable:
        return False
    return count > 0


def _polynomial(module: Module) -> bool:
    return all(isinstance(n.op, Constant) or n.op.name in POLYNOMIAL for n in module.main.nodes)


def _unknown(node: Node) -> Weight | None:
    """The weight of a constant that is an unknown: floats; integers say where to and how many."""
    return node.op.weight if isinstance(node.op, Constant) and node.op.weight.dtype.is_float else None


def _representable(sides: Sides) -> bool:
    """Whether every float dtype holds the integers that are drawn."""
    types = [r.type for s in (sides.before, sides.after) for n in s.main.nodes for r in n.results]
    types += [v.type for v in sides.feeds.values()]
    floats = [t.dtype for t in types if isinstance(t, Tensor) and t.dtype.is_float]
    return all(unit_roundoff(dtype) <= 1 / GRID for dtype in floats)


def _shared(sides: Sides) -> bool:
    before, after = ({id(w) for n in s.main.nodes if (w := _unknown(n))} for s in (sides.before, sides.after))
    return after <= before


def _same(sides: Sides, sizes: Sizes) -> bool | None:
    """``None`` where the before side cannot be at these sizes, or float64 cannot tell."""
    for point in range(POINTS):
        rng = np.random.default_rng(point)
        drawn: dict[int, Weight] = {}
        inputs = {name: _drawn(rng, value, sizes) for name, value in sides.feeds.items()}
        try:
            wanted = _exact(_with(sides.before, drawn, rng), inputs)
        except InterlinguaError:
            return None
        try:
            found = _exact(_with(sides.after, drawn, rng), inputs)
        except InterlinguaError:
            return False
        if wanted is None or found is None:
            return None
        if wanted.shape != found.shape or not np.array_equal(wanted, found):
            return False
    return True


def _drawn(rng: np.random.Generator, leaf: Value, sizes: Sizes) -> Any:
    shape = shape_of(leaf, sizes)
    assert shape is not None
    type_ = leaf.tensor
    if type_.dtype.is_float:
        return _integers(rng, shape).astype(type_.dtype.numpy)
    return known(type_, rng.integers(0, 2, shape).astype(type_.dtype.numpy), sizes)


def _integers(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    return rng.integers(-GRID // 2, GRID // 2, shape)


def _with(module: Module, drawn: dict[int, Weight], rng: np.random.Generator) -> Module:
    """The module with integers for its constants: the same for the same weight."""
    copy = clone_module(module)
    for node in copy.main.nodes:
        weight = _unknown(node)
        if weight is not None:
            if id(weight) not in drawn:
                array = _integers(rng, weight.shape).astype(weight.dtype.numpy)
                drawn[id(weight)] = ArrayWeight(array)
            node.op = Constant(drawn[id(weight)])
    return copy


def _exact(module: Module, inputs: Mapping[str, Any]) -> np.ndarray[Any, Any] | None:
    """The output, where nothing on the way, partial sums included, can have been too large to be exact."""
    largest: dict[Value, tuple[float, int]] = {}
    exact = True

    def observe(value: Value, array: Any) -> None:
        nonlocal exact
        floating = isinstance(array, np.ndarray) and array.dtype.kind == "f" and array.size
        largest[value] = float(np.abs(array).max()) if floating else 1.0, max(1, int(np.size(array)))
        if value.node is not None:
            exact = exact and _reach(value.node, largest) < EXACT

    (found,) = Interpreter(module, "float64", observe).run(inputs).values()
    return found if exact else None


def _reach(node: Node, largest: Mapping[Value, tuple[float, int]]) -> float:
    """What no partial sum of products of the operands is beyond."""
    operands = [largest[o] for o in node.operands if o is not None]
    factors = prod(max(1.0, most) for most, _ in operands) ** (2 if len(operands) == 1 else 1)
    terms = min((size for _, size in operands), default=1) if node.op.name in SUMS else 2
    return factors * max(2, terms)
