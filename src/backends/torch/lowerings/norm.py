"""Normalisations."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.lowerings.detours import digits
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, Lrn, RmsNorm

TABLE = Lowerings()

WIDE = frozenset({DType.F32, DType.F64})


def _channels(node: Node, _: Any) -> bool:
    op, x = node.op, node.operand(0).tensor
    assert isinstance(op, BatchNorm)
    return x.rank >= 2 and op.axis % x.rank == 1


@TABLE.lower(BatchNorm, when=[dtypes(WIDE), Condition("the channels are not on axis 1", _channels), filled()])
def batch_norm(op: BatchNorm, ctx: Context, x: str, scale: str, bias: str, mean: str, variance: str) -> str:
    return f"F.batch_norm({x}, {mean}, {variance}, {scale}, {bias}{_eps(ctx, op.epsilon)})"


def _eps(ctx: Context, epsilon: float) -> str:
    text = digits(ctx, epsilon)
    return "" if text == "1e-05" else f", eps={text}"


def _whole(node: Node, _: Any) -> bool:
    """PyTorch's parameters have the shape of what is normalised."""
    op, x = node.op, node.operand(0).tensor
    assert isinstance(op, LayerNorm | RmsNorm)
    shape = x.dims[op.axis % x.rank :]
    known = all(isinstance(d, int) for d in shape)
    return known and all(p is None or p.tensor.shape == shape for p in node.operands[1:])


WHOLE = Condition("its parameters do not have the shape of what is normalised", _whole)


def _last(ctx: Context, axis: int) -> str:
    dims = ctx.type(0).dims[axis % ctx.type(0).rank :]
    return f"({', '.join(map(str, dims))}{',' if len(dims) == 1 else ''})"


@TABLE.lower(LayerNorm, when=[dtypes(WIDE), WHOLE, filled()])
def layer_norm(op: LayerNorm, ctx: Context, x: str, scale: str = "None", bias: str = "None") -> str:
    weights = [scale] if bias == "None" else [scale, bias]
    told = "".join(f", {w}" for w in weights) if weights != ["None"] else ""
    return f"F.layer_norm({x}, {_last(ctx, op.axis)}{told}{_eps(ctx, op.epsilon)})"


@TABLE.lower(RmsNorm, when=[dtypes(WIDE), WHOLE, filled()])
def rms_norm(op: RmsNorm, ctx: Context, x: str, scale: str = "None") -> str:
    told = "" if scale == "None" else f", {scale}"
    return f"F.rms_norm({x}, {_last(ctx, op.axis)}{told}, eps={digits(ctx, op.epsilon)})"


@TABLE.lower(InstanceNorm, GroupNorm, when=[dtypes(WIDE), filled()])
def group_norm(op: GroupNorm | InstanceNorm, ctx: Context, x: str, scale: str = "None", bias: str = "None") -> str:
    weights = [scale] if bias == "None" else [scale, bias]
    told = "".join(f", {w}" for w in weights) if weights != ["None"] else ""
    groups = str(op.groups) if isinstance(op, GroupNorm) else f"{x}.shape[1]"
    # as F.group_norm, but for what it refuses: groups of one element, which are of use in tests alone
    return f"torch.group_norm({x}, {groups}{told}{_eps(ctx, op.epsilon)})"


def _centred(node: Node, _: Any) -> bool:
    op, x = node.op, node.operand(0).tensor
    assert isinstance(op, Lrn)
    return op.size % 2 == 1 and 3 <= x.rank <= 5


CENTRED = Condition("the channels around one are not as many to both sides", _centred)


@TABLE.lower(Lrn, when=[dtypes(WIDE), CENTRED, filled()])
def lrn(op: Lrn, ctx: Context, x: str) -> str:
    alpha, beta, k = (digits(ctx, value) for value in (op.alpha, op.beta, op.bias))
    return f"F.local_response_norm({x}, {op.size}, alpha={alpha}, beta={beta}, k={k})"
