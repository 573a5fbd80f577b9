"""Shapes that only the run knows."""

from __future__ import annotations

import numpy as np
import onnx.parser
import pytest

import interlingua
from interlingua.runtimes.onnxruntime import open_model


@pytest.mark.parametrize("opset", [11, 13, 21])
@pytest.mark.parametrize("shape", [(1, 3, 1, 4), (2, 3, 1, 1), (1, 1, 1, 1), (2, 3, 4, 5)])
@pytest.mark.parametrize("ranked", [True, False])
def test_all_axes_of_size_one_go_when_the_run_knows_them(shape, ranked, opset, tmp_path):
    proto = onnx.parser.parse_model(
        f'<ir_version: 8, opset_import: ["" : {opset}]> g (float[a, b, c, d] x) => (float y) {{ y = Squeeze (x) }}'
    )
    if not ranked:
        proto.graph.input[0].type.tensor_type.ClearField("shape")
    path = tmp_path / "model.onnx"
    interlingua.convert(proto, to="onnx", output=path, verify=False)
    inputs = {"x": np.arange(np.prod(shape), dtype=np.float32).reshape(shape)}
    for found in (interlingua.evaluate(interlingua.load(proto), inputs), open_model(str(path), True)(inputs)):
        assert np.array_equal(found["y"], inputs["x"].squeeze()) and found["y"].shape == inputs["x"].squeeze().shape
