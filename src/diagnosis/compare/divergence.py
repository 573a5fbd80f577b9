"""The first value on which two graphs differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from interlingua.diagnosis.compare.judging import wide
from interlingua.equivalence.magnitude import root_mean_square
from interlingua.errors import EvaluationError
from interlingua.ir.graph import NO_ORIGIN, Module, Value
from interlingua.ir.interpret import Interpreter

APART = 2.0**-36
"""Root mean square of the difference over that of the value, in float64, from which on two values are not the same.

Both graphs are run in float64: what rounds there is 2⁻⁵³ a step, and what float32 cannot hide is 2⁻²⁴."""


def first_diverging(a: Module, b: Module, to_a: Mapping[str, Any], to_b: Mapping[str, Any]) -> str:
    """The first value of ``a``, in its order, that differs from the one of ``b`` with the same name or origin.

    Args:
        a, b: the two graphs.
        to_a, to_b: the same inputs, under the names of each.
    """
    try:
        left, right = _values(a, to_a), _values(b, to_b)
    except EvaluationError as error:
        return f"not available: {error.what}"
    met = 0
    for key, (value, array) in left.items():
        if key not in right:
            continue
        met += 1
        theirs, other = right[key]
        distance = _distance(array, other)
        if distance:
            return f"%{value.name} of {_place(value)}, there %{theirs.name} of {_place(theirs)}: {distance}"
    if not met:
        return "not available: no value of one has a name or origin of the other"
    return f"none of {met} values known by name in both: the graphs agree, what runs them or comes after them differs"


def _values(module: Module, inputs: Mapping[str, Any]) -> dict[str, tuple[Value, Any]]:
    """Every value of the main graph by what it is known as: its name, and its origin."""
    found: dict[str, tuple[Value, Any]] = {}

    def keep(value: Value, result: Any) -> None:
        node = value.node
        if node is None or node.graph is not module.main or not isinstance(result, np.ndarray) or not node.operands:
            return
        if value.name:
            found.setdefault(f"%{value.name}", (value, result))
        if node.origin != NO_ORIGIN and node.origin.name:
            # several nodes may come of one: what it gives is what the last of them does
            found[f"{node.origin.name}#{value.index}"] = (value, result)

    Interpreter(module, "float64", observe=keep).run(inputs)
    return found


def _distance(a: Any, b: Any) -> str:
    """How two values differ, or nothing."""
    if a.shape != b.shape:
        return f"{list(a.shape)} and {list(b.shape)}"
    if a.dtype.kind not in "fc" or b.dtype.kind not in "fc":
        different = int(np.sum(a != b))
        return f"{different} of {a.size} elements differ" if different else ""
    with np.errstate(all="ignore"):
        x, y = wide(a), wide(b)
        if not (np.isfinite(x) == np.isfinite(y)).all():
            return "they are not finite in the same places"
        plain = np.isfinite(x)
        size, gap = root_mean_square(x[plain]), root_mean_square(x[plain] - y[plain])
    return f"root mean square of the difference {gap:.3g}, of the value {size:.3g}" if gap > APART * size else ""


def _place(value: Value) -> str:
    node = value.node
    return "the inputs" if node is None else f"{node.op.name} {node.place}"
