"""Layers of networks with random weights, built of our ops; statistics of norms are measured while they are built.

Weights are scaled as He and Xavier do for trained networks' first steps. A batch norm's mean and variance are those
that its input really has on one example, re-drawn around them, its scale and shift near 1 and 0 but neither: nothing in
the network is trivially zero or one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Node, Port, Value
from interlingua.ir.ops.activation import Gelu, Relu
from interlingua.ir.ops.attention import Attention
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.convolution import Conv, ConvTranspose
from interlingua.ir.ops.indexing import Embedding
from interlingua.ir.ops.layout import Flatten
from interlingua.ir.ops.norm import BatchNorm, GroupNorm, LayerNorm
from interlingua.ir.ops.pooling import AvgPool, GlobalAvgPool, MaxPool
from interlingua.ir.ops.shape import Reshape, Transpose
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor

Array = np.ndarray[Any, Any]


class Calibration:
    """Computes every node of a graph as it is put in, on the one example that the inputs hold."""

    def __init__(self) -> None:
        self.arrays: dict[Value, Array] = {}

    def inserted(self, node: Node) -> None:
        """As of :class:`interlingua.ir.rewriter.Listener`."""
        with np.errstate(all="ignore"):
            found = node.op.reference(*(None if o is None else self.arrays[o] for o in node.operands))
        self.arrays.update(zip(node.results, found if isinstance(found, tuple) else (found,), strict=True))

    def erased(self, node: Node) -> None: ...

    def replaced(self, old: Value, new: Value) -> None: ...


def channels(x: Value, axis: int = 1) -> int:
    """The extent of an axis, which is known in these networks."""
    size = x.tensor.dims[axis]
    assert isinstance(size, int)
    return size


class Net:
    """A network in the making. Every layer takes values and gives one."""

    def __init__(self, name: str, seed: int = 0) -> None:
        self.name = name
        self.rng = np.random.default_rng(seed)
        self.example = Calibration()
        self.b = Builder(Graph("main"), rewriter=Rewriter([self.example]))
        self.ports: list[Port] = []

    def input(self, array: Array, name: str = "x") -> Value:
        """An input whose example is ``array``."""
        value = self.b.input(Tensor(DType.of(array), array.shape), name)
        self.example.arrays[value] = array
        self.ports.append(Port(name, array.shape))
        return value

    def normal(self, *shape: int, scale: float = 1.0, shift: float = 0.0) -> Value:
        """A constant of normal numbers."""
        return self.b.constant((self.rng.standard_normal(shape) * scale + shift).astype(np.float32))

    def image(self, size: int, channels: int = 3, batch: int = 1) -> Value:
        """An input of normal pixels."""
        return self.input(self.rng.standard_normal((batch, channels, size, size)).astype(np.float32))

    def tokens(self, length: int, words: int, width: int, *, unit: bool = False) -> Value:
        """An input of token ids, embedded, positions added. Tables are as small as trained ones are (a standard
        deviation of 0.14 in GPT-2, 0.05 in BERT), or those of words have ``unit`` variance."""
        ids = self.input(self.rng.integers(0, words, (1, length)), "ids")
        scales = (1.0, 0.3) if unit else (0.1, 0.05)
        table, places = self.normal(words, width, scale=scales[0]), self.normal(1, length, width, scale=scales[1])
        return self.b(Add(), self.b(Embedding(), table, ids), places)

    def module(self, *outputs: Value) -> tuple[Module, dict[str, Array]]:
        """The network, and its example."""
        names = ["y", *(f"y{i}" for i in range(1, len(outputs)))][: len(outputs)]
        graph = self.b.outputs(outputs, names)
        module = Module({"main": graph}, self.ports, metadata={"graph": self.name})
        module.outputs = [Port(n, v.tensor.static_shape) for n, v in zip(names, outputs, strict=True)]
        return module, {p.name: self.example.arrays[v] for p, v in zip(self.ports, graph.inputs, strict=True)}

    def conv(
        self, x: Value, out: int, kernel: int, stride: int = 1, *, pad: int | None = None, groups: int = 1,
        bias: bool = False, scale: float | None = None,
    ) -> Value:  # fmt: skip
        """A convolution over one or two axes, "same" unless ``pad`` says otherwise; He's scale unless given."""
        n, inputs = x.tensor.rank - 2, channels(x)
        fan = inputs // groups * kernel**n
        pads = (kernel // 2 if pad is None else pad,) * (2 * n)
        w = self.normal(out, inputs // groups, *(kernel,) * n, scale=(2 / fan) ** 0.5 if scale is None else scale)
        return self.b(Conv((stride,) * n, pads, (1,) * n, groups), x, w, self.normal(out, scale=0.1) if bias else None)

    def conv_transpose(self, x: Value, out: int, kernel: int = 2, stride: int = 2) -> Value:
        """An upsampling convolution over two axes."""
        inputs = channels(x)
        w = self.normal(inputs, out, kernel, kernel, scale=(2 / (inputs * kernel)) ** 0.5)
        op = ConvTranspose((stride,) * 2, ((kernel - stride) // 2,) * 4, (1, 1), (0, 0))
        return self.b(op, x, w, self.normal(out, scale=0.1))

    def batch_norm(self, x: Value, epsilon: float = 1e-5) -> Value:
        """Statistics near those of ``x``."""
        array = self.example.arrays[x].astype(np.float64)
        axes = tuple(i for i in range(array.ndim) if i != 1)
        mean, variance = array.mean(axes), array.var(axes) + 1e-3
        count = len(mean)
        drawn = (
            self.rng.normal(1, 0.2, count),
            self.rng.normal(0, 0.3, count),
            mean + self.rng.normal(0, 0.1, count) * np.sqrt(variance),
            variance * self.rng.uniform(0.6, 1.6, count),
        )
        return self.b(BatchNorm(epsilon), x, *(self.b.constant(p.astype(np.float32)) for p in drawn))

    def layer_norm(self, x: Value, epsilon: float = 1e-5) -> Value:
        """Over the last axis."""
        width = channels(x, -1)
        return self.b(LayerNorm(-1, epsilon), x, self.normal(width, scale=0.2, shift=1), self.normal(width, scale=0.3))

    def group_norm(self, x: Value, groups: int, epsilon: float = 1e-5) -> Value:
        """Over groups of channels."""
        width = channels(x)
        return self.b(
            GroupNorm(groups, epsilon), x, self.normal(width, scale=0.2, shift=1), self.normal(width, scale=0.3)
        )

    def linear(self, x: Value, out: int, gain: float = 1.0) -> Value:
        """A product with a matrix, and a bias."""
        width = channels(x, -1)
        return self.b(
            Add(), self.b(MatMul(), x, self.normal(width, out, scale=gain * width**-0.5)), self.normal(out, scale=0.1)
        )

    def heads(self, x: Value, count: int) -> Value:
        """(batch, length, width) as (batch, heads, length, width / heads)."""
        batch, length, width = x.tensor.static_shape or ()
        split = self.b(Reshape(), x, self.b.constant([batch, length, count, width // count]))
        return self.b(Transpose((0, 2, 1, 3)), split)

    def attention(self, x: Value, heads: int, causal: bool = False) -> Value:
        """Self-attention with its four projections."""
        batch, length, width = x.tensor.static_shape or ()
        q, k, v = (self.heads(self.linear(x, width, 1.5), heads) for _ in range(3))
        y = self.b(Transpose((0, 2, 1, 3)), self.b(Attention(causal=causal), q, k, v))
        return self.linear(self.b(Reshape(), y, self.b.constant([batch, length, width])), width)

    def transformer(
        self, x: Value, heads: int, *, causal: bool = False, post: bool = False, form: str = "erf"
    ) -> Value:
        """A block of attention and a feed-forward part, with the norms before or after."""
        width = channels(x, -1)
        gelu = Gelu("erf" if form == "erf" else "tanh")

        def feed(y: Value) -> Value:
            return self.linear(self.b(gelu, self.linear(y, 4 * width, 1.4)), width)

        for part in (lambda y: self.attention(y, heads, causal), feed):
            x = self.layer_norm(self.b(Add(), x, part(x))) if post else self.b(Add(), x, part(self.layer_norm(x)))
        return x

    def relu(self, x: Value) -> Value:
        """As it says."""
        return self.b(Relu(), x)

    def gelu(self, x: Value) -> Value:
        """With erf."""
        return self.b(Gelu(), x)

    def max_pool(self, x: Value, window: int, stride: int, pad: int) -> Value:
        """Over two axes."""
        return self.b(MaxPool((window,) * 2, (stride,) * 2, (pad,) * 4, (1, 1)), x)

    def avg_pool(self, x: Value, window: int) -> Value:
        """Over two axes, without overlap."""
        return self.b(AvgPool((window,) * 2, (window,) * 2, (0,) * 4, (1, 1)), x)

    def classify(self, x: Value, classes: int) -> Value:
        """The mean of each plane, and a linear layer."""
        return self.linear(self.b(Flatten(axis=1), self.b(GlobalAvgPool(), x)), classes)
