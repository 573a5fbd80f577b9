"""What the polynomials of :mod:`interlingua.ir.dims` are made of: atoms, and products of their powers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from interlingua.ir.dims import DimLike


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named unknown with ``lo <= value`` and, where known, ``value <= hi``."""

    name: str
    lo: int = 0
    hi: int | None = None

    def key(self) -> tuple[int, str]:
        return (0, self.name)


@dataclass(frozen=True, slots=True)
class Apply:
    """A function of dims that is no polynomial: one of :data:`FUNCTIONS`."""

    function: str
    args: tuple[DimLike, ...]

    def key(self) -> tuple[int, str]:
        return (1, f"{self.function}{self.args}")


Atom: TypeAlias = Symbol | Apply
Monomial: TypeAlias = tuple[tuple[Atom, int], ...]

STAND_IN = "?!"
"""How symbols begin that stand for a dim that is too large."""


def stand_in(text: str, lo: int) -> Symbol:
    """The symbol that stands for the dim of this text."""
    return Symbol(STAND_IN + hashlib.sha256(text.encode()).hexdigest()[:16], lo)


def measure(terms: Iterable[tuple[Monomial, int]]) -> tuple[int, bool]:
    """How many atoms a polynomial holds, those inside atoms too, each as often as it is multiplied; and whether one of
    them is unknown."""
    size, unknown = 0, False
    for monomial, _ in terms:
        for atom, power in monomial:
            if isinstance(atom, Symbol):
                size += power
                unknown = unknown or atom.name == "?" or atom.name.startswith(STAND_IN)
            else:
                inner = [arg for arg in atom.args if not isinstance(arg, int)]
                size += power * (1 + sum(arg.size for arg in inner))
                unknown = unknown or any(arg.unknown for arg in inner)
    return size, unknown


FUNCTIONS: dict[str, Callable[[int, int], int]] = {
    "floordiv": lambda a, b: a // b,
    "max": max,
    "min": min,
    "broadcast": lambda a, b: b if a == 1 else a,
}
"""On integers, by name."""


@lru_cache(maxsize=4096)
def monomial_key(monomial: Monomial) -> tuple[int, tuple[tuple[tuple[int, str], int], ...]]:
    """The order of terms: higher degree first, then by atoms."""
    return (-sum(p for _, p in monomial), tuple((a.key(), -p) for a, p in monomial))


def times(a: Monomial, b: Monomial) -> Monomial:
    """The product, atoms sorted."""
    if not a or not b:
        return a or b
    powers = dict(a)
    for atom, p in b:
        powers[atom] = powers.get(atom, 0) + p
    return tuple(sorted(powers.items(), key=lambda item: item[0].key()))


def divide(a: Monomial, b: Monomial) -> Monomial | None:
    """``a / b`` where ``b`` divides it."""
    powers = dict(a)
    for atom, p in b:
        left = powers.get(atom, 0) - p
        if left < 0:
            return None
        powers[atom] = left
    return tuple((atom, p) for atom, p in a if powers[atom] for p in (powers[atom],))
