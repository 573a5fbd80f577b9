"""The ``numpy`` backend."""

from __future__ import annotations

from pathlib import Path

from interlingua.backends.base import Backend, Target
from interlingua.backends.lowering import Lowerings
from interlingua.ir.graph import Module
from interlingua.runtimes.base import Runner


class NumpyBackend(Backend):
    """Emits a folder with a Python program that needs NumPy alone, and the weights beside it."""

    name = "numpy"
    extension = ".numpy"

    @property
    def lowerings(self) -> Lowerings:
        from interlingua.backends.numpy.lowerings import lowerings

        return lowerings()

    def emit(self, module: Module, path: Path, target: Target) -> None:
        from interlingua.backends.numpy.emitter import Emitter

        Emitter(self.lowerings, target).emit(module, path)

    def runner(self, path: Path) -> Runner:
        from interlingua.runtimes.numpy import NumpyRunner

        return NumpyRunner(path)
