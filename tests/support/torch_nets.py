"""Small graphs with scopes, for the modules that are emitted of them."""

import json

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Origin, Port
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.convolution import Conv
from interlingua.ir.ops.norm import BatchNorm, LayerNorm
from interlingua.ir.ops.shape import Transpose
from interlingua.ir.types import Tensor

F32, I64 = DType.F32, DType.I64
BATCH, LENGTH = symbol("batch"), symbol("length")
SEQUENCE = Tensor(F32, (BATCH, LENGTH, 8))
VECTORS = Tensor(F32, (BATCH, 8))


class Net:
    """Adds nodes of scopes, with parameters that are drawn."""

    def __init__(self, b: Builder) -> None:
        self.b = b
        self.random = np.random.default_rng(0)
        self.made = {}

    def parameter(self, name, *shape):
        """The same constant each time that its name is given."""
        if name not in self.made:
            array = self.random.uniform(0.1, 0.5, shape).astype(np.float32)
            self.made[name] = self.b.constant(array, name=name)
        return self.made[name]

    def at(self, scope):
        return self.b.at(Origin(), scope)

    def linear(self, scope, x, inner=8, out=8, at=None):
        weight, bias = self.parameter(f"{scope}.weight", out, inner), self.parameter(f"{scope}.bias", out)
        with self.at(scope if at is None else at):
            return self.b(Add(), self.b(MatMul(), x, self.b(Transpose((1, 0)), weight)), bias)

    def conv(self, scope, x, inner, out, stride=1, pads=(1, 1, 1, 1)):
        with self.at(scope):
            weight = self.parameter(f"{scope}.weight", out, inner, 3, 3)
            return self.b(Conv((stride, stride), pads, (1, 1)), x, weight)

    def batch_norm(self, scope, x, size):
        words = ("weight", "bias", "running_mean", "running_var")
        with self.at(scope):
            return self.b(BatchNorm(), x, *(self.parameter(f"{scope}.{w}", size) for w in words))

    def layer_norm(self, scope, x):
        with self.at(scope):
            return self.b(LayerNorm(-1), x, *(self.parameter(f"{scope}.{w}", 8) for w in ("weight", "bias")))

    def step(self, scope, op, *operands):
        with self.at(scope):
            return self.b(op, *operands)


def made(build, inputs, metadata=None):
    b = Builder(Graph("main"))
    found = build(Net(b), *[b.input(type_, name) for name, type_ in inputs.items()])
    ports = [Port(n, None) for n in inputs], [Port("y", None)]
    return Module({"main": b.outputs([found], ["y"])}, *ports, {k: json.dumps(v) for k, v in (metadata or {}).items()})


def ramp(*shape):
    return np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)


