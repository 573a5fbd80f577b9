"""PyTorch's symbolic sizes as dims: its symbols under the names that the user gave them, with their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interlingua.ir.dims import Dim, DimLike, floordiv, maximum, minimum, symbol

_ENDLESS = 1 << 62
"""What PyTorch writes for no bound, where it writes a number."""


class Sizes:
    """The dims of the program's symbols.

    Args:
        ranges: the range of each symbol, as exported.
    """

    def __init__(self, ranges: Mapping[Any, Any]) -> None:
        self.ranges = {str(s): r for s, r in ranges.items()}
        self.names: dict[str, Dim] = {}

    def name(self, size: Any, name: str) -> None:
        """Call the symbol that ``size`` is, if it is one and has no name yet, ``name``."""
        expression = _expression(size)
        if expression is not None and expression.is_Symbol and str(expression) not in self.names:
            self.names[str(expression)] = self._symbol(str(expression), name)

    def _symbol(self, own: str, name: str) -> Dim:
        lo, hi = self._range(own)
        taken = {str(d) for d in self.names.values()}
        return symbol(own if name in taken else name, lo, hi)

    def _range(self, own: str) -> tuple[int, int | None]:
        found = self.ranges.get(own)
        if found is None:
            return 0, None
        lo = int(found.lower) if found.lower.is_Integer else 0
        hi = int(found.upper) if found.upper.is_Integer and found.upper < _ENDLESS else None
        return max(lo, 0), hi

    def dim(self, size: Any) -> DimLike | None:
        """A size as a dim; ``None`` where it is nothing that a dim can say."""
        expression = _expression(size)
        return int(size) if expression is None else self._dim(expression)

    def _dim(self, e: Any) -> DimLike | None:
        if e.is_Integer:
            return int(e)
        if e.is_Symbol:
            own = str(e)
            if own not in self.names:
                self.names[own] = self._symbol(own, own)
            return self.names[own]
        parts = [self._dim(a) for a in e.args]
        rule = _RULES.get(type(e).__name__)
        known = [p for p in parts if p is not None]
        return rule(*known) if rule is not None and len(known) == len(parts) else None


def _sum(*parts: DimLike) -> DimLike:
    total: DimLike = 0
    for part in parts:
        total = total + part
    return total


def _product(*parts: DimLike) -> DimLike:
    total: DimLike = 1
    for part in parts:
        total = total * part
    return total


def _power(base: DimLike, exponent: DimLike) -> DimLike | None:
    return _product(*[base] * exponent) if isinstance(exponent, int) and exponent >= 0 else None


_RULES: dict[str, Any] = {
    "Add": _sum,
    "Mul": _product,
    "Pow": _power,
    "PowByNatural": _power,
    "FloorDiv": floordiv,
    "CleanDiv": floordiv,
    "Mod": lambda a, b: a % b,
    "PythonMod": lambda a, b: a % b,
    "Max": maximum,
    "Min": minimum,
}


def _expression(size: Any) -> Any:
    """The expression of a symbolic size; ``None`` for a plain integer."""
    node = getattr(size, "node", None)
    return None if node is None else node.expr
