"""The ``onnx`` frontend."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from interlingua.errors import InvalidModel, UsageError
from interlingua.formats.onnx import quiet
from interlingua.frontends.base import Frontend
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
        shapes = options.pop("dynamic_shapes", None) or {}
        if options:
            raise UsageError(f"the onnx frontend has no option {next(iter(options))!r}", hint="it has: dynamic_shapes")
        with quiet():
            from interlingua.frontends.onnx import reader
            from interlingua.frontends.onnx.importer import Importer
            from interlingua.frontends.onnx.translations import table

            read = reader.read(source)
            inlined = _inline_functions(read)
            return Importer(inlined, table(), shapes).run()

    def runner(self, source: Any) -> Any:
        from interlingua.runtimes.onnxruntime import OnnxRunner

        return OnnxRunner(source, optimize=False)


def _inline_functions(source: Any) -> Any:
    """Model-local functions become nodes."""
    if not source.proto.functions:
        return source
    import dataclasses

    import onnx.inliner

    try:
        return dataclasses.replace(source, proto=onnx.inliner.inline_local_functions(source.proto))
    except Exception as error:
        raise InvalidModel(f"its functions cannot be inlined: {error}", where=source.label) from error
