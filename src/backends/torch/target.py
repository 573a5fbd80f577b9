"""What an emission to PyTorch aims at."""

from __future__ import annotations

from dataclasses import dataclass

from interlingua.backends.base import Target


@dataclass(frozen=True, slots=True)
class TorchTarget(Target):
    """PyTorch source for eager execution."""

    def __str__(self) -> str:
        return "PyTorch"
