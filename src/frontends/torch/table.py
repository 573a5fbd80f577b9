"""The table of translations: one function for each overload of an operator that it names.

An overload is known by the name that PyTorch gives it, without the namespace ``aten``: ``add.Tensor``; those of other
namespaces have theirs before it: ``torchvision::nms.default``. An operator that works in place and has no row is what
its functional namesake is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from interlingua.errors import DuplicateName

if TYPE_CHECKING:
    from interlingua.frontends.torch.node import TorchNode
    from interlingua.ir.builder import Builder

Translation: TypeAlias = "Callable[[TorchNode, Builder], Any]"
"""Gives what the operator returns: a value, a Python number where it is known now, or a sequence of these."""
T = TypeVar("T", bound=Translation)


class Table:
    """Translations by the name of the overload."""

    def __init__(self) -> None:
        self.rows: dict[str, Translation] = {}

    def translate(self, *overloads: str) -> Callable[[T], T]:
        """Register a function for overloads."""

        def register(function: T) -> T:
            for overload in overloads:
                self.add(overload, function)
            return function

        return register

    def add(self, overload: str, function: Translation) -> None:
        taken = self.rows.setdefault(overload, function)
        if taken is not function:
            raise DuplicateName(f"{overload} is translated by both {taken.__module__} and {function.__module__}")

    def find(self, overload: str) -> Translation | None:
        """The translation of an overload, or of the functional one of the same name."""
        found = self.rows.get(overload)
        return found if found is not None else self.rows.get(functional(overload))


def functional(overload: str) -> str:
    """The name of the operator that does the same, but not in place: ``add_.Tensor`` is ``add.Tensor``."""
    operator, dot, variant = overload.partition(".")
    return operator.removesuffix("_") + dot + variant


def merge(tables: Iterable[Table]) -> Table:
    """One table of all rows.

    Raises:
        DuplicateName: two tables claim one overload.
    """
    merged = Table()
    for table in tables:
        for overload, function in table.rows.items():
            merged.add(overload, function)
    return merged


def rows(pairs: Sequence[tuple[str, Translation]]) -> Table:
    """A table of pairs."""
    table = Table()
    for overload, function in pairs:
        table.add(overload, function)
    return table
