"""Residual networks of random blocks, with one block in them that a benchmark is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor

SHAPE = (2, 6, 11, 13)
OP = builtin_ops()
PLANE = {"strides": (1, 1), "dilations": (1, 1)}
SAME = {**PLANE, "pads": (1, 1, 1, 1)}

Block = Callable[["Drawn", Value], Value]


class Drawn:
    """A model being drawn."""

    def __init__(self, seed: int, dtype: DType) -> None:
        self.rng = np.random.default_rng(seed)
        self.dtype = dtype
        self.b = Builder(Graph("main"))

    def add(self, name: str, *operands: Value | None, **attributes: Any) -> Value:
        return self.b.add(OP[name](**attributes), *operands)

    def normal(self, *shape: int, scale: float = 1.0) -> Value:
        return self.b.constant((self.rng.standard_normal(shape) * scale).astype(self.dtype.numpy))

    def scalar(self, value: float) -> Value:
        return self.b.scalar(value, self.dtype)

    def ints(self, *values: int) -> Value:
        return self.b.constant(np.array(values, np.int64))


def scale_shift(d: Drawn, x: Value) -> Value:
    return d.add("core.add", d.add("core.mul", x, d.normal(6, 1, 1)), d.normal(6, 1, 1))


def activation(d: Drawn, x: Value) -> Value:
    names = ["core.tanh", "math.sigmoid", "nn.relu", "nn.leaky_relu", "nn.softmax"]
    return d.add(str(d.rng.choice(names)), x)


def pointwise_conv(d: Drawn, x: Value) -> Value:
    y = d.add("core.conv", x, d.normal(6, 6, 1, 1, scale=0.4), d.normal(6), **PLANE, pads=(0, 0, 0, 0))
    return activation(d, y)


def conv(d: Drawn, x: Value) -> Value:
    return d.add("core.conv", x, d.normal(6, 6, 3, 3, scale=0.14), **SAME)


def around(d: Drawn, x: Value) -> Value:
    y = activation(d, d.add("core.transpose", x, perm=(0, 1, 3, 2)))
    return d.add("core.transpose", y, perm=(0, 1, 3, 2))


def mixed(d: Drawn, x: Value) -> Value:
    y = d.add("core.reshape", x, d.ints(12, 143))
    y = d.add("core.matmul", y, d.normal(143, 143, scale=0.08))
    return d.add("core.reshape", y, d.ints(*SHAPE))


def halves(d: Drawn, x: Value) -> Value:
    cut = int(d.rng.integers(1, 6))
    a = d.add("core.slice", x, d.ints(0), d.ints(cut), axes=(1,))
    c = d.add("core.slice", x, d.ints(cut), d.ints(6), axes=(1,))
    return d.add("core.concat", activation(d, c), a, axis=1)


def pooled(d: Drawn, x: Value) -> Value:
    return d.add("core.max_pool", x, window=(3, 3), **SAME)


def averaged(d: Drawn, x: Value) -> Value:
    return d.add("core.avg_pool", d.add("nn.gelu", x), window=(3, 3), **SAME)


def normalised(d: Drawn, x: Value) -> Value:
    return d.add("nn.layer_norm", x, d.normal(13), d.normal(13))


def gated(d: Drawn, x: Value) -> Value:
    return d.add("core.mul", d.add("math.sigmoid", d.add("core.mul", x, d.normal(6, 1, 1))), x)


BLOCKS: tuple[Block, ...] = (scale_shift, activation, around, mixed, halves, pooled, normalised, gated)
SINGLE: tuple[Block, ...] = (*BLOCKS, pointwise_conv, conv, averaged)
"""Those of float32: ONNX Runtime convolves no float64."""


def draw(seed: int, nodes: int, special: Block, dtype: DType = DType.F32) -> tuple[Module, dict[str, Any]]:
    """A network of about so many nodes with the special block somewhere in its middle."""
    d, blocks = Drawn(seed, dtype), SINGLE if dtype is DType.F32 else BLOCKS
    x = d.b.input(Tensor(dtype, SHAPE), "x")
    place, v, done = int(d.rng.integers(nodes // 4, 3 * nodes // 4)), x, False
    while (count := sum(not isinstance(n.op, Constant) for n in d.b.graph.nodes)) < nodes:
        now = not done and count >= place
        block = special if now else blocks[int(d.rng.integers(len(blocks)))]
        done = done or now
        v = d.add("core.add", d.add("core.mul", v, d.scalar(0.9)), block(d, v))
        if d.rng.random() < 0.1:
            v = normalised(d, v)
    aside = d.add("nn.relu", v)
    d.b.outputs([v, aside], ["y", "z"])
    module = Module({"main": d.b.graph}, [Port("x", SHAPE)], [Port("y", SHAPE), Port("z", SHAPE)])
    return module, {"x": d.rng.standard_normal(SHAPE).astype(dtype.numpy)}
