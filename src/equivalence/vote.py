"""The oracle is not believed, it is outvoted: which of several computations of one thing stand alone.

References have bugs too. Where an artifact differs from its source, everything that can compute the model is asked, and
those that agree with one another are counted. Voices that share an implementation are not independent: the float64
reference of a module and the artifact made of that module both stand on one reading of the source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

QUORUM = 3
"""Voices without which nothing is outvoted."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One computation of the model: what it came to, by output name, or ``None`` if it could not."""

    name: str
    outputs: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Ballot:
    """Who agrees with whom: groups of names, the largest first."""

    groups: tuple[tuple[str, ...], ...]

    def outvoted(self, name: str) -> bool:
        """Whether ``name`` is in a minority of at least three voices."""
        voices = sum(len(g) for g in self.groups)
        mine = next((g for g in self.groups if name in g), ())
        return voices >= QUORUM and bool(mine) and len(self.groups[0]) > voices / 2 and name not in self.groups[0]

    def __str__(self) -> str:
        return " against ".join(" and ".join(g) for g in self.groups)


def vote(voices: Sequence[Voice], agree: Callable[[Mapping[str, Any], Mapping[str, Any]], bool]) -> Ballot:
    """Group the voices that could compute the model by agreement with the first of each group."""
    groups: list[list[Voice]] = []
    for voice in voices:
        if voice.outputs is None:
            continue
        for group in groups:
            first = group[0].outputs
            if first is not None and agree(first, voice.outputs):
                group.append(voice)
                break
        else:
            groups.append([voice])
    ordered = sorted(groups, key=len, reverse=True)
    return Ballot(tuple(tuple(v.name for v in group) for group in ordered))
