"""What ONNX's node cases leave out: auto_pad on symbolic sizes, output_shape, scales, activations."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper

import interlingua
from interlingua.errors import UnsupportedOps
from interlingua.ir.ops.convolution import ConvTranspose
from interlingua.ir.ops.rnn import Recurrent


def load(op, opset, shapes, weights=(), ranks=(4,), **attributes):
    """A module of one node: float inputs of these shapes, then initializers (``None``: left out)."""
    inputs = [helper.make_tensor_value_info(f"x{i}", 1, s) for i, s in enumerate(shapes)]
    names = [v.name for v in inputs] + ["" if w is None else f"w{i}" for i, w in enumerate(weights)]
    constants = [onnx.numpy_helper.from_array(w, f"w{i}") for i, w in enumerate(weights) if w is not None]
    results = [f"y{i}" for i in range(len(ranks))]
    node = helper.make_node(op, names, results, **attributes)
    infos = [
        helper.make_tensor_value_info(name, 1, [None] * r) for name, r in zip(results, ranks, strict=True)
    ]
    graph = helper.make_graph([node], "g", inputs, infos, constants)
    opsets = [helper.make_opsetid("", opset)]
    return interlingua.load(helper.make_model(graph, opset_imports=opsets, ir_version=10))


def only(module, cls):
    return next(node for node in module.walk() if isinstance(node.op, cls))


W = np.ones((2, 3, 3, 3), np.float32)


@pytest.mark.parametrize(
    ("mode", "pads"), [("SAME_UPPER", (1, 0, 1, 1)), ("SAME_LOWER", (1, 1, 1, 0)), ("VALID", (0,) * 4)]
)
def test_same_pads_are_known_for_stride_one(mode, pads):
    w = np.ones((2, 3, 3, 2), np.float32)
    module = load("Conv", 11, [("N", 3, "H", "W")], [w], auto_pad=mode)
    node = next(n for n in module.walk() if n.op.name == "core.conv")
    assert node.op.pads == pads
    if mode != "VALID":
        assert str(node.result.tensor) == "f32[N, 2, H, W]"


def test_same_pads_that_depend_on_the_size_are_refused():
    with pytest.raises(UnsupportedOps, match="auto_pad"):
        load("Conv", 11, [("N", 3, "H", "W")], [W], auto_pad="SAME_UPPER", strides=[2, 2])


@pytest.mark.parametrize(
    ("attributes", "pads"),
    [
        # (5 - 1)*2 + 3 = 11 is reached
        ({"output_shape": [10, 8]}, (1, 2, 0, 1)),
        ({"output_shape": [10, 8], "auto_pad": "SAME_UPPER"}, (0, 1, 1, 2)),
        ({"output_shape": [12, 11]}, (0, 0, -1, 0)),
        ({"auto_pad": "SAME_UPPER"}, (0, 0, 1, 1)),
        ({"auto_pad": "SAME_LOWER"}, (1, 1, 0, 0)),
        ({"auto_pad": "VALID", "pads": [1, 1, 1, 1]}, (0, 0, 0, 0)),
    ],
)
def test_pads_of_a_transposed_convolution(attributes, pads):
    module = load(
        "ConvTranspose", 11, [(1, 3, 5, 5)], [np.ones((3, 2, 3, 3), np.float32)], strides=[2, 2], **attributes
    )
    node = only(module, ConvTranspose)
    assert node.op.pads == pads
    if "output_shape" in attributes:
        assert list(node.result.tensor.dims[2:]) == attributes["output_shape"]


def test_constant_scales_keep_symbols():
    scales = np.array([1, 1, 2, 2], np.float32)
    module = load("Resize", 11, [("N", 3, "H", "W")], [np.zeros(0, np.float32), scales], mode="nearest")
    node = next(n for n in module.walk() if n.op.name == "vision.resize")
    assert node.op.axes == (2, 3) and node.op.factors == (2.0, 2.0)
    assert str(node.result.tensor) == "f32[N, 3, H*2, W*2]"


def test_an_alpha_belongs_to_the_function_that_takes_one():
    w, r = np.ones((1, 8, 3), np.float32), np.ones((1, 8, 2), np.float32)
    module = load(
        "LSTM",
        14,
        [("T", "N", 3)],
        [w, r],
        hidden_size=2,
        activations=["Sigmoid", "LeakyRelu", "HardSigmoid"],
        activation_alpha=[0.3, 0.4],
        activation_beta=[0.6],
    )
    op = only(module, Recurrent).op
    assert op.activations == ("sigmoid", "leaky_relu", "hard_sigmoid")
    assert op.alphas[1:] == pytest.approx((0.3, 0.4)) and op.betas[2] == pytest.approx(0.6)


def test_batch_statistics_in_training():
    x = np.random.default_rng(0).standard_normal((4, 3, 5)).astype(np.float32)
    ones, zeros = np.ones(3, np.float32), np.zeros(3, np.float32)
    module = load(
        "BatchNormalization", 15, [x.shape], [ones, zeros, zeros, ones], ranks=(3, 1, 1), training_mode=1
    )
    y, mean, variance = interlingua.evaluate(module, [x]).values()
    assert np.abs(y.mean((0, 2))).max() <= 64 * np.finfo(np.float32).eps
    assert mean == pytest.approx(0.1 * x.mean((0, 2)), abs=64 * float(np.finfo(np.float32).eps))
    assert variance == pytest.approx(0.9 + 0.1 * x.var((0, 2)), abs=64 * float(np.finfo(np.float32).eps))
