"""Indexing that ONNX Runtime lacks kernels for."""

from __future__ import annotations

import numpy as np
import onnx.parser
import pytest

import interlingua
from interlingua.runtimes.onnxruntime import open_model

X = np.array([[2**63, 3, 2**64 - 1, 2**63 - 1], [0, 2**63 + 5, 0, 2**63 + 5]], np.uint64)


@pytest.mark.parametrize("opset", [13, 20])
@pytest.mark.parametrize("largest", [0, 1])
def test_the_greatest_of_uint64_are_those_without_a_sign(largest, opset, tmp_path):
    proto = onnx.parser.parse_model(
        f'<ir_version: 8, opset_import: ["" : {opset}]> g (uint64[2, 4] x, int64[1] k) => (uint64 v, int64 i) '
        f"{{ v, i = TopK <largest = {largest}> (x, k) }}"
    )
    path = tmp_path / "model.onnx"
    interlingua.convert(proto, to="onnx", output=path, verify=False)
    inputs = {"x": X, "k": np.array([3])}
    want = [sorted(row, reverse=bool(largest))[:3] for row in X.tolist()]
    for found in (interlingua.evaluate(interlingua.load(proto), inputs), open_model(str(path), True)(inputs)):
        assert found["v"].dtype == np.uint64 and found["v"].tolist() == want
        assert np.take_along_axis(X, found["i"], 1).tolist() == want
        assert found["i"][1].tolist() == ([1, 3, 0] if largest else [0, 2, 1])
