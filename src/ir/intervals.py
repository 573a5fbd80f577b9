"""Between which finite numbers a float value lies for certain, where a few steps from constants and casts say so."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Mul, Sub
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.layout import ExpandDims, Squeeze
from interlingua.ir.ops.logic import Select
from interlingua.ir.ops.shape import BroadcastTo, Reshape, Slice, Transpose
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor
from interlingua.ir.weights import Weight

Interval: TypeAlias = "tuple[float, float]"

MOVES: tuple[type[Op], ...] = (ExpandDims, Squeeze, BroadcastTo, Reshape, Slice, Transpose)
"""Ops whose elements are those of their first operand."""
ARITHMETIC: dict[type[Op], Callable[[Interval, Interval], tuple[float, ...]]] = {
    Add: lambda a, b: (a[0] + b[0], a[1] + b[1]),
    Sub: lambda a, b: (a[0] - b[1], a[1] - b[0]),
    Mul: lambda a, b: tuple(p * q for p in a for q in b),
}
DEPTH = 12
"""How many steps back are looked at."""


def finite_interval(value: Value, depth: int = DEPTH) -> Interval | None:
    """Bounds of every element, all of them finite in the value's dtype; ``None`` where there are none for certain."""
    found = _interval(value, depth)
    if found is None or not isinstance(value.type, Tensor) or not value.type.dtype.is_float:
        return found
    largest = float(np.finfo(value.type.dtype.numpy).max) if value.type.dtype.bits >= 16 else 0.0
    return found if max(abs(found[0]), abs(found[1])) <= largest else None


def _interval(value: Value, depth: int) -> Interval | None:
    node = value.node
    if node is None or depth == 0:
        return None
    if isinstance(node.op, Constant):
        return _contents(node.op.weight)
    kind = type(node.op)
    if kind is Cast:
        return _cast(node.operand(0), depth)
    if kind in MOVES:
        return finite_interval(node.operand(0), depth - 1)
    if kind is Select:
        parts = [finite_interval(node.operand(i), depth - 1) for i in (1, 2)]
        return None if None in parts else (min(p[0] for p in parts if p), max(p[1] for p in parts if p))
    if kind in ARITHMETIC:
        first, second = (finite_interval(node.operand(i), depth - 1) for i in (0, 1))
        if first is not None and second is not None:
            ends = ARITHMETIC[kind](first, second)
            return min(ends), max(ends)
    return None


def _contents(weight: Weight) -> Interval | None:
    if weight.size == 0 or weight.dtype.kind not in ("float", "int", "uint", "bool"):
        return None
    array = weight.view()
    low, high = float(array.min()), float(array.max())
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


def _cast(source: Value, depth: int) -> Interval | None:
    dtype = source.tensor.dtype
    if dtype.kind == "bool":
        return 0.0, 1.0
    if dtype.kind in ("int", "uint") and dtype.bits >= 8:
        known = np.iinfo(dtype.numpy)
        return float(known.min), float(known.max)
    return finite_interval(source, depth - 1) if dtype.is_float else None
