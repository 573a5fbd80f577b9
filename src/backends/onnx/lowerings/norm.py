"""Normalisations that ONNX has, and those that ONNX Runtime puts together again; the others decompose.

GroupNormalization is one of these: ONNX Runtime has no kernel for it, and what it puts in its place takes 1.9 times as
long as an instance normalisation between reshapes (1×64×32×32, 8 groups).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled, rank, since
from interlingua.backends.onnx.context import Context
from interlingua.backends.onnx.lowerings.reduction import reduce
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.norm import BatchNorm, InstanceNorm, LayerNorm, LpNorm, Lrn, RmsNorm
from interlingua.ir.ops.reduction import Mean

TABLE = Lowerings()

SINGLE = frozenset({DType.F16, DType.F32})
"""Where ONNX's default ``stash_type`` of float32 computes as we do, and ONNX Runtime computes at all."""
FLOATING = dtypes(SINGLE | {DType.F64})
UNROUNDED = dtypes((DType.F32, DType.F64))
"""Where what is written out rounds no more often than the op."""


def _parameters(count: int) -> Condition:
    return Condition("a parameter is left out", lambda node, _: all(v is not None for v in _first(node, count)))


def _first(node: Node, count: int) -> list[Any]:
    return [*node.operands, *[None] * count][:count]


def _on_axis_1(node: Node, _: Any) -> bool:
    shape = node.operand(0).tensor.shape
    return node.op.axis == 1 or (shape is not None and node.op.axis % len(shape) == 1)  # type: ignore[attr-defined]


def _whole_scale(node: Node, _: Any) -> bool:
    """Whether the parameters have exactly the shape of what is normalised, as every runtime takes them."""
    shape = node.operand(0).tensor.shape
    if shape is None:
        return False
    inner = shape[node.op.axis % len(shape) :]  # type: ignore[attr-defined]
    return all(v is None or v.tensor.shape == inner for v in node.operands[1:])


WHOLE_SCALE = Condition("a parameter is not shaped like what is normalised", _whole_scale)


@TABLE.lower(BatchNorm, when=[FLOATING, Condition("the channels are not on axis 1", _on_axis_1)])
def batch_norm(op: BatchNorm, ctx: Context, *operands: Any) -> Any:
    return ctx.emit("BatchNormalization", *operands, epsilon=float(op.epsilon))


def _sized_scale(node: Node, _: Any) -> bool:
    inner = node.operand(0).tensor.dims[node.op.axis :]  # type: ignore[attr-defined]
    return _first(node, 2)[1] is not None or all(isinstance(d, int) for d in inner)


SIZED_SCALE = Condition("the scale is left out, and only the run knows how many ones stand for it", _sized_scale)


def _scale(op: LayerNorm | RmsNorm, ctx: Context, scale: Any) -> Any:
    if scale is not None:
        return scale
    return ctx.constant(np.ones(ctx.type(0).dims[op.axis :], ctx.type(0).dtype.numpy))


@TABLE.lower(LayerNorm, when=[since(17), dtypes(SINGLE), SIZED_SCALE, WHOLE_SCALE])
def layer_norm(op: LayerNorm, ctx: Context, x: Any, scale: Any = None, bias: Any = None) -> Any:
    scale = _scale(op, ctx, scale)
    return ctx.emit("LayerNormalization", x, scale, bias, axis=op.axis, epsilon=float(op.epsilon))


@TABLE.lower(LayerNorm, when=[UNROUNDED, SIZED_SCALE, WHOLE_SCALE, filled()])
def layer_norm_spelled(op: LayerNorm, ctx: Context, x: Any, scale: Any = None, bias: Any = None) -> Any:
    """As PyTorch writes it, a power for the square: ONNX Runtime knows it and makes one node of it."""
    y = _over_root(op, ctx, ctx.emit("Sub", x, _mean(op, ctx, x)))
    y = ctx.emit("Mul", y, _scale(op, ctx, scale))
    return y if bias is None else ctx.emit("Add", y, bias)


@TABLE.lower(RmsNorm, when=[since(23), dtypes(SINGLE), SIZED_SCALE, WHOLE_SCALE])
def rms_norm(op: RmsNorm, ctx: Context, x: Any, scale: Any = None) -> Any:
    return ctx.emit("RMSNormalization", x, _scale(op, ctx, scale), axis=op.axis, epsilon=float(op.epsilon))


@TABLE.lower(RmsNorm, when=[UNROUNDED, SIZED_SCALE, WHOLE_SCALE, filled()])
def rms_norm_spelled(op: RmsNorm, ctx: Context, x: Any, scale: Any = None) -> Any:
    """As :func:`layer_norm_spelled`."""
    return ctx.emit("Mul", _over_root(op, ctx, x), _scale(op, ctx, scale))


def _mean(op: LayerNorm | RmsNorm, ctx: Context, x: Any) -> Any:
    rank = ctx.type(0).rank
    return reduce(Mean(tuple(range(op.axis % rank - rank, 0)), keepdims=True), ctx, x)


def _over_root(op: LayerNorm | RmsNorm, ctx: Context, x: Any) -> Any:
    """``x / √(mean(x²) + ε)``."""
    dtype = ctx.type(0).dtype
    square = _mean(op, ctx, ctx.emit("Pow", x, ctx.constant(2.0, dtype)))
    return ctx.emit("Div", x, ctx.emit("Sqrt", ctx.emit("Add", square, ctx.constant(op.epsilon, dtype))))


@TABLE.lower(InstanceNorm, when=[FLOATING, _parameters(3), filled()])
def instance_norm(op: InstanceNorm, ctx: Context, *operands: Any) -> Any:
    return ctx.emit("InstanceNormalization", *operands, epsilon=float(op.epsilon))


@TABLE.lower(
    LpNorm,
    when=[FLOATING, Condition("p is neither 1 nor 2", lambda node, _: node.op.attributes()["p"] in (1, 2))],
)
def lp_norm(op: LpNorm, ctx: Context, x: Any) -> Any:
    return ctx.emit("LpNormalization", x, axis=op.axis, p=op.p)


@TABLE.lower(
    Lrn,
    when=[
        FLOATING,
        rank(4),
        Condition(
            "alpha or beta is not positive",
            lambda node, _: min(node.op.attributes()[name] for name in ("alpha", "beta")) > 0,
        ),
        Condition("size is even", lambda node, _: node.op.attributes()["size"] % 2 == 1),
    ],
)
def lrn(op: Lrn, ctx: Context, x: Any) -> Any:
    alpha, beta, bias = float(op.alpha), float(op.beta), float(op.bias)
    return ctx.emit("LRN", x, size=op.size, alpha=alpha, beta=beta, bias=bias)
