"""ONNX models in ONNX Runtime."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from interlingua.ir.dtypes import DType
from interlingua.runtimes.codec import same
from interlingua.runtimes.numerics import Numerics
from interlingua.runtimes.onnxbytes import raised, saturates
from interlingua.runtimes.onnxfile import OnnxFileRunner
from interlingua.runtimes.ortvalue import run
from interlingua.runtimes.permissions import withdrawn

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


SATURATED = (
    "judged with exact products of bytes; on a CPU without VNNI, such as this one, ONNX Runtime by itself saturates "
    "some of this model's and gives other results (onnxruntime#3442); with weights of 7 bits it would not"
)
WEIGHTS = "session.model_external_initializers_file_folder_path"
OPTIMIZED_WEIGHTS = "session.optimized_model_external_initializers_file_name"


class OnnxRunner(OnnxFileRunner):
    """Runs a path, the bytes of a model, or a ``ModelProto``.

    Args:
        source: the model.
        optimize: whether ONNX Runtime may rewrite the graph: on for artifacts, as users run them; off for sources.
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
    """Load a model in this process; for the worker. No product of bytes saturates, whatever the CPU."""
    given = None if optimize or path.endswith(".ort") else withdrawn(Path(path))
    exact = _exact(path, given, optimize) if saturates() and not path.endswith(".ort") else None
    session = _session(path, optimize) if given is None else _session(given, False, _beside(Path(path)))
    if exact is None:
        return partial(run, session)
    return Exact(exact, session) if optimize else partial(run, exact)


class Exact:
    """Runs a session in which no product of bytes saturates, beside one in which they may.

    Attributes:
        caveat: whether that made a difference to the last outputs.
    """

    def __init__(self, exact: Any, usual: Any) -> None:
        self.exact, self.usual = exact, usual
        self.caveat = ""

    def __call__(self, inputs: dict[str, Any]) -> dict[str, Any]:
        outputs, usual = run(self.exact, inputs), run(self.usual, inputs)
        self.caveat = "" if same(outputs, usual) else SATURATED
        return outputs


def _exact(path: str, given: bytes | None, optimize: bool) -> Any | None:
    """A session in which no product of bytes saturates: of the model as it is (``given``, if any), or as ONNX
    Runtime's optimisations leave it. ``None`` where none would."""
    import onnx

    with tempfile.TemporaryDirectory(prefix="interlingua-", ignore_cleanup_errors=True) as folder:
        at = Path(path)
        if optimize:
            at = Path(folder) / "model.onnx"
            _session(path, True, {OPTIMIZED_WEIGHTS: "weights"}, at)
        model = onnx.load(at, load_external_data=False) if given is None else onnx.load_from_string(given)
        proto = raised(model)
        return None if proto is None else _session(proto.SerializeToString(), False, _beside(at))


def _beside(path: Path) -> dict[str, str]:
    """Where external data lies, for a model that is handed over as bytes."""
    return {WEIGHTS: str(path.parent)}


def _session(
    model: str | bytes, optimize: bool, entries: Mapping[str, str] | None = None, optimized: Path | None = None
) -> Any:
    """``optimized`` is where to write what the optimisations leave."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 4
    levels = ort.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_ALL if optimize else levels.ORT_DISABLE_ALL
    for name, value in (entries or {}).items():
        options.add_session_config_entry(name, value)
    if optimized is not None:
        options.optimized_model_filepath = str(optimized)
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
