"""ONNX's own node cases, converted with the defaults and run in ONNX Runtime: right, or listed in docs/onnx.md with
their class and reason."""

from __future__ import annotations

import pytest

from interlingua.runtimes.workers import WarmWorker
from support.node_cases import EMITTED, documented, emitted, node_cases, unlisted

LEAST_RIGHT = 1700
SHARDS = 6


@pytest.mark.parametrize("shard", range(SHARDS))
def test_what_is_not_right_is_documented(shard):
    with WarmWorker() as worker:
        found = {case.name: emitted(case, worker) for case in node_cases()[shard::SHARDS]}
    assert unlisted(found, EMITTED["onnx"]) == {}


def test_as_many_are_right_as_before():
    """By the list, which the shards hold to be exact."""
    names, listed = {case.name for case in node_cases()}, documented(EMITTED["onnx"])
    assert len(names) == len(node_cases())
    assert listed.keys() <= names
    assert len(names) - len(listed) >= LEAST_RIGHT
    assert "wrong" not in listed.values()
