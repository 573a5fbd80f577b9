"""Group normalisation: channels put into groups, standardised, put back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.dims import same
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.norm import GroupNorm, InstanceNorm, LayerNorm
from interlingua.ir.ops.shape import Reshape
from interlingua.passes.fusion.instance_norm import PLANE
from interlingua.passes.fusion.moments import per_channel
from interlingua.passes.fusion.spellings import BIAS, W, X, keeps_type
from interlingua.passes.rewrite.pattern import Either, Match, Number, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule

GROUPED = OpPattern(Reshape, X, ..., name="grouped")
STANDARDIZED = Either(
    OpPattern(InstanceNorm, GROUPED, Number(1), Number(0), name="norm"),
    OpPattern(InstanceNorm, GROUPED, name="norm"),
    OpPattern(LayerNorm, GROUPED, name="norm"),
)


@rule(OpPattern(Reshape, STANDARDIZED, ...), contract="rounding")
def group_norm(m: Match, b: Builder) -> Value | None:
    """``reshape(instance_norm(reshape(x, (batch, groups, …))), like x) = group_norm(x)``.

    The groups are runs of channels: the batch stays as it is, and ``groups`` divides the channels.
    """
    x, grouped, op = m["x"], m.nodes["grouped"].result, m.op("norm")
    dims, rank = grouped.tensor.dims, grouped.tensor.rank
    if rank <= PLANE or x.tensor.rank < PLANE or not keeps_type(m, x):
        return None
    if isinstance(op, LayerNorm) and op.axis % rank != PLANE:
        return None
    channels, groups = x.tensor.dims[1], dims[1]
    if not isinstance(channels, int) or not isinstance(groups, int) or groups <= 0 or channels % groups:
        return None
    if same(dims[0], x.tensor.dims[0]) is not True:
        return None
    return b(GroupNorm(groups=groups, epsilon=op.epsilon), x)


@rule(OpPattern(Mul, OpPattern(GroupNorm, X, name="norm"), W), contract="rounding")
def group_norm_scale(m: Match, b: Builder) -> Value | None:
    """``group_norm(x)·w = group_norm(x, w)`` where ``w`` is one number a channel."""
    scale = per_channel(b, m["w"], m["x"])
    return None if scale is None else b(m.op("norm"), m["x"], scale)


@rule(OpPattern(Add, OpPattern(GroupNorm, X, Var("scale"), name="norm"), BIAS), contract="rounding")
def group_norm_bias(m: Match, b: Builder) -> Value | None:
    """``group_norm(x, w) + c = group_norm(x, w, c)`` where ``c`` is one number a channel."""
    bias = per_channel(b, m["bias"], m["x"])
    return None if bias is None else b(m.op("norm"), m["x"], m["scale"], bias)


@dataclass(frozen=True, slots=True)
class FuseGroupNorm(RulePass):
    """Rounding. Standardisation of runs of channels, its scale and its bias."""

    name: ClassVar[str] = "fuse-group-norm"
    rules: ClassVar[tuple[Rule, ...]] = (group_norm, group_norm_scale, group_norm_bias)
