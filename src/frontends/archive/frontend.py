"""The ``archive`` frontend: ``.il`` text with its weights beside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from interlingua.errors import UsageError
from interlingua.frontends.base import Frontend
from interlingua.ir.archive import SUFFIX, load_archive
from interlingua.ir.dialect import OpSet
from interlingua.ir.graph import Module


class ArchiveFrontend(Frontend):
    """Archives that :func:`interlingua.save` wrote."""

    name = "archive"
    extensions = (SUFFIX,)

    def accepts(self, source: Any) -> bool:
        return isinstance(source, str | os.PathLike) and Path(source).suffix == SUFFIX

    def load(self, source: Any, **options: Any) -> Module:
        if options:
            raise UsageError(f"the archive frontend has no option {next(iter(options))!r}")
        from interlingua.plugins import plugins

        path = Path(source)
        if not path.is_file():
            raise UsageError(f"no file {path}")
        return load_archive(path, OpSet(plugins().dialects.values()))

    def runner(self, source: Any) -> Any:
        from interlingua.runtimes.interpreter import ModuleRunner

        return ModuleRunner(self.load(source))
