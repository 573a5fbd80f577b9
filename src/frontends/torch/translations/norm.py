"""Normalizations, kept whole. Absent scales are ones, absent biases zeros."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RmsNorm
from interlingua.ir.ops.shape import Reshape

TABLE = Table()


def _filled(n: TorchNode, b: Builder, x: Value, name: str, value: float, like: Value) -> Value:
    """A parameter, or ``value`` for each channel; in the element type of the data, which it is computed in."""
    found = n.optional(name, x.tensor.dtype)
    if found is not None:
        return found
    shape = like.tensor.static_shape
    if shape is None:
        n.unsupported(f"without {name} the number of channels must be known")
    return b.constant(np.full(shape, value), x.tensor.dtype)


@TABLE.translate("batch_norm.default", "_native_batch_norm_legit_no_training.default", "cudnn_batch_norm.default")
def batch_norm(n: TorchNode, b: Builder) -> Value | Sequence[Value | None]:
    """With the running statistics; without them with those of the batch."""
    x = n.value("input")
    if "training" in n.arguments and n.static("training") and n["running_mean"] is not None:
        n.unsupported("batch norm in training writes its statistics: call eval()")
    if n["running_mean"] is None:
        y = Expr(b, x).wide().standardized((0, *range(2, x.tensor.rank)), n.static("eps")).to(x.tensor.dtype).value
        return per_channel(n, b, y)
    mean, variance = n.value("running_mean", x.tensor.dtype), n.value("running_var", x.tensor.dtype)
    scale, bias = _filled(n, b, x, "weight", 1, mean), _filled(n, b, x, "bias", 0, mean)
    y = b(BatchNorm(epsilon=n.static("eps")), x, scale, bias, mean, variance)
    return y if n.op.startswith("batch_norm") else [y, None, None]


def per_channel(n: TorchNode, b: Builder, y: Value) -> Value:
    """``y * weight + bias`` along axis 1, as far as they are there."""
    shape = b.constant([-1, *[1] * (y.tensor.rank - 2)])
    found = Expr(b, y)
    for name in ("weight", "bias"):
        given = n.optional(name, y.tensor.dtype)
        if given is not None:
            lined = Expr(b, b(Reshape(), given, shape))
            found = found * lined if name == "weight" else found + lined
    return found.value


@TABLE.translate("layer_norm.default", "native_layer_norm.default")
def layer_norm(n: TorchNode, b: Builder) -> Value | Sequence[Value | None]:
    x = n.value("input")
    op = LayerNorm(axis=-len(n.ints("normalized_shape")), epsilon=n.static("eps"))
    y = b(op, x, n.optional("weight", x.tensor.dtype), n.optional("bias", x.tensor.dtype))
    return y if n.op.startswith("layer") else [y, None, None]


@TABLE.translate("rms_norm.default")
def rms_norm(n: TorchNode, b: Builder) -> Value:
    """Without ``eps`` it is the distance of 1 from the next float."""
    x = n.value("input")
    eps = n.static("eps")
    if eps is None:
        import torch

        eps = torch.finfo(n.fakes["input"].dtype).eps
    op = RmsNorm(axis=-len(n.ints("normalized_shape")), epsilon=float(eps))
    return b(op, x, n.optional("weight", x.tensor.dtype))


@TABLE.translate("group_norm.default")
def group_norm(n: TorchNode, b: Builder) -> Value:
    x = n.value("input")
    op = GroupNorm(groups=n.static("num_groups"), epsilon=n.static("eps"))
    return b(op, x, n.optional("weight", x.tensor.dtype), n.optional("bias", x.tensor.dtype))


@TABLE.translate("instance_norm.default")
def instance_norm(n: TorchNode, b: Builder) -> Value:
    """Without ``use_input_stats`` it is batch norm with the running statistics."""
    x = n.value("input")
    if not n.static("use_input_stats"):
        mean, variance = n.value("running_mean", x.tensor.dtype), n.value("running_var", x.tensor.dtype)
        scale, bias = _filled(n, b, x, "weight", 1, mean), _filled(n, b, x, "bias", 0, mean)
        return b(BatchNorm(epsilon=n.static("eps")), x, scale, bias, mean, variance)
    if n["running_mean"] is not None:
        n.unsupported("instance norm in training writes its statistics: call eval()")
    op = InstanceNorm(epsilon=n.static("eps"))
    return b(op, x, n.optional("weight", x.tensor.dtype), n.optional("bias", x.tensor.dtype))
