"""The ``numpy`` backend (placeholder until emitter lands)."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from interlingua.backends.base import Backend, Target
from interlingua.backends.lowering import Lowerings
from interlingua.ir.graph import Module


class NumpyBackend(Backend):
    name = "numpy"
    extension = ".numpy"

    @property
    def lowerings(self) -> Lowerings:
        return Lowerings()

    def emit(self, module: Module, path: Path, target: Target) -> None: ...

    def runner(self, path: Path) -> Any: ...
