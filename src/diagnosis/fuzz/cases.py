"""The cases of a campaign: drawn from numbers alone, so that anybody can draw them again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from interlingua.equivalence.generators.graphs import draw_graph, drawable
from interlingua.equivalence.generators.modules import Case, case_of
from interlingua.equivalence.generators.motifs import draw_motif
from interlingua.ir.draw import Draw, RandomDraw

Make: TypeAlias = Callable[[Draw, int], Case]


def single(draw: Draw, _: int) -> Case:
    """One op, with dims that are known or symbols."""
    cls = draw.choice(drawable())
    return case_of(cls.sample(draw), symbolic=draw.rarely())


def motif(draw: Draw, _: int) -> Case:
    """A small chain that optimisers rewrite, or nearly one."""
    return draw_motif(draw)


def graph(draw: Draw, most: int) -> Case:
    """A graph of up to ``most`` nodes."""
    return draw_graph(draw, nodes=(2, most))


MIXTURE: tuple[tuple[int, Make], ...] = ((3, single), (6, motif), (1, graph))
"""Kinds of cases with their shares: single ops are where most faults of lowerings are, chains where optimisers err,
graphs where neither was looked for."""


def draw_of(seed: int, batch: int, index: int) -> RandomDraw:
    """What answers the questions of one case; nothing else is ever asked of it."""
    state = np.random.SeedSequence([seed, batch, index]).generate_state(1, np.uint64)
    return RandomDraw(int(state[0]))


def draw_case(draw: Draw, most: int) -> Case:
    """One case of the mixture.

    Args:
        draw: answers its questions.
        most: nodes of the largest graph.
    """
    lots = [make for share, make in MIXTURE for _ in range(share)]
    return draw.choice(lots)(draw, most)
