"""Batch normalisation folded into the linear op before it or after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.contraction import Gemm, MatMul
from interlingua.ir.ops.convolution import Conv, ConvTranspose
from interlingua.passes.fusion.affine import affine_of, normalization
from interlingua.passes.fusion.fold import fold_after, fold_before
from interlingua.passes.fusion.linear import LINEAR
from interlingua.passes.rewrite.pattern import Const, Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule

PRODUCT = OpPattern(MatMul, ..., name="linear")


@rule(
    normalization(OpPattern(LINEAR, ..., name="linear")),
    normalization(OpPattern(Add, PRODUCT, Const("c"), name="shift")),
    contract="rounding",
)
def batch_norm_into_linear(m: Match, b: Builder) -> Value | None:
    """``norm(x·w + c) = x·(w·f) + (c - mean)·f + bias`` with ``f = scale / √(variance + ε)``, a number a channel.

    The constants are known; the axis normalised is that of the channels of a convolution (in its layout, of its
    groups), of the columns of a product, or of another batch normalisation; nobody else reads what is normalised.
    Neither factors nor weights leave the range of the dtype.
    """
    found = affine_of(m.nodes["step"])
    if found is None:
        return None
    shift = affine_of(m.nodes["shift"]) if "shift" in m.nodes else None
    return fold_after(b, m.nodes["linear"], found[1] if shift is None else shift[1].then(found[1]), deliberate=False)


@rule(
    OpPattern((Conv, ConvTranspose), normalization(Var("x")), Const("w"), ..., name="linear"),
    OpPattern((Gemm, MatMul), normalization(Var("x")), Const("w"), ..., name="linear"),
    OpPattern((Gemm, MatMul), Const("w"), normalization(Var("x")), ..., name="linear"),
    contract="rounding",
)
def batch_norm_before_linear(m: Match, b: Builder) -> Value | None:
    """``norm(x)·w + c = x·(f·w) + (bias - mean·f)·w + c``, the axis normalised being the one that is summed over.

    What is padded with zeros only where nothing is shifted: there the zeros come after the shift. The same holds of a
    transposed convolution, to whose borders fewer elements contribute.
    """
    found = affine_of(m.nodes["step"])
    return None if found is None else fold_before(b, m.root, m["x"], found[1])


@dataclass(frozen=True, slots=True)
class BatchNorms(RulePass):
    """Rounding. One that stands alone stays as it is: runtimes do it in one go."""

    name: ClassVar[str] = "fold-batch-norm"
    rules: ClassVar[tuple[Rule, ...]] = (batch_norm_into_linear, batch_norm_before_linear)
