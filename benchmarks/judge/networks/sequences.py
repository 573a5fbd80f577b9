"""Networks over tokens and sound, each after a published architecture, smaller in width."""

from __future__ import annotations

import numpy as np
from benchmarks.judge.networks.layers import Net, channels
from benchmarks.judge.networks.vision import Made

from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Gelu
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.reduction import Mean
from interlingua.ir.ops.rnn import Activation, Lstm
from interlingua.ir.ops.shape import Pad, Reshape, Transpose
from interlingua.ir.ops.unary import Tanh


def gpt(unit: bool = False) -> Made:
    """A decoder: causal attention, norms before, six blocks; the convolution over time that some put in front."""
    net, width = Net("gpt"), 96
    x = _local(net, net.tokens(48, 400, width, unit=unit))
    for _ in range(6):
        x = net.transformer(x, 4, causal=True)
    return net.module(net.linear(net.layer_norm(x), 400))


def bert(unit: bool = False) -> Made:
    """An encoder: norms after, six blocks, a pooled output besides."""
    net, width = Net("bert"), 96
    x = net.layer_norm(_local(net, net.tokens(48, 400, width, unit=unit)), 1e-12 if unit else 1e-5)
    for _ in range(6):
        x = net.transformer(x, 4, post=True)
    pooled = net.b(Tanh(), net.linear(net.b(Mean(axes=(1,)), x), width))
    return net.module(net.linear(x, 20), pooled)


def _local(net: Net, x: Value) -> Value:
    """A depthwise convolution over time, padded on the left as causal ones are."""
    width = channels(x, -1)
    y = net.b(Pad(), net.b(Transpose((0, 2, 1)), x), net.b.constant([0, 0, 2, 0, 0, 0]))
    y = net.conv(y, width, 3, pad=0, groups=width, bias=True)
    return net.b(Add(), x, net.b(Transpose((0, 2, 1)), y))


def tagger() -> Made:
    """A tagger: a convolution over embeddings, two bidirectional LSTMs with a norm between, a linear layer."""
    net, width, length = Net("tagger"), 48, 40
    x = _local(net, net.tokens(length, 300, width))
    for _ in range(2):
        x = net.b(Transpose((1, 0, 2)), net.layer_norm(x))
        x = net.b(Gelu(), net.linear(net.b(Transpose((1, 0, 2)), _bidirectional(net, x, width)), width, 1.4))
    return net.module(net.linear(x, 20))


def _bidirectional(net: Net, x: Value, hidden: int) -> Value:
    """(time, batch, features) to (time, batch, 2 * hidden)."""
    time, batch, features = x.tensor.static_shape or ()
    functions: tuple[Activation, ...] = ("sigmoid", "tanh", "tanh") * 2
    op = Lstm("bidirectional", functions, (1.0,) * 6, (0.0,) * 6)
    shapes = (2, 4 * hidden, features), (2, 4 * hidden, hidden)
    w, r = (net.normal(*shape, scale=1.5 * shape[-1] ** -0.5) for shape in shapes)
    y = net.b.add_all(op, x, w, r, net.normal(2, 8 * hidden, scale=0.2))[0]
    return net.b(Reshape(), net.b(Transpose((0, 2, 1, 3)), y), net.b.constant([time, batch, 2 * hidden]))


def wav2vec() -> Made:
    """wav2vec 2.0: strided convolutions over the wave, a group norm, a convolution for positions, four blocks."""
    net, width = Net("wav2vec"), 96
    wave = net.input(net.rng.standard_normal((1, 1, 4000)).astype(np.float32), "wave")
    x = net.gelu(net.group_norm(net.conv(wave, 64, 10, 5, pad=0), 64))
    for kernel in (3, 3, 2):
        x = net.gelu(net.conv(x, 64, kernel, 2, pad=0))
    x = net.linear(net.layer_norm(net.b(Transpose((0, 2, 1)), x)), width)
    turned = net.b(Transpose((0, 2, 1)), x)
    placed = net.gelu(net.conv(turned, width, 9, groups=4, bias=True))
    x = net.layer_norm(net.b(Add(), x, net.b(Transpose((0, 2, 1)), placed)))
    for _ in range(4):
        x = net.transformer(x, 4)
    return net.module(net.linear(x, 32))
