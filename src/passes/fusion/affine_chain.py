"""Scales and shifts in a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Node, Value
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.weights import RoundedWeight
from interlingua.passes.fusion.affine import ONE, ZERO, Affine, affine_of, steps
from interlingua.passes.fusion.fold import cancels
from interlingua.passes.fusion.folded import Array, keeps_range, representable
from interlingua.passes.rewrite.pattern import Match, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.passes.rewrite.values import same_type

LONGEST = 4
"""Steps looked at: whatever is longer was shortened from its start."""
LARGEST = 1 << 16
"""Elements of a constant that is computed: a number a channel is far smaller."""


@dataclass(frozen=True, slots=True)
class _Chain:
    """Steps in a row, the last one given, and what they make of ``x``."""

    x: Value
    total: Affine
    length: int


def _chains(node: Node) -> Iterator[_Chain]:
    """Those that end at ``node`` and that nobody reads in the middle, from the longest."""
    found: list[_Chain] = []
    total, at = Affine(ONE, ZERO, False), node
    while len(found) < LONGEST:
        step = affine_of(at)
        if step is None or not _merges(step[1], total):
            break
        total = step[1].then(total)
        found.append(_Chain(step[0], total, len(found) + 1))
        owner = step[0].node
        if owner is None or len(step[0].uses) != 1:
            break
        at = owner
    return reversed(found)


def _merges(first: Affine, rest: Affine) -> bool:
    """Whether constants of ``first`` and then ``rest`` make some that are no larger, and no sum was meant to round."""
    largest = max(a.size for step in (first, rest) for a in (step.scale, step.shift))
    both = first.then(rest)
    grown = max(both.scale.size, both.shift.size) > largest
    return not grown and largest <= LARGEST and not (first.shifts and cancels(first.shift * rest.scale, both.shift))


def _kept(dtype: DType, total: Affine) -> bool:
    """Whether neither constant leaves the range of the dtype or loses digits in it."""
    scale = representable(dtype, total.scale) and keeps_range(dtype, np.ones(()), _small(total.scale))
    return scale and representable(dtype, total.shift)


def _small(scale: Array) -> Array:
    return np.where(np.abs(scale) < 1, scale, 1.0)


@rule(*steps(Var("x")), contract="rounding")
def merge_affine(m: Match, b: Builder) -> Value | None:
    """``(x·a + c)·d + e = x·(a·d) + (c·d + e)``, by as few ops as that takes, where those are fewer.

    Of floats, each constant in its range. No constant becomes larger than the largest was. A shift that takes another
    one back, as ``x + 2²³ - 2²³`` does, is left: it is there to round.
    """
    dtype = m.root.result.tensor.dtype
    if dtype not in FLOATS:
        return None
    for chain in _chains(m.root):
        wanted = int(chain.total.scales) + int(chain.total.adds)
        if wanted < chain.length and _kept(dtype, chain.total):
            y = chain.x
            if chain.total.scales:
                y = b(Mul(), y, b.weight(RoundedWeight(dtype, np.array(chain.total.scale))))
            if chain.total.adds:
                y = b(Add(), y, b.weight(RoundedWeight(dtype, np.array(chain.total.shift))))
            return y if same_type(y.type, m.root.result.type) else None
    return None


@dataclass(frozen=True, slots=True)
class AffineChains(RulePass):
    """Rounding."""

    name: ClassVar[str] = "merge-affine"
    rules: ClassVar[tuple[Rule, ...]] = (merge_affine,)
