"""ONNX's own node cases: each loads and evaluates right, or is listed in docs/onnx.md with its class and reason."""

from __future__ import annotations

import pytest

from support.node_cases import DOUBTFUL, EVALUATED, documented, evaluated, node_cases, unlisted

LEAST_RIGHT = 1840
SHARDS = 4


@pytest.mark.parametrize("shard", range(SHARDS))
def test_what_is_not_right_is_documented(shard):
    found = {case.name: evaluated(case) for case in node_cases()[shard::SHARDS]}
    assert unlisted(found, EVALUATED) == {}


def test_as_many_are_right_as_before():
    """By the list, which the shards hold to be exact."""
    names, listed = {case.name for case in node_cases()}, documented(EVALUATED)
    assert len(names) == len(node_cases())
    assert listed.keys() <= names
    assert len(names) - len(listed) >= LEAST_RIGHT
    assert "wrong" not in listed.values()


def test_nothing_is_in_doubt_but_with_a_derivation():
    assert all(len(reason) > 50 for reason in DOUBTFUL.values())
