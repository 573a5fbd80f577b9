"""ONNX models in the evaluator that comes with ``onnx``: slow, plain, and written by others than ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from interlingua.runtimes.onnxfile import OnnxFileRunner


class OnnxReferenceRunner(OnnxFileRunner):
    """Runs a path, the bytes of a model, or a ``ModelProto``."""

    entry = "interlingua.runtimes.onnxreference:open_model"

    @property
    def description(self) -> str:
        return f"ONNX {version('onnx')} reference evaluator"


def open_model(path: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Load a model in this process; for the worker."""
    from onnx.reference import ReferenceEvaluator

    evaluator = ReferenceEvaluator(path)
    names = evaluator.output_names
    return lambda inputs: dict(zip(names, evaluator.run(None, inputs), strict=True))
