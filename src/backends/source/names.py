"""Python identifiers for values and weights."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

LONGEST = 40
"""Longer names keep the words at their end, where frameworks put what tells one from another."""

SPOKEN = ("TypeError", "complex", "max", "min")
"""Builtins that the body of a model may refer to."""


class Names:
    """Identifiers that are unique across a program and shadow nothing.

    Args:
        reserved: names that the program gives another meaning.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *reserved}
        self._claimable = set(dir(builtins)) - {*keyword.kwlist, *reserved, *SPOKEN}
        self._next: dict[str, int] = {}
        self.given: list[str] = []
        """Every name that was given out, in order."""

    def parameter(self, name: str) -> str:
        """The identifier of an input. Callers write it: ``input`` stays, builtin or not."""
        if name in self._claimable:
            self._claimable.remove(name)
            self.given.append(name)
            return name
        return self.fresh(name, "x")

    def fresh(self, hint: str, otherwise: str = "v") -> str:
        """An identifier that resembles ``hint``, or ``otherwise`` where nothing of it is left."""
        stem = identifier(hint) or identifier(otherwise) or "v"
        name, number = stem, self._next.get(stem, 1)
        while name.casefold() in self._taken or name in self._taken:
            name, number = f"{stem}_{number}", number + 1
        self._next[stem] = number
        self.given.append(name)
        self._taken.update((name, name.casefold()))  # weights are files, and some file systems ignore case
        return name


def identifier(text: str) -> str:
    """``text`` with words of ASCII letters and digits joined by underscores; empty where it has none."""
    words = [w for w in re.split(r"[^A-Za-z0-9]+", text.rpartition(";")[2] or text) if w]
    while len(words) > 1 and sum(map(len, words)) + len(words) - 1 > LONGEST:
        del words[0]
    name = "_".join(words)[-LONGEST:]
    return f"v{name}" if name[:1].isdigit() else name
