"""Root mean square normalisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Div, Mul
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.norm import RmsNorm
from interlingua.ir.ops.reduction import NARROW
from interlingua.passes.fusion.layer_norm import WIDENED, narrowed
from interlingua.passes.fusion.moments import RAISED_SQUARE, inner_shaped, trailing_axis
from interlingua.passes.fusion.spellings import W, X, fitting, inverse_root, keeps_type, root
from interlingua.passes.rewrite.pattern import Either, Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.passes.rewrite.values import is_constant

INVERSE = inverse_root(RAISED_SQUARE)


def _normalized(m: Match, b: Builder) -> Value | None:
    axis = trailing_axis(m)
    return None if axis is None else b(RmsNorm(axis=axis, epsilon=m.number("epsilon")), m["x"])


@rule(OpPattern(Div, X, root(RAISED_SQUARE)), OpPattern(Mul, X, INVERSE), contract="rounding")
def rms_norm(m: Match, b: Builder) -> Value | None:
    """``x/√(mean(x²) + ε) = rms_norm(x)`` over all axes from one on."""
    return _normalized(m, b) if keeps_type(m, m["x"]) else None


@rule(OpPattern(Mul, X, OpPattern(Mul, INVERSE, W)), contract="rounding")
def rms_norm_by_factor(m: Match, b: Builder) -> Value | None:
    """``x·(1/√(mean(x²) + ε)·scale)``."""
    found = _normalized(m, b)
    return None if found is None else fitting(m, b(Mul(), found, m["w"]))


@rule(OpPattern(Mul, OpPattern(RmsNorm, X, name="norm"), W), contract="rounding")
def rms_norm_scale(m: Match, b: Builder) -> Value | None:
    """``rms_norm(x)·w = rms_norm(x, w)`` where ``w`` has the shape of what is normalised."""
    scale = inner_shaped(b, m["w"], m["x"], m.op("norm").axis)
    return None if scale is None else b(m.op("norm"), m["x"], scale)


@rule(
    OpPattern(
        Cast,
        Either(
            OpPattern(RmsNorm, WIDENED, name="norm"),
            OpPattern(RmsNorm, WIDENED, Var("scale", is_constant), name="norm"),
        ),
    ),
    contract="rounding",
)
def rms_norm_of_narrow(m: Match, b: Builder) -> Value | None:
    """``narrow(rms_norm(wide(x))) = rms_norm(x)``: it computes in float32 as it is; the scale loses nothing."""
    x, dtype = m["x"], m["x"].tensor.dtype
    if dtype not in NARROW or m.root.result.tensor.dtype is not dtype:
        return None
    if "scale" not in m.values:
        return b(m.op("norm"), x)
    scale = narrowed(b, m["scale"], dtype)
    return None if scale is None else b(m.op("norm"), x, scale)


@dataclass(frozen=True, slots=True)
class FuseRmsNorm(RulePass):
    """Rounding. Division by the root of the mean square over the last axes, and its scale."""

    name: ClassVar[str] = "fuse-rms-norm"
    rules: ClassVar[tuple[Rule, ...]] = (rms_norm, rms_norm_by_factor, rms_norm_scale, rms_norm_of_narrow)
