"""Slices whose starts, stops and steps are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from interlingua.ir.builder import Builder
from interlingua.ir.dims import DimLike, same
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node, Value
from interlingua.ir.ops.shape import UNBOUNDED, Slice
from interlingua.passes.rewrite.values import integers_of

TO_END = (1 << 63) - 1
"""A stop that is "to the end"."""


@dataclass(frozen=True, slots=True)
class Cut:
    """``[start:stop:step]`` of one axis."""

    start: int
    stop: int
    step: int = 1

    @property
    def plain(self) -> bool:
        """Whether it goes forwards, element by element, both ends counted from the front."""
        return self.start >= 0 and self.stop >= 0 and self.step == 1

    @property
    def endless(self) -> bool:
        """Whether it stops where the axis does."""
        return self.stop >= UNBOUNDED

    def of(self, size: DimLike) -> Cut:
        """The same with both ends from the front and inside, where the size and that are known."""
        if isinstance(size, int):
            return from_range(range(size)[self.start : self.stop : self.step])
        return self


def from_range(places: range) -> Cut:
    """The cut that takes ``places``, which are those of an axis."""
    if not places:
        return Cut(0, 0)
    if places.step > 0:
        return Cut(places.start, places[-1] + 1, places.step if len(places) > 1 else 1)
    return Cut(places.start, places[-1] - 1 if places[-1] else -TO_END, places.step)


def cuts_of(node: Node) -> dict[int, Cut] | None:
    """The cuts of a slice by axis, counted from the front; ``None`` where they are not known."""
    op, rank = node.op, node.operand(0).tensor.rank
    assert isinstance(op, Slice)
    starts, stops = integers_of(node.operand(1)), integers_of(node.operand(2))
    steps = [1] * len(op.axes) if len(node.operands) < 4 else integers_of(node.operands[3])
    if starts is None or stops is None or steps is None:
        return None
    dims = node.operand(0).tensor.dims
    axes = [axis % rank for axis in op.axes]
    return {a: Cut(p, q, s).of(dims[a]) for a, p, q, s in zip(axes, starts, stops, steps, strict=True)}


def sliced(b: Builder, x: Value, cuts: Mapping[int, Cut]) -> Value:
    """``x`` cut along some axes; ``x`` itself where there is none."""
    if not cuts:
        return x
    found = list(cuts.values())
    steps = None if all(c.step == 1 for c in found) else b.constant([c.step for c in found], DType.I64)
    ends = (b.constant([getattr(c, end) for c in found], DType.I64) for end in ("start", "stop"))
    return b(Slice(tuple(cuts)), x, *ends, steps)


def composed(size: DimLike, first: Cut, then: Cut) -> Cut | None:
    """The one cut that takes what ``then`` takes of what ``first`` takes; ``None`` where that is not known."""
    if isinstance(size, int):
        places = range(size)[first.start : first.stop : first.step]
        return from_range(places[then.start : then.stop : then.step])
    if not first.plain or not then.plain:
        return None
    end = TO_END if then.endless else first.start + then.stop
    return Cut(first.start + then.start, min(end, first.stop))


def whole(cut: Cut, size: DimLike, length: DimLike) -> bool:
    """Whether a cut of an axis of ``size`` takes all of it: ``length`` is that of the result."""
    return cut.step == 1 and same(size, length) is True
