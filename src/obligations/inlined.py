"""Regions that take the place of the node that carried them: their nodes are moved out, and no window holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from interlingua.equivalence.expectation import exactly
from interlingua.equivalence.judge import judge
from interlingua.ir.graph import Graph, Node, Value
from interlingua.ir.ops.control import Call, If
from interlingua.ir.types import compatible
from interlingua.obligations.capture import Captured
from interlingua.passes.rewrite.values import integers_of

Outputs = Mapping[Graph, Sequence[Value]]
"""What regions gave back before their outputs were taken away."""


def is_gutted(node: Node | None, outputs: Outputs) -> bool:
    """Whether a region of the node has lost its outputs."""
    return node is not None and any(region in outputs for region in node.regions)


def stands_for(old: Value, new: Value, outputs: Outputs) -> bool:
    """Whether ``new`` is what the region gives that runs for certain, and once. What its inputs became is owed by
    itself."""
    region = None if old.node is None else _taken(old.node, outputs)
    return region is not None and outputs.get(region, ())[old.index : old.index + 1] == [new]


def _taken(node: Node, outputs: Outputs) -> Graph | None:
    if isinstance(node.op, Call):
        return node.regions[0]
    if not isinstance(node.op, If):
        return None
    then, orelse = node.regions
    known = integers_of(node.operand(0))
    if known is not None:
        return then if known == [1] else orelse
    possible = [r for r in (then, orelse) if _possible(r, node, outputs)]
    return possible[0] if len(possible) == 1 else None


def _possible(region: Graph, node: Node, outputs: Outputs) -> bool:
    given = outputs.get(region, region.outputs)
    return all(compatible(v.type, r.type) for v, r in zip(given, node.results, strict=True))


def recorded(old: Value, new: Value, given: Iterable[Captured]) -> bool | None:
    """Whether both were the same in the runs of the model; ``None`` where none reaches them."""
    found: bool | None = None
    for run in given:
        try:
            wanted, got = run.of(old), run.of(new)
        except KeyError:
            continue
        (comparison,) = judge(exactly({"v": wanted}), {"v": np.asarray(got)}, run.label)
        if not comparison.passed:
            return False
        found = True
    return found
