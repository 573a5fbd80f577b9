"""Scaled dot-product attention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.dims import same
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.intervals import finite_interval
from interlingua.ir.ops.attention import Attention
from interlingua.ir.ops.binary import Add, Div, Mul
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.shape import Transpose
from interlingua.ir.ops.softmax import Softmax
from interlingua.ir.types import Tensor, broadcast
from interlingua.passes.fusion.spellings import fitting
from interlingua.passes.rewrite.pattern import Either, Match, Number, OpPattern, Pattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule

COMPUTED = frozenset({DType.F32, DType.F64})
"""Narrower ones are rounded after each step where they are written out, once in the op."""
RANK = 4


def _scaled(inner: Pattern, name: str) -> Either:
    """``inner``, ``inner·f`` or ``inner/d``, the number under ``name`` with ``*`` or ``/`` before it."""
    factor, divisor = Number(name=f"*{name}"), Number(name=f"/{name}")
    return Either(OpPattern(Mul, inner, factor), OpPattern(Div, inner, divisor), inner)


PLACES = ("scores", "queries", "keys")
"""Where the scale may stand: on the products, the queries, the keys (turned or not), a root of it on two of them."""
TURNED = OpPattern(Transpose, Var("k"), name="turned")
SCORES = _scaled(OpPattern(MatMul, _scaled(Var("q"), "queries"), _scaled(TURNED, "keys")), "scores")
MASKED = OpPattern(Add, SCORES, Var("mask"))


def _scale(m: Match) -> float:
    total = 1.0
    for place in PLACES:
        total *= m.number(f"*{place}") if f"*{place}" in m.values else 1.0
        total /= m.number(f"/{place}") if f"/{place}" in m.values else 1.0
    return total


def _heads(m: Match) -> tuple[int, ...] | None:
    """How ``k`` has to be permuted to be (batch, heads, keys, width); ``None`` where q, k and v do not fit the op."""
    q, v, k = m["q"].tensor, m["v"].tensor, m["k"].tensor
    softmax, perm = m.op("softmax"), m.op("turned").perm
    if q.dtype not in COMPUTED or not (q.rank == v.rank == k.rank == RANK) or softmax.axis % RANK != RANK - 1:
        return None
    keys = (perm[0], perm[1], perm[3], perm[2])
    dims = tuple(k.dims[i] for i in keys)
    pairs = zip((*q.dims[:2], *v.dims[:3]), (*dims[:2], *dims[:3]), strict=True)
    if not all(same(p, r) is True for p, r in pairs):
        return None
    return keys


@rule(
    OpPattern(MatMul, OpPattern(Softmax, Either(SCORES, MASKED), name="softmax"), Var("v")),
    contract="rounding",
    targeted=True,
)
def attention(m: Match, b: Builder) -> Value | None:
    """``softmax(q·kᵀ·scale + mask)·v = attention(q, k, v, mask)`` with as many key heads as heads.

    The mask is known to be finite: a query whose keys it all hides with -inf has NaN here, and 0 there.
    """
    keys = _heads(m)
    if keys is None:
        return None
    mask = m.get("mask")
    if mask is not None and not _may_mask(m, mask):
        return None
    k = m["k"] if keys == tuple(range(RANK)) else b(Transpose(perm=keys), m["k"])
    return fitting(m, b(Attention(scale=_scale(m)), m["q"], k, m["v"], mask))


def _may_mask(m: Match, mask: Value) -> bool:
    """Whether the mask is finite and does not make the scores grow."""
    q, k = m["q"].tensor, m.nodes["turned"].result.tensor
    scores = Tensor(q.dtype, (*q.dims[:3], k.dims[3]))
    if mask.tensor.rank > RANK or finite_interval(mask) is None:
        return False
    return all(same(p, r) is True for p, r in zip(broadcast(scores, mask.tensor), scores.dims, strict=True))


@dataclass(frozen=True, slots=True)
class FuseAttention(RulePass):
    """Rounding. The products, the softmax and the weighted mean of attention, for targets that have it."""

    name: ClassVar[str] = "fuse-attention"
    rules: ClassVar[tuple[Rule, ...]] = (attention,)
