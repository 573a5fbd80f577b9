"""The ``torch`` backend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from interlingua.backends.base import Backend, Target
from interlingua.backends.lowering import Lowerings
from interlingua.backends.torch.target import TorchTarget
from interlingua.formats.torch import present
from interlingua.ir.graph import Module
from interlingua.runtimes.base import Runner


class TorchBackend(Backend):
    """Emits a package of PyTorch source, to be read, run and trained."""

    name = "torch"
    extension = ".torch"
    pipeline = "trainable"

    @property
    def lowerings(self) -> Lowerings:
        present()
        from interlingua.backends.torch.lowerings import lowerings

        return lowerings()

    def target(self, module: Module, **options: Any) -> Target:
        super().target(module, **options)
        return TorchTarget()

    def emit(self, module: Module, path: Path, target: Target) -> None:
        from interlingua.backends.torch.emitter import Emitter

        Emitter(self.lowerings, target).emit(module, path)

    def runner(self, path: Path) -> Runner:
        from interlingua.runtimes.torch import TorchRunner

        return TorchRunner(path)

    def open(self, path: Path) -> Any:
        """The ``torch.nn.Module`` with its weights, in evaluation mode."""
        present()
        from interlingua.runtimes.torch import load_package

        return load_package(path).load()
