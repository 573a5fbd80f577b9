"""Fourier transforms along an axis that the run names, and as ONNX Runtime runs them."""

from __future__ import annotations

import numpy as np
import onnx.parser
import pytest

import interlingua
from interlingua.runtimes.onnxruntime import open_model


def normal(*shape):
    return np.random.default_rng(shape).standard_normal(shape).astype(np.float32)


def pairs(values):
    return np.stack([values.real, values.imag], -1)


def model(shape: str, attributes: str = "", operands: str = "x, , a"):
    return onnx.parser.parse_model(
        f'<ir_version: 9, opset_import: ["" : 20]> g (float[{shape}] x, int64 a, int64 n) => (float y) '
        f"{{ y = DFT {attributes} ({operands}) }}"
    )


@pytest.mark.parametrize("axis", [0, 1, 2, -2, -3, -4])
@pytest.mark.parametrize("shape", ["5, 4, 6, 2", "p, q, r, 2", "p, q, r, c"])
@pytest.mark.parametrize("length", [None, 7, 3])
def test_the_run_may_name_the_axis(axis, shape, length, tmp_path):
    x, place = normal(5, 4, 6, 2), axis % 4
    proto = model(shape, operands="x, , a" if length is None else "x, n, a")
    want = pairs(np.fft.fft(x[..., 0] + 1j * x[..., 1].astype(np.float64), length, place))
    inputs = {"x": x, "a": np.array(axis), "n": np.array(length or 0)}
    path = tmp_path / "model.onnx"
    interlingua.convert(proto, to="onnx", output=path, verify=False)
    for found in (interlingua.evaluate(interlingua.load(proto), inputs), open_model(str(path), True)(inputs)):
        assert found["y"].shape == want.shape
        assert np.abs(found["y"] - want).max() <= 16 * np.finfo(np.float32).eps * np.abs(want).max()


@pytest.mark.parametrize("axis", [0, -2])
def test_one_side_along_an_axis_that_the_run_names_and_back(axis):
    x = normal(6, 5, 1)
    inputs = {"x": x, "a": np.array(axis), "n": np.array(5)}
    there = interlingua.evaluate(interlingua.load(model("p, q, 1", "<onesided = 1>")), inputs)["y"]
    assert there.shape == ((4, 5, 2) if axis == 0 else (6, 3, 2))
    back = model("p, q, 2", "<onesided = 1, inverse = 1>", "x, n, a")
    size = {"x": there, "a": np.array(axis), "n": np.array(x.shape[axis - 1 if axis < 0 else axis])}
    found = interlingua.evaluate(interlingua.load(back), {**size, "n": np.array(6 if axis == 0 else 5)})["y"]
    assert found.shape == x.shape and np.abs(found - x).max() <= 16 * np.finfo(np.float32).eps * np.abs(x).max()


@pytest.mark.parametrize("count", [97, 400, 480, 1000])
def test_lengths_that_are_no_power_of_two_lose_nothing_in_the_runtime(count, tmp_path):
    """ONNX Runtime's own DFT of float32 is off by 1e-4 of the norm and more."""
    x = normal(2, count, 1)
    path = tmp_path / "model.onnx"
    interlingua.convert(model(f"2, {count}, 1", operands="x"), to="onnx", output=path, verify=False)
    found = open_model(str(path), True)({"x": x, "a": np.array(0), "n": np.array(0)})["y"]
    want = pairs(np.fft.fft(x[..., 0].astype(np.float64)))
    assert np.abs(found - want).max() <= np.finfo(np.float32).eps * np.abs(want).max()
