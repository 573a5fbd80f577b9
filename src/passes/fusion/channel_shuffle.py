"""Channel shuffle: channels interleaved by two reshapes and a transpose, gathered in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dims import same
from interlingua.ir.graph import Value
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.shape import Reshape, Transpose
from interlingua.passes.fusion.spellings import X, keeps_type
from interlingua.passes.rewrite.pattern import Match, OpPattern
from interlingua.passes.rewrite.rule import Rule, RulePass, rule


@rule(OpPattern(Reshape, OpPattern(Transpose, OpPattern(Reshape, X, ..., name="cut"), name="moved"), ...))
def channel_shuffle(m: Match, b: Builder) -> Value | None:
    """``(N, g·c, …) → (N, g, c, …) → (N, c, g, …) → (N, c·g, …)`` gathers channels: one move in place of three."""
    x, cut = m["x"].tensor, m.nodes["cut"].result.tensor
    perm, rank = m.op("moved").perm, x.rank
    if rank < 2 or cut.rank != rank + 1 or perm != (0, 2, 1, *range(3, rank + 1)) or not keeps_type(m, m["x"]):
        return None
    groups, each = cut.dims[1:3]
    if not isinstance(groups, int) or not isinstance(each, int) or x.dims[1] != groups * each:
        return None
    if not all(same(p, q) is True for p, q in zip((x.dims[0], *x.dims[2:]), (cut.dims[0], *cut.dims[3:]), strict=True)):
        return None
    order = np.arange(groups * each, dtype=np.int64).reshape(groups, each).T.reshape(-1)
    return b(Gather(axis=1), m["x"], b.constant(order))


@dataclass(frozen=True, slots=True)
class FuseChannelShuffle(RulePass):
    """Exact. Interleaved channels are gathered."""

    name: ClassVar[str] = "fuse-channel-shuffle"
    rules: ClassVar[tuple[Rule, ...]] = (channel_shuffle,)
