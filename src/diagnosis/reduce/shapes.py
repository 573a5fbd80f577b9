"""Smaller dims: of inputs and constants, and of the constants that list sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from interlingua.diagnosis.reduce.case import Case
from interlingua.ir.dims import Dim
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.types import Tensor, Type
from interlingua.ir.weights import ArrayWeight, Weight

DISTINCT = (2, 3, 4, 5, 6, 7)
"""Sizes to shrink to, each taken once where possible: equal dims hide which is which."""
LISTED = 16
"""The longest vector of integers that may be a list of sizes."""

Shrunk: TypeAlias = tuple[str, dict[Value, Type], dict[Value, Any], dict[Node, Weight]]
Resize: TypeAlias = Callable[[int], int]


def concrete(module: Module, inputs: Mapping[str, Any]) -> dict[Value, Type]:
    """The types that the inputs have on these arrays, where they were less than fixed."""
    found: dict[Value, Type] = {}
    for value in module.main.inputs:
        array = inputs.get(value.name)
        if isinstance(value.type, Tensor) and value.type.static_shape is None and isinstance(array, np.ndarray):
            found[value] = Tensor(value.type.dtype, tuple(array.shape))
    return found


@dataclass(frozen=True, slots=True)
class _Leaf:
    """An array that the case holds, where it comes from."""

    array: np.ndarray[Any, Any]
    value: Value | None = None
    node: Node | None = None

    @property
    def listed(self) -> bool:
        """Whether it is a constant that may list sizes."""
        array = self.array
        return self.node is not None and array.dtype.kind == "i" and array.ndim <= 1 and array.size <= LISTED


def smaller(case: Case) -> Iterator[Shrunk]:
    """Ways to make dims smaller: all of one size together, then each alone."""
    given = ((v, case.inputs.get(v.name)) for v in case.module.main.inputs)
    leaves = [_Leaf(array, value=v) for v, array in given if isinstance(array, np.ndarray)]
    leaves += [_Leaf(w.view(), node=n) for n, w in case.constants.items()]
    sizes = sorted({d for leaf in leaves for d in leaf.array.shape if d > 1}, reverse=True)
    for size in sizes:
        for target in _targets(size, sizes):
            for what, resize, relist in _ways(size, target):
                for last in (False, True):
                    yield _shrunk(f"{size} → {target} {what}", leaves, resize, relist, last)
    for k, leaf in enumerate(leaves):
        for axis, size in enumerate(leaf.array.shape):
            for target in _targets(size, sizes) if size > 1 else ():
                yield _alone(f"one dim {size} → {target}", leaves[k], axis, target)


def _targets(size: int, taken: list[int]) -> list[int]:
    """What a size may become: another small one that is not taken; of a large one also less than it, at worst 1."""
    free = [t for t in DISTINCT if t < size and t not in taken]
    if size in DISTINCT:
        return free
    return [t for t in dict.fromkeys([*free[:2], size // 2, size - 1, 1]) if t > 0]


def _ways(size: int, target: int) -> Iterator[tuple[str, Resize, Resize]]:
    """How sizes of axes and listed sizes change: those equal; with those in lists; with those that are multiples."""

    def equal(d: int) -> int:
        return target if d == size else d

    def multiple(d: int) -> int:
        return d // size * target if d > 0 and d % size == 0 else d

    yield "", equal, lambda d: d
    yield "in lists too", equal, equal
    yield "with multiples", multiple, multiple


def _shrunk(what: str, leaves: list[_Leaf], resize: Resize, relist: Resize, last: bool) -> Shrunk:
    types: dict[Value, Type] = {}
    arrays: dict[Value, Any] = {}
    weights: dict[Node, Weight] = {}
    for leaf in leaves:
        shape = [resize(d) for d in leaf.array.shape]
        array = _sliced(leaf.array, shape, last)
        if leaf.listed and array.size:
            array = np.array([relist(int(e)) for e in array.ravel()], array.dtype).reshape(array.shape)
        _note(leaf, array, types, arrays, weights)
    return what, types, arrays, weights


def _alone(what: str, leaf: _Leaf, axis: int, target: int) -> Shrunk:
    shape = list(leaf.array.shape)
    shape[axis] = target
    types: dict[Value, Type] = {}
    arrays: dict[Value, Any] = {}
    weights: dict[Node, Weight] = {}
    _note(leaf, _sliced(leaf.array, shape, False), types, arrays, weights)
    return what, types, arrays, weights


def _note(
    leaf: _Leaf, array: Any, types: dict[Value, Type], arrays: dict[Value, Any], weights: dict[Node, Weight]
) -> None:
    if array.shape == leaf.array.shape and np.array_equal(array, leaf.array):
        return
    if leaf.node is not None:
        weights[leaf.node] = ArrayWeight(np.ascontiguousarray(array))
    elif leaf.value is not None:
        arrays[leaf.value] = np.ascontiguousarray(array)
        types[leaf.value] = _typed(leaf.value, array.shape)


def _typed(value: Value, shape: tuple[int, ...]) -> Type:
    """The type of an input of a new shape: what was a symbol stays one."""
    declared = value.tensor
    if declared.shape is None:
        return declared
    dims = tuple(d if isinstance(d, Dim) else s for d, s in zip(declared.shape, shape, strict=True))
    return Tensor(declared.dtype, dims)


def _sliced(array: np.ndarray[Any, Any], shape: list[int], last: bool) -> np.ndarray[Any, Any]:
    cut = tuple(slice(d - s, d) if last else slice(0, s) for d, s in zip(array.shape, shape, strict=True))
    return array[cut]
