"""Random numbers: those of LiteRT's kernels and of the translation are of one distribution, and repeat alike."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest

import interlingua
from support.litert_cases import Case, Fixed, interpreted, packed

SHAPE = np.array([200, 100], np.int32)
OPS = ("RANDOM_UNIFORM", "RANDOM_STANDARD_NORMAL")
CHANCE = 1e-9
"""Of two samples of one distribution failing."""


def drawn(op: str, seeds: tuple[int, int], *, fed: bool = False) -> tuple[Any, Any]:
    """What the kernel gives, and what the translation does."""
    options = ("RandomOptions", {"seed": seeds[0], "seed2": seeds[1]})
    data, given = packed(Case(op, [SHAPE if fed else Fixed(SHAPE)], options))
    return interpreted(data, given)[0], interlingua.evaluate(interlingua.load(data), given)["y0"]


def distance(a: Any, b: Any) -> float:
    """The largest distance of two empirical distributions (Kolmogorov and Smirnov)."""
    at = np.sort(np.concatenate([a, b]))
    shares = [np.searchsorted(np.sort(x), at, side="right") / len(x) for x in (a, b)]
    return float(np.abs(shares[0] - shares[1]).max())


@pytest.mark.parametrize(("op", "seeds", "fed"), [*product(OPS, [(0, 0), (7, 0), (0, 7)], [False, True])])
def test_of_one_distribution(op: str, seeds: tuple[int, int], fed: bool) -> None:
    kernel, own = drawn(op, seeds, fed=fed)
    assert kernel.shape == own.shape == tuple(SHAPE)
    assert kernel.dtype == own.dtype == np.float32
    if op == "RANDOM_UNIFORM":
        assert all(x.min() >= 0 and x.max() < 1 for x in (kernel, own))
    assert distance(kernel.ravel(), own.ravel()) < np.sqrt(-np.log(CHANCE / 2) / kernel.size)
    for x in (kernel, own):
        neighbours = np.corrcoef(x.ravel()[:-1], x.ravel()[1:])[0, 1]
        assert abs(neighbours) < 6.2 / np.sqrt(x.size)  # as rare


@pytest.mark.parametrize("op", OPS)
def test_seeds_repeat_and_none_do_not(op: str) -> None:
    seeded, unseeded = ([drawn(op, seeds) for _ in range(2)] for seeds in ((3, 4), (0, 0)))
    for first, second in zip(*seeded, strict=True):
        np.testing.assert_array_equal(first, second)
    for first, second in zip(*unseeded, strict=True):
        assert (first == second).mean() < 0.01


@pytest.mark.parametrize("op", OPS)
def test_other_seeds_give_other_numbers(op: str) -> None:
    """The two of a pair are no sum: neither exchanged nor equal ones coincide."""
    found = [drawn(op, seeds) for seeds in ((1, 2), (2, 1), (3, 3), (5, 5))]
    for one, other in combinations(found, 2):
        assert all((a == b).mean() < 0.01 for a, b in zip(one, other, strict=True))
