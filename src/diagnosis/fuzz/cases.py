"""The cases of a campaign: drawn from numbers alone, so that anybody can draw them again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from interlingua.equivalence.generators.graphs import draw_graph, drawable
from interlingua.equivalence.generators.modules import Case, case_of
from interlingua.equivalence.generators.motifs import draw_motif
from interlingua.ir.draw import Draw, RandomDraw
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.quant import Quantize
from interlingua.ir.types import Tensor

Make: TypeAlias = Callable[[Draw, int], Case]
SPIKES = (np.nan, np.inf, -np.inf, 0.0, -0.0, -1.0, -2.5, 0.5, 1e30, 1e-30)
SHARE = 0.4
"""Of the elements of an input that are spikes."""


def single(draw: Draw, _: int) -> Case:
    """One op, with dims that are known or symbols."""
    cls = draw.choice(drawable())
    return case_of(cls.sample(draw), symbolic=draw.rarely())


def motif(draw: Draw, _: int) -> Case:
    """A small chain that optimisers rewrite, or nearly one."""
    return draw_motif(draw)


def spiked(draw: Draw, _: int) -> Case:
    """A small chain whose inputs hold what ops are not made for: NaN, infinities, zeros of both signs, numbers out of
    their domain. Where such a number would be cast to an integer, which is undefined, inputs stay as they are."""
    case = draw_motif(draw)
    if any(_undefined(node) for node in case.module.walk()):
        return case
    rng = np.random.default_rng(draw.integer(0, 2**16))
    return replace(case, inputs={name: _spiked(value, rng) for name, value in case.inputs.items()})


def _undefined(node: Node) -> bool:
    wide = any(o is not None and isinstance(o.type, Tensor) and o.type.dtype.is_float for o in node.operands)
    results = [r.type.dtype for r in node.results if isinstance(r.type, Tensor)]
    return isinstance(node.op, Cast | Quantize) and wide and any(not d.is_float for d in results)


def _spiked(value: Any, rng: np.random.Generator) -> Any:
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fV" or not DType.of(value).is_float:
        return value
    with np.errstate(all="ignore"):
        return np.where(rng.random(value.shape) < SHARE, rng.choice(SPIKES, value.shape), value).astype(value.dtype)


def graph(draw: Draw, most: int) -> Case:
    """A graph of up to ``most`` nodes."""
    return draw_graph(draw, nodes=(2, most))


Mixture: TypeAlias = "tuple[tuple[int, Make], ...]"
MIXTURE: Mixture = ((3, single), (6, motif), (1, graph))
"""Kinds of cases with their shares: single ops are where most faults of lowerings are, chains where optimisers err,
graphs where neither was looked for."""
OF_PASSES: Mixture = ((3, single), (6, motif), (3, spiked), (1, graph))
"""For passes, which need not agree with anybody's kernels about what NaN does in them."""


def draw_of(seed: int, batch: int, index: int) -> RandomDraw:
    """What answers the questions of one case; nothing else is ever asked of it."""
    state = np.random.SeedSequence([seed, batch, index]).generate_state(1, np.uint64)
    return RandomDraw(int(state[0]))


def draw_case(draw: Draw, most: int, mixture: Mixture = MIXTURE) -> Case:
    """One case of a mixture.

    Args:
        draw: answers its questions.
        most: nodes of the largest graph.
        mixture: what is drawn, and how often.
    """
    lots = [make for share, make in mixture for _ in range(share)]
    return draw.choice(lots)(draw, most)
