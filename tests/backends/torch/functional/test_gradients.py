"""The functions of ours that artifacts call, and detours by other dtypes, have the gradients of what they compute."""

import numpy as np
import pytest
import torch

import interlingua
from interlingua.ir.dtypes import DType
from interlingua.ir.ops import convert, convolution, indexing, pooling, reduction, resize, rnn, scatter, shape, signal
from interlingua.ir.types import Tensor

RNG = np.random.default_rng(0)


def drawn(*dims):
    return RNG.standard_normal(dims)


def one(op, *constants):
    return lambda b, x, *xs: b.add_all(op, x, *xs, *(None if c is None else b.constant(c) for c in constants))


WINDOWS = {"window": (2, 2), "strides": (1, 2), "pads": (0, 1, 1, 0), "dilations": (2, 1), "ceil_mode": True}
GATES = ("sigmoid", "tanh", "tanh")
LSTM = rnn.Lstm("bidirectional", GATES * 2, (1.0,) * 6, (1.0,) * 6, 1.5)
GRU = rnn.Gru("reverse", GATES[:2], (1.0,) * 2, (1.0,) * 2, None, linear_before_reset=True)
RNN = rnn.Rnn("forward", ("tanh",), (1.0,), (1.0,), None)
LENGTHS = np.array([3, 1], np.int32)

CASES = {
    "lstm": (one(LSTM, None, LENGTHS), [(4, 2, 3), (2, 8, 3), (2, 8, 2)]),
    "gru": (one(GRU), [(4, 2, 3), (1, 6, 3), (1, 6, 2), (1, 12)]),
    "rnn": (one(RNN), [(4, 2, 3), (1, 2, 3), (1, 2, 2)]),
    "resize": (one(resize.Resize((1, 2), None, "cubic", antialias=True), [3, 7]), [(2, 5, 5)]),
    "dft": (one(signal.Dft(1, onesided=True)), [(2, 5, 1)]),
    "max_pool": (one(pooling.MaxPool(**WINDOWS)), [(1, 2, 5, 5)]),
    "avg_pool": (one(pooling.AvgPool(**WINDOWS, count_include_pad=True)), [(1, 2, 5, 5)]),
    "convolve": (one(convolution.Conv((1,) * 4, (0,) * 8, (1,) * 4)), [(1, 1, 2, 3, 2, 3), (2, 1, 1, 2, 2, 1)]),
    "convolve_transposed": (
        one(convolution.ConvTranspose((2,) * 4, (1, -1, 0, 0, 0, 0, 1, 0), (1,) * 4, (0,) * 4)),
        [(1, 2, 2, 1, 2, 1), (2, 1, 2, 1, 2, 2)],
    ),
    "gather_nd": (one(indexing.GatherNd(), [[0, 1], [-1, 0], [0, 1]]), [(2, 3)]),
    "scatter_nd": (lambda b, x, u: b.add_all(scatter.ScatterNd("mul"), x, b.constant([[1], [1]]), u), [(3, 2), (2, 2)]),
    "top_k": (one(indexing.TopK(), 2), [(2, 4)]),
    "pad_repeating": (one(shape.Pad("reflect"), [4, 0, 1, 2]), [(3, 3)]),
    "slice_along": (one(shape.Slice((0, 1)), [3, -1], [0, 0], [-2, -1]), [(5, 3)]),
    "running": (one(reduction.CumProd(1, exclusive=True, reverse=True)), [(2, 4)]),
}


@pytest.mark.parametrize("name", CASES)
def test_gradients(name, module_of):
    build, shapes = CASES[name]
    types = {f"x{i}": Tensor(DType.F64, dims) for i, dims in enumerate(shapes)}
    module = module_of(lambda b, *xs: build(b, *xs)[0], types)
    conversion = interlingua.convert(module, to="torch", verify=False)
    assert f"{name}(" in (conversion.artifact / "functional.py").read_text(encoding="utf-8")
    model, inputs = conversion.load(), [torch.tensor(drawn(*dims), requires_grad=True) for dims in shapes]
    assert torch.autograd.gradcheck(model, inputs)


def test_a_conversion_by_way_of_float32_hands_gradients_on(module_of):
    module = module_of(lambda b, x: b(convert.Cast(DType.F16), x), {"x": Tensor(DType.F64, (3,))})
    model = interlingua.convert(module, to="torch", verify=False).load()
    x = torch.tensor([1.0, 0.1, 3e5], dtype=torch.float64, requires_grad=True)
    model(x).float()[:2].sum().backward()
    assert x.grad.tolist() == [1, 1, 0]
