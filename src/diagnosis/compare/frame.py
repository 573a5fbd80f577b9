"""The terms in which both sides are spoken of: names and layouts of the side whose graph bounds are derived from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from interlingua.diagnosis.compare.matching import Matching, Pair, Wishes, match
from interlingua.diagnosis.compare.sides import Side
from interlingua.ir.dtypes import DType
from interlingua.runtimes.base import Outcome
from interlingua.runtimes.interface import Dims, Slot


@dataclass(slots=True)
class Fitted:
    """A side behind the frame's names. Pairs are from the frame's to the side's own."""

    side: Side
    inputs: Sequence[Pair]
    outputs: Sequence[Pair] = field(default_factory=list[Pair])

    def batch(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The frame's inputs as the side takes them."""
        return {p.second: p.forth(inputs[p.first]) for p in self.inputs if p.first in inputs}

    def framed(self, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """The side's outputs as the frame has them."""
        return {p.first: p.back(outputs[p.second]) for p in self.outputs if p.second in outputs}

    def dims(self) -> dict[str, Dims]:
        """What the side says of its inputs, in the frame's layout."""
        own = {slot.name: slot.dims for slot in self.side.known.inputs}
        return {p.first: _back(own.get(p.second), p) for p in self.inputs}


def _back(dims: Dims, pair: Pair) -> Dims:
    if dims is None or pair.layout is None:
        return dims
    return tuple(dims[int(axis)] for axis in np.argsort(pair.layout))


def inverted(pair: Pair) -> Pair:
    """The pair seen from the other side."""
    layout = None if pair.layout is None else tuple(int(i) for i in np.argsort(pair.layout))
    return Pair(pair.second, pair.first, layout)


def chained(firsts: Sequence[Pair], seconds: Sequence[Pair]) -> list[Pair]:
    """From the first's names to the last's, over those in the middle."""
    onward = {p.first: p for p in seconds}
    return [_chained(p, onward[p.second]) for p in firsts if p.second in onward]


def _chained(p: Pair, q: Pair) -> Pair:
    if p.layout is None or q.layout is None:
        return Pair(p.first, q.second, p.layout if q.layout is None else q.layout)
    return Pair(p.first, q.second, tuple(p.layout[axis] for axis in q.layout))


def same(slots: Sequence[Slot]) -> list[Pair]:
    """Every slot as itself."""
    return [Pair(s.name, s.name) for s in slots]


def match_inputs(a: Side, b: Side, wishes: Wishes, names: Sequence[str]) -> Matching:
    """The inputs of ``a`` and ``b``; a function takes what the other takes, or what ``names`` says."""
    if a.interface is not None and b.interface is not None:
        return match("input", a.interface.inputs, b.interface.inputs, wishes)
    known = a.interface if a.interface is not None else b.interface
    slots = [Slot(n) for n in names] if known is None else known.inputs
    if a.interface is None and known is not None:
        back = {second: first for first, second in wishes.names.items()}
        return Matching([Pair(back.get(s.name, s.name), s.name, wishes_layout(wishes, s.name)) for s in slots])
    return Matching([Pair(s.name, wishes.names.get(s.name, s.name), wishes_layout(wishes, s.name)) for s in slots])


def wishes_layout(wishes: Wishes, name: str) -> tuple[int, ...] | None:
    """The layout that is wished for, if any."""
    return tuple(wishes.layouts[name]) if name in wishes.layouts else None


def observed(side: Side, outcomes: Sequence[Outcome]) -> list[Slot]:
    """The outputs that a side gave: names and dtypes as they came, dims open where they vary."""
    known = {slot.name: slot for slot in side.known.outputs}
    given = [o.outputs for o in outcomes if o.outputs is not None]
    return [_observed(name, [g[name] for g in given if name in g], known.get(name)) for name in given[0]]


def _observed(name: str, values: Sequence[Any], known: Slot | None) -> Slot:
    aliases, note = ((), "") if known is None else (known.aliases, known.note)
    arrays = [np.asarray(v) for v in values if not isinstance(v, list) and v is not None]
    if len(arrays) != len(values) or len({a.ndim for a in arrays}) != 1:
        return Slot(name, aliases=aliases, note=note)
    sizes = [set(axis) for axis in zip(*(a.shape for a in arrays), strict=True)]
    dims = tuple(int(s.pop()) if len(s) == 1 else None for s in sizes)
    return Slot(name, DType.of(arrays[0]), dims, aliases, note=note)
