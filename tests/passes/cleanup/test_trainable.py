"""What the pipeline ``trainable`` does to parameters: nothing."""

import numpy as np
import pytest

import interlingua
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.convolution import Conv
from interlingua.ir.ops.norm import BatchNorm, LayerNorm
from interlingua.ir.ops.shape import Concat, Reshape, Transpose
from interlingua.ir.ops.source import Constant
from interlingua.ir.ops.unary import Exp
from interlingua.ir.types import Tensor


def made(build, *shape):
    b = Builder(Graph("main"))
    b.outputs([build(b, b.input(Tensor(DType.F32, shape), "x"))], ["y"])
    return Module({"main": b.graph}, [Port("x", None)], [Port("y", None)])


def parameters(module):
    return sorted(n.result.name for n in module.walk() if isinstance(n.op, Constant))


def fresh(b, x):
    """A layer as it is before it is trained: scales are 1, biases 0."""
    ones, zeros = (f(4, np.float32) for f in (np.ones, np.zeros))
    x = b(LayerNorm(-1), x, b.constant(ones, name="norm.weight"), b.constant(zeros, name="norm.bias"))
    x = b(Mul(), x, b.constant(ones, name="scale"))
    x = b(MatMul(), x, b(Transpose((1, 0)), b.constant(np.eye(4, dtype=np.float32), name="proj.weight")))
    return b(Add(), x, b.constant(zeros, name="proj.bias"))


def convolution(b, x):
    x = b(Conv((1, 1), (0, 0, 0, 0), (1, 1)), x, b.constant(np.ones((3, 2, 1, 1), np.float32), name="conv.weight"))
    names = ("weight", "bias", "mean", "variance")
    vectors = (b.constant(np.full(3, i + 1, np.float32), name=f"bn.{name}") for i, name in enumerate(names))
    return b(BatchNorm(), x, *vectors)


def weight_norm(b, x):
    direction, size = (b.constant(np.full((4, 4), i + 1, np.float32), name=n) for i, n in enumerate("vg"))
    return b(MatMul(), x, b(Mul(), direction, b(Exp(), size)))


@pytest.mark.parametrize(("build", "shape"), [(fresh, (2, 4)), (convolution, (1, 2, 3, 3)), (weight_norm, (2, 4))])
def test_every_parameter_is_kept(build, shape):
    module = made(build, *shape)
    wanted = parameters(module)
    assert parameters(interlingua.optimize(module, "trainable")) == wanted


def test_what_is_no_parameter_is_folded_and_merged():
    def build(b, x):
        whole = [b(Concat(axis=0), b.constant([1, 2]), b.constant([-1])) for _ in range(2)]
        halves = [b(Mul(), x, b(Mul(), b.constant(np.float32(0.5)), b.constant(np.float32(3)))) for _ in range(2)]
        return b(Add(), *(b(Reshape(), half, shape) for half, shape in zip(halves, whole, strict=True)))

    found = interlingua.optimize(made(build, 4), "trainable")
    names = [n.op.name for n in found.main.nodes if not isinstance(n.op, Constant)]
    assert names == ["core.mul", "core.reshape", "core.add"]


def test_a_number_that_changes_nothing_goes():
    found = interlingua.optimize(made(lambda b, x: b(Mul(), x, b.constant(np.float32(1))), 4), "trainable")
    assert not list(found.main.nodes)
