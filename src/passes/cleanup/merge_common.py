"""Let equal computations be done once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar

from interlingua.ir.graph import Graph, Module, Node
from interlingua.ir.ops.source import Constant
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.weights import Weight
from interlingua.passes.base import Pass


@dataclass(frozen=True, slots=True)
class MergeCommon(Pass):
    """Exact. Never a random op, never across a region's border; constants are merged by contents."""

    name: ClassVar[str] = "merge-common-subexpressions"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        alike = Counter(_looks(n.op.weight) for n in module.walk() if isinstance(n.op, Constant))
        return sum(_merge(function, rewriter, alike) for function in module.functions.values())


def _looks(weight: Weight) -> tuple[Any, ...]:
    return (weight.dtype, weight.shape)


def _merge(graph: Graph, rewriter: Rewriter, alike: Counter[tuple[Any, ...]]) -> int:
    seen: dict[Any, Node] = {}
    merged = 0
    for node in graph.nodes:
        merged += sum(_merge(region, rewriter, alike) for region in node.regions)
        if node.op.effects or node.regions:
            continue
        first = seen.setdefault(_key(node, alike), node)
        if first is not node:
            rewriter.replace_node(node, first.results)
            merged += 1
    return merged


def _key(node: Node, alike: Counter[tuple[Any, ...]]) -> Any:
    if isinstance(node.op, Constant):
        weight = node.op.weight
        if weight.size <= 64 and weight.dtype.value != "string":
            return (weight.dtype, weight.shape, weight.view().tobytes())
        return weight.digest if alike[_looks(weight)] > 1 else weight
    return (type(node.op), tuple(_exact(v) for v in node.op.attributes().values()), node.operands)


def _exact(attribute: Any) -> Any:
    """What tells attributes apart bit by bit: ``0.0 == -0.0``, and ``1 == 1.0 == True``."""
    if isinstance(attribute, tuple):
        return tuple(_exact(v) for v in attribute)
    return (type(attribute), attribute.hex() if isinstance(attribute, float) else attribute)
