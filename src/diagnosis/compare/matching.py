"""Which input and output of one side is which of the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from interlingua.errors import UsageError
from interlingua.runtimes.interface import Dims, Slot

Permutation = tuple[int, ...]
"""The axes of the first in the order that the second has them: as in ``numpy.transpose``."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One input or output of both sides."""

    first: str
    second: str
    layout: Permutation | None = None

    def forth(self, value: Any) -> Any:
        """The first's value as the second has it."""
        return value if self.layout is None else np.transpose(value, self.layout)

    def back(self, value: Any) -> Any:
        """The second's value as the first has it."""
        if self.layout is None or not isinstance(value, np.ndarray) or value.ndim != len(self.layout):
            return value  # of another rank: let the judgement say so
        return np.transpose(value, np.argsort(self.layout))


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller says of the interfaces, by the names of the first side.

    Attributes:
        names: the second's name.
        layouts: how its axes have to be permuted for the second.
    """

    names: Mapping[str, str] = field(default_factory=dict[str, str])
    layouts: Mapping[str, Sequence[int]] = field(default_factory=dict[str, Sequence[int]])


@dataclass(slots=True)
class Matching:
    """What belongs together, what is worth saying of it, and what does not fit."""

    pairs: list[Pair] = field(default_factory=list[Pair])
    notes: list[str] = field(default_factory=list[str])
    problems: list[str] = field(default_factory=list[str])


def match(
    kind: str, firsts: Sequence[Slot], seconds: Sequence[Slot], wishes: Wishes, *, partial: bool = False
) -> Matching:
    """Match by what is said, then by name, then what is left by position.

    Args:
        kind: ``input`` or ``output``, for messages.
        firsts, seconds: of the two sides.
        wishes: names that neither side has are of the other kind, and left alone.
        partial: whether the second may have more.
    """
    found = Matching()
    named = _by_name(kind, firsts, seconds, wishes)
    rest = [s for s in firsts if s not in named], [s for s in seconds if s not in named.values()]
    if partial and not rest[0]:
        rest = [], []
    placed = _by_position(kind, *rest, found)
    for first, second in {**named, **placed}.items():
        by_position = first in placed
        if by_position and first.name not in second.names:
            found.notes.append(f"{kind} {first.name!r} is {second.name!r} of the other, by position")
        _fit(kind, first, second, wishes, found)
    order = {slot.name: i for i, slot in enumerate(firsts)}
    found.pairs.sort(key=lambda pair: order[pair.first])
    return found


def _by_name(kind: str, firsts: Sequence[Slot], seconds: Sequence[Slot], wishes: Wishes) -> dict[Slot, Slot]:
    """What the wishes say, and what has a name in common."""
    named: dict[Slot, Slot] = {}
    for first in firsts:
        said = next((wishes.names[n] for n in first.names if n in wishes.names), None)
        wanted = set(first.names) if said is None else {said}
        second = next((s for s in seconds if s not in named.values() and wanted & set(s.names)), None)
        if second is not None:
            named[first] = second
        elif said is not None:
            problem = f"map gives {said!r} for {first.name!r}, and the other has no such {kind}"
            raise UsageError(problem, hint=f"it has: {listed(seconds)}")
    return named


def _by_position(kind: str, left: Sequence[Slot], right: Sequence[Slot], found: Matching) -> dict[Slot, Slot]:
    if len(left) != len(right):
        left, right = _required(left, found, kind), _required(right, found, kind)
    if len(left) == len(right):
        return dict(zip(left, right, strict=True))
    names = [s.name for s in left], [s.name for s in right]
    found.problems.append(f"{kind}s {names[0]} have no counterpart but {names[1]}" if names[0] and names[1] else
                          f"{kind}s {names[0] or names[1]} have no counterpart")  # fmt: skip
    return {}


def _required(slots: Sequence[Slot], found: Matching, kind: str) -> list[Slot]:
    out = [s.name for s in slots if s.optional]
    if out:
        found.notes.append(f"{kind}(s) {out} keep their defaults: the other has none of the name")
    return [s for s in slots if not s.optional]


def _fit(kind: str, first: Slot, second: Slot, wishes: Wishes, found: Matching) -> None:
    """Add the pair, if dtype and dims agree up to layout."""
    if first.dtype is not None and second.dtype is not None and first.dtype is not second.dtype:
        found.problems.append(f"{kind} {first} is {second.dtype} in the other{_noted(second)}")
        return
    said = next((tuple(wishes.layouts[n]) for n in first.names if n in wishes.layouts), None)
    if said is not None:
        if sorted(said) != list(range(len(said))) or (first.dims is not None and len(first.dims) != len(said)):
            raise UsageError(
                f"layout {said} is no permutation of the axes of {kind} {first}", hint="give one as in 0,3,1,2"
            )
        layouts: list[Permutation | None] = [said]
    else:
        layouts = [None] if agree(first.dims, second.dims) else list(_layouts(first.dims))
    fitting = [p for p in layouts if agree(_permuted(first.dims, p), second.dims)]
    if len(fitting) == 1:
        found.pairs.append(Pair(first.name, second.name, fitting[0]))
        if fitting[0] is not None and said is None:
            found.notes.append(
                f"{kind} {first.name!r} is transposed by {list(fitting[0])} for the other: {first} there is {second}"
            )
        return
    found.problems.append(f"{kind} {first} is {second} in the other")


def _noted(slot: Slot) -> str:
    return f" ({slot.note})" if slot.note else ""


def _layouts(dims: Dims) -> Iterator[Permutation]:
    """Channels moved from the last axis to the second, and back: what frameworks differ in."""
    if dims is None or len(dims) < 3:
        return
    rank = len(dims)
    yield (0, rank - 1, *range(1, rank - 1))
    if rank > 3:  # of three axes both are the same exchange
        yield (0, *range(2, rank), 1)


def _permuted(dims: Dims, layout: Permutation | None) -> Dims:
    return dims if dims is None or layout is None else tuple(dims[axis] for axis in layout)


def agree(a: Dims, b: Dims) -> bool:
    """Whether one array can be of both: an open dim takes any size."""
    if a is None or b is None:
        return True
    if len(a) != len(b):
        return False
    return all(x == y or not (isinstance(x, int) and isinstance(y, int)) for x, y in zip(a, b, strict=True))


def listed(slots: Sequence[Slot]) -> str:
    """The slots of a side, for a message."""
    return ", ".join(str(s) for s in slots) or "none"
