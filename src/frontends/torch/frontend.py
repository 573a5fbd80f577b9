"""The ``torch`` frontend."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from interlingua.errors import PluginError, UsageError
from interlingua.frontends.base import Frontend, Loaded
from interlingua.frontends.trace import Trace
from interlingua.ir.graph import Module


class TorchFrontend(Frontend):
    """A ``torch.nn.Module`` or TorchScript with example inputs, or an ``ExportedProgram``; at hand or in a file."""

    name = "torch"
    extensions = (".pt2", ".pt", ".pth", ".jit", ".pts", ".torchscript", ".safetensors")

    options = ("state", "strict", "translations")

    def __init__(self) -> None:
        self._added: list[Any] = []

    def extend(self, owner: str, table: Any) -> None:
        from interlingua.frontends.torch.table import Table

        if not isinstance(table, Table):
            raise PluginError(f"{owner} brings a {type(table).__name__} for the torch frontend, which is no Table")
        self._added.append(table)

    def accepts(self, source: Any) -> bool:
        if isinstance(source, str | os.PathLike):
            return Path(source).suffix in self.extensions
        torch = sys.modules.get("torch")
        if torch is None:
            return False
        return isinstance(source, torch.nn.Module) or type(source).__name__ == "ExportedProgram"

    def describes_itself(self, source: Any) -> bool:
        return isinstance(source, str | os.PathLike) or type(source).__name__ == "ExportedProgram"

    def load(self, source: Any, **options: Any) -> Module:
        return self.read(source, **options).module

    def read(self, source: Any, **options: Any) -> Loaded:
        from interlingua.frontends.torch.loading import read

        return read(source, **self._known(options))

    def trace(self, source: Any, **options: Any) -> Trace:
        from interlingua.frontends.torch.loading import traced

        return traced(source, **self._known(options))

    def _known(self, options: dict[str, Any]) -> dict[str, Any]:
        known = ("example_inputs", "dynamic_shapes", *self.options)
        unknown = [name for name in options if name not in known]
        if unknown:
            raise UsageError(f"the torch frontend has no option {unknown[0]!r}", hint=f"it has: {', '.join(known)}")
        own = options.pop("translations", None)
        return {**options, "tables": [*self._added, *([] if own is None else [own])]}

    def runner(self, source: Any) -> Any:
        """As :meth:`read` gives it: a module alone does not say what its inputs are called."""
        return self.read(source).runner
