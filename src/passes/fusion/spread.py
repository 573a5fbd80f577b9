"""Reduced values spread over what they were reduced from: kept axes, reshapes and broadcasts that say the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from interlingua.ir.dims import DimLike, same
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.layout import ExpandDims
from interlingua.ir.ops.shape import BroadcastTo, Reshape
from interlingua.passes.rewrite.pattern import Match, Pattern

SPREADING: tuple[type[Op], ...] = (ExpandDims, Reshape, BroadcastTo)


@dataclass(frozen=True, slots=True)
class Spread(Pattern):
    """``inner``, or it expanded, reshaped or broadcast; the value that stands there is bound to ``name``.

    Whether the axes are where they were is for :func:`lies_along` to say.
    """

    inner: Pattern
    name: str

    def matches(self, value: Value | None, match: Match) -> Iterator[Match]:
        """As :meth:`Pattern.matches`."""
        if value is None:
            return
        bound = match.get(self.name)
        if bound is not None and bound is not value:
            return
        yield from self._inside(value, match.with_value(self.name, value))

    def _inside(self, value: Value, match: Match) -> Iterator[Match]:
        yield from self.inner.matches(value, match)
        node = value.node
        if node is not None and type(node.op) in SPREADING:
            yield from self._inside(node.operand(0), match.with_node("", node))


def lies_along(spread: Value, x: Value, axes: tuple[int, ...]) -> bool:
    """Whether ``spread``, made from a reduction of ``x`` over ``axes``, has every element where it was reduced from.

    A reshape keeps the order of the elements, so that the dims tell: they are those of ``x``, 1 along ``axes``.
    """
    kept: list[DimLike] = [1 if i in axes else d for i, d in enumerate(x.tensor.dims)]
    value = spread
    while value.node is not None and type(value.node.op) is BroadcastTo:
        dims = value.tensor.dims
        if len(dims) != len(kept):
            return False
        if not all(_is(p, d) or _is(p, k) for p, d, k in zip(dims, x.tensor.dims, kept, strict=True)):
            return False
        value = value.node.operand(0)
    return value.tensor.rank == len(kept) and all(_is(p, k) for p, k in zip(value.tensor.dims, kept, strict=True))


def _is(p: DimLike, q: DimLike) -> bool:
    return same(p, q) is True


def axes_of(op: Op, rank: int) -> tuple[int, ...]:
    """The axes that a reduction reduces, from 0 on, in order."""
    return tuple(sorted(axis % rank for axis in op.attributes()["axes"]))
