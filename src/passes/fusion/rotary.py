"""Rotary position embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.dims import same
from interlingua.ir.graph import Value
from interlingua.ir.ops.attention import Rotary
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.layout import ExpandDims, Split
from interlingua.ir.ops.shape import Concat, Slice
from interlingua.ir.ops.unary import Cos, Neg, Sin
from interlingua.passes.fusion.spellings import X, keeps_type
from interlingua.passes.rewrite.pattern import Either, Integers, Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule

ANGLES = OpPattern(Concat, Var("angles"), Var("angles"), name="twice")
COSINES = OpPattern(ExpandDims, OpPattern(Cos, ANGLES), name="heads", axes=(1,))
SINES = OpPattern(ExpandDims, OpPattern(Sin, ANGLES), axes=(1,))
LOWER = Either(
    OpPattern(Slice, X, Integers("start", (0,)), Integers("half"), ..., name="lower"),
    OpPattern(Split, X, ..., result=0, name="lower"),
)
UPPER = Either(
    OpPattern(Slice, X, Integers("middle"), Integers("end"), ..., name="upper"),
    OpPattern(Split, X, ..., result=1, name="upper"),
)
TURNED = OpPattern(Concat, OpPattern(Neg, UPPER), LOWER, name="turned")


@rule(
    OpPattern(Add, OpPattern(Mul, X, COSINES), OpPattern(Mul, TURNED, SINES)),
    contract="rounding",
    shared=True,
    targeted=True,
)
def rotary(m: Match, b: Builder) -> Value | None:
    """``x·cos + concat(-x₂, x₁)·sin = rotary(x, cos, sin)``, ``x₁`` and ``x₂`` being the halves of the features.

    Cosines and sines are of angles (batch, sequence, half) put twice one after the other; they are computed once for
    all users, here of the angles themselves.
    """
    x, angles = m["x"].tensor, m["angles"].tensor
    width = x.dims[-1]
    if x.rank != 4 or angles.rank != 3 or not isinstance(width, int) or width % 2 or not keeps_type(m, m["x"]):
        return None
    if m.op("twice").axis % 3 != 2 or m.op("turned").axis % 4 != 3 or angles.dims[2] != width // 2:
        return None
    if not all(same(p, q) is True for p, q in zip((x.dims[0], x.dims[2]), angles.dims[:2], strict=True)):
        return None
    if not (_half(m, "lower", 0, width // 2) and _half(m, "upper", width // 2, width)):
        return None
    return b(Rotary(), m["x"], b(Cos(), m["angles"]), b(Sin(), m["angles"]))


def _half(m: Match, name: str, start: int, stop: int) -> bool:
    """Whether a slice takes the features from ``start`` to ``stop``, and no fewer of anything else; or a split does."""
    node = m.nodes[name]
    if isinstance(node.op, Split):
        sizes = [r.tensor.dims[-1] for r in node.results]
        return node.op.axis % 4 == 3 and sizes == [stop - start] * 2
    first, last = (m.integers(v) for v in (("start", "half") if name == "lower" else ("middle", "end")))
    steps = node.operands[3] if len(node.operands) > 3 else None
    if steps is not None or node.op.attributes()["axes"] not in ((3,), (-1,)) or not first or not last:
        return False
    if name == "lower":
        return first[0] == start and last[0] in (stop, -stop)
    return first[0] in (start, -start) and last[0] >= stop


@dataclass(frozen=True, slots=True)
class FuseRotary(RulePass):
    """Rounding. Halves of the features turned by an angle, for targets that have it."""

    name: ClassVar[str] = "fuse-rotary"
    rules: ClassVar[tuple[Rule, ...]] = (rotary,)
