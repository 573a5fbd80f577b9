"""Layers of ``torch.nn`` where they compute exactly what an op does: a table from ops to rules.

A rule looks at a node whose parameters are constants; what it gives covers that node, and the addition of a bias behind
it where the layer does that too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from interlingua.backends.torch.constants import is_constant, parameter_of
from interlingua.backends.torch.layer import (
    COUNTER,
    STATISTICS,
    Arg,
    Kept,
    Layer,
    Match,
    Rule,
    bias_arg,
    constant,
    linear_weights,
    parameters,
    short,
    window,
)
from interlingua.backends.torch.recurrent import recurrent
from interlingua.ir.dims import DimLike
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.graph import Node, Value
from interlingua.ir.op import Op
from interlingua.ir.ops import activation
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.contraction import Gemm, MatMul
from interlingua.ir.ops.convolution import Conv, ConvTranspose
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.norm import BatchNorm, GroupNorm, LayerNorm, RmsNorm
from interlingua.ir.ops.pooling import MaxPool
from interlingua.ir.ops.rnn import Gru, Lstm
from interlingua.ir.ops.shape import Transpose
from interlingua.ir.weights import ArrayWeight, Weight


def match(node: Node, inside: Collection[Node], kept: Kept) -> Match | None:
    """The layer that ``node`` begins, all of it ``inside``."""
    rule = RULES.get(type(node.op))
    found = None if rule is None or _is_empty(node) else rule(node, kept)
    if found is None or not set(found.nodes) <= set(inside):
        return None
    if not all(kept.trains(w) for name, w in found.layer.weights.items() if name not in STATISTICS):
        return None
    return _with_bias(found, inside, kept)


def _is_empty(node: Node) -> bool:
    """Whether there is nothing to compute with or to give, which many layers refuse; a batch may be empty."""
    values = (*node.operands, *node.results)
    return any(v is not None and 0 in (v.tensor.shape or ())[1:] for v in values)


CHANNELS = {
    "nn.Linear": -1,
    **{f"nn.{kind}{n}d": 1 for kind in ("Conv", "ConvTranspose") for n in (1, 2, 3)},
}
"""The axis along which layers have a bias; it is the last argument of their constructors."""


def _with_bias(found: Match, inside: Collection[Node], kept: Kept) -> Match:
    """A linear layer that has no bias takes the one that is added behind it."""
    layer = found.layer
    axis = CHANNELS.get(layer.kind)
    uses = kept.uses(found.results[0])
    if axis is None or "bias" in layer.weights or len(uses) != 1:
        return found
    ((user, index),) = uses
    if not (isinstance(user, Node) and isinstance(user.op, Add) and user in inside):
        return found
    value, type_ = user.operand(1 - index), found.results[0].tensor
    bias = _vector(value, type_.dims[axis], len(type_.dims) - axis % len(type_.dims), kept) if type_.shape else None
    if bias is None or not kept.trains(bias) or len(value.tensor.dims) > len(type_.dims):
        return found
    biased = Layer(layer.kind, (*layer.args[:-1], bias_arg(True)), {**layer.weights, "bias": bias}, layer.dtype)
    return Match(biased, (*found.nodes, user), found.operands, (user.result,), found.name, found.given)


def _vector(value: Value, extent: DimLike, place: int, kept: Kept) -> Weight | None:
    """The vector that ``value`` is along the axis that is ``place`` from the end, its other axes being of extent 1."""
    weight, shape = parameter_of(value), value.tensor.static_shape
    if weight is None or weight.dtype not in FLOATS or shape is None or len(shape) < place:
        return None
    if shape[-place] != extent or weight.size != extent:
        return None
    return kept.flat(weight)


def _linear(node: Node, weight: Weight, bias: Weight | None, name: str) -> Match:
    out, inner = weight.shape
    args = (Arg("in_features", inner), Arg("out_features", out), bias_arg(bias is not None))
    layer = Layer("nn.Linear", args, {"weight": weight, **({} if bias is None else {"bias": bias})}, weight.dtype)
    return Match(layer, (node,), (node.operand(0),), (node.result,), name)


def _matmul(node: Node, kept: Kept) -> Match | None:
    value = node.operand(1)
    turned = value.node is not None and isinstance(value.node.op, Transpose) and value.node.op.perm == (1, 0)
    origin = value.node.operand(0) if turned and value.node is not None else value
    weight = constant(origin)
    if weight is None or len(weight.shape) != 2 or 0 in weight.shape:
        return None
    return _linear(node, weight if turned else kept.transposed(weight), None, origin.name)


def _gemm(node: Node, kept: Kept) -> Match | None:
    op = node.op
    assert isinstance(op, Gemm)
    weight, has = constant(node.operand(1)), len(node.operands) > 2 and node.operands[2] is not None
    bias = constant(node.operands[2]) if has else None
    if weight is None or op.trans_a or op.alpha != 1 or (has and op.beta != 1) or 0 in weight.shape:
        return None
    weight = weight if op.trans_b else kept.transposed(weight)
    if has and (bias is None or bias.shape != weight.shape[:1]):
        return None
    return _linear(node, weight, bias, node.operand(1).name)


def _conv(node: Node, _: Kept) -> Match | None:
    op, found = node.op, parameters(node, 1, 2)
    assert isinstance(op, Conv)
    if found is None or found[0] is None or op.layout != "channels_first" or not 1 <= len(op.strides) <= 3:
        return None
    weight, n = found[0], len(op.strides)
    pads, before = op.pads[:n], "{}"
    if pads != op.pads[n:]:  # the layer pads both sides alike
        pairs = tuple(p for i in reversed(range(n)) for p in (op.pads[i], op.pads[n + i]))
        pads, before = (0,) * n, f"F.pad({{}}, {pairs})"
    args = (
        Arg("in_channels", weight.shape[1] * op.groups),
        Arg("out_channels", weight.shape[0]),
        Arg("kernel_size", short(weight.shape[2:])),
        window("stride", op.strides, 1),
        window("padding", pads, 0),
        window("dilation", op.dilations, 1),
        Arg("groups", op.groups, 1, named=True),
        bias_arg(found[1] is not None),
    )
    layer = Layer(f"nn.Conv{n}d", args, linear_weights(weight, found[1]), weight.dtype)
    return Match(layer, (node,), (node.operand(0),), (node.result,), node.operand(1).name, before)


def _conv_transpose(node: Node, _: Kept) -> Match | None:
    op, found = node.op, parameters(node, 1, 2)
    assert isinstance(op, ConvTranspose)
    n = len(op.strides)
    plain = op.layout == "channels_first" and 1 <= n <= 3 and op.pads[:n] == op.pads[n:] and min(op.pads) >= 0
    room = all(o < max(s, d) for o, s, d in zip(op.output_padding, op.strides, op.dilations, strict=True))
    if found is None or found[0] is None or not plain or not room:
        return None
    weight = found[0]
    args = (
        Arg("in_channels", weight.shape[0]),
        Arg("out_channels", weight.shape[1] * op.groups),
        Arg("kernel_size", short(weight.shape[2:])),
        window("stride", op.strides, 1),
        window("padding", op.pads[:n], 0),
        window("output_padding", op.output_padding, 0),
        window("dilation", op.dilations, 1),
        Arg("groups", op.groups, 1, named=True),
        bias_arg(found[1] is not None),
    )
    layer = Layer(f"nn.ConvTranspose{n}d", args, linear_weights(weight, found[1]), weight.dtype)
    return Match(layer, (node,), (node.operand(0),), (node.result,), node.operand(1).name)


def _batch_norm(node: Node, _: Kept) -> Match | None:
    op, found, x = node.op, parameters(node, 1, 2, 3, 4), node.operand(0).tensor
    assert isinstance(op, BatchNorm)
    if found is None or None in found or x.shape is None or op.axis % x.rank != 1 or not 2 <= x.rank <= 5:
        return None
    names = ("weight", "bias", "running_mean", "running_var")
    weights = {name: w for name, w in zip(names, found, strict=True) if w is not None}
    state = {**weights, COUNTER: ArrayWeight(np.zeros((), np.int64))}
    args = (Arg("num_features", weights["weight"].shape[0]), Arg("eps", op.epsilon, 1e-5, named=True))
    layer = Layer(f"nn.BatchNorm{max(1, x.rank - 2)}d", args, state, weights["weight"].dtype)
    return Match(layer, (node,), (node.operand(0),), (node.result,), node.operand(1).name)


def _last(node: Node, axis: int, *weights: Weight | None) -> tuple[int, ...] | None:
    """The extents from ``axis`` on, where all parameters have exactly these."""
    x = node.operand(0).tensor
    dims = None if x.shape is None else x.shape[axis % x.rank :]
    if dims is None or not all(isinstance(d, int) and d > 0 for d in dims):
        return None
    shape = tuple(int(d) for d in dims if isinstance(d, int))
    return shape if all(w is None or w.shape == shape for w in weights) else None


def _layer_norm(node: Node, _: Kept) -> Match | None:
    op, found = node.op, parameters(node, 1, 2)
    assert isinstance(op, LayerNorm)
    if found is None or found[0] is None:
        return None
    weight, bias = found[0], found[1]
    shape = _last(node, op.axis, weight, bias)
    if shape is None:
        return None
    size, eps = Arg("normalized_shape", _single(shape)), Arg("eps", op.epsilon, 1e-5, named=True)
    args = (size, eps, bias_arg(bias is not None))
    layer = Layer("nn.LayerNorm", args, linear_weights(weight, bias), weight.dtype)
    return Match(layer, (node,), (node.operand(0),), (node.result,), node.operand(1).name)


def _rms_norm(node: Node, _: Kept) -> Match | None:
    op, found = node.op, parameters(node, 1)
    assert isinstance(op, RmsNorm)
    shape = None if found is None or found[0] is None else _last(node, op.axis, found[0])
    if found is None or found[0] is None or shape is None:
        return None
    args = (Arg("normalized_shape", _single(shape)), Arg("eps", op.epsilon, named=True))
    layer = Layer("nn.RMSNorm", args, {"weight": found[0]}, found[0].dtype)
    return Match(layer, (node,), (node.operand(0),), (node.result,), node.operand(1).name)


def _group_norm(node: Node, _: Kept) -> Match | None:
    op, found = node.op, parameters(node, 1, 2)
    assert isinstance(op, GroupNorm)
    if found is None or found[0] is None or found[1] is None:
        return None
    args = (
        Arg("num_groups", op.groups),
        Arg("num_channels", found[0].shape[0]),
        Arg("eps", op.epsilon, 1e-5, named=True),
    )
    layer = Layer("nn.GroupNorm", args, linear_weights(found[0], found[1]), found[0].dtype)
    return Match(layer, (node,), (node.operand(0),), (node.result,), node.operand(1).name)


def _single(shape: tuple[int, ...]) -> Any:
    return shape[0] if len(shape) == 1 else shape


def _embedding(node: Node, _: Kept) -> Match | None:
    """A negative index, which counts from the end, is an error of the layer's, never another row."""
    op, weight = node.op, constant(node.operand(0))
    assert isinstance(op, Gather)
    if weight is None or len(weight.shape) != 2 or op.axis % 2 != 0 or is_constant(node.operand(1)):
        return None
    args = (Arg("num_embeddings", weight.shape[0]), Arg("embedding_dim", weight.shape[1]))
    layer = Layer("nn.Embedding", args, {"weight": weight}, weight.dtype)
    return Match(layer, (node,), (node.operand(1),), (node.result,), node.operand(0).name)


RULES: dict[type[Op], Rule] = {
    Lstm: recurrent,
    Gru: recurrent,
    MatMul: _matmul,
    Gemm: _gemm,
    Conv: _conv,
    ConvTranspose: _conv_transpose,
    BatchNorm: _batch_norm,
    LayerNorm: _layer_norm,
    RmsNorm: _rms_norm,
    GroupNorm: _group_norm,
    Gather: _embedding,
}
"""Layers with parameters."""


def _max_pool(node: Node) -> Layer | None:
    op = node.op
    assert isinstance(op, MaxPool)
    n = len(op.window)
    pads = zip(op.pads[:n], op.pads[n:], op.window, strict=True)
    if op.layout != "channels_first" or not 1 <= n <= 3 or not all(a == b and 2 * a <= w for a, b, w in pads):
        return None
    args = (
        Arg("kernel_size", short(op.window)),
        Arg("stride", short(op.strides), short(op.window), named=True),
        window("padding", op.pads[:n], 0),
        window("dilation", op.dilations, 1),
        Arg("ceil_mode", op.ceil_mode, False, named=True),
    )
    return Layer(f"nn.MaxPool{n}d", args)


def _gelu(node: Node) -> Layer:
    assert isinstance(node.op, activation.Gelu)
    return Layer("nn.GELU", (Arg("approximate", "none" if node.op.form == "erf" else "tanh", "none", named=True),))


PLAIN: dict[type[Op], Callable[[Node], Layer | None]] = {
    activation.Relu: lambda _: Layer("nn.ReLU", ()),
    activation.Silu: lambda _: Layer("nn.SiLU", ()),
    activation.Gelu: _gelu,
    MaxPool: _max_pool,
}
"""Layers without parameters: written as such where they have a number in a row of others."""


def plain(node: Node) -> Match | None:
    """The layer without parameters that the node is."""
    rule = PLAIN.get(type(node.op))
    layer = None if rule is None or node.result.tensor.dtype not in FLOATS else rule(node)
    return None if layer is None else Match(layer, (node,), (node.operand(0),), (node.result,), "")
