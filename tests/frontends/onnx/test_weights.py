"""Tensors of ONNX files as weight handles."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import onnx
import pytest

from interlingua.errors import InvalidModel
from interlingua.frontends.onnx.reader import Source
from interlingua.frontends.onnx.weights import Weights, weight_of
from interlingua.ir.weights import Weight

DTYPES = [
    np.bool_,
    np.int8,
    np.int16,
    np.int32,
    np.int64,
    np.uint8,
    np.uint16,
    np.uint32,
    np.uint64,
    np.float16,
    np.float32,
    np.float64,
    np.complex64,
    np.complex128,
    ml_dtypes.bfloat16,
    ml_dtypes.float8_e4m3fn,
    ml_dtypes.float8_e5m2,
    ml_dtypes.int4,
    ml_dtypes.uint4,
]


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: np.dtype(d).name)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (5, 0, 2)])
def test_every_dtype_comes_back(dtype: type, shape: tuple[int, ...]) -> None:
    values = (np.arange(np.prod(shape, dtype=int)) % 2).reshape(shape).astype(dtype)
    weight = weight_of(onnx.numpy_helper.from_array(values, "w"), None, "here")
    assert weight.view().dtype == values.dtype
    assert weight.shape == shape
    assert np.array_equal(weight.view(), values)
    assert not weight.view().flags.writeable


@pytest.mark.parametrize(
    ("field", "code", "values"),
    [
        ("float_data", 1, [0.5, -0.0]),
        ("int32_data", 6, [1, -2]),
        ("int32_data", 2, [1, 255]),
        ("int64_data", 7, [1, -(1 << 62)]),
        ("double_data", 11, [0.1, 1e300]),
        ("uint64_data", 13, [1, (1 << 64) - 1]),
        ("int32_data", 9, [0, 1]),
        ("int32_data", 10, [15360, 0]),
    ],
)
def test_typed_fields(field: str, code: int, values: list[float]) -> None:
    proto = onnx.TensorProto(name="w", data_type=code, dims=[2], **{field: values})
    assert np.array_equal(weight_of(proto, None, "here").view(), onnx.numpy_helper.to_array(proto))
    getattr(proto, field).append(values[0])
    with pytest.raises(InvalidModel, match="2 elements"):
        weight_of(proto, None, "here")


def test_strings() -> None:
    proto = onnx.helper.make_tensor("w", onnx.TensorProto.STRING, [2], [b"a", "é".encode()])
    assert weight_of(proto, None, "here").shape == (2,)


def test_embedded_bytes_are_borrowed() -> None:
    values = np.arange(1000, dtype=np.float32)
    weight = weight_of(onnx.numpy_helper.from_array(values, "w"), None, "here")
    assert not weight.view().flags.owndata


@pytest.mark.parametrize("dims", [[-1], [3], [1 << 62, 4], [1 << 62, 1 << 62, 0]])
def test_dims_that_cannot_be(dims: list[int]) -> None:
    for proto in (
        onnx.TensorProto(name="w", data_type=1, dims=dims, raw_data=b"\0" * 8),
        onnx.TensorProto(name="w", data_type=1, dims=dims, float_data=[0, 0]),
        onnx.TensorProto(name="w", data_type=22, dims=dims, raw_data=b"\0" * 8),
    ):
        with pytest.raises(InvalidModel, match="'w'"):
            weight_of(proto, None, "here")


def test_small_weights_of_the_same_contents_are_one() -> None:
    weights = Weights(Source(onnx.ModelProto(), None, "here", []))

    def of(values: np.ndarray[Any, Any]) -> Weight:
        return weights.of(onnx.numpy_helper.from_array(values, "w"))

    axes = np.array([1, -1])
    assert of(axes) is of(axes.copy())
    others = [axes.reshape(1, 2), axes.astype(np.uint64), np.array([1, -2]), np.zeros(0, np.int64)]
    assert all(of(axes) is not of(other) for other in others)
    assert all(np.array_equal(of(other).view(), other) for other in others)
    assert of(np.zeros(100)) is not of(np.zeros(100))
