"""What runners of ONNX models share: a path, the bytes of a model or a ``ModelProto`` becomes a file for the worker."""

from __future__ import annotations

import os
import tempfile
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from interlingua.runtimes.base import TIMEOUT, Outcome, Runner
from interlingua.runtimes.process import run_worker


class OnnxFileRunner(Runner):
    """Runs a path, the bytes of a model, or a ``ModelProto``, by ``entry`` in a worker."""

    entry: ClassVar[str]
    """``module:function``; called with ``path`` and :attr:`options`."""

    def __init__(self, source: Any) -> None:
        self.source = source

    @property
    @abstractmethod
    def description(self) -> str: ...

    @property
    def options(self) -> dict[str, Any]:
        """What ``entry`` takes beside the path."""
        return {}

    def run(self, batches: Sequence[Mapping[str, Any]], *, timeout: float = TIMEOUT) -> list[Outcome]:
        if isinstance(self.source, str | os.PathLike):
            return self._run(Path(self.source), batches, timeout)
        with tempfile.TemporaryDirectory(prefix="interlingua-") as folder:
            path = Path(folder) / "model.onnx"
            data = self.source if isinstance(self.source, bytes | bytearray) else self.source.SerializeToString()
            path.write_bytes(data)
            return self._run(path, batches, timeout)

    def _run(self, path: Path, batches: Sequence[Mapping[str, Any]], timeout: float) -> list[Outcome]:
        options = {"path": str(path.resolve()), **self.options}
        return run_worker(
            self.entry, options, batches, timeout=timeout, subject=self.description, workers=self.workers
        )
