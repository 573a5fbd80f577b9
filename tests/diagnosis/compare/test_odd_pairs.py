"""Pairs that cannot simply be compared come to a verdict or a clear error, each to its own."""

from __future__ import annotations

import pytest

from support.odd_pairs import MISSING, ODD, tell, tell_missing

PAIRS = [pytest.param(pair, id=f"{kind}-{pair.name}") for kind, pairs in ODD.items() for pair in pairs]


@pytest.mark.parametrize("pair", PAIRS)
def test_it_comes_to_a_verdict_or_a_clear_error(pair, tmp_path):
    outcome, text = tell(pair, tmp_path)
    assert outcome == pair.outcome, text
    assert pair.says in text


@pytest.mark.parametrize(("name", "package", "says"), MISSING, ids=[m[1] for m in MISSING])
def test_a_runtime_that_is_not_there_is_named(name, package, says, tmp_path):
    outcome, text = tell_missing(name, package, tmp_path)
    assert outcome == "UNVERIFIED"
    assert says in text
