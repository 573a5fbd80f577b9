"""Normalisations."""

from __future__ import annotations

from collections.abc import Sequence

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.layout import Flatten
from interlingua.ir.ops.norm import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    LpNorm,
    Lrn,
    MeanVarianceNorm,
    RmsNorm,
)
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.ops.source import ShapeOf

TABLE = Table()


@TABLE.translate("BatchNormalization", 1, 6, 7, 9, 14, 15)
def batch_norm(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    """Up to opset 7, ``spatial`` 0 has statistics for each place of each channel: a batch of vectors."""
    if n.attr("spatial", 1):
        return _normalized(n, b, Expr(b, n[0]), [Expr(b, n[i]) for i in range(1, 5)])
    given = [Expr(b, n[i]) for i in range(1, 5)]
    flat = Expr(b, b(Flatten(axis=1), n[0]))
    y, *running = _normalized(n, b, flat, [p.reshape([-1]) for p in given])
    shapes = [n[0], given[2].value, given[3].value]
    return [v if v is None else b(Reshape(), v, b(ShapeOf(), s)) for v, s in zip((y, *running), shapes, strict=False)]


def _trains(n: OnnxNode) -> bool:
    """Up to opset 6 an attribute says that it does not; then more than one output that it does; since 14 an attribute.

    With ``is_test`` left out and one output alone the texts of opsets 1 and 6 contradict themselves ("training" by the
    attribute's default, "test" by the outputs): the attribute counts.
    """
    if n.version < 7:
        return not n.attr("is_test", 0)
    if n.version < 14:
        return any(n.wants(i) for i in range(1, 5))
    return bool(n.attr("training_mode", 0))


def _normalized(n: OnnxNode, b: Builder, x: Expr, given: Sequence[Expr]) -> Sequence[Value | None]:
    epsilon = float(n.attr("epsilon", 1e-5))
    if _trains(n):
        return _training(n, b, epsilon, x, given)
    # statistics may be wider than the data (opset 15): then all is computed in their dtype
    dtype = max((x.dtype, *(p.dtype for p in given)), key=lambda d: d.bits)
    y = b(BatchNorm(epsilon=epsilon), x.to(dtype).value, *(p.to(dtype).value for p in given))
    return [Expr(b, y).to(x.dtype).value]


def _training(n: OnnxNode, b: Builder, epsilon: float, x: Expr, given: Sequence[Expr]) -> Sequence[Value | None]:
    """Normalise by the batch's own statistics, and move the running ones towards them.

    Up to opset 13 there are two more outputs, for the gradient: the batch's mean, and something made of its variance
    that no text defines, which is not given.
    """
    momentum = float(n.attr("momentum", 0.9))
    dtype = given[2].dtype
    a = x.to(dtype) if dtype.bits > x.dtype.bits else x.wide()
    axes = (0, *range(2, x.rank))
    mean = a.mean(axes)
    variance = ((a - mean) * (a - mean)).mean(axes)
    flat_mean, flat_variance = mean.reshape([-1]), variance.reshape([-1])
    scale, bias = (p.to(a.dtype).value for p in given[:2])
    y = b(BatchNorm(epsilon=epsilon), a.value, scale, bias, flat_mean.value, flat_variance.value)
    running = [
        (old.to(a.dtype) * momentum + new * (1 - momentum)).to(old.dtype).value
        for old, new in ((given[2], flat_mean), (given[3], flat_variance))
    ]
    saved = [flat_mean.to(dtype).value, None] if n.version < 14 else []
    return [Expr(b, y).to(x.dtype).value, *running, *saved]


@TABLE.translate("InstanceNormalization", 1, 6, 22)
def instance_norm(n: OnnxNode, b: Builder) -> Value:
    return b(InstanceNorm(epsilon=float(n.attr("epsilon", 1e-5))), n[0], n[1], n[2])


@TABLE.translate("LayerNormalization", 17)
def layer_norm(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    axis, epsilon = n.attr("axis", -1), float(n.attr("epsilon", 1e-5))
    y = b(LayerNorm(axis=axis, epsilon=epsilon), n[0], n[1], n.get(2))
    if not n.wants(1) and not n.wants(2):
        return [y]
    stash = n.dtype("stash_type", DType.F32)
    x = Expr(b, n[0]).to(stash)
    axes = tuple(range(axis % x.rank, x.rank))
    mean = x.mean(axes)
    deviation = (((x - mean) * (x - mean)).mean(axes) + epsilon).sqrt()
    return [y, mean.value, (deviation.number(1.0) / deviation).value]


@TABLE.translate("RMSNormalization", 23)
def rms_norm(n: OnnxNode, b: Builder) -> Value:
    x, scale = Expr(b, n[0]), Expr(b, n[1])
    axis, epsilon = n.attr("axis", -1), float(n.attr("epsilon", 1e-5))
    if scale.dtype is x.dtype:
        return b(RmsNorm(axis=axis, epsilon=epsilon), n[0], n[1])
    # the result has the dtype of the scale
    y = Expr(b, b(RmsNorm(axis=axis, epsilon=epsilon), x.wide().value))
    return (y * y.like(n[1])).to(scale.dtype).value


@TABLE.translate("GroupNormalization", 18, 21)
def group_norm(n: OnnxNode, b: Builder) -> Value:
    groups = n.required("num_groups")
    scale, bias = n[1], n[2]
    if n.version < 21:
        scale, bias = (_per_group(Expr(b, p), Expr(b, n[0]), groups) for p in (scale, bias))
    return b(GroupNorm(groups=groups, epsilon=float(n.attr("epsilon", 1e-5))), n[0], scale, bias)


def _per_group(p: Expr, x: Expr, groups: int) -> Value:
    """One parameter a group, repeated for each channel of the group."""
    channels = x.shape().slice(0, 1, 2)
    each = x.constant([groups]).concat(channels / x.constant([groups]))
    return p.reshape([-1, 1]).broadcast(each).reshape(channels).value


@TABLE.translate("LpNormalization", 1, 22)
def lp_norm(n: OnnxNode, b: Builder) -> Value:
    return b(LpNorm(axis=n.attr("axis", -1), p=n.attr("p", 2)), n[0])


@TABLE.translate("LRN", 1, 13)
def lrn(n: OnnxNode, b: Builder) -> Value:
    alpha, beta, bias = (float(n.attr(k, v)) for k, v in (("alpha", 1e-4), ("beta", 0.75), ("bias", 1.0)))
    return b(Lrn(size=n.required("size"), alpha=alpha, beta=beta, bias=bias), n[0])


@TABLE.translate("MeanVarianceNormalization", 9, 13)
def mean_variance_norm(n: OnnxNode, b: Builder) -> Value:
    return b(MeanVarianceNorm(axes=tuple(n.attr("axes", (0, 2, 3)))), n[0])
