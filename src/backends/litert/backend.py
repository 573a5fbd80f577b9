"""The ``litert`` backend."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from interlingua.backends.base import Backend, Target
from interlingua.backends.litert.channels import SIDES, chosen_ports
from interlingua.backends.litert.target import LiteRtTarget
from interlingua.backends.lowering import Lowerings
from interlingua.errors import UsageError
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
        """Options: ``inputs_as_nhwc`` and ``outputs_as_nhwc``, names of inputs and outputs, of rank 3 or more, whose
        channels are second in the source and come last in the artifact; ``True`` for all of rank 4. Without them the
        interface keeps its layout."""
        inputs, outputs = (chosen_ports(module, name, options.pop(name, False)) for name in SIDES)
        if options:
            hint = f"it has: {', '.join(SIDES)}"
            raise UsageError(f"the litert backend has no option {next(iter(options))!r}", hint=hint)
        return LiteRtTarget(inputs_as_nhwc=inputs, outputs_as_nhwc=outputs)

    def pass_options(self, target: Target) -> Mapping[str, Mapping[str, Any]]:
        """What is asked for channels last needs no transpose; images are resized so."""
        assert isinstance(target, LiteRtTarget)
        given = {"inputs": target.inputs_as_nhwc, "outputs": target.outputs_as_nhwc, "resizes": True}
        return {"assign-layout": given, "sink-transposes": given}

    def draw_target(self, module: Module, draw: Draw, *, cautious: bool = True) -> Target:
        """The plain one: the format has no versions to choose from."""
        return LiteRtTarget(cautious=cautious)

    def emit(self, module: Module, path: Path, target: Target) -> None:
        from interlingua.backends.litert.emitter import emit

        assert isinstance(target, LiteRtTarget)
        emit(module, path, target, self.lowerings)

    def runner(self, path: Path) -> Runner:
        from interlingua.runtimes.litert import LiteRtRunner

        return LiteRtRunner(path, as_source=True)
