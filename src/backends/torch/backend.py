"""The ``torch`` backend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from interlingua.backends.base import Backend, Target
from interlingua.backends.lowering import Lowerings
from interlingua.backends.torch.target import TorchTarget
from interlingua.errors import UsageError
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
        """Options: ``pt2``, whether the package holds the program that ``torch.export`` makes of the module as well."""
        pt2 = options.pop("pt2", False)
        if options:
            raise UsageError(f"the torch backend has no option {next(iter(options))!r}", hint="it has: pt2")
        if not isinstance(pt2, bool):
            raise UsageError(f"pt2 is true or false, not {pt2!r}")
        return TorchTarget(pt2)

    def emit(self, module: Module, path: Path, target: Target) -> None:
        from interlingua.backends.torch.emitter import Emitter

        assert isinstance(target, TorchTarget)
        Emitter(self.lowerings, target).emit(module, path)

    def runner(self, path: Path) -> Runner:
        from interlingua.runtimes.torch import TorchRunner

        return TorchRunner(path)

    def open(self, path: Path) -> Any:
        """The ``torch.nn.Module`` with its weights, in evaluation mode."""
        present()
        from interlingua.runtimes.torch import load_package

        return load_package(path).load()
