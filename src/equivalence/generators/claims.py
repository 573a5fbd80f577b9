"""What every op claims to compute on, found by asking its own samples; and samples that are of one claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from interlingua.equivalence.generators.steering import Steered
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.draw import Draw, RandomDraw, Sample
from interlingua.ir.dtypes import DType
from interlingua.ir.op import Op

LOOKS = 24
"""Samples that are looked at to see which dtypes and ranks there are."""
RANKS = range(7)
"""Ranks that are asked for besides."""
TRIES = 40
"""Samples drawn for one claim before it counts as out of reach."""


class Unreached(Exception):
    """No sample of the claim was drawn in so many tries."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One op on one dtype and rank.

    Attributes:
        dtype: the first that a sample asks for: that of the data; ``None`` where it asks for none.
        rank: the greatest rank of an operand; ``None`` where no operand is a tensor.
    """

    op: str
    dtype: DType | None
    rank: int | None

    def __str__(self) -> str:
        dtype = "any" if self.dtype is None else str(self.dtype)
        return f"{self.op}-{dtype}-{'none' if self.rank is None else f'r{self.rank}'}"


def claims(cls: type[Op]) -> tuple[Claim, ...]:
    """All that ``cls`` claims, each with a sample to show for it, in a fixed order."""
    return tuple(claim for claim in _pairs(cls) if _reached(claim))


def some_claims(cls: type[Op]) -> tuple[Claim, ...]:
    """A few of the claims, in which every dtype and every rank occurs that occurs in any."""
    pairs = _pairs(cls)
    ranks = list(dict.fromkeys(c.rank for c in pairs))
    found: list[Claim] = []
    for position, dtype in enumerate(dict.fromkeys(c.dtype for c in pairs)):
        start = position % len(ranks)
        tried = (Claim(cls.name, dtype, rank) for rank in (*ranks[start:], *ranks[:start]))
        found.extend(_first(tried))
    for rank in ranks:
        if all(c.rank != rank for c in found):
            found.extend(_first(c for c in pairs if c.rank == rank))
    return tuple(found)


def _first(candidates: Iterable[Claim]) -> list[Claim]:
    found = next((c for c in candidates if _reached(c)), None)
    return [] if found is None else [found]


def _pairs(cls: type[Op]) -> list[Claim]:
    """Every dtype with every rank that samples have."""
    dtypes, ranks = _asked(cls.name)
    return [Claim(cls.name, dtype, rank) for dtype in dtypes for rank in ranks]


@cache
def _asked(name: str) -> tuple[tuple[DType | None, ...], tuple[int | None, ...]]:
    cls = builtin_ops()[name]
    dtypes: set[DType | None] = set()
    ranks: set[int | None] = set()
    for draw in _looks():
        sample = cls.sample(draw)
        dtypes.update(draw.options or (None,))
        ranks.add(rank_of(sample))
    order = list(DType)
    by_definition = sorted(dtypes, key=lambda d: -1 if d is None else order.index(d))
    return tuple(by_definition), tuple(sorted(ranks, key=lambda r: -1 if r is None else r))


def _looks() -> Iterator[Steered]:
    for seed in range(LOOKS):
        yield Steered(RandomDraw(seed))
    for rank in RANKS:
        yield Steered(RandomDraw(rank), rank=rank)


@cache
def _reached(claim: Claim) -> bool:
    try:
        sample_of(claim, RandomDraw(0))
    except Unreached:
        return False
    return True


def sample_of(claim: Claim, draw: Draw) -> Sample:
    """A sample of the claim.

    Raises:
        Unreached: none came about.
    """
    cls = builtin_ops()[claim.op]
    for attempt in range(TRIES):
        # the rank that is asked for may be that of something else: then only luck helps
        steered = Steered(draw, dtype=claim.dtype, rank=claim.rank if attempt % 2 == 0 else None)
        sample = cls.sample(steered)
        if steered.answered is claim.dtype and rank_of(sample) == claim.rank:
            return sample
    raise Unreached(str(claim))


def rank_of(sample: Sample) -> int | None:
    """The greatest rank of a tensor operand; ``None`` where there is none."""
    return max((a.ndim for a in sample.operands if isinstance(a, np.ndarray)), default=None)
