"""The ``onnx`` backend."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from interlingua.backends.base import Backend, Target
from interlingua.backends.lowering import Lowerings
from interlingua.errors import UsageError
from interlingua.formats.onnx import OPSET, quiet
from interlingua.ir.draw import Draw
from interlingua.ir.graph import Module
from interlingua.runtimes.base import Runner

OLDEST_OPSET = 13
DEFAULT_OPSET = 20
"""Preferred where neither the user nor the source names one: GELU and all composites of vision models are native in it,
and every runtime of the last two years reads it."""


class OnnxBackend(Backend):
    """Emits ONNX files for ONNX Runtime."""

    name = "onnx"
    extension = ".onnx"

    @property
    def lowerings(self) -> Lowerings:
        from interlingua.backends.onnx.lowerings import lowerings

        return lowerings()

    def target(self, module: Module, **options: Any) -> Target:
        """Options: ``opset``, the version of the default domain, from 13 on; the IR version follows from it.

        Without it, the opset of the source is preferred, or the nearest that is emitted: who runs the source runs the
        artifact.
        """
        opset = options.pop("opset", None)
        if options:
            raise UsageError(f"the onnx backend has no option {next(iter(options))!r}", hint="it has: opset")
        with quiet():
            newest = self._newest()
            if opset is None:
                source = module.metadata.get(OPSET, "")
                preferred = int(source) if source.isdecimal() else DEFAULT_OPSET
                return self._target(max(OLDEST_OPSET, min(preferred, newest)))
            if not isinstance(opset, int) or not OLDEST_OPSET <= opset <= newest:
                raise UsageError(f"opset {opset!r} cannot be emitted", hint=f"give one from {OLDEST_OPSET} to {newest}")
            return self._target(opset)

    def targets(self, module: Module, **options: Any) -> Sequence[Target]:
        """Without ``opset``, that of the source first; then the newer ones, the nearest first; then the older ones."""
        from interlingua.backends.onnx.context import OnnxTarget

        first = self.target(module, **options)
        if options.get("opset") is not None:
            return (first,)
        assert isinstance(first, OnnxTarget)
        with quiet():
            others = (*range(first.opset + 1, self._newest() + 1), *range(first.opset - 1, OLDEST_OPSET - 1, -1))
            return (first, *map(self._target, others))

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
