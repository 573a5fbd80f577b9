"""The fuzz of passes finds bad rules, and nothing in the passes that are there."""

from __future__ import annotations

import pytest

from interlingua.diagnosis.fuzz.campaign import fuzz
from interlingua.passes.catalogue import PIPELINES
from support.planted_rules import BY_NAME, planted
from support.planted_rules.search import Search

QUICK = (
    "epsilon-outside-the-root",
    "pad-zero-max-pool",
    "reshape-past-a-transpose",
    "root-of-square",
    "norm-with-the-bias-as-it-was",
    "relu-by-comparison",
    "transposes-in-the-wrong-order",
)
"""Those that were found within a few hundred cases; all are looked for by ``benchmarks/passes/fuzz.py``."""
BATCHES = 8


def test_there_are_enough() -> None:
    assert len(BY_NAME) >= 30
    assert all(rule.doc for rule in BY_NAME.values())


@pytest.mark.parametrize("seed", [1])
def test_bad_rules_are_found(seed: int) -> None:
    search = Search([BY_NAME[name] for name in QUICK], seed)
    while search.left and search.batches < BATCHES:
        search.batch()
    assert search.left == set()


def test_a_rule_that_is_left_says_its_own_contract() -> None:
    """Not that of the loosest rule of its pass: bits would be excused that an exact rule has to keep."""
    assert planted("add-zero").promise == "exact"
    assert planted("add-zero", "root-of-square").promise == planted().promise == "rounding"


@pytest.mark.parametrize("name", sorted(set(PIPELINES) - {"none"}))
def test_pipelines_are_found_nothing_in(name: str) -> None:
    found = fuzz(passes=name, batches=2, seed=3)
    assert found.findings == []
    assert found.problems == []
