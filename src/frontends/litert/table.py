"""The table of translations: one function a builtin op, with what it makes of quantized tensors.

* ``REFUSED``: an op whose operands or results are quantized is unsupported.
* ``LEVELS``: it moves elements and never looks at them, so it moves levels; operands and results share one scale.
* ``REAL``: operands are made real, and results levels again.
* ``OWN``: the function sees the levels, and what it gives are levels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from interlingua.errors import DuplicateName
from interlingua.ir.graph import Value

if TYPE_CHECKING:
    from interlingua.frontends.litert.node import LiteRtNode
    from interlingua.ir.builder import Builder

Translation: TypeAlias = "Callable[[LiteRtNode, Builder], Value | Sequence[Value | None]]"
T = TypeVar("T", bound=Translation)


class Quantized(Enum):
    """What a translation makes of quantized tensors."""

    REFUSED = "refused"
    LEVELS = "levels"
    REAL = "real"
    OWN = "own"


REFUSED, LEVELS, REAL, OWN = Quantized


@dataclass(frozen=True, slots=True)
class Row:
    """A translation and its use of quantized tensors."""

    function: Translation
    quantized: Quantized
    takes_complex: bool = False


class Table:
    """Translations by the name of the builtin op."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    def translate(self, *ops: str, quantized: Quantized = REFUSED, takes_complex: bool = False) -> Callable[[T], T]:
        """Register a function for the named ops. Complex numbers are pairs of floats, along an axis more."""

        def register(function: T) -> T:
            for op in ops:
                self.add(op, Row(function, quantized, takes_complex))
            return function

        return register

    def add(self, op: str, row: Row) -> None:
        taken = self.rows.setdefault(op, row)
        if taken is not row:
            raise DuplicateName(f"{op} is translated by both {taken.function.__module__} and {row.function.__module__}")


def merge(tables: Iterable[Table]) -> Table:
    """One table of all rows.

    Raises:
        DuplicateName: two tables claim one op.
    """
    merged = Table()
    for table in tables:
        for op, row in table.rows.items():
            merged.add(op, row)
    return merged
