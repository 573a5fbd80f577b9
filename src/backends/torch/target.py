"""What an emission to PyTorch aims at."""

from __future__ import annotations

from dataclasses import dataclass

from interlingua.backends.base import Target


@dataclass(frozen=True, slots=True)
class TorchTarget(Target):
    """PyTorch source for eager execution.

    Attributes:
        pt2: whether the package holds ``model.pt2`` as well, the program that ``torch.export`` makes of the module.
    """

    pt2: bool = False

    def __str__(self) -> str:
        return "PyTorch, with model.pt2" if self.pt2 else "PyTorch"
