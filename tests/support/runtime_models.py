"""Small whole models as ONNX Runtime's own tools leave them: optimised, and quantized in each of their ways."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from support.models import info, model

WIDTH, HEADS, WORDS, PLACES = 32, 4, 300, 16
FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64


class _Graph:
    """Nodes one after the other, weights drawn as they are asked for."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, np.ndarray[Any, Any]] = {}
        self.rng = np.random.default_rng(0)

    def add(self, op: str, *inputs: str, **attributes: Any) -> str:
        output = f"{op}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [output], f"n/{output}", **attributes))
        return output

    def weight(self, *shape: int) -> str:
        scale = 1 / np.sqrt(np.prod(shape[1:])) if len(shape) > 1 else 0.1
        return self.constant((self.rng.standard_normal(shape) * scale).astype(np.float32))

    def constant(self, value: Any) -> str:
        name = f"w{len(self.weights)}"
        self.weights[name] = np.asarray(value)
        return name

    def linear(self, x: str, inputs: int, outputs: int) -> str:
        return self.add("Add", self.add("MatMul", x, self.weight(inputs, outputs)), self.weight(outputs))

    def norm(self, x: str) -> str:
        return self.add("LayerNormalization", x, self.constant(np.ones(WIDTH, np.float32)), self.weight(WIDTH), axis=-1)

    def heads(self, x: str, *perm: int) -> str:
        shape = self.constant(np.array([0, 0, HEADS, WIDTH // HEADS]))
        return self.add("Transpose", self.add("Reshape", x, shape), perm=perm)

    def gelu(self, x: str) -> str:
        scaled = self.add("Div", x, self.constant(np.float32(np.sqrt(2))))
        shifted = self.add("Add", self.add("Erf", scaled), self.constant(np.float32(1)))
        return self.add("Mul", self.add("Mul", x, shifted), self.constant(np.float32(0.5)))


def transformer() -> onnx.ModelProto:
    """Two layers of a BERT, written out as exporters write it: words and mask ``[batch, 16]``."""
    g = _Graph()
    words = g.add("Gather", g.weight(WORDS, WIDTH), "ids")
    x = g.norm(g.add("Add", words, g.weight(PLACES, WIDTH)))
    real = g.add("Cast", g.add("Unsqueeze", "mask", g.constant(np.array([1, 2]))), to=FLOAT)
    hidden = g.add("Mul", g.add("Sub", g.constant(np.float32(1)), real), g.constant(np.float32(-10000)))
    for _ in range(2):
        q, k, v = (g.heads(g.linear(x, WIDTH, WIDTH), *perm) for perm in ((0, 2, 1, 3), (0, 2, 3, 1), (0, 2, 1, 3)))
        scores = g.add("Div", g.add("MatMul", q, k), g.constant(np.float32(np.sqrt(WIDTH // HEADS))))
        mixed = g.add("MatMul", g.add("Softmax", g.add("Add", scores, hidden), axis=-1), v)
        flat = g.add("Reshape", g.add("Transpose", mixed, perm=(0, 2, 1, 3)), g.constant(np.array([0, 0, WIDTH])))
        x = g.norm(g.add("Add", g.linear(flat, WIDTH, WIDTH), x))
        x = g.norm(g.add("Add", g.linear(g.gelu(g.linear(x, WIDTH, 4 * WIDTH)), 4 * WIDTH, WIDTH), x))
    g.nodes.append(helper.make_node("Identity", [x], ["y"]))
    inputs = [info("ids", ["batch", PLACES], INT), info("mask", ["batch", PLACES], INT)]
    return model(g.nodes, inputs, [info("y", ["batch", PLACES, WIDTH])], g.weights)


def network() -> onnx.ModelProto:
    """Convolutions plain, by channel and pointwise, poolings and a classifier: an image ``[batch, 3, 16, 16]``."""
    g = _Graph()
    pads = {"pads": [1, 1, 1, 1]}
    x = g.add("Relu", g.add("Conv", "x", g.weight(16, 3, 3, 3), g.weight(16), **pads))
    x = g.add("LeakyRelu", g.add("Conv", x, g.weight(16, 1, 3, 3), g.weight(16), group=16, **pads), alpha=0.1)
    x = g.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    y = g.add("Sigmoid", g.add("Conv", x, g.weight(24, 16, 1, 1), g.weight(24)))
    z = g.add("Add", y, g.add("Conv", y, g.weight(24, 24, 3, 3), g.weight(24), **pads))
    x = g.add("AveragePool", g.add("Concat", z, g.add("Mul", y, z), axis=1), kernel_shape=[2, 2], strides=[2, 2])
    flat = g.add("Flatten", g.add("GlobalAveragePool", x))
    logits = g.add("Gemm", flat, g.weight(10, 48), g.weight(10), transB=1)
    g.nodes.append(helper.make_node("Softmax", [logits], ["y"], axis=-1))
    return model(g.nodes, [info("x", ["batch", 3, 16, 16])], [info("y", ["batch", 10])], g.weights)


SOURCES: dict[str, Callable[[], onnx.ModelProto]] = {"transformer": transformer, "network": network}


def examples(name: str, count: int = 3, batch: int = 2) -> list[dict[str, Any]]:
    """Inputs that the model is made for."""
    rng = np.random.default_rng(1)
    if name == "network":
        return [{"x": rng.standard_normal((batch, 3, 16, 16)).astype(np.float32)} for _ in range(count)]
    lengths = rng.integers(4, PLACES + 1, (count, batch, 1))
    return [
        {"ids": rng.integers(0, WORDS, (batch, PLACES)), "mask": (np.arange(PLACES) < each).astype(np.int64)}
        for each in lengths
    ]


def optimised(source: Path, target: Path, level: str = "ORT_ENABLE_ALL", *, blocked: bool = False) -> Path:
    """``source`` as ONNX Runtime saves it; ``blocked``: with channels laid out for this machine."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = getattr(ort.GraphOptimizationLevel, level)
    options.optimized_model_filepath = str(target)
    options.log_severity_level = 4
    off = [] if blocked else ["NchwcTransformer"]
    ort.InferenceSession(str(source), options, providers=["CPUExecutionProvider"], disabled_optimizers=off)
    return target


def quantized(source: Path, target: Path, name: str, way: str, options: Mapping[str, Any]) -> Path:
    """``source`` quantized: ``way`` is ``dynamic``, ``QDQ`` or ``QOperator``."""
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_dynamic, quantize_static
    from onnxruntime.quantization.calibrate import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.left = iter(examples(name, 4))

        def get_next(self) -> Any:
            return next(self.left, None)

    chosen = {k: getattr(QuantType, v) if k.endswith("type") else v for k, v in options.items()}
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if way == "dynamic":
                quantize_dynamic(source, target, **chosen)
            else:
                quantize_static(source, target, Reader(), quant_format=getattr(QuantFormat, way), **chosen)
    finally:
        logging.disable(logging.NOTSET)
    return target
