"""What every pass is: a dataclass whose fields are its options, with a contract."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias, get_args

from interlingua.ir.graph import Module
from interlingua.ir.rewriter import Rewriter

Contract: TypeAlias = Literal["exact", "rounding", "approximate"]
"""``exact``: every bit the same, NaN, −0.0 and ties included. ``rounding``: equal over the reals. ``approximate``:
a change that the user asked for, within a stated budget."""
CONTRACTS: tuple[Contract, ...] = get_args(Contract)
"""From the strictest to the loosest."""


@dataclass(frozen=True, slots=True)
class Pass(ABC):
    """Changes a module in place, by a rewriter."""

    name: ClassVar[str]
    contract: ClassVar[Contract] = "exact"

    @property
    def title(self) -> str:
        """What this instance is called in reports."""
        return self.name

    @property
    def promise(self) -> Contract:
        """The contract of this instance."""
        return self.contract

    def run_inside(self, module: Module, rewriter: Rewriter) -> int:
        """As :meth:`run`, as a part of another pass: whoever listens is told."""
        if rewriter.around is not None:
            rewriter.around(self, module, False)
        made = self.run(module, rewriter)
        if rewriter.around is not None:
            rewriter.around(self, module, True)
        return made

    @abstractmethod
    def run(self, module: Module, rewriter: Rewriter) -> int:
        """Do it; gives the number of changes. 0 says that the module is as it was."""
