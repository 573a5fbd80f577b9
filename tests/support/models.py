"""Small ONNX models, built by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def model(
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    outputs: list[onnx.ValueInfoProto],
    weights: dict[str, np.ndarray[Any, Any]] | None = None,
    opset: int = 17,
    ir_version: int = 8,
) -> onnx.ModelProto:
    """A checked model."""
    initializers = [numpy_helper.from_array(w, n) for n, w in (weights or {}).items()]
    graph = helper.make_graph(nodes, "g", inputs, outputs, initializers)
    opsets = [helper.make_opsetid(domain, 1) for domain in sorted({n.domain for n in nodes} - {""})]
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), *opsets], ir_version=ir_version)
    onnx.checker.check_model(made)
    return made


def info(name: str, dims: list[Any], dtype: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    """A declared tensor."""
    return helper.make_tensor_value_info(name, dtype, dims)


def mlp() -> onnx.ModelProto:
    """Two dense layers with a symbolic batch: ``x[batch, 4] -> y[batch, 3]``."""
    rng = np.random.default_rng(0)
    nodes = [
        helper.make_node("MatMul", ["x", "w1"], ["h"], name="block/fc1/MatMul"),
        helper.make_node("Add", ["h", "b1"], ["hb"], name="block/fc1/Add"),
        helper.make_node("Relu", ["hb"], ["r"], name="block/act/Relu"),
        helper.make_node("MatMul", ["r", "w2"], ["o"], name="head/MatMul"),
        helper.make_node("Softmax", ["o"], ["y"], name="head/Softmax", axis=-1),
    ]
    shapes = {"w1": (4, 8), "b1": (8,), "w2": (8, 3)}
    weights = {n: rng.standard_normal(s).astype(np.float32) for n, s in shapes.items()}
    return model(nodes, [info("x", ["batch", 4])], [info("y", ["batch", 3])], weights)
