"""Instance normalisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.norm import InstanceNorm, LayerNorm
from interlingua.passes.fusion.moments import per_channel
from interlingua.passes.fusion.spellings import BIAS, W, X
from interlingua.passes.rewrite.pattern import Match, Number, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule

PLANE = 2
"""The first axis after batch and channels."""
NEUTRAL = OpPattern(InstanceNorm, X, Number(1), Number(0), name="norm")


def _identity(b: Builder, channels: int, value: float, like: Value) -> Value:
    return b.constant(np.full((channels,), value, like.tensor.dtype.numpy))


@rule(OpPattern(Mul, OpPattern(LayerNorm, X, name="norm"), W), contract="rounding")
def instance_norm(m: Match, b: Builder) -> Value | None:
    """``layer_norm(x)·w = instance_norm(x, w, 0)`` where it is the plane that is normalised, and ``w`` one number a
    channel."""
    x, op = m["x"], m.op("norm")
    rank = x.tensor.rank
    if rank <= PLANE or op.axis % rank != PLANE:
        return None
    scale = per_channel(b, m["w"], x)
    if scale is None:
        return None
    channels = x.tensor.dims[1]
    assert isinstance(channels, int)
    return b(InstanceNorm(epsilon=op.epsilon), x, scale, _identity(b, channels, 0, x))


@rule(OpPattern(Add, OpPattern(InstanceNorm, X, Var("scale"), Number(0), name="norm"), BIAS), contract="rounding")
def instance_norm_bias(m: Match, b: Builder) -> Value | None:
    """``instance_norm(x, w, 0) + c = instance_norm(x, w, c)`` where ``c`` is one number a channel."""
    bias = per_channel(b, m["bias"], m["x"])
    return None if bias is None else b(m.op("norm"), m["x"], m["scale"], bias)


@rule(OpPattern(Mul, NEUTRAL, W), contract="rounding")
def instance_norm_scale(m: Match, b: Builder) -> Value | None:
    """``instance_norm(x, 1, 0)·w = instance_norm(x, w, 0)`` where ``w`` is one number a channel."""
    scale = per_channel(b, m["w"], m["x"])
    return None if scale is None else b(m.op("norm"), m["x"], scale, m.nodes["norm"].operand(2))


@dataclass(frozen=True, slots=True)
class FuseInstanceNorm(RulePass):
    """Rounding. Standardisation of planes, and its parameters along the channels."""

    name: ClassVar[str] = "fuse-instance-norm"
    rules: ClassVar[tuple[Rule, ...]] = (instance_norm, instance_norm_bias, instance_norm_scale)
