"""The ``litert`` backend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from interlingua.backends.base import Backend, Target
from interlingua.backends.litert.target import LiteRtTarget
from interlingua.backends.lowering import Lowerings
from interlingua.ir.draw import Draw
from interlingua.ir.graph import Module
from interlingua.runtimes.base import Runner


class LiteRtBackend(Backend):
    """Emits TensorFlow Lite files for LiteRT."""

    name = "litert"
    extension = ".tflite"
    pipeline = "channels-last"

    @property
    def lowerings(self) -> Lowerings:
        from interlingua.backends.litert.lowerings import lowerings

        return lowerings()

    def target(self, module: Module, **options: Any) -> Target:
        """There are no options."""
        super().target(module, **options)
        return LiteRtTarget()

    def draw_target(self, module: Module, draw: Draw, *, cautious: bool = True) -> Target:
        """The plain one: the format has no versions to choose from."""
        return LiteRtTarget(cautious=cautious)

    def emit(self, module: Module, path: Path, target: Target) -> None:
        from interlingua.backends.litert.emitter import emit

        assert isinstance(target, LiteRtTarget)
        emit(module, path, target, self.lowerings)

    def runner(self, path: Path) -> Runner:
        from interlingua.runtimes.litert import LiteRtRunner

        return LiteRtRunner(path)
