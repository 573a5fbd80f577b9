"""Values cross the border of ONNX Runtime as they are, whatever their dtype."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import onnx
import onnxruntime
import pytest

from interlingua.runtimes.ortvalue import run


def session(text: str) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(onnx.parser.parse_model(text).SerializeToString(), options)


def through_cast(dtype: Any) -> Any:
    """A session that takes ``x`` and gives it back, by way of float32, where there is no Identity."""
    code = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    nodes = [
        onnx.helper.make_node("Cast", ["x"], ["wide"], to=onnx.TensorProto.FLOAT),
        onnx.helper.make_node("Cast", ["wide"], ["y"], to=code),
    ]
    ports = [onnx.helper.make_tensor_value_info(n, code, None) for n in ("x", "y")]
    graph = onnx.helper.make_graph(nodes, "g", ports[:1], ports[1:])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 25)], ir_version=13)
    return onnxruntime.InferenceSession(model.SerializeToString())


FLOATS = [ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2, ml_dtypes.float8_e4m3fnuz]
INTEGERS = [ml_dtypes.int4, ml_dtypes.uint4, ml_dtypes.int2, ml_dtypes.uint2]


@pytest.mark.parametrize("dtype", [*FLOATS, *INTEGERS])
@pytest.mark.parametrize("shape", [(), (3,), (0, 2), (5, 3)])
def test_dtypes_that_numpy_lacks(dtype: Any, shape: tuple[int, ...]) -> None:
    x = (np.arange(np.prod(shape, dtype=int)) % 2).reshape(shape).astype(dtype)
    y = run(through_cast(dtype), {"x": x})["y"]
    assert y.dtype == x.dtype and y.shape == x.shape
    assert y.astype(np.float32).tolist() == x.astype(np.float32).tolist()


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("seq(double[N])", [np.arange(2.0), np.zeros(0)]),
        ("seq(double[N])", []),
        ("string[N]", np.array(["a", "é"], dtype=object)),
        ("float[N]", np.zeros(2, np.float32)),
    ],
)
def test_what_stands_beside_a_bfloat16(type_: str, value: Any) -> None:
    """All inputs have to cross as OrtValue then, and all outputs come back as one."""
    text = f"""<ir_version: 10, opset_import: ["": 20]>
        g ({type_} x, bfloat16[N] b) => ({type_} y, bfloat16[N] c) {{ y = Identity(x) c = Identity(b) }}"""
    b = np.arange(3).astype(ml_dtypes.bfloat16)
    found = run(session(text), {"x": value, "b": b})
    assert found["c"].tolist() == b.tolist()
    if isinstance(value, list):
        assert [(v.dtype, v.tolist()) for v in found["y"]] == [(v.dtype, v.tolist()) for v in value]
    else:
        assert found["y"].dtype == value.dtype and found["y"].tolist() == value.tolist()


def test_an_absent_optional() -> None:
    text = '<ir_version: 10, opset_import: ["": 20]> g (optional(float[N]) x) => (bool y) { y = OptionalHasElement(x) }'
    assert not run(session(text), {"x": None})["y"]


def test_a_numpy_scalar() -> None:
    text = '<ir_version: 10, opset_import: ["": 20]> g (float x) => (float y) { y = Identity(x) }'
    assert run(session(text), {"x": np.float32(2)})["y"] == np.float32(2)
