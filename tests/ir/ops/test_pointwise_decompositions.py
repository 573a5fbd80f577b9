"""Composites against their decompositions, over the special values, in float32 and float64."""

import numpy as np
import pytest

from interlingua.ir.builder import Builder
from interlingua.ir.decompose import decompose_all
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.interpret import Interpreter
from interlingua.ir.ops import activation as nn
from interlingua.ir.ops import math
from interlingua.ir.ops.quant import Dequantize, DynamicQuantize, Quantize
from interlingua.ir.ops.quantized import ConvInteger, MatMulInteger, QLinearConv, QLinearMatMul
from interlingua.ir.ops.softmax import Hardmax, LogSoftmax, Softmax
from interlingua.ir.types import Tensor

SPECIAL = [
    np.nan,
    np.inf,
    -np.inf,
    -0.0,
    0.0,
    1,
    -1,
    0.5,
    -0.5,
    1.5,
    2.5,
    -7,
    1e-3,
    -1e-3,
    20,
    -20,
    100,
    -100,
]


def module_of(op, arrays):
    graph = Graph("main")
    b = Builder(graph)
    module = Module({"main": graph})
    values = []
    for i, array in enumerate(arrays):
        values.append(b.input(Tensor(DType.of(array), array.shape), f"x{i}"))
        module.inputs.append(Port(f"x{i}", array.shape))
    results = b.add_all(op, *values)
    b.outputs(results, [f"y{i}" for i in range(len(results))])
    module.outputs = [Port(f"y{i}", tuple(v.tensor.shape)) for i, v in enumerate(results)]
    return module


def decomposed(module):
    decompose_all(module)
    return module


def both(op, *arrays):
    run = [
        list(Interpreter(m).run(list(arrays)).values())
        for m in (module_of(op, arrays), decomposed(module_of(op, arrays)))
    ]
    return zip(*run, strict=True)


def agree(got, want, factor):
    """Equal, or apart by ``factor`` units of rounding; decompositions take at most some ten roundings."""
    eps = np.finfo(want.dtype).eps
    np.testing.assert_allclose(got, want, rtol=factor * eps, atol=factor * eps)


UNARY = [
    *(
        math.Reciprocal(),
        math.Rsqrt(),
        math.Square(),
        math.Log1p(),
        math.Expm1(),
        math.Sinc(),
        math.Sigmoid(),
    ),
    *(
        nn.Relu(),
        nn.LeakyRelu(),
        nn.Elu(alpha=1.5),
        nn.Selu(),
        nn.Celu(alpha=2.0),
        nn.Gelu(),
        nn.Gelu(form="tanh"),
    ),
    *(
        nn.Silu(),
        nn.Silu(alpha=1.7),
        nn.Softplus(),
        nn.Mish(),
        nn.HardSigmoid(),
        nn.HardSwish(),
        nn.Softsign(),
    ),
    *(nn.ThresholdedRelu(), nn.Shrink(lambd=1.0, bias=0.5)),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("op", UNARY, ids=repr)
def test_unary(op, dtype):
    x = np.array(SPECIAL, dtype)
    for kernel, decomposition in both(op, x):
        agree(decomposition, kernel, 64)


@pytest.mark.parametrize(
    "op", [math.FloorDiv(), math.Mod(), math.Ne(), math.Gt(), math.Ge(), nn.Swiglu()], ids=repr
)
def test_binary(op):
    x = np.array(SPECIAL, np.float64)
    for kernel, decomposition in both(op, x[:, None], x):
        agree(decomposition.astype(np.float64), kernel.astype(np.float64), 64)


@pytest.mark.parametrize("op", [math.FloorDiv(), math.Mod()], ids=repr)
def test_integer_division(op):
    a, b = np.arange(-9, 10, dtype=np.int16)[:, None], np.array([-4, -3, -1, 1, 2, 5], np.int16)
    for kernel, decomposition in both(op, a, b):
        np.testing.assert_array_equal(kernel, decomposition)


def test_bit_count():
    x = np.array([0, 1, -1, -128, 127], np.int8)
    for kernel, decomposition in both(math.BitCount(), x):
        assert kernel.tolist() == decomposition.tolist() == [0, 1, 8, 1, 7]


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("kind", [Softmax, LogSoftmax, Hardmax])
def test_along_an_axis(kind, axis):
    x = np.array([[1, 1, 1], [-np.inf, 0, 2], [np.inf, 1, 0], [-np.inf, -np.inf, -np.inf], [np.nan, 0, 1]])
    for kernel, decomposition in both(kind(axis=axis), x):
        agree(decomposition, kernel, 16)


QUANTIZE = [
    (Quantize(), (np.float32(0.3),), np.uint8),
    (Quantize(dtype=DType.I8, axis=0), (np.array([0.1, 0.7], np.float32),), np.int8),
    (Quantize(dtype=DType.I16, axis=-1, block=2), (np.full((2, 2), 0.25, np.float32),), np.int16),
]


@pytest.mark.parametrize("op, scale, levels", QUANTIZE, ids=["tensor", "axis", "block"])
def test_quantize_and_back(op, scale, levels):
    x = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32) * 60
    scale = np.asarray(scale[0])
    zero = np.full(scale.shape, 3, levels)
    for kernel, decomposition in both(op, x, scale, zero):
        np.testing.assert_array_equal(kernel, decomposition)
        back = Dequantize(axis=op.axis, block=op.block)
        for left, right in both(back, kernel, scale, zero):
            np.testing.assert_array_equal(left, right)


def test_dynamic_quantize():
    for kernel, decomposition in both(DynamicQuantize(), np.array([-1.5, 0.2, 7.7], np.float32)):
        np.testing.assert_array_equal(kernel, decomposition)


def test_quantized_products():
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 256, (2, 3, 4), np.uint8), rng.integers(-128, 128, (4, 5), np.int8)
    zero_a, zero_b = np.array([100, 101, 102], np.uint8), np.array(-3, np.int8)
    for kernel, decomposition in both(MatMulInteger(), a, b, zero_a, zero_b):
        np.testing.assert_array_equal(kernel, decomposition)
    parameters = (
        (np.float32(0.02), np.uint8(128)),
        (np.float32(0.01), np.int8(2)),
        (np.float32(0.3), np.uint8(7)),
    )
    (sa, za), (sb, zb), (sy, zy) = [tuple(np.asarray(v) for v in pair) for pair in parameters]
    for kernel, decomposition in both(QLinearMatMul(), a, sa, za, b, sb, zb, sy, zy):
        np.testing.assert_array_equal(kernel, decomposition)


def test_quantized_convolutions():
    rng = np.random.default_rng(2)
    x, w = rng.integers(0, 256, (1, 2, 5, 5), np.uint8), rng.integers(-128, 128, (3, 2, 3, 3), np.int8)
    windows = {"strides": (2, 1), "pads": (1, 0, 1, 2), "dilations": (1, 1)}
    zx, zw = np.array(7, np.uint8), np.array([0, 1, -1], np.int8)
    for kernel, decomposition in both(ConvInteger(**windows), x, w, zx, zw):
        np.testing.assert_array_equal(kernel, decomposition)
    scales = np.float32(0.1), np.array([0.1, 0.2, 0.3], np.float32), np.float32(5)
    sx, sw, sy = (np.asarray(s) for s in scales)
    bias, zy = np.array([10, -10, 0], np.int32), np.array(3, np.uint8)
    for kernel, decomposition in both(QLinearConv(**windows), x, sx, zx, w, sw, zw, sy, zy, bias):
        np.testing.assert_array_equal(kernel, decomposition)
