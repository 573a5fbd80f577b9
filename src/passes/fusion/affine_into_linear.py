"""Scales and shifts folded into the weights and the bias of the linear op before or after them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.contraction import Gemm, MatMul
from interlingua.ir.ops.convolution import Conv, ConvTranspose
from interlingua.ir.weights import RoundedWeight
from interlingua.passes.fusion.affine import ZERO, Affine, affine_of, steps
from interlingua.passes.fusion.fold import fold_after, fold_before
from interlingua.passes.fusion.folded import keeps_range, representable
from interlingua.passes.fusion.linear import LINEAR
from interlingua.passes.rewrite.pattern import Const, Match, OpPattern, Pattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule

DATA = Var("x")


def _readers(step: Pattern) -> tuple[OpPattern, ...]:
    """Linear ops of what a step gives."""
    return (
        OpPattern((Conv, ConvTranspose), step, Const("w"), ..., name="linear"),
        OpPattern((Gemm, MatMul), step, Const("w"), ..., name="linear"),
        OpPattern((Gemm, MatMul), Const("w"), step, ..., name="linear"),
    )


@rule(*steps(OpPattern(LINEAR, ..., name="linear")), contract="rounding")
def affine_into_linear(m: Match, b: Builder) -> Value | None:
    """``(x·w + c)·s + t = x·(w·s) + (c·s + t)`` for constants ``s`` and ``t``, a number a channel or one for all.

    They vary along the channels of the result alone, and add no axis and no extent to it. Of floats; weights and bias
    stay in the range of their dtype. A shift that takes back the bias is left: it may be there to round. Nobody else
    reads the linear op. With a scale of 0 an infinite sum gave NaN, and now gives 0.
    """
    found = affine_of(m.nodes["step"])
    if found is None or found[0] is not m.nodes["linear"].result:
        return None
    return fold_after(b, m.nodes["linear"], found[1])


@rule(
    *steps(OpPattern(Add, OpPattern(MatMul, ..., name="linear"), Const("bias"), name="shift")),
    contract="rounding",
)
def scale_through_bias(m: Match, b: Builder) -> Value | None:
    """``(x·w + c)·s = x·(w·s) + c·s`` where the product has no place for ``c``, which then stays an addition.

    As :func:`affine_into_linear`; only where something is scaled.
    """
    inner, outer = affine_of(m.nodes["shift"]), affine_of(m.nodes["step"])
    if inner is None or outer is None or inner[0] is not m.nodes["linear"].result or not outer[1].scales:
        return None
    return fold_after(b, m.nodes["linear"], inner[1].then(outer[1]))


@rule(*(p for s in steps(DATA) for p in _readers(s)), contract="rounding")
def affine_before_linear(m: Match, b: Builder) -> Value | None:
    """``(x·s + t)·w + c = x·(s·w) + (t·w + c)`` for constants ``s`` and ``t``, a number a channel or one for all.

    They vary along the axis that is summed over alone. Where zeros are put around the data, as by a convolution with
    pads or a transposed one, nothing may be shifted: those zeros would have to be shifted too.
    """
    found = affine_of(m.nodes["step"])
    return None if found is None or found[0] is not m["x"] else fold_before(b, m.root, m["x"], found[1])


@rule(
    *(
        OpPattern(
            (Conv, ConvTranspose), OpPattern(Add, inner, Const("t"), name="shift"), Const("w"), ..., name="linear"
        )
        for inner in steps(DATA)
    ),
    contract="rounding",
)
def scale_past_padding(m: Match, b: Builder) -> Value | None:
    """``conv(x·s + t, w) = conv(x + t/s, s·w)`` where pads keep the shift from being folded: ``0·s = 0``.

    No scale is 0, and what is added stays no larger than it was.
    """
    inner, outer = affine_of(m.nodes["step"]), affine_of(m.nodes["shift"])
    if inner is None or outer is None or inner[0] is not m["x"] or outer[0] is not m.nodes["step"].result:
        return None
    step, dtype = inner[1].then(outer[1]), m["x"].tensor.dtype
    if not step.scales or inner[1].shifts or bool(np.any(step.scale == 0)):
        return None
    before = step.shift / step.scale
    kept = representable(dtype, before) and keeps_range(dtype, np.abs(step.shift), 1 / step.scale)
    if not kept or before.size > max(step.shift.size, 1):
        return None
    shifted = b(Add(), m["x"], b.weight(RoundedWeight(dtype, np.array(before))))
    return fold_before(b, m.root, shifted, Affine(step.scale, ZERO, False))


@dataclass(frozen=True, slots=True)
class AffineIntoLinear(RulePass):
    """Rounding. Weights that others read too are copied, not changed."""

    name: ClassVar[str] = "fold-affine"
    rules: ClassVar[tuple[Rule, ...]] = (
        affine_into_linear,
        scale_through_bias,
        affine_before_linear,
        scale_past_padding,
    )
