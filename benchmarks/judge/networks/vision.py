"""Networks over images, each after a published architecture, smaller in width."""

from __future__ import annotations

from benchmarks.judge.networks.layers import Array, Net, channels

from interlingua.ir.graph import Module, Value
from interlingua.ir.ops.activation import Clip, Gelu
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.shape import Concat, Pad, Reshape, Transpose

Made = tuple[Module, dict[str, Array]]


def resnet() -> Made:
    """ResNet-18: basic blocks of two convolutions, 17 batch norms in depth."""
    net = Net("resnet")
    x = net.gelu(net.batch_norm(net.conv(net.image(112), 24, 7, 2)))
    x = net.max_pool(x, 3, 2, 1)
    for stage, width in enumerate((24, 48, 96, 160)):
        for block in range(2):
            x = _basic_block(net, x, width, 2 if stage and not block else 1)
    return net.module(net.classify(x, 50))


def _basic_block(net: Net, x: Value, width: int, stride: int) -> Value:
    y = net.relu(net.batch_norm(net.conv(x, width, 3, stride)))
    y = net.batch_norm(net.conv(y, width, 3))
    if x.tensor.dims[1] != width:
        x = net.batch_norm(net.conv(x, width, 1, stride))
    return net.relu(net.b(Add(), x, y))


def mobilenet() -> Made:
    """MobileNetV2: inverted residuals, depthwise convolutions, relu6."""
    net = Net("mobilenet")

    def relu6(x: Value) -> Value:
        return net.b(Clip(), x, net.b.constant(0.0, x.tensor.dtype), net.b.constant(6.0, x.tensor.dtype))

    x = relu6(net.batch_norm(net.conv(net.image(96), 16, 3, 2)))
    for width, count, stride in ((16, 1, 1), (24, 2, 2), (32, 3, 2), (48, 3, 2), (64, 2, 1)):
        for block in range(count):
            inner = 4 * channels(x)
            y = relu6(net.batch_norm(net.conv(x, inner, 1)))
            y = relu6(net.batch_norm(net.conv(y, inner, 3, stride if not block else 1, groups=inner)))
            y = net.batch_norm(net.conv(y, width, 1))
            x = net.b(Add(), x, y) if block else y
    x = net.gelu(net.batch_norm(net.conv(x, 192, 1)))
    return net.module(net.classify(x, 50))


def densenet() -> Made:
    """DenseNet: every layer sees all before it; norm, activation, convolution in this order."""
    net, growth = Net("densenet"), 12
    x = net.max_pool(net.relu(net.batch_norm(net.conv(net.image(64), 24, 7, 2))), 3, 2, 1)
    for stage, count in enumerate((4, 6, 8)):
        if stage:
            x = net.avg_pool(net.conv(net.relu(net.batch_norm(x)), channels(x) // 2, 1), 2)
        for _ in range(count):
            y = net.conv(net.relu(net.batch_norm(x)), 4 * growth, 1)
            x = net.b(Concat(axis=1), x, net.conv(net.relu(net.batch_norm(y)), growth, 3))
    return net.module(net.classify(net.gelu(net.batch_norm(x)), 50))


def convnext(unit: bool = False) -> Made:
    """ConvNeXt: depthwise 7x7 (at its published scale of 0.02, or He's where ``unit``), layer norm over the channels
    last, gelu, a learned scale of each branch."""
    net = Net("convnext")
    x = net.conv(net.image(64), 32, 4, 4, pad=0, bias=True)
    for stage, (width, count) in enumerate(((32, 2), (64, 2), (128, 4))):
        if stage:
            x = net.conv(_over_channels(net, x), width, 2, 2, pad=0, bias=True)
        for _ in range(count):
            y = net.b(
                Transpose((0, 2, 3, 1)), net.conv(x, width, 7, groups=width, bias=True, scale=None if unit else 0.02)
            )
            y = net.linear(net.b(Gelu(), net.linear(net.layer_norm(y, 1e-6), 4 * width, 1.4)), width)
            y = net.b(Mul(), y, net.normal(width, scale=0.1, shift=0.4))
            x = net.b(Add(), x, net.b(Transpose((0, 3, 1, 2)), y))
    return net.module(net.classify(_over_channels(net, x), 50))


def _over_channels(net: Net, x: Value) -> Value:
    return net.b(Transpose((0, 3, 1, 2)), net.layer_norm(net.b(Transpose((0, 2, 3, 1)), x), 1e-6))


def vit() -> Made:
    """ViT: patches as tokens, six blocks, norms before."""
    net, width = Net("vit"), 96
    image = net.image(48)
    padded = net.b(Pad(), image, net.b.constant([0, 0, 8, 8, 0, 0, 8, 8]))
    x = net.conv(padded, width, 8, 8, pad=0, bias=True)
    x = net.b(Transpose((0, 2, 1)), net.b(Reshape(), x, net.b.constant([1, width, 64])))
    x = net.b(Add(), net.b(Concat(axis=1), net.normal(1, 1, width), x), net.normal(1, 65, width, scale=0.3))
    for _ in range(6):
        x = net.transformer(x, 3)
    return net.module(net.linear(net.layer_norm(x, 1e-6), 50))


def unet() -> Made:
    """A U-Net with group norms: down by strided, up by transposed convolutions, joined by concatenation."""
    net = Net("unet")

    def double(x: Value, width: int) -> Value:
        for _ in range(2):
            x = net.gelu(net.group_norm(net.conv(x, width, 3, bias=True), 4))
        return x

    x, kept = net.image(48), []
    for width in (16, 32, 64):
        x = double(x, width)
        kept.append(x)
        x = net.conv(x, width, 3, 2, bias=True)
    x = double(x, 128)
    for skip in reversed(kept):
        width = channels(skip)
        x = double(net.b(Concat(axis=1), net.conv_transpose(x, width), skip), width)
    return net.module(net.conv(x, 4, 1, bias=True))
