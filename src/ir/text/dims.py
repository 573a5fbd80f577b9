"""Dims as text."""

from __future__ import annotations

import json

from interlingua.ir.dims import DimLike
from interlingua.ir.monomials import FUNCTIONS, Apply, Atom

NUMBERS = frozenset({"inf", "nan"})
"""Words that the text form reads as numbers."""
RESERVED = NUMBERS | set(FUNCTIONS)
"""Names that a symbol bears in quotes."""


def format_dim(value: DimLike) -> str:
    """The text form: ``batch*8``, ``floordiv(H + 1, 2)``, ``"odd name"*2``."""
    if isinstance(value, int):
        return str(value)
    text = ""
    for monomial, c in value.terms:
        factors = [_format_atom(atom) for atom, power in monomial for _ in range(power)]
        if abs(c) != 1 or not factors:
            factors.append(str(abs(c)))
        sign = ("-" if c < 0 else "") if not text else (" - " if c < 0 else " + ")
        text += sign + "*".join(factors)
    return text


def _format_atom(atom: Atom) -> str:
    if isinstance(atom, Apply):
        return f"{atom.function}({', '.join(format_dim(a) for a in atom.args)})"
    name = atom.name
    if name.isascii() and name.isidentifier() and name not in RESERVED:
        return name
    return json.dumps(name)
