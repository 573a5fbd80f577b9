"""Products of bytes are written so that ONNX Runtime by itself is exact on any CPU, constant weights aside."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

import interlingua
from interlingua.backends.legality import legalize
from interlingua.plugins import plugins
from support.contrib import Case

F = np.float32
ONE, U, S = F(1), np.uint8(0), np.int8(0)
A, B = np.full((1, 6), 255, np.uint8), np.full((6, 2), 127, np.int8)
IMAGE, KERNEL = np.full((1, 4, 3, 3), 255, np.uint8), np.full((2, 4, 3, 3), 127, np.int8)
TOTAL, PIXEL = 6 * 255 * 127, 36 * 255 * 127


def case(op: str, *operands: Any, constants: Any = (), output: str = "int32") -> Case:
    return Case(op, operands, {}, constants, [output], "")


CASES = [
    (case("MatMulInteger", A, B), TOTAL),
    (case("MatMulInteger", A, B, np.uint8(5), np.int8(-1)), 6 * 250 * 128),
    (case("QLinearMatMul", A, ONE, U, B, ONE, S, F(TOTAL / 100), U, output="uint8"), 100),
    (case("QLinearConv", IMAGE, ONE, U, KERNEL, ONE, S, F(PIXEL / 100), U, output="uint8"), 100),
    (case("ConvInteger", KERNEL[:1], np.full((2, 4, 3, 3), 255, np.uint8), constants=[1]), PIXEL),
    (case("ConvInteger", KERNEL[:1], np.full((2, 4, 3, 3), 255, np.uint8), constants=[0]), PIXEL),
]


def emitted(source: Case, folder: Any) -> onnx.ModelProto:
    module, backend = interlingua.load(source.model()), plugins().backend("onnx")
    target = backend.target(module)
    legalize(module, backend.lowerings, target, subject="onnx")
    backend.emit(module, folder / "model.onnx", target)
    return onnx.load(folder / "model.onnx")


@pytest.mark.parametrize(("source", "want"), CASES, ids=[f"{c.op}{i}" for i, (c, _) in enumerate(CASES)])
def test_the_runtime_by_itself_is_exact(source, want, tmp_path):
    model = emitted(source, tmp_path)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {n: np.asarray(v) for n, v in source.inputs.items()})
    assert y.reshape(-1)[0] == want
    assert "Add" in [n.op_type for n in model.graph.node]


@pytest.mark.parametrize(
    "source",
    [
        case("MatMulInteger", A, B, constants=[1]),
        case("QLinearConv", IMAGE, ONE, U, KERNEL, ONE, S, ONE, U, constants=range(1, 8), output="uint8"),
        case("MatMulInteger", A.astype(np.int8), B),
        case("MatMulInteger", A, B.astype(np.uint8)),
        case("ConvInteger", IMAGE, KERNEL),
    ],
    ids=["weight", "kernel", "signed", "unsigned", "image"],
)
def test_what_needs_nothing_stays_one_node(source, tmp_path):
    model = emitted(source, tmp_path)
    assert [n.op_type for n in model.graph.node] == [source.op]
    assert sum(w.data_type == onnx.TensorProto.INT8 for w in model.graph.initializer) == sum(
        np.asarray(source.operands[i]).dtype == np.int8 for i in source.constants
    )
