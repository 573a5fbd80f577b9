"""Nearest-neighbour upsampling by repetition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.dims import DimLike, same
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.graph import Value
from interlingua.ir.ops.layout import ExpandDims, Tile
from interlingua.ir.ops.resize import Resize
from interlingua.ir.ops.shape import BroadcastTo, Reshape
from interlingua.ir.types import Tensor
from interlingua.passes.fusion.spellings import X
from interlingua.passes.rewrite.pattern import Match, OpPattern
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.passes.rewrite.values import same_type


def _factors(x: Tensor, cut: Tensor, repeated: Tensor) -> dict[int, int] | None:
    """By axis of ``x``, how often each element is repeated in place: ``cut`` is ``x`` with axes of 1 after some of its
    axes, and ``repeated`` is it with these axes longer, the others as they are."""
    factors: dict[int, int] = {}
    axis = -1
    for before, after in zip(cut.dims, repeated.dims, strict=True):
        if axis + 1 < x.rank and same(before, x.dims[axis + 1]) is True and same(before, after) is True:
            axis += 1
        elif before == 1 and isinstance(after, int) and after > 1 and axis >= 0 and axis not in factors:
            factors[axis] = after
        else:
            return None
    return factors if axis == x.rank - 1 and factors else None


CUT = OpPattern((Reshape, ExpandDims), X, ..., name="cut")
REPEATED = OpPattern((BroadcastTo, Tile), CUT, ..., name="repeated")


@rule(OpPattern(Reshape, REPEATED, ...))
def upsampling(m: Match, b: Builder) -> Value | None:
    """``(…, H, W) → (…, H, 1, W, 1) → (…, H, k, W, l) → (…, k·H, l·W)``: every element ``k·l`` times, as a nearest
    resize with ``floor(i/k)`` has it."""
    x, cut, repeated = m["x"].tensor, m.nodes["cut"].result.tensor, m.nodes["repeated"].result.tensor
    if x.dtype not in FLOATS or cut.rank != repeated.rank:
        return None
    factors = _factors(x, cut, repeated)
    if factors is None:
        return None
    dims: list[DimLike] = [d * factors.get(axis, 1) for axis, d in enumerate(x.dims)]
    if not same_type(x.with_shape(dims), m.root.result.type):
        return None
    op = Resize(
        axes=tuple(factors),
        factors=tuple(float(f) for f in factors.values()),
        mode="nearest",
        coordinates="asymmetric",
        nearest="floor",
    )
    return b(op, m["x"])


@dataclass(frozen=True, slots=True)
class FuseUpsampling(RulePass):
    """Exact. Elements repeated along their axes are resized."""

    name: ClassVar[str] = "fuse-upsampling"
    rules: ClassVar[tuple[Rule, ...]] = (upsampling,)
