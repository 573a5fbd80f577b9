"""Layer normalisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add, Div, Mul, Sub
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.norm import LayerNorm
from interlingua.ir.ops.reduction import NARROW
from interlingua.passes.fusion.moments import CENTRED, MEAN, RAISED, inner_shaped, trailing_axis
from interlingua.passes.fusion.spellings import BIAS, W, X, fitting, inverse_root, keeps_type, root
from interlingua.passes.fusion.spread import Spread
from interlingua.passes.rewrite.pattern import Either, Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.passes.rewrite.values import array_of, is_constant

INVERSE = inverse_root(RAISED)
FACTOR = OpPattern(Mul, INVERSE, W)
NORM = OpPattern(LayerNorm, X, name="norm")


def _standardized(m: Match, b: Builder) -> Value | None:
    axis = trailing_axis(m)
    return None if axis is None else b(LayerNorm(axis=axis, epsilon=m.number("epsilon")), m["x"])


@rule(OpPattern(Div, CENTRED, root(RAISED)), OpPattern(Mul, CENTRED, INVERSE), contract="rounding")
def layer_norm(m: Match, b: Builder) -> Value | None:
    """``(x - mean)/√(variance + ε) = layer_norm(x)`` over all axes from one on.

    The variance is the mean of ``(x - mean)²``, computed once or twice, or ``E[x²] - E[x]²``.
    """
    return _standardized(m, b) if keeps_type(m, m["x"]) else None


@rule(OpPattern(Mul, CENTRED, FACTOR), contract="rounding")
def layer_norm_by_factor(m: Match, b: Builder) -> Value | None:
    """``(x - mean)·(1/√(variance + ε)·scale)``, as XLA has it."""
    found = _standardized(m, b)
    return None if found is None else fitting(m, b(Mul(), found, m["w"]))


@rule(
    OpPattern(
        Add, OpPattern(Mul, X, FACTOR), OpPattern(Sub, BIAS, OpPattern(Mul, Spread(MEAN, "centre"), FACTOR))
    ),
    contract="rounding",
)  # fmt: skip
def layer_norm_by_offset(m: Match, b: Builder) -> Value | None:
    """``x·f + (bias - mean·f)`` with ``f = scale/√(variance + ε)``: TensorFlow's batch_normalization over moments."""
    found = _standardized(m, b)
    return None if found is None else fitting(m, b(Add(), b(Mul(), found, m["w"]), m["bias"]))


@rule(OpPattern(Mul, NORM, W), contract="rounding")
def layer_norm_scale(m: Match, b: Builder) -> Value | None:
    """``layer_norm(x)·w = layer_norm(x, w)`` where ``w`` has the shape of what is normalised."""
    scale = inner_shaped(b, m["w"], m["x"], m.op("norm").axis)
    return None if scale is None else b(m.op("norm"), m["x"], scale)


@rule(OpPattern(Add, OpPattern(LayerNorm, X, Var("scale"), name="norm"), BIAS), contract="rounding")
def layer_norm_bias(m: Match, b: Builder) -> Value | None:
    """``layer_norm(x, w) + c = layer_norm(x, w, c)`` where ``c`` has the shape of what is normalised."""
    bias = inner_shaped(b, m["bias"], m["x"], m.op("norm").axis)
    return None if bias is None else b(m.op("norm"), m["x"], m["scale"], bias)


WIDENED = OpPattern(Cast, X, name="widened", to=DType.F32)


@rule(
    OpPattern(
        Cast,
        Either(
            OpPattern(LayerNorm, WIDENED, name="norm"),
            OpPattern(LayerNorm, WIDENED, Var("scale", is_constant), name="norm"),
            OpPattern(LayerNorm, WIDENED, Var("scale", is_constant), Var("bias", is_constant), name="norm"),
        ),
    ),
    contract="rounding",
)
def layer_norm_of_narrow(m: Match, b: Builder) -> Value | None:
    """``narrow(layer_norm(wide(x))) = layer_norm(x)``: it computes in float32 as it is; the parameters lose nothing."""
    x, dtype = m["x"], m["x"].tensor.dtype
    if dtype not in NARROW or m.root.result.tensor.dtype is not dtype:
        return None
    parameters = [narrowed(b, m[name], dtype) for name in ("scale", "bias") if name in m.values]
    return b(m.op("norm"), x, *parameters) if all(p is not None for p in parameters) else None


def narrowed(b: Builder, parameter: Value, dtype: DType) -> Value | None:
    """A constant in a narrower dtype, where each element has a place in it."""
    array = array_of(parameter)
    if array is None:
        return None
    with np.errstate(over="ignore"):
        narrow = array.astype(dtype.numpy)
    return b.constant(narrow) if np.array_equal(narrow.astype(array.dtype), array) else None


@dataclass(frozen=True, slots=True)
class FuseLayerNorm(RulePass):
    """Rounding. Standardisation over the last axes, its scale and its bias."""

    name: ClassVar[str] = "fuse-layer-norm"
    rules: ClassVar[tuple[Rule, ...]] = (
        layer_norm, layer_norm_by_factor, layer_norm_by_offset, layer_norm_scale, layer_norm_bias, layer_norm_of_narrow,
    )  # fmt: skip
