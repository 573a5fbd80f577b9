"""Sizes that a function knows: what the symbols in the types of its values stand for."""

from __future__ import annotations

from dataclasses import dataclass, field

from interlingua.backends.source.names import Names
from interlingua.backends.source.stacks import bound_by
from interlingua.ir.types import Tensor, Type


@dataclass(slots=True)
class Sizes:
    """Expressions by the names of symbols, inside one function. Those of its inputs get names, which are bound at its
    head where they are used."""

    names: Names
    outer: Sizes | None = None
    """Of the function that this one is inside of: what it knows is known here."""
    caller: Sizes | None = None
    """Of the function that calls this one: what it knows is passed."""
    passed: dict[str, str] = field(default_factory=dict)
    """Names of parameters, with what the caller passes for them."""
    _found: dict[str, str] = field(default_factory=dict)
    _asked: dict[str, tuple[str, int]] = field(default_factory=dict)
    _heads: dict[str, dict[int, str]] = field(default_factory=dict)
    _ranks: dict[str, int] = field(default_factory=dict)

    def bind(self, type_: Type, text: str, *, head: bool = False) -> None:
        """Learn from a value of the type that ``text`` stands for; ``head`` says that it is an input."""
        for symbol, axis in bound_by(type_, self):
            if head:
                assert isinstance(type_, Tensor)
                self._asked[symbol] = (text, axis)
                self._ranks[text] = type_.rank
            else:
                self._found[symbol] = f"{text}.shape[{axis}]"

    def __contains__(self, symbol: object) -> bool:
        known = symbol in self._found or symbol in self._asked
        return known or (self.outer is not None and symbol in self.outer)

    def get(self, symbol: str) -> str | None:
        """What stands for the symbol, if anything does."""
        if symbol in self._asked and symbol not in self._found:
            text, axis = self._asked[symbol]
            self._found[symbol] = self._heads.setdefault(text, {})[axis] = self.names.fresh(_hint(symbol), "size")
        found = self._found.get(symbol)
        if found is None and self.outer is not None:
            return self.outer.get(symbol)
        if found is None and self.caller is not None and (given := self.caller.get(symbol)) is not None:
            found = self._found[symbol] = self.names.fresh(_hint(symbol), "size")
            self.passed[found] = given
        return found

    def head(self, used: set[str]) -> list[str]:
        """Statements that bind the names among ``used``."""
        lines = []
        for text, axes in self._heads.items():
            kept = {axis: name for axis, name in axes.items() if name in used}
            if len(kept) == 1:
                ((axis, name),) = kept.items()
                lines.append(f"{name} = {text}.shape[{axis}]")
            elif kept:
                lines.append(f"{', '.join(kept.get(axis, '_') for axis in range(self._ranks[text]))} = {text}.shape")
        return lines


def _hint(symbol: str) -> str:
    return symbol if symbol[:1].isalpha() else "size"
