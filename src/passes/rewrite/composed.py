"""What passes made of passes share: a label, and the contract of the loosest member."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from interlingua.passes.base import CONTRACTS, Contract, Pass

C = TypeVar("C", bound="Composed")


@dataclass(frozen=True, slots=True)
class Composed(Pass):
    """An entry of a pipeline: the pipeline's table names it and its members."""

    label: str
    members: tuple[Any, ...]

    @property
    def title(self) -> str:
        """As :attr:`Pass.title`."""
        return self.label

    @property
    def promise(self) -> Contract:
        """As :attr:`Pass.promise`: that of the loosest member."""
        return max((m.promise for m in self.members), key=CONTRACTS.index, default="exact")

    def select(self: C, keep: Callable[[Any], Pass | None]) -> C | None:
        """The same of what ``keep`` makes of the members; ``None`` where nothing is left."""
        members = tuple(k for m in self.members if (k := keep(m)) is not None)
        return replace(self, members=members) if members else None
