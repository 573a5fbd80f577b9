"""Normalizations, kept whole. Absent scales are ones, absent biases zeros."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.math import Reciprocal
from interlingua.ir.ops.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RmsNorm
from interlingua.ir.ops.shaping import count_of, dim_of

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


@TABLE.translate(
    "batch_norm.default",
    "_native_batch_norm_legit_no_training.default",
    "_native_batch_norm_legit.no_stats",
    "native_batch_norm.default",
)
def batch_norm(n: TorchNode, b: Builder) -> Value | Sequence[Value | None]:
    """With the running statistics; without them with those of the batch, which are further results then."""
    x = n.value("input")
    if x.tensor.rank < 2:
        n.unsupported("of a vector")
    if n.arguments.get("running_mean") is None:
        axes = (0, *range(2, x.tensor.rank))
        wide = Expr(b, x).wide()
        y = per_channel(n, b, wide.standardized(axes, n.static("eps"))).to(x.tensor.dtype).value
        return y if n.op.startswith("batch_norm") else [y, *statistics(n, wide, axes, squeezed=True)]
    if "training" in n.arguments and n.static("training"):
        n.unsupported("batch norm in training writes its statistics: call eval()")
    mean, variance = n.value("running_mean", x.tensor.dtype), n.value("running_var", x.tensor.dtype)
    scale, bias = _filled(n, b, x, "weight", 1, mean), _filled(n, b, x, "bias", 0, mean)
    y = b(BatchNorm(epsilon=n.static("eps")), x, scale, bias, mean, variance)
    if n.op.startswith("batch_norm"):
        return y
    none = b.constant(np.zeros(0), n.dtypes[1])
    return [y, none, none]


@TABLE.translate("_native_batch_norm_legit_functional.default")
def training_batch_norm(n: TorchNode, b: Builder) -> Sequence[Value]:
    """In training: by the batch's own statistics, of which the running ones take a share ``momentum``; the variance
    that they take is that of a sample."""
    if not n.static("training"):
        n.unsupported("outside of training")
    x, momentum = n.value("input"), n.static("momentum")
    axes = (0, *range(2, x.tensor.rank))
    wide = Expr(b, x).wide()
    y = per_channel(n, b, wide.standardized(axes, n.static("eps"))).to(x.tensor.dtype).value
    mean = wide.mean(axes)
    squares = (wide - mean) * (wide - mean)
    count = Expr(b, count_of(b, x, axes, wide.dtype))
    running = []
    for name, new in (("running_mean", mean), ("running_var", squares.sum(axes) / (count - 1))):
        old = Expr(b, n.value(name))
        share = new.squeeze(*axes).to(old.dtype) * momentum
        running.append((share + old * (1 - momentum)).value)
    return [y, *statistics(n, wide, axes, squeezed=True), *running]


def per_channel(n: TorchNode, b: Builder, y: Expr) -> Expr:
    """``y * weight + bias`` along axis 1, as far as they are there."""
    for name in ("weight", "bias"):
        given = n.optional(name, y.dtype)
        if given is not None:
            lined = Expr(b, given).along(1, y.rank)
            y = y * lined if name == "weight" else y + lined
    return y


def statistics(n: TorchNode, x: Expr, axes: Sequence[int], *, squeezed: bool = False) -> list[Value]:
    """The mean over ``axes``, and one over the standard deviation."""
    mean = x.mean(axes)
    centred = x - mean
    deviation = ((centred * centred).mean(axes) + n.static("eps")).sqrt()
    found = [mean, Expr(x.b, x.b(Reciprocal(), deviation.value))]
    return [(e.squeeze(*axes) if squeezed else e).to(n.dtypes[1]).value for e in found]


@TABLE.translate("layer_norm.default", "native_layer_norm.default")
def layer_norm(n: TorchNode, b: Builder) -> Value | Sequence[Value | None]:
    x = n.value("input")
    op = LayerNorm(axis=-len(n.ints("normalized_shape")), epsilon=n.static("eps"))
    y = b(op, x, n.optional("weight", x.tensor.dtype), n.optional("bias", x.tensor.dtype))
    if n.op.startswith("layer"):
        return y
    rank = x.tensor.rank
    return [y, *statistics(n, Expr(b, x).wide(), tuple(range(rank + op.axis, rank)))]


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


@TABLE.translate("native_group_norm.default")
def native_group_norm(n: TorchNode, b: Builder) -> Sequence[Value]:
    """With the statistics of each group as further results."""
    x, groups = n.value("input"), n.static("group")
    op = GroupNorm(groups=groups, epsilon=n.static("eps"))
    y = b(op, x, n.optional("weight", x.tensor.dtype), n.optional("bias", x.tensor.dtype))
    each = Expr(b, x).wide().reshape([dim_of(b, x, 0), groups, -1])
    return [y, *statistics(n, each, (2,), squeezed=True)]


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


@TABLE.translate("_weight_norm.default")
def weight_norm(n: TorchNode, b: Builder) -> Value:
    """``v * (g / |v|)``, the norm over all axes but ``dim``; over all of them where that is −1.

    Along the first axis and the last one PyTorch rounds a narrow float once, elsewhere after each step.
    """
    v, g, dim = Expr(b, n.value("v")), Expr(b, n.value("g")), int(n.static("dim"))
    axes = [a for a in range(v.rank) if dim == -1 or a != dim]
    norm = v.wide().p_norm(axes, 2)
    if dim in (0, v.rank - 1):
        return (v.wide() * (g.wide() / norm)).to(n.dtype).value
    return (v * (g / norm.to(n.dtype))).value
