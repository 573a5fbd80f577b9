"""What is written for an op: the function that a reader of PyTorch expects, where its semantics are those of the op."""

import numpy as np
import pytest

from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.ops import (
    activation,
    binary,
    convert,
    convolution,
    indexing,
    layout,
    logic,
    norm,
    pooling,
    reduction,
    resize,
    shape,
    source,
)
from interlingua.ir.types import Tensor

F32, I64, U64, F16, BF16 = DType.F32, DType.I64, DType.U64, DType.F16, DType.BF16
IMAGE = Tensor(F32, (symbol("batch"), 3, 8, 8))
MATRIX = Tensor(F32, (symbol("batch"), 4))
INTEGERS = Tensor(I64, (4,))


def one(op, *constants):
    return lambda b, x: b.add_all(op, x, *(b.constant(c) for c in constants))[0]


def _batch(b, x):
    return b(indexing.Gather(), b(source.ShapeOf(), x), b.constant(0))


WRITTEN = {
    "x.sum(dim=1, keepdim=True)": (MATRIX, one(reduction.ReduceSum((1,), True))),
    "x.amax(dim=-1)": (MATRIX, one(reduction.ReduceMax((-1,)))),
    "x.mean(dim=(2, 3), keepdim=True)": (IMAGE, one(pooling.GlobalAvgPool())),
    "x.sum(dim=0)": (INTEGERS, one(reduction.ReduceSum((0,)))),
    "x.cumsum(dim=1)": (MATRIX, one(reduction.CumSum(1))),
    "x.argmax(dim=1)": (MATRIX, one(reduction.ArgMax(1))),
    "torch.maximum(x, x)": (MATRIX, lambda b, x: b(binary.Max(), x, x)),
    "x.clamp(min=0.5)": (MATRIX, one(binary.Max(), np.float32(0.5))),
    "x.clamp(min=0.0, max=6.0)": (MATRIX, one(activation.Clip(), np.float32(0), np.float32(6))),
    "x ** 2.0": (MATRIX, one(binary.Pow(), np.float32(2))),
    "torch.pow(x, torch.tensor(0.5))": (MATRIX, one(binary.Pow(), np.float32(0.5))),
    "x.to(torch.int64)": (MATRIX, one(convert.Cast(I64))),
    "x[:, 1:3]": (MATRIX, one(shape.Slice((1,)), [1], [3])),
    "x[:, 1:]": (MATRIX, one(shape.Slice((1,)), [1], [2**63 - 1])),
    "x[:, ::2]": (MATRIX, one(shape.Slice((1,)), [0], [2**63 - 1], [2])),
    "x.flip(1)": (MATRIX, one(shape.Slice((1,)), [-1], [-(2**63)], [-1])),
    "F.pad(x, (1, 2))": (MATRIX, one(shape.Pad(), [0, 1, 0, 2])),
    "F.pad(x, (1, 2), value=0.5)": (MATRIX, one(shape.Pad(), [0, 1, 0, 2], np.float32(0.5))),
    "x[:, self.indices]": (MATRIX, lambda b, x: b(indexing.Gather(1), x, b.constant([3, 0], name="indices"))),
    "x[:, 2]": (MATRIX, one(indexing.Gather(1), 2)),
    "x.nonzero().T": (MATRIX, one(indexing.NonZero())),
    "x.unsqueeze(0).unsqueeze(2)": (MATRIX, one(layout.ExpandDims((0, 2)))),
    "x.chunk(2, dim=1)": (MATRIX, one(layout.Split(1, 2))),
    "x.split((1, 3), dim=1)": (MATRIX, one(layout.Split(1, 2), [1, 3])),
    "torch.stack((x, x), dim=-1)": (MATRIX, lambda b, x: b(layout.Stack(-1), x, x)),
    "torch.cat((x, x), dim=0)": (MATRIX, lambda b, x: b(shape.Concat(0), x, x)),
    "x.expand((2, batch, 4))": (MATRIX, one(shape.BroadcastTo(), [2, 1, 1])),
    "x < 0.0": (MATRIX, one(logic.Lt(), np.float32(0))),
    ", x, 1.0)": (MATRIX, lambda b, x: b(logic.Select(), b(logic.Lt(), x, x), x, b.constant(np.float32(1)))),
    "F.avg_pool2d(x, (2, 2))": (IMAGE, one(pooling.AvgPool((2, 2), (2, 2), (0,) * 4, (1, 1)))),
    'F.interpolate(x, scale_factor=2, mode="nearest")': (
        IMAGE,
        one(resize.Resize((2, 3), (2.0, 2.0), "nearest", "asymmetric", "floor")),
    ),
    'F.interpolate(x, size=(5, 7), mode="bilinear", align_corners=False)': (
        IMAGE,
        one(resize.Resize((2, 3), None, "linear"), [5, 7]),
    ),
    "torch.group_norm(x, 3)": (IMAGE, one(norm.GroupNorm(3))),
    "torch.arange(batch)": (
        MATRIX,
        lambda b, x: b(source.Iota(), b.constant(0), _batch(b, x), b.constant(1)),
    ),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_an_op_is_written_as_is_usual(text, module_of, source):
    type_, build = WRITTEN[text]
    written = source(module_of(build, {"x": type_}))
    assert text in written
    assert "from .functional" not in written


def test_a_factor_of_float16_has_the_digits_of_its_value(module_of, source):
    """PyTorch multiplies by the number as it is given, in float32."""
    module = module_of(one(binary.Mul(), np.float16(5.9)), {"x": Tensor(F16, (4,))})
    assert "x * 5.8984375" in source(module)


def test_the_greatest_float_is_no_number_beyond_it(module_of, source):
    """Its shortest digits are: PyTorch does not convert them."""
    low, high = np.finfo(np.float32).min, np.finfo(np.float32).max
    text = source(module_of(one(activation.Clip(), low, high), {"x": MATRIX}))
    assert "x.clamp(min=-3.4028234663852886e+38, max=3.4028234663852886e+38)" in text


def test_a_learned_factor_of_one_element_is_a_parameter(module_of, source):
    text = source(module_of(one(binary.Mul(), np.array([0.5], np.float32)), {"x": MATRIX}))
    assert "nn.Parameter(torch.empty(1))" in text and "0.5" not in text


def test_a_negative_pad_of_a_transposed_convolution_is_padding(module_of, source):
    op = convolution.ConvTranspose((1, 1), (-1, 0, 0, 1), (1, 1), (0, 0))
    text = source(module_of(one(op, np.ones((3, 2, 2, 2), np.float32)), {"x": IMAGE}))
    assert "return F.pad(F.conv_transpose2d(x, self.weight), (0, -1, 1, 0))" in text
