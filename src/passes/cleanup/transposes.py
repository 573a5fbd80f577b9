"""Transposes that undo or follow each other, or that move nothing but axes of size 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.dims import DimLike
from interlingua.ir.graph import Value
from interlingua.ir.ops.shape import Transpose
from interlingua.passes.rewrite.pattern import Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.passes.rewrite.views import VIEWS, is_one, same_dims, viewed

X = Var("x")


@rule(OpPattern(Transpose, X, name="outer"))
def drop_transpose(m: Match, b: Builder) -> Value | None:
    """``transpose(x, (0, 1, …)) = x``."""
    perm = m.op("outer").perm
    return m["x"] if perm == tuple(range(len(perm))) else None


@rule(OpPattern(Transpose, OpPattern(Transpose, X, name="inner"), name="outer"), shared=True)
def merge_transposes(m: Match, b: Builder) -> Value:
    """``transpose(transpose(x, p), q) = transpose(x, p∘q)``: axis ``k`` of the result is axis ``p[q[k]]`` of ``x``."""
    inner, outer = m.op("inner").perm, m.op("outer").perm
    return b(Transpose(perm=tuple(inner[axis] for axis in outer)), m["x"])


@rule(OpPattern(Transpose, X, name="outer"))
def reshape_for_transpose(m: Match, b: Builder) -> Value | None:
    """``transpose(x, p) = reshape(x, s)`` where the axes that are not of size 1 for certain stay in order."""
    dims = m["x"].tensor.dims
    moved = [axis for axis in m.op("outer").perm if not is_one(dims[axis])]
    return viewed(b, m["x"], m.root.result.tensor.dims) if moved == sorted(moved) else None


@rule(OpPattern(Transpose, OpPattern(VIEWS, OpPattern(Transpose, X, name="inner"), ..., name="view"), name="outer"))
def merge_transposes_around_reshape(m: Match, b: Builder) -> Value | None:
    """``transpose(reshape(transpose(x, p), s), q) = reshape(transpose(x, r), t)`` where ``s`` only puts in or takes
    out axes of size 1."""
    inner, outer, dims = m.op("inner").perm, m.op("outer").perm, m["x"].tensor.dims
    seen, given = m.nodes["inner"].result.tensor.dims, m.nodes["view"].result.tensor.dims
    before, after = _moving(seen), _moving(given)
    if not same_dims([seen[a] for a in before], [given[a] for a in after]):
        return None
    source = {new: inner[old] for new, old in zip(after, before, strict=True)}
    order = iter([source[axis] for axis in outer if axis in source])
    perm = tuple(axis if is_one(dim) else next(order) for axis, dim in enumerate(dims))
    moved = m["x"] if perm == tuple(range(len(perm))) else b(Transpose(perm), m["x"])
    return viewed(b, moved, m.root.result.tensor.dims)


def _moving(dims: Sequence[DimLike]) -> list[int]:
    return [axis for axis, dim in enumerate(dims) if not is_one(dim)]


@dataclass(frozen=True, slots=True)
class Transposes(RulePass):
    """Exact. Transposes in a row become one, and one that moves nothing goes."""

    name: ClassVar[str] = "merge-transposes"
    rules: ClassVar[tuple[Rule, ...]] = (
        drop_transpose,
        merge_transposes,
        reshape_for_transpose,
        merge_transposes_around_reshape,
    )
