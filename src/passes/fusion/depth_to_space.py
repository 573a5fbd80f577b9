"""Pixel shuffles: blocks moved between channels and plane by two reshapes and a transpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, get_args

from interlingua.ir.builder import Builder
from interlingua.ir.dims import DimLike, same
from interlingua.ir.graph import Value
from interlingua.ir.ops.blocks import BlockOrder, DepthToSpace, SpaceToDepth
from interlingua.ir.ops.shape import Reshape, Transpose
from interlingua.passes.fusion.spellings import X
from interlingua.passes.rewrite.pattern import Match, OpPattern
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.passes.rewrite.values import same_type

MOVED = OpPattern(
    Reshape, OpPattern(Transpose, OpPattern(Reshape, X, ..., name="cut"), name="moved"), ..., name="joined"
)
DEEP: dict[BlockOrder, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "dcr": ((0, 3, 4, 1, 5, 2), (1, 2, 3)), "crd": ((0, 1, 4, 2, 5, 3), (2, 3, 1)),
}  # fmt: skip
"""Of depth to space: the transpose, and the axes of the cut that are the block's rows, its columns, and the depth."""
WIDE: dict[BlockOrder, tuple[int, ...]] = {"dcr": (0, 3, 5, 1, 2, 4), "crd": (0, 1, 3, 5, 2, 4)}
"""Of space to depth: the transpose."""


def _are(dims: Iterator[tuple[DimLike, DimLike]]) -> bool:
    return all(same(p, q) is True for p, q in dims)


@rule(MOVED)
def depth_to_space(m: Match, b: Builder) -> Value | None:
    """``(N, b·b·C, H, W) → (N, b, b, C, H, W)``, or with ``C`` before the blocks, ``→ (N, C, H, b, W, b) → (N, C, H·b,
    W·b)``."""
    x, cut = m["x"].tensor, m.nodes["cut"].result.tensor
    if x.rank != 4 or cut.rank != 6:
        return None
    for order in get_args(BlockOrder):
        perm, (rows, columns, depth) = DEEP[order]
        block = cut.dims[rows]
        if m.op("moved").perm != perm or not isinstance(block, int) or block < 1 or cut.dims[columns] != block:
            continue
        wanted = (x.dims[0], x.dims[2], x.dims[3], x.dims[1])
        found = (cut.dims[0], cut.dims[4], cut.dims[5], cut.dims[depth] * block * block)
        if _are(zip(wanted, found, strict=True)):
            return _joined(m, b, DepthToSpace(block, order))
    return None


@rule(MOVED)
def space_to_depth(m: Match, b: Builder) -> Value | None:
    """``(N, C, H·b, W·b) → (N, C, H, b, W, b) → (N, b, b, C, H, W)``, or with ``C`` before the blocks,
    ``→ (N, b·b·C, H, W)``."""
    x, cut = m["x"].tensor, m.nodes["cut"].result.tensor
    if x.rank != 4 or cut.rank != 6:
        return None
    block = cut.dims[3]
    if not isinstance(block, int) or block < 1 or cut.dims[5] != block:
        return None
    found = (*cut.dims[:2], cut.dims[2] * block, cut.dims[4] * block)
    order = next((o for o in get_args(BlockOrder) if WIDE[o] == m.op("moved").perm), None)
    return _joined(m, b, SpaceToDepth(block, order)) if order and _are(zip(x.dims, found, strict=True)) else None


def _joined(m: Match, b: Builder, op: DepthToSpace | SpaceToDepth) -> Value | None:
    found = b(op, m["x"])
    return found if same_type(found.type, m.root.result.type) else None


@dataclass(frozen=True, slots=True)
class FuseDepthToSpace(RulePass):
    """Exact. Blocks of a plane that move into channels, and back."""

    name: ClassVar[str] = "fuse-depth-to-space"
    rules: ClassVar[tuple[Rule, ...]] = (depth_to_space, space_to_depth)
