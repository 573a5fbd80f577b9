"""Nodes of ONNX Runtime's own domain: run there, and held against our reading of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import interlingua
from interlingua.equivalence.expect import expect
from interlingua.equivalence.judge import judge
from interlingua.report import Comparison
from interlingua.runtimes.onnxbytes import raised, saturates
from interlingua.runtimes.onnxruntime import NUMERICS
from interlingua.runtimes.ortvalue import run

DOMAIN = "com.microsoft"


@dataclass(frozen=True)
class Case:
    """One node: its operands (``None``: left out) and attributes.

    ``constants`` are initializers, ``dynamic`` leaves the dims of the inputs open, ``outputs`` are their dtypes
    ("" leaves one out).
    """

    op: str
    operands: Sequence[Any]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    constants: Sequence[int] = ()
    outputs: Sequence[str] = ("float32",)
    domain: str = DOMAIN
    opset: int = 21
    dynamic: bool = False

    @property
    def inputs(self) -> dict[str, Any]:
        return {f"x{i}": v for i, v in enumerate(self.operands) if v is not None and i not in self.constants}

    def model(self) -> onnx.ModelProto:
        names = ["" if v is None else f"x{i}" for i, v in enumerate(self.operands)]
        results = ["" if not d else f"y{i}" for i, d in enumerate(self.outputs)]
        node = helper.make_node(self.op, names, results, "node", domain=self.domain, **self.attributes)
        weights = [numpy_helper.from_array(np.asarray(self.operands[i]), f"x{i}") for i in self.constants]
        inputs = [self._info(k, v) for k, v in self.inputs.items()]
        outputs = [
            helper.make_tensor_value_info(r, helper.np_dtype_to_tensor_dtype(np.dtype(d)), None)
            for r, d in zip(results, self.outputs, strict=True)
            if r
        ]
        graph = helper.make_graph([node], "g", inputs, outputs, weights)
        opsets = [helper.make_opsetid("", self.opset), helper.make_opsetid(DOMAIN, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def _info(self, name: str, value: Any) -> onnx.ValueInfoProto:
        array = np.asarray(value)
        dims = [f"{name}_{i}" for i in range(array.ndim)] if self.dynamic else array.shape
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), dims)


def in_runtime(model: onnx.ModelProto, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What ONNX Runtime gives, optimisations off, products of bytes exact on any CPU."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    exact = (raised(model) if saturates() else None) or model
    session = ort.InferenceSession(exact.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return run(session, inputs)


def held_against_runtime(case: Case) -> list[Comparison]:
    """ONNX Runtime's outputs within the bound of our translation's reference."""
    model = case.model()
    module = interlingua.load(model)
    return judge(expect(module, case.inputs, NUMERICS), in_runtime(model, case.inputs), case.op)


def level(dtype: str, *shape: int, seed: int = 0) -> np.ndarray[Any, Any]:
    """Levels over the whole range."""
    info = np.iinfo(dtype)
    return np.random.default_rng(seed).integers(info.min, info.max + 1, shape).astype(dtype)


def real(*shape: int, seed: int = 0, dtype: str = "float32", size: float = 1.0) -> np.ndarray[Any, Any]:
    return (np.random.default_rng(seed).standard_normal(shape) * size).astype(dtype)


__all__ = ["Case", "TensorProto", "held_against_runtime", "in_runtime", "level", "real"]
