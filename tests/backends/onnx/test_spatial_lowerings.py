"""Lowerings of convolutions, poolings and resizing that are more than a new name, run by ONNX Runtime."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from interlingua.backends.legality import legalize
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.ops.convolution import Conv, ConvTranspose
from interlingua.ir.ops.pooling import AvgPool, LpPool, MaxPool
from interlingua.ir.ops.resize import Resize
from interlingua.ir.types import Tensor
from interlingua.plugins import plugins
from support.single import apply, close

RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 4, 6, 7)).astype(np.float32)


def emitted(op, arrays, opset, path):
    """The op's result in ONNX Runtime."""
    b = Builder(Graph("main"))
    module = Module({"main": b.graph})
    operands = [b.input(Tensor(DType.of(a), a.shape), f"x{i}") for i, a in enumerate(arrays)]
    module.inputs = [Port(f"x{i}", a.shape) for i, a in enumerate(arrays)]
    result = b(op, *operands)
    b.outputs([result], ["y"])
    module.outputs = [Port("y", tuple(d if isinstance(d, int) else None for d in result.tensor.dims))]
    backend = plugins().backend("onnx")
    target = backend.target(module, opset=opset)
    legalize(module, backend.lowerings, target, subject="onnx")
    backend.emit(module, path, target)
    onnx.checker.check_model(str(path), full_check=True)
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {f"x{i}": a for i, a in enumerate(arrays)})[0]


def agrees(op, arrays, opset, tmp_path, times=64):
    got, want = emitted(op, arrays, opset, tmp_path / "m.onnx"), apply(op, *arrays)
    if want.dtype.kind in "iu":
        return got.dtype == want.dtype and np.array_equal(got, want)
    return got.shape == want.shape and close(got, want, times=times)


@pytest.mark.parametrize("dtypes", [(np.uint8, np.int8), (np.int32, np.int32), (np.int16, np.int8)])
@pytest.mark.parametrize("layout", ["channels_first", "channels_last"])
def test_integer_convolutions(dtypes, layout, tmp_path):
    x = RNG.integers(0, 100, (2, 4, 6, 4)).astype(dtypes[0])
    w = RNG.integers(-100, 100, (6, 2, 3, 2)).astype(dtypes[1])
    bias = RNG.integers(-9, 9, 6).astype(np.int32)
    assert agrees(Conv((2, 1), (1, 0, 2, 1), (1, 2), 2, layout), (x, w, bias), 20, tmp_path)


def test_room_around_a_transposed_convolution(tmp_path):
    w, bias = RNG.standard_normal((4, 3, 2, 2)).astype(np.float32), np.arange(3, dtype=np.float32)
    assert agrees(ConvTranspose((3, 3), (0, 1, -1, -2), (1, 1), (0, 0)), (X, w, bias), 20, tmp_path)


@pytest.mark.parametrize("opset", [13, 19])
@pytest.mark.parametrize("ceil", [False, True])
@pytest.mark.parametrize("count", [False, True])
@pytest.mark.parametrize("layout", ["channels_first", "channels_last"])
def test_dilated_means(opset, ceil, count, layout, tmp_path):
    op = AvgPool((2, 3), (2, 2), (1, 1, 0, 1), (2, 2), ceil, count, layout)
    x = np.moveaxis(X, 1, -1).copy() if layout == "channels_last" else X
    assert agrees(op, (x,), opset, tmp_path)


@pytest.mark.parametrize("op", [MaxPool, AvgPool])
def test_pads_as_large_as_the_window(op, tmp_path):
    more = {"count_include_pad": True} if op is AvgPool else {}
    assert agrees(op((2, 2), (1, 1), (1, 2, 1, 1), (1, 1), **more), (X - 9,), 20, tmp_path)


def test_maxima_of_int32(tmp_path):
    x = RNG.integers(-(2**31), 2**31, (1, 2, 5, 5)).astype(np.int32)
    assert agrees(MaxPool((2, 2), (1, 1), (1, 1, 0, 0), (1, 1)), (x,), 20, tmp_path)


@pytest.mark.parametrize("opset", [13, 18])
def test_p_norms(opset, tmp_path):
    assert agrees(LpPool((2, 3), (2, 2), (1, 1, 0, 1), (1, 2), True, 3), (X,), opset, tmp_path)


@pytest.mark.parametrize("opset", [13, 18, 19])
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("coordinates", ["half_pixel", "asymmetric", "align_corners", "half_pixel_symmetric"])
def test_resizing(opset, mode, coordinates, tmp_path):
    for axes, factors in (((2, 3), (2.0, 0.5)), ((1,), (1.5,))):
        assert agrees(Resize(axes, factors, mode, coordinates), (X,), opset, tmp_path, times=256)
    sizes = np.array([9, 3])
    assert agrees(Resize((2, 3), mode=mode, coordinates=coordinates), (X, sizes), opset, tmp_path, times=256)
