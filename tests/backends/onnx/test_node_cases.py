"""ONNX's own node cases, converted with the defaults and run in ONNX Runtime: right, or listed in docs/onnx.md with
their class and reason."""

from __future__ import annotations

import pytest

from interlingua.runtimes.workers import WarmWorker
from support.node_cases import EMITTED, documented, emitted, node_cases, summary

LEAST_RIGHT = 1700
SHARDS = 6


@pytest.fixture(scope="module")
def verdicts():
    return {}


@pytest.mark.parametrize("shard", range(SHARDS))
def test_what_is_not_right_is_documented(shard, verdicts):
    with WarmWorker() as worker:
        found = {case.name: emitted(case, worker) for case in node_cases()[shard::SHARDS]}
    verdicts.update(found)
    listed = {n: v for n, v in documented(EMITTED).items() if n in found}
    assert {n: o.verdict for n, o in found.items() if o.verdict != "right"} == listed


def test_as_many_are_right_as_before(verdicts):
    if len(verdicts) < len(node_cases()):
        pytest.skip("the shards were not run")
    counts = summary(verdicts.values())
    assert counts["right"] >= LEAST_RIGHT, counts
    assert counts["wrong"] == 0, counts
