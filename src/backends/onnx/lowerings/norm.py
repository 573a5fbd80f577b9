"""Normalisations that ONNX has; the others decompose."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled, rank, since
from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LpNorm, Lrn, RmsNorm

TABLE = Lowerings()

SINGLE = frozenset({DType.F16, DType.F32})
"""Where ONNX's default ``stash_type`` of float32 computes as we do, and ONNX Runtime computes at all."""
FLOATING = dtypes(SINGLE | {DType.F64})


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


@TABLE.lower(LayerNorm, when=[since(17), dtypes(SINGLE), _parameters(2), WHOLE_SCALE])
def layer_norm(op: LayerNorm, ctx: Context, *operands: Any) -> Any:
    return ctx.emit("LayerNormalization", *operands, axis=op.axis, epsilon=float(op.epsilon))


@TABLE.lower(RmsNorm, when=[since(23), dtypes(SINGLE), _parameters(2), WHOLE_SCALE])
def rms_norm(op: RmsNorm, ctx: Context, x: Any, scale: Any) -> Any:
    return ctx.emit("RMSNormalization", x, scale, axis=op.axis, epsilon=float(op.epsilon))


@TABLE.lower(InstanceNorm, when=[FLOATING, _parameters(3), filled()])
def instance_norm(op: InstanceNorm, ctx: Context, *operands: Any) -> Any:
    return ctx.emit("InstanceNormalization", *operands, epsilon=float(op.epsilon))


@TABLE.lower(GroupNorm, when=[since(21), dtypes(SINGLE), _parameters(3)])
def group_norm(op: GroupNorm, ctx: Context, *operands: Any) -> Any:
    return ctx.emit("GroupNormalization", *operands, num_groups=op.groups, epsilon=float(op.epsilon))


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
