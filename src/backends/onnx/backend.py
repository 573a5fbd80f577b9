"""The ``onnx`` backend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from interlingua.backends.base import Backend, Target
from interlingua.backends.lowering import Lowerings
from interlingua.errors import UsageError
from interlingua.formats.onnx import quiet
from interlingua.ir.draw import Draw
from interlingua.ir.graph import Module
from interlingua.runtimes.base import Runner

OLDEST_OPSET = 13
DEFAULT_OPSET = 20
"""Emitted unless asked otherwise: GELU and all composites of vision models are native in it, and every runtime of
the last two years reads it."""


class OnnxBackend(Backend):
    """Emits ONNX files for ONNX Runtime."""

    name = "onnx"
    extension = ".onnx"

    @property
    def lowerings(self) -> Lowerings:
        from interlingua.backends.onnx.lowerings import lowerings

        return lowerings()

    def target(self, module: Module, **options: Any) -> Target:
        """Options: ``opset``, the version of the default domain, from 13 on; the IR version follows from it."""
        opset = options.pop("opset", None)
        if options:
            raise UsageError(f"the onnx backend has no option {next(iter(options))!r}", hint="it has: opset")
        opset = DEFAULT_OPSET if opset is None else opset
        with quiet():
            newest = self._newest()
            if not isinstance(opset, int) or not OLDEST_OPSET <= opset <= newest:
                raise UsageError(f"opset {opset!r} cannot be emitted", hint=f"give one from {OLDEST_OPSET} to {newest}")
            return self._target(opset)

    def draw_target(self, module: Module, draw: Draw, *, cautious: bool = True) -> Target:
        """Any opset, any spelling."""
        with quiet():
            opset = draw.choice([DEFAULT_OPSET, *range(OLDEST_OPSET, self._newest() + 1)])
            spelling = draw.integer(0, 2**16)
            return self._target(opset, cautious=cautious, spelling=spelling or None)

    def _newest(self) -> int:
        """The newest opset that the packages can write and the runtime can read."""
        import onnx

        from interlingua.backends.onnx.kernels import kernels

        return min(int(onnx.defs.onnx_opset_version()), kernels().opset)

    def _target(self, opset: int, **choices: Any) -> Target:
        import onnx

        from interlingua.backends.onnx.context import OnnxTarget

        ir_version = onnx.helper.find_min_ir_version_for([onnx.helper.make_opsetid("", opset)])
        return OnnxTarget(opset, max(8, ir_version), **choices)

    def emit(self, module: Module, path: Path, target: Target) -> None:
        from interlingua.backends.onnx.context import OnnxTarget
        from interlingua.backends.onnx.emitter import Emitter

        assert isinstance(target, OnnxTarget)
        with quiet():
            Emitter(self.lowerings, target).emit(module, path)

    def runner(self, path: Path) -> Runner:
        from interlingua.runtimes.onnxruntime import OnnxRunner

        return OnnxRunner(path)
