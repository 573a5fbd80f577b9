"""ONNX models in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from interlingua.ir.dtypes import DType
from interlingua.runtimes.numerics import Numerics
from interlingua.runtimes.onnxfile import OnnxFileRunner
from interlingua.runtimes.ortvalue import run
from interlingua.runtimes.permissions import withdrawn

FOLDER_OF_DATA = "session.model_external_initializers_file_folder_path"
"""Where external data lies, for a model that is no file."""

NUMERICS = Numerics(
    accumulators={DType.F16: 2.0**-24, DType.BF16: 2.0**-24},
    absolute={
        "math.sigmoid": 0.5,
        "core.cos": 0.5,
        **dict.fromkeys(("signal.hann_window", "signal.hamming_window", "signal.blackman_window"), 1.0),
    },
)
"""The CPU provider as it is by default: float16 and bfloat16 are summed in float32; the logistic function is ½ plus a
rational function, as exact near 0 as ½ is; the cosine, near its zeros, is as exact as π/2; windows are sums of
cosines."""


class OnnxRunner(OnnxFileRunner):
    """Runs a path, the bytes of a model, or a ``ModelProto``.

    Args:
        source: the model.
        optimize: whether ONNX Runtime may rewrite the graph: on for artifacts, as users run them; off for sources. What
            it may not rewrite, it may not compute less exactly either, see :mod:`interlingua.runtimes.permissions`.
    """

    entry = "interlingua.runtimes.onnxruntime:open_model"
    numerics = NUMERICS

    def __init__(self, source: Any, *, optimize: bool = True) -> None:
        super().__init__(source)
        self.optimize = optimize

    @property
    def description(self) -> str:
        try:
            number = version("onnxruntime")
        except PackageNotFoundError:
            number = "(not installed)"
        return f"ONNX Runtime {number}, CPU, optimisations {'on' if self.optimize else 'off'}"

    @property
    def options(self) -> dict[str, Any]:
        return {"optimize": self.optimize}


def open_model(path: str, optimize: bool) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Load a model in this process; for the worker."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 4
    levels = ort.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_ALL if optimize else levels.ORT_DISABLE_ALL
    exact = None if optimize else withdrawn(Path(path))
    if exact is not None:
        options.add_session_config_entry(FOLDER_OF_DATA, str(Path(path).parent))
    session = ort.InferenceSession(path if exact is None else exact, options, providers=["CPUExecutionProvider"])
    return lambda inputs: run(session, inputs)
