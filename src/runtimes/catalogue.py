"""The runtimes that come with Interlingua."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

from interlingua.errors import InvalidModel
from interlingua.formats.torch import BY_NAME as TORCH_DTYPES
from interlingua.ir.dtypes import DType
from interlingua.runtimes.base import TIMEOUT, Runner
from interlingua.runtimes.interface import Dims, Interface, Slot
from interlingua.runtimes.litert import LiteRt
from interlingua.runtimes.numpy import NumpyRunner
from interlingua.runtimes.onnxruntime import OnnxRunner
from interlingua.runtimes.runtime import Runtime, describe, described, on_disk
from interlingua.runtimes.torch import TorchRunner


class OnnxRuntime(Runtime):
    """ONNX Runtime on the CPU."""

    name = "onnxruntime"
    extensions = (".onnx", ".ort")

    def runner(self, source: Any) -> Runner:
        return OnnxRunner(source)

    def interface(self, source: Any, *, timeout: float = TIMEOUT) -> Interface:
        with on_disk(source, ".onnx") as path:
            options = {"path": str(path.resolve())}
            entry = "interlingua.runtimes.catalogue:describe_onnx"
            return describe(entry, options, timeout=timeout, subject="ONNX Runtime", package="onnxruntime")

    def witnesses(self, source: Any) -> list[Runner]:
        return [OnnxRunner(source, optimize=False)]


def describe_onnx(path: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The interface of an ONNX model as ONNX Runtime sees it; for the worker."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    required = [_onnx_slot(i) for i in session.get_inputs()]
    optional = [_onnx_slot(i, optional=True) for i in session.get_overridable_initializers()]
    return described(Interface((*required, *optional), tuple(_onnx_slot(o) for o in session.get_outputs())))


ONNX_NAMES = {
    "float": DType.F32,
    "double": DType.F64,
    "float16": DType.F16,
    "bfloat16": DType.BF16,
    "bool": DType.BOOL,
    "string": DType.STRING,
    "complex64": DType.C64,
    "complex128": DType.C128,
    **{f"{word}{bits}": DType(f"{letter}{bits}")
       for word, letter in (("int", "i"), ("uint", "u")) for bits in (4, 8, 16, 32, 64)},
}  # fmt: skip
"""What ONNX Runtime calls element types, as in ``tensor(float)``."""


def _onnx_slot(arg: Any, *, optional: bool = False) -> Slot:
    kind, _, rest = arg.type.partition("(")
    if kind != "tensor":
        return Slot(arg.name, optional=optional, note=arg.type)
    return Slot(arg.name, ONNX_NAMES.get(rest.rstrip(")")), tuple(d or None for d in arg.shape), optional=optional)


class NumpyProgram(Runtime):
    """Artifacts of the ``numpy`` backend, in this Python."""

    name = "numpy"
    extensions = (".numpy",)

    def runner(self, source: Any) -> Runner:
        return NumpyRunner(Path(source))

    def interface(self, source: Any, *, timeout: float = TIMEOUT) -> Interface:
        return described_by_source(Path(source), "model.py", "main", "numpy", _numpy_slot)


def described_by_source(
    folder: Path, declaring: str, function: str, backend: str, slot: Callable[..., Slot]
) -> Interface:
    """The interface of an artifact that is Python source: of INPUTS and OUTPUTS in the file ``declaring``, and of the
    defaults of ``function``, which ``model.py`` defines. Nothing of it is run."""
    try:
        found = _assigned((folder / declaring).read_text(encoding="utf-8"))
        required = _required((folder / "model.py").read_text(encoding="utf-8"), function)
        inputs = [slot(n, *t, optional=i >= required) for i, (n, t) in enumerate(found["INPUTS"].items())]
        return Interface(tuple(inputs), tuple(slot(n, *t) for n, t in found["OUTPUTS"].items()))
    except (OSError, SyntaxError, ValueError, KeyError, TypeError) as error:
        problem = f"it is no artifact of the {backend} backend: {type(error).__name__}: {error}"
        raise InvalidModel(problem, where=str(folder / declaring)) from error


def _assigned(program: str) -> dict[str, Any]:
    """INPUTS and OUTPUTS, read without running the program."""
    found: dict[str, Any] = {}
    for node in ast.parse(program).body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=("INPUTS" | "OUTPUTS") as name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=("INPUTS" | "OUTPUTS") as name), value=ast.expr() as value)
            ):
                found[name] = ast.literal_eval(value)
    return found


def _required(program: str, name: str) -> int:
    """The number of inputs up to the last that has no default, of the last function of the name that there is."""
    functions = [n for n in ast.walk(ast.parse(program)) if isinstance(n, ast.FunctionDef) and n.name == name]
    if not functions:
        raise KeyError(name)
    formal = functions[-1].args
    return len([a for a in formal.args if a.arg != "self"]) - len(formal.defaults)


def _numpy_slot(name: str, dtype: str, dims: tuple[int | str, ...] | None, *, optional: bool = False) -> Slot:
    return Slot(name, DType.STRING if dtype in ("object", "O") else DType.of(dtype), dims, optional=optional)


class TorchPackage(Runtime):
    """Artifacts of the ``torch`` backend, run eagerly on the CPU."""

    name = "torch"
    extensions = (".torch",)

    def runner(self, source: Any) -> Runner:
        return TorchRunner(Path(source))

    def interface(self, source: Any, *, timeout: float = TIMEOUT) -> Interface:
        return described_by_source(Path(source), "__init__.py", "forward", "torch", _torch_slot)


def _torch_slot(name: str, dtype: str, dims: Dims, *, optional: bool = False) -> Slot:
    found = TORCH_DTYPES.get(dtype)
    return Slot(name, found, dims, optional=optional, note="" if found is not None else dtype)


RUNTIMES: tuple[Runtime, ...] = (OnnxRuntime(), LiteRt(), NumpyProgram(), TorchPackage())
