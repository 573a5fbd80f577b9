"""ONNX models in the evaluator that comes with ``onnx``: slow, plain, and written by others than ONNX Runtime."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from interlingua.runtimes.base import TIMEOUT, Outcome, Runner
from interlingua.runtimes.process import run_worker


class OnnxReferenceRunner(Runner):
    """Runs a path, the bytes of a model, or a ``ModelProto``."""

    def __init__(self, source: Any) -> None:
        self.source = source

    @property
    def description(self) -> str:
        return f"ONNX {version('onnx')} reference evaluator"

    def run(self, batches: Sequence[Mapping[str, Any]], *, timeout: float = TIMEOUT) -> list[Outcome]:
        if isinstance(self.source, str | os.PathLike):
            return self._run(Path(self.source), batches, timeout)
        with tempfile.TemporaryDirectory(prefix="interlingua-") as folder:
            path = Path(folder) / "model.onnx"
            data = self.source if isinstance(self.source, bytes | bytearray) else self.source.SerializeToString()
            path.write_bytes(data)
            return self._run(path, batches, timeout)

    def _run(self, path: Path, batches: Sequence[Mapping[str, Any]], timeout: float) -> list[Outcome]:
        return run_worker(
            "interlingua.runtimes.onnxreference:open_model",
            {"path": str(path.resolve())},
            batches,
            timeout=timeout,
            subject=self.description,
            workers=self.workers,
        )


def open_model(path: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Load a model in this process; for the worker."""
    from onnx.reference import ReferenceEvaluator

    evaluator = ReferenceEvaluator(path)
    names = evaluator.output_names
    return lambda inputs: dict(zip(names, evaluator.run(None, inputs), strict=True))
