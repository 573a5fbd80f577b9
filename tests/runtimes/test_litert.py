"""TensorFlow Lite files in LiteRT: names, dims, dtypes, settings, and what is no such file."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.errors import RuntimeRefused
from interlingua.ir.dtypes import DType
from interlingua.runtimes.interface import Slot
from interlingua.runtimes.litert import RESOLVERS, LiteRt, LiteRtRunner
from support.tflite import Declared, built, unary

X = np.array([[-1.0, 0.5, 2.0]], np.float32)
OPEN = unary("RELU", Declared("x", (1, 3), signature=(-1, 3)), Declared("y", (1, 3), signature=(-1, 3)))
SIGNED = unary("RELU", Declared("call_x:0", (1, 3)), Declared("call_y:0", (1, 3)), names=("image", "score"))


def outcomes(model, *batches, **settings):
    return LiteRtRunner(model, **settings).run(list(batches), timeout=60)


@pytest.mark.parametrize("kernels", RESOLVERS)
def test_every_set_of_kernels_runs(kernels):
    (outcome,) = outcomes(OPEN, {"x": X}, kernels=kernels)
    np.testing.assert_array_equal(outcome.outputs["y"], np.maximum(X, 0))


def test_open_dims_take_any_size_and_fixed_ones_do_not():
    three = np.repeat(X, 3, axis=0)
    found = outcomes(OPEN, {"x": three}, {"x": X}, {"x": X[:, :2]})
    assert [o.outputs and o.outputs["y"].shape for o in found] == [(3, 3), (1, 3), None]
    assert "input x: f32[?, 3], got f32[1, 2]" in found[2].error
    (fixed,) = outcomes(SIGNED, {"image": three})
    assert "got f32[3, 3]" in fixed.error


def test_a_signature_names_inputs_and_outputs_and_the_tensors_are_aliases():
    (outcome,) = outcomes(SIGNED, {"image": X})
    assert list(outcome.outputs) == ["score"]
    interface = LiteRt().interface(SIGNED, timeout=60)
    assert interface.inputs == (Slot("image", DType.F32, (1, 3), ("call_x:0",)),)
    assert interface.outputs == (Slot("score", DType.F32, (1, 3), ("call_y:0",)),)


def test_a_signature_that_is_not_there_is_refused():
    with pytest.raises(RuntimeRefused, match=r"no signature 'other', there are: \['serving_default'\]"):
        outcomes(SIGNED, {"image": X}, signature="other")


def test_outputs_stand_in_the_order_of_the_file_and_not_of_the_alphabet():
    model = built("ADD", [Declared("a", (2,)), Declared("b", (2,))], [Declared("c", (2,))], names=(["z", "a"], ["s"]))
    assert [s.name for s in LiteRt().interface(model, timeout=60).inputs] == ["z", "a"]


def test_quantized_tensors_keep_their_dtype_and_say_their_scale():
    x, y = (Declared(n, (1, 3), "INT8", scale=0.5, zero=-3) for n in "xy")
    model = unary("RELU", x, y)
    interface = LiteRt().interface(model, timeout=60)
    assert str(interface.inputs[0]) == "x: i8[1, 3] (scale 0.5, zero point -3)"
    (outcome,) = outcomes(model, {"x": np.array([[-10, -3, 20]], np.int8)})
    np.testing.assert_array_equal(outcome.outputs["y"], np.array([[-3, -3, 20]], np.int8))
    (wrong,) = outcomes(model, {"x": X})
    assert "got f32[1, 3]" in wrong.error


def test_names_that_are_missing_or_unknown_are_said():
    (outcome,) = outcomes(OPEN, {"z": X})
    assert "the inputs are ['x'], not ['z']" in outcome.error


@pytest.mark.parametrize("data", [b"", b"TFL3", b"an ONNX file is no such thing"], ids=["empty", "short", "other"])
def test_what_is_no_such_file_is_refused(data):
    with pytest.raises(RuntimeRefused, match="no TensorFlow Lite file"):
        outcomes(data, {"x": X})


def test_bytes_are_known_by_their_identifier():
    assert LiteRt().accepts(OPEN)
    assert not LiteRt().accepts(b"onnx")
    assert LiteRt().accepts("model.tflite")
    assert not LiteRt().accepts("model.onnx")
