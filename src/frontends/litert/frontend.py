"""The ``litert`` frontend."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from interlingua.errors import UsageError
from interlingua.formats.litert import IDENTIFIER
from interlingua.frontends.base import Frontend, Loaded
from interlingua.ir.graph import Module


class LiteRtFrontend(Frontend):
    """``.tflite`` files, and bytes of them."""

    name = "litert"
    extensions = (".tflite",)
    options = ("signature",)

    def accepts(self, source: Any) -> bool:
        if isinstance(source, str | os.PathLike):
            return Path(source).suffix in self.extensions
        return isinstance(source, bytes | bytearray) and source[4:8] == IDENTIFIER

    def load(self, source: Any, **options: Any) -> Module:
        from interlingua.frontends.litert.importer import Importer
        from interlingua.frontends.litert.reader import read
        from interlingua.frontends.litert.translations import table

        signature, shapes = options.pop("signature", None), options.pop("dynamic_shapes", None) or {}
        if options:
            raise UsageError(
                f"the litert frontend has no option {next(iter(options))!r}", hint="it has: signature, dynamic_shapes"
            )
        return Importer(read(source), table(), signature, shapes).run()

    def read(self, source: Any, **options: Any) -> Loaded:
        signature = options.get("signature")
        return Loaded(self.load(source, **options), _runner(source, signature), _witnesses(source, signature))

    def runner(self, source: Any) -> Any:
        return _runner(source, None)

    def witnesses(self, source: Any) -> list[Any]:
        """LiteRT as users run it, and its plain kernels."""
        return _witnesses(source, None)


def _runner(source: Any, signature: str | None) -> Any:
    from interlingua.runtimes.litert import LiteRtRunner

    return LiteRtRunner(source, kernels="builtin", signature=signature)


def _witnesses(source: Any, signature: str | None) -> list[Any]:
    from interlingua.runtimes.litert import Kernels, LiteRtRunner

    kernels: tuple[Kernels, ...] = ("xnnpack", "reference")
    return [LiteRtRunner(source, kernels=k, signature=signature) for k in kernels]
