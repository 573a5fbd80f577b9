"""Values for the leaves of a window: symbolic dims at several sizes, known elements as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from interlingua.ir.dims import Dim, evaluate
from interlingua.ir.draw import Kind, values
from interlingua.ir.graph import Value
from interlingua.ir.monomials import Symbol
from interlingua.ir.ratios import Ratio
from interlingua.ir.types import Tensor

Sizes = Mapping[str, int]

LADDERS: tuple[tuple[int, ...], ...] = (
    (3, 5, 7, 11, 13, 17),
    (1,),
    (2, 4, 8, 16),
    (32, 64, 96),
    (4,),
    (64,),
    (160,),
    (1, 48, 96),
    (2, 320, 256),
)
"""Sizes for the symbols of a window in turn: distinct primes, ones, powers of two, multiples of 32; what a window does
not take at one is tried at the next."""
MAX_ELEMENTS = 1 << 21
"""Of all leaves together."""


class Undrawable(Exception):
    """A leaf of a type that no values are drawn for."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One set of values.

    Attributes:
        sizes: of the symbols.
        values: by leaf.
    """

    sizes: Sizes
    values: dict[Value, Any]

    @property
    def label(self) -> str:
        """For reports."""
        return ", ".join(f"{name}={size}" for name, size in self.sizes.items()) or "fixed sizes"


def symbols_of(leaves: Sequence[Value]) -> list[Symbol]:
    """The symbols in shapes and known elements, each once."""
    found: dict[str, Symbol] = {}
    for leaf in leaves:
        if isinstance(leaf.type, Tensor):
            elements = [] if leaf.type.elements is None else leaf.type.elements.ravel().tolist()
            dims = [e.num if isinstance(e, Ratio) else e for e in elements]
            for dim in (*(leaf.type.shape or ()), *dims):
                if isinstance(dim, Dim):
                    found.update((s.name, s) for s in dim.symbols)
    return list(found.values())


def sizings(leaves: Sequence[Value]) -> Iterator[Sizes]:
    """Sizes of the symbols that every dim of a leaf takes; one empty set where there are no symbols."""
    if any(not isinstance(leaf.type, Tensor) or leaf.type.shape is None for leaf in leaves):
        raise Undrawable
    symbols = symbols_of(leaves)
    if not symbols:
        yield {}
        return
    seen = []
    for ladder in LADDERS:
        sizes = {s.name: _within(ladder[i % len(ladder)], s) for i, s in enumerate(symbols)}
        if sizes not in seen and _fits(leaves, sizes):
            seen.append(sizes)
            yield sizes


def _within(size: int, symbol: Symbol) -> int:
    raised = max(size, symbol.lo)
    return raised if symbol.hi is None else min(raised, symbol.hi)


def _fits(leaves: Sequence[Value], sizes: Sizes) -> bool:
    shapes = [shape_of(leaf, sizes) for leaf in leaves]
    return all(s is not None for s in shapes) and sum(prod(s or ()) for s in shapes) <= MAX_ELEMENTS


def shape_of(leaf: Value, sizes: Sizes) -> tuple[int, ...] | None:
    """The shape at these sizes; ``None`` where a dim is negative or not said."""
    dims = [evaluate(d, sizes) for d in leaf.tensor.dims]
    return None if any(d is None or d < 0 for d in dims) else tuple(int(d) for d in dims if d is not None)


def draw(leaves: Sequence[Value], sizes: Sizes, kind: Kind, seed: int, most: int | None = None) -> Draw:
    """Values of a kind at these sizes. ``most`` bounds integers, which may be indices."""
    found = {}
    for number, leaf in enumerate(leaves):
        shape = shape_of(leaf, sizes)
        assert shape is not None
        type_ = leaf.tensor
        if type_.dtype.is_integer and most is not None:
            array = np.random.default_rng(seed + number).integers(0, most, shape, endpoint=True)
            array = array.astype(type_.dtype.numpy)
        else:
            array = values(shape, type_.dtype, kind, seed + number)
        found[leaf] = known(type_, array, sizes)
    return Draw(sizes, found)


def known(type_: Tensor, array: Any, sizes: Sizes) -> Any:
    """``array`` with the elements that the type tells."""
    if type_.elements is None or type_.elements.shape != array.shape:
        return array
    flat, told = array.copy().reshape(-1), type_.elements.ravel().tolist()
    for index, element in enumerate(told):
        number = _number(element, sizes)
        if number is not None:
            flat[index] = number
    return flat.reshape(array.shape)


def _number(element: Any, sizes: Sizes) -> Any:
    if isinstance(element, Ratio):
        top = evaluate(element.num, sizes)
        return None if top is None else top / element.den
    return None if element is None else evaluate(element, sizes)
