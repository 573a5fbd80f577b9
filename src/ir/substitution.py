"""Dims with other dims in place of symbols."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from interlingua.ir.broadcasting import broadcast_dim
from interlingua.ir.dims import Dim, DimLike, floordiv, is_unknown, maximum, minimum
from interlingua.ir.monomials import STAND_IN, Symbol

APPLY: dict[str, Callable[[DimLike, DimLike], DimLike]] = {
    "floordiv": floordiv,
    "max": maximum,
    "min": minimum,
    "broadcast": broadcast_dim,
}
"""What makes and simplifies the atoms, by function."""


def substitute(value: DimLike, bindings: Mapping[str, DimLike]) -> DimLike:
    """``value`` with some symbols replaced by other dims."""
    if isinstance(value, int):
        return value
    total: DimLike = 0
    for monomial, c in value.terms:
        term: DimLike = c
        for atom, power in monomial:
            if isinstance(atom, Symbol):
                base = bindings.get(atom.name, Dim(((((atom, 1),), 1),)))
            else:
                a, b = (substitute(arg, bindings) for arg in atom.args)
                base = APPLY[atom.function](a, b)
            for _ in range(power):
                term = term * base
        total = total + term
    return total


def named(value: DimLike, fresh: Callable[[], Dim]) -> DimLike:
    """``value`` with a fresh symbol for what is unknown in it."""
    if not isinstance(value, Dim) or not is_unknown(value):
        return value
    if any(s.name.startswith(STAND_IN) for s in value.symbols):
        return fresh()  # what a stand-in stands for may be negative; the dim as a whole is not
    return substitute(value, {"?": fresh()})
