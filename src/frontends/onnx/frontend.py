"""The ``onnx`` frontend."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from interlingua.errors import UsageError
from interlingua.formats.onnx import present
from interlingua.frontends.base import Frontend
from interlingua.frontends.trace import Step, Trace
from interlingua.ir.graph import Module


class OnnxFrontend(Frontend):
    """ONNX files, bytes of them, and ``ModelProto``."""

    name = "onnx"
    extensions = (".onnx",)

    def accepts(self, source: Any) -> bool:
        if isinstance(source, str | os.PathLike):
            return Path(source).suffix in self.extensions
        return isinstance(source, bytes | bytearray) or type(source).__name__ == "ModelProto"

    def load(self, source: Any, **options: Any) -> Module:
        return self._import(source, options)[0]

    def trace(self, source: Any, **options: Any) -> Trace:
        from interlingua.frontends.onnx.witness import OnnxWitness

        steps: list[Step] = []
        module, read = self._import(source, options, steps.append)
        return Trace(module, steps, OnnxWitness(read))

    def importer(self, source: Any, shapes: Mapping[str, Any], observe: Callable[[Step], None] | None) -> Any:
        """What imports a source that was read: every translation of this frontend."""
        from interlingua.frontends.onnx.importer import Importer
        from interlingua.frontends.onnx.translations import table

        return Importer(source, table(), shapes, observe)

    def _import(
        self, source: Any, options: dict[str, Any], observe: Callable[[Step], None] | None = None
    ) -> tuple[Module, Any]:
        shapes = options.pop("dynamic_shapes", None) or {}
        if options:
            raise UsageError(f"the onnx frontend has no option {next(iter(options))!r}", hint="it has: dynamic_shapes")
        present()
        from interlingua.frontends.onnx import reader
        from interlingua.frontends.onnx.functions import inline_functions

        read = inline_functions(reader.read(source))
        return self.importer(read, shapes, observe).run(), read

    def runner(self, source: Any) -> Any:
        from interlingua.runtimes.onnxruntime import OnnxRunner

        return OnnxRunner(source, optimize=False)

    def witnesses(self, source: Any) -> list[Any]:
        """The evaluator that comes with ``onnx``, and ONNX Runtime as users run it."""
        from interlingua.runtimes.onnxreference import OnnxReferenceRunner
        from interlingua.runtimes.onnxruntime import OnnxRunner

        return [OnnxReferenceRunner(source), OnnxRunner(source)]
