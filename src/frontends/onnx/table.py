"""The table of translations: one function a source op, each for the versions of the op that it names.

A version is the opset in which ONNX last changed the op (``since_version`` of its schema). A node whose version no
function names is unsupported: never the nearest one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from interlingua.errors import DuplicateName
from interlingua.ir.graph import Value

if TYPE_CHECKING:
    from interlingua.frontends.onnx.node import OnnxNode
    from interlingua.ir.builder import Builder

Translation: TypeAlias = "Callable[[OnnxNode, Builder], Value | Sequence[Value | None]]"
Key: TypeAlias = tuple[str, str, int]
T = TypeVar("T", bound=Translation)


class Table:
    """Translations by (domain, op, version), of ``domain`` where a row names none."""

    def __init__(self, domain: str = "") -> None:
        self.domain = domain
        self.rows: dict[Key, Translation] = {}

    def translate(self, op: str, *versions: int, domain: str | None = None) -> Callable[[T], T]:
        """Register a function for the named versions of ``op``."""

        def register(function: T) -> T:
            for version in versions:
                self.add((self.domain if domain is None else domain, op, version), function)
            return function

        return register

    def add(self, key: Key, function: Translation) -> None:
        taken = self.rows.setdefault(key, function)
        if taken is not function:
            raise DuplicateName(f"{key} is translated by both {taken.__module__} and {function.__module__}")

    def find(self, domain: str, op: str, version: int) -> Translation | None:
        return self.rows.get((domain, op, version))

    def versions(self, domain: str, op: str) -> list[int]:
        """The versions of an op that have a translation."""
        return sorted(v for d, o, v in self.rows if (d, o) == (domain, op))


def merge(tables: Iterable[Table]) -> Table:
    """One table of all rows.

    Raises:
        DuplicateName: two tables claim one row.
    """
    merged = Table()
    for table in tables:
        for key, function in table.rows.items():
            merged.add(key, function)
    return merged
