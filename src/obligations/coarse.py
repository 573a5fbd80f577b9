"""Pieces that round to a dtype coarser than any that they have to do with from outside.

The error of such a rounding is in the bound that is derived of the piece, and not in that of what it stands for. A
bound that was derived where the rounding is itself in question has to leave it out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from interlingua.equivalence.expectation import Expected
from interlingua.ir.graph import Node, Value
from interlingua.ir.types import Tensor
from interlingua.runtimes.numerics import unit_roundoff


def refinement(piece: Value) -> float:
    """The unit roundoff of ``piece``, an output of a severed module, against the coarsest on the way to it; 1 unless
    that is coarser than all that come in or go out."""
    seen: set[Value] = set()
    stack, borders = [piece], [piece]
    while stack:
        value = stack.pop()
        if value in seen:
            continue
        seen.add(value)
        node = value.node
        if node is None:
            borders.append(value)
        else:
            stack.extend(o for o in node.operands if o is not None)
            borders.extend(_constants(node))
    own, inner = _roundoffs([piece]), max(_roundoffs(seen), default=0.0)
    return own[0] / inner if own and inner > max(_roundoffs(borders)) else 1.0


def _constants(node: Node) -> tuple[Value, ...]:
    """A constant was there before anything was rounded."""
    return node.results if not node.operands else ()


def _roundoffs(values: Iterable[Value]) -> list[float]:
    types = [v.type for v in values]
    return [unit_roundoff(t.dtype) for t in types if isinstance(t, Tensor) and t.dtype.is_float]


def refined(want: Any, factor: float) -> Any:
    """What is expected, with the error that it would have if everything were computed in its own dtype."""
    if not isinstance(want, Expected) or factor == 1.0 or want.error is None:
        return want
    floor = 2 * unit_roundoff(want.dtype) * np.nan_to_num(np.abs(want.value), posinf=0.0)
    return replace(want, error=want.error * factor + floor)
