"""Proof by movement: a window that only moves elements does the same to all values that it does to distinct ones.

Every element of a leaf gets a number of its own, every element of a constant one for its bits, and both sides are
evaluated on the numbers. Where something is to be moved is told by constants, by shapes and by known elements alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from interlingua.equivalence.bounds.movement import ALL, DATA
from interlingua.errors import InterlinguaError
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor
from interlingua.obligations.draws import Sizes, Undrawable, known, shape_of, sizings
from interlingua.obligations.window import Sides

SIZES = 3
"""Sets of sizes that are looked at."""
LEFT_OUT = frozenset({"nn.max_unpool", "math.trilu", "nn.embedding"})
"""Ops that are told where to by data."""
SHAPE_OF = "core.shape_of"
MOVES = frozenset(DATA) - LEFT_OUT


@dataclass(frozen=True, slots=True)
class _Moved:
    """A value: the numbers of its elements; the elements themselves, where they hang on no leaf."""

    numbers: np.ndarray[Any, Any]
    real: np.ndarray[Any, Any] | None


@dataclass(frozen=True, slots=True)
class Shown:
    """At how many sets of sizes; whether there are no others."""

    sizes: int
    complete: bool


class _Unmoved(Exception):
    """It hangs on the data."""


def moves(sides: Sides) -> Shown | None:
    """At what sizes both sides are shown to be one; ``None`` where they do more than move, or do not move alike."""
    types = [side.main.outputs[0].type for side in (sides.before, sides.after)]
    if not all(isinstance(t, Tensor) and isinstance(types[0], Tensor) and t.dtype is types[0].dtype for t in types):
        return None
    if not (_moving(sides.before) and _moving(sides.after)):
        return None
    leaves = list(sides.feeds.values())
    count, fixed = 0, False
    try:
        for sizes in sizings(leaves):
            fixed = not sizes
            same = _same(sides, sizes)
            if same is False:
                return None
            count += bool(same)
            if count == SIZES:
                break
    except (Undrawable, _Unmoved):
        return None
    return Shown(count, fixed) if count else None


def _moving(module: Module) -> bool:
    ops = (n for n in module.main.nodes if not isinstance(n.op, Constant))
    return all(n.op.name in MOVES or n.op.name == SHAPE_OF for n in ops)


def _same(sides: Sides, sizes: Sizes) -> bool | None:
    """``None`` where the before side cannot be at these sizes."""
    names: dict[bytes, int] = {}
    given, start = {}, 1 << 40
    for name, value in sides.feeds.items():
        shape = shape_of(value, sizes)
        assert shape is not None
        count = int(np.prod(shape, dtype=np.int64))
        given[name] = _Moved(np.arange(start, start + count).reshape(shape), _known(value, sizes, shape))
        start += count
    try:
        wanted = _run(sides.before, given, names)
    except (InterlinguaError, ArithmeticError, LookupError, ValueError):
        return None
    try:
        found = _run(sides.after, given, names)
    except (InterlinguaError, ArithmeticError, LookupError, ValueError):
        return False
    return wanted.shape == found.shape and bool(np.array_equal(wanted, found))


def _known(value: Value, sizes: Sizes, shape: tuple[int, ...]) -> np.ndarray[Any, Any] | None:
    type_ = value.tensor
    if type_.elements is None or not type_.dtype.is_integer or any(e is None for e in type_.elements.ravel()):
        return None
    array: np.ndarray[Any, Any] = known(type_, np.zeros(shape, type_.dtype.numpy), sizes)
    return array


def _run(module: Module, given: Mapping[str, _Moved], names: dict[bytes, int]) -> np.ndarray[Any, Any]:
    inputs = zip(module.input_names, module.main.inputs, strict=True)
    env = {value: _numbered(given[name], names) for name, value in inputs}
    for node in module.main.nodes:
        env.update(zip(node.results, _step(node, env, names), strict=True))
    return env[module.main.outputs[0]].numbers


def _numbered(moved: _Moved, names: dict[bytes, int]) -> _Moved:
    """What is known for certain is numbered by its bits, as constants are."""
    return moved if moved.real is None else _Moved(_by_bits(moved.real, names), moved.real)


def _by_bits(array: np.ndarray[Any, Any], names: dict[bytes, int]) -> np.ndarray[Any, Any]:
    """Numbers by bits, below those of the leaves; 0 is that of zero bits, which ops fill in by themselves."""
    if array.dtype.kind == "O":
        raise _Unmoved
    flat = np.ascontiguousarray(array).reshape(-1)
    raw = flat.view(np.uint8).reshape(flat.size, array.dtype.itemsize) if flat.size else np.zeros((0, 1), np.uint8)
    unique, inverse = np.unique(raw, axis=0, return_inverse=True)
    numbers = [0 if not row.any() else names.setdefault(row.tobytes(), len(names) + 1) for row in unique]
    return np.asarray(numbers, np.int64)[inverse.reshape(-1)].reshape(array.shape)


def _step(node: Node, env: Mapping[Value, _Moved], names: dict[bytes, int]) -> list[_Moved]:
    operands = [None if o is None else env[o] for o in node.operands]
    if isinstance(node.op, Constant):
        made = [node.op.reference()]
        return [_Moved(_by_bits(a, names), a) for a in made]
    if node.op.name == SHAPE_OF:
        assert operands[0] is not None
        real = np.asarray(operands[0].numbers.shape, np.int64)
        type_ = node.result.type
        real = real.astype(type_.dtype.numpy) if isinstance(type_, Tensor) else real
        return [_Moved(_by_bits(real, names), real)]
    data = DATA[node.op.name]
    moved: list[Any] = []
    for index, operand in enumerate(operands):
        if operand is None:
            moved.append(None)
        elif data is ALL or index in data:
            moved.append(operand.numbers)
        elif operand.real is None:
            raise _Unmoved
        else:
            moved.append(operand.real)
    numbers = _several(node.op.reference(*moved))
    whole = all(o is None or o.real is not None for o in operands)
    reals = _several(node.op.reference(*(None if o is None else o.real for o in operands))) if whole else None
    return [_Moved(n, None if reals is None else reals[i]) for i, n in enumerate(numbers)]


def _several(found: Any) -> list[np.ndarray[Any, Any]]:
    return list(found) if isinstance(found, tuple) else [found]
